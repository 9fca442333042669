import { type Admission, QUEUE_HEADER } from './admission';
import { queueFull } from './errors';
import { grpcRefusal, jsonRefusal } from './gateway-error';
import { speaksGrpc } from './protocol';

/** How a router holds calls while there is no replica. */
export interface Waking {
  /** How long a call may wait in all until there is one, in milliseconds. Then it is answered with 503. */
  readonly wakeTimeoutMs: number;

  /** File of the action that holds calls. */
  readonly holdActionFile: string;
}

type Served = Pick<Admission, 'protocol' | 'limits'>;

/** Header in which a call carries the time that it was held. */
export const HELD_HEADER = 'x-gateway-held-ms';

/** Variable of a call with the time that it was held, here and before. */
const HELD_MS = 'txn.held_ms';

/** Variable of a call that is not held, since too many are. */
const HELD_TOO_MANY = 'txn.held_too_many';

/** How often a call that is held looks for a replica. */
const LOOK_MS = 200;

/** After so long without a look a call is not held any more. */
const GONE_AFTER_MS = 5 * LOOK_MS;

/** Function that tells how many calls are held, where that is possible. */
export const HELD_CALLS = 'held_calls';

/**
 * No router finds a replica, or this one has not heard of one that does: a call waits where its caller reached it, until
 * one of them can choose.
 */
export function heldInside(served: Served): string[] {
  return [
    ...heldLines(served, 'choice'),
    `http-request set-header ${HELD_HEADER} %[var(${HELD_MS})] if { var(${HELD_MS}) -m found }`,
    `http-after-response set-header ${QUEUE_HEADER} %[var(${HELD_MS})] ` +
      `if { var(${HELD_MS}) -m found } !{ res.hdr(${QUEUE_HEADER}) -m found }`,
  ];
}

/** The last replica went, and the routers do not know yet that none of them finds one. */
export function heldBeforeReplicas(served: Served): string[] {
  return [
    `http-request set-var(${HELD_MS}) req.hdr(${HELD_HEADER}),add(0)`,
    `http-request del-header ${HELD_HEADER}`,
    ...heldLines(served, 'replicas'),
    `http-after-response set-var(txn.queue_ms) res.hdr(${QUEUE_HEADER}),add(${HELD_MS}) if { var(${HELD_MS}) -m found }`,
    `http-after-response set-header ${QUEUE_HEADER} %[var(txn.queue_ms)] if { var(${HELD_MS}) -m found }`,
  ];
}

function heldLines({ protocol, limits }: Served, backend: string): string[] {
  const tooMany = `{ var(${HELD_TOO_MANY}) -m found }`;
  return [
    ...(speaksGrpc(protocol)
      ? [
          `http-request lua.hold ${backend}-grpc if is_grpc`,
          `http-request lua.hold ${backend} if !is_grpc`,
          grpcRefusal(queueFull(limits), `is_grpc ${tooMany}`),
        ]
      : [`http-request lua.hold ${backend}`]),
    jsonRefusal(queueFull(limits), 'var(txn.request_id)', tooMany, protocol),
  ];
}

/** Where calls go that a router holds which is going. */
export function handoverLines({ protocol }: Served, backend: string): string[] {
  const going = `{ stopping } { nbsrv(${backend}) eq 0 }`;
  return [
    ...(speaksGrpc(protocol) ? [`use_backend handover-grpc if is_grpc ${going}`] : []),
    `use_backend handover if ${going}`,
  ];
}

/**
 * The most calls that a router holds: as many as the first replica takes on. Any more would be refused once it is there, and
 * the router has the memory for these.
 */
export function mostHeld({ replicaMaxConcurrentRequests, replicaMaxQueuedRequests }: Served['limits']): number {
  return replicaMaxConcurrentRequests + replicaMaxQueuedRequests;
}

/**
 * An action of HAProxy that lets a call wait until a backend has a server, or its time is over; what becomes of it then is
 * for the rules behind. A caller that leaves ends it at once, and a router that goes lets it go on to another one.
 *
 * A call that is held says so each time it looks for a server, and one that has ended, however it did, says nothing more:
 * so none is left over that counts as held. HAProxy takes a server for one that is up as soon as the DNS names it, and finds
 * out by its checks: until one of them was good, its status is not `UP` but `UP 1/2`.
 */
export function holdAction({
  limits,
  wakeTimeoutMs,
}: Pick<Admission, 'limits'> & Pick<Waking, 'wakeTimeoutMs'>): string {
  return `local looks = {}
local found = {}

local function now_ms()
  local now = core.now()
  return now.sec * 1000 + now.usec // 1000
end

-- how many calls are held, for the metrics, too
function ${HELD_CALLS}()
  local sum = 0
  local now = now_ms()
  for call, at in pairs(looks) do
    if now - at > ${GONE_AFTER_MS} then
      looks[call] = nil
    else
      sum = sum + 1
    end
  end
  return sum
end

local function is_up(backend, name)
  local server = core.backends[backend].servers[name]
  return server ~= nil and server:get_stats().status == 'UP'
end

local function server_of(backend, last)
  if last and is_up(backend, last) then
    return last
  end
  for name in pairs(core.backends[backend].servers) do
    if is_up(backend, name) then
      return name
    end
  end
end

-- looked for once for all calls of a moment
local function has_server(txn, backend)
  if txn.f:nbsrv(backend) == 0 then
    return false
  end
  local last = found[backend]
  local now = now_ms()
  if last == nil or now - last.at >= ${LOOK_MS / 2} then
    last = { at = now, name = server_of(backend, last and last.name) }
    found[backend] = last
  end
  return last.name ~= nil
end

-- a boolean of HAProxy is a number to Lua, unless it is told otherwise
local function is_going(txn)
  local stopping = txn.f:stopping()
  return stopping == true or stopping == 1
end

core.register_action('hold', { 'http-req' }, function(txn, backend)
  if has_server(txn, backend) then
    return
  end
  if ${HELD_CALLS}() >= ${mostHeld(limits)} then
    txn:set_var('${HELD_TOO_MANY}', 1)
    return
  end
  local call = {}
  local begin = now_ms() - (tonumber(txn:get_var('${HELD_MS}')) or 0)
  local left = ${wakeTimeoutMs}
  while left > 0 and not is_going(txn) and not has_server(txn, backend) do
    looks[call] = now_ms()
    core.msleep(math.min(${LOOK_MS}, left))
    left = ${wakeTimeoutMs} - (now_ms() - begin)
  end
  looks[call] = nil
  txn:set_var('${HELD_MS}', now_ms() - begin)
end, 1)
`;
}
