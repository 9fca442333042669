local bounds = { 0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.3, 0.5, 0.75, 1, 1.5, 2.5, 5, 10, 20, 30, 60, 120, 300 }
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

local function sample()
  local sum = held_calls and held_calls() or 0
  for _, name in ipairs({ 'replicas', 'replicas-grpc' }) do
    sum = sum + core.backends[name]:get_stats().qcur
  end
  return sum
end

local samples = {}
local last = 0

core.register_task(function()
  while true do
    local ok, value = pcall(sample)
    if ok then
      last = last % 15 + 1
      samples[last] = value
    end
    core.msleep(1000)
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
  counter(lines, 'inference_requests_total', 'Calls answered.', requests)
  buckets(lines, 'inference_request_duration_seconds', 'Time from the arrival of a call to its answer.', duration)
  buckets(lines, 'inference_queue_duration_seconds', 'Time that calls waited for a place.', queue)
  gauge(lines, 'inference_requests_in_progress', 'Calls in progress, mean of the last 15 seconds.', mean())
  local body = table.concat(lines, '\n') .. '\n'
  applet:set_status(200)
  applet:add_header('content-type', 'text/plain; version=0.0.4; charset=utf-8')
  applet:add_header('content-length', tostring(#body))
  applet:start_response()
  applet:send(body)
end)
