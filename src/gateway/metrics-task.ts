import { SCRAPE_SECONDS } from '../monitoring/scrape-interval';
import type { Admission } from './admission';
import { speaksGrpc } from './protocol';
import { HELD_CALLS } from './waking';

/** What is measured of a gateway or a router. */
export interface MetricsSettings extends Pick<Admission, 'protocol' | 'limits'> {
  /** Whose metrics they are. */
  readonly part: 'gateway' | 'router';

  /**
   * How often calls in progress are counted, in seconds.
   *
   * @default 1
   */
  readonly refreshSeconds?: number;
}

/** Path of the service's metrics, on the port for metrics. */
export const SERVICE_METRICS_PATH = '/service-metrics';

/** Names of the service's metrics. */
export const SERVICE_METRICS = {
  /** Counter: calls answered where callers arrive, by HTTP status and, of gRPC calls, by the status of gRPC. */
  requests: 'inference_requests_total',

  /** Histogram: from the arrival of a call to the headers of its answer. */
  duration: 'inference_request_duration_seconds',

  /** Histogram: how long calls waited for a place. */
  queue: 'inference_queue_duration_seconds',

  /** Histogram, of gateways alone: how long the model server took. */
  server: 'inference_server_duration_seconds',

  /** Gauge: calls that wait or, in gateways, are computed. */
  inProgress: 'inference_requests_in_progress',

  /** Gauge, of gateways alone: calls that the replica computes at once. */
  maxConcurrent: 'inference_max_concurrent_requests',
} as const;

/**
 * Upper bounds of the histograms' buckets in seconds: fine where scoring takes its time, and as far as the longest wait of
 * a call.
 */
export const DURATION_BUCKETS_SECONDS: readonly number[] = [
  0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.3, 0.5, 0.75, 1, 1.5, 2.5, 5, 10, 20, 30, 60, 120, 300,
];

/** How far back calls in progress count: as long as Prometheus waits until it asks again. */
export const IN_PROGRESS_WINDOW_SECONDS = SCRAPE_SECONDS;

/** Notes when a call arrived, before anything else becomes of it. */
export const ARRIVAL_LINE = 'http-request set-var(txn.arrived_us) date(0,us)';

/** Counts a call for the metrics, once all that is told of it is there. */
export const COUNT_LINES: readonly string[] = [
  'http-after-response set-var(txn.took_us) date(0,us),sub(txn.arrived_us) if { var(txn.arrived_us) -m found }',
  'http-after-response set-var(txn.counted) lua.count_call',
];

/** Answers with the metrics. */
export const SERVICE_METRICS_LINE = `http-request use-service lua.service_metrics if { path ${SERVICE_METRICS_PATH} }`;

/**
 * What HAProxy's own exporter does not tell: how long calls took as buckets, what gRPC callers were answered, and how many
 * calls are in progress, as a mean that a look every 15 seconds does not miss.
 *
 * Calls in progress are read from HAProxy, never counted up and down, so that none is left over that has ended. The labels
 * are statuses, so that the metrics never grow beyond them. A call that was given up before its answer counts with the
 * status that the access log has.
 *
 * @see https://prometheus.io/docs/instrumenting/exposition_formats/
 */
export function metricsTask({ part, protocol, limits, refreshSeconds = 1 }: MetricsSettings): string {
  const isGateway = part === 'gateway';
  const backends = (name: string) => luaList([name, ...(speaksGrpc(protocol) ? [`${name}-grpc`] : [])]);
  const samples = Math.ceil(IN_PROGRESS_WINDOW_SECONDS / refreshSeconds);
  return `local bounds = { ${DURATION_BUCKETS_SECONDS.join(', ')} }
local requests = {}
local told = false

local function histogram()
  local counts = {}
  for place = 1, #bounds + 1 do
    counts[place] = 0
  end
  return { counts = counts, sum = 0 }
end

local duration, queue, server = histogram(), histogram(), histogram()

local function observe(of, seconds)
  seconds = math.max(seconds, 0)
  local place = 1
  while place <= #bounds and seconds > bounds[place] do
    place = place + 1
  end
  of.counts[place] = of.counts[place] + 1
  of.sum = of.sum + seconds
end

local function within(value, least, most)
  local number = math.tointeger(tonumber(value))
  return number and number >= least and number <= most and number or nil
end

-- gRPC callers see 200 always; what is not said before the messages of an answer is taken for success
local function labels_of(txn)
  if txn:get_var('txn.grpc') ~= nil then
    local status = txn:get_var('txn.grpc_status')
    return string.format('code="200",grpc_code="%d"', status == nil and 0 or within(status, 0, 16) or 2)
  end
  return string.format('code="%d"', within(txn:get_var('txn.final_status') or txn.f:status(), 100, 599) or 599)
end

local function count(txn)
  local labels = labels_of(txn)
  requests[labels] = (requests[labels] or 0) + 1
  local took = tonumber(txn:get_var('txn.took_us'))
  local waited = tonumber(txn:get_var('txn.queue_ms'))
  local inside = tonumber(txn:get_var('txn.inside_us'))
  if took then
    observe(duration, took / 1e6)
  end
  if waited and waited >= 0 then
    observe(queue, waited / 1e3)
  end
  if inside then
    observe(server, inside / 1e6 - math.max(waited or 0, 0) / 1e3)
  end
end

-- a call is answered whatever becomes of its figures
core.register_fetches('count_call', function(txn)
  local ok, problem = pcall(count, txn)
  if not ok and not told then
    told = true
    core.log(core.err, '{"event":"call not counted"}')
  end
end)

${isGateway ? gatewaySample(backends('model')) : routerSample(backends('replicas'))}

local samples = {}
local last = 0

core.register_task(function()
  while true do
    local ok, value = pcall(sample)
    if ok then
      last = last % ${samples} + 1
      samples[last] = value
    end
    core.msleep(${refreshSeconds * 1000})
  end
end)

local function mean()
  local sum = 0
  for _, value in ipairs(samples) do
    sum = sum + value
  end
  return sum / math.max(#samples, 1)
end

local function head(lines, name, kind, help)
  table.insert(lines, '# HELP ' .. name .. ' ' .. help)
  table.insert(lines, '# TYPE ' .. name .. ' ' .. kind)
end

local function gauge(lines, name, help, value)
  head(lines, name, 'gauge', help)
  table.insert(lines, string.format('%s %.6g', name, value))
end

local function counter(lines, name, help, values)
  head(lines, name, 'counter', help)
  local all = {}
  for labels, value in pairs(values) do
    table.insert(all, string.format('%s{%s} %d', name, labels, value))
  end
  table.sort(all)
  for _, line in ipairs(all) do
    table.insert(lines, line)
  end
end

local function buckets(lines, name, help, of)
  head(lines, name, 'histogram', help)
  local total = 0
  for place, value in ipairs(of.counts) do
    total = total + value
    table.insert(lines, string.format('%s_bucket{le="%s"} %d', name, bounds[place] or '+Inf', total))
  end
  table.insert(lines, string.format('%s_sum %.6f', name, of.sum))
  table.insert(lines, string.format('%s_count %d', name, total))
end

core.register_service('service_metrics', 'http', function(applet)
  local lines = {}
${text(isGateway, limits.replicaMaxConcurrentRequests)}
  local body = table.concat(lines, '\\n') .. '\\n'
  applet:set_status(200)
  applet:add_header('content-type', 'text/plain; version=0.0.4; charset=utf-8')
  applet:add_header('content-length', tostring(#body))
  applet:start_response()
  applet:send(body)
end)
`;
}

/** The lines that tell each metric. */
function text(isGateway: boolean, maxConcurrentRequests: number): string {
  const { requests, duration, queue, server, inProgress, maxConcurrent } = SERVICE_METRICS;
  return [
    `counter(lines, '${requests}', 'Calls answered.', requests)`,
    `buckets(lines, '${duration}', 'Time from the arrival of a call to its answer.', duration)`,
    `buckets(lines, '${queue}', 'Time that calls waited for a place.', queue)`,
    ...(isGateway ? [`buckets(lines, '${server}', 'Time that the model server took.', server)`] : []),
    `gauge(lines, '${inProgress}', 'Calls in progress, mean of the last ${IN_PROGRESS_WINDOW_SECONDS} seconds.', mean())`,
    ...(isGateway
      ? [`gauge(lines, '${maxConcurrent}', 'Calls that the replica computes at once.', ${maxConcurrentRequests})`]
      : []),
  ]
    .map((line) => `  ${line}`)
    .join('\n');
}

/** A replica is busy with what its server computes and what waits for it. */
function gatewaySample(backends: string): string {
  return `local function sample()
  local sum = 0
  for _, name in ipairs(${backends}) do
    local backend = core.backends[name]
    local computed = backend.servers.model:get_stats()
    sum = sum + backend:get_stats().qcur + computed.qcur + computed.scur
  end
  return sum
end`;
}

/** What waits for a replica, or for there to be one; what a replica has is told by its own gateway. */
function routerSample(backends: string): string {
  return `local function sample()
  local sum = ${HELD_CALLS} and ${HELD_CALLS}() or 0
  for _, name in ipairs(${backends}) do
    sum = sum + core.backends[name]:get_stats().qcur
  end
  return sum
end`;
}

function luaList(names: readonly string[]): string {
  return `{ ${names.map((name) => `'${name}'`).join(', ')} }`;
}
