/** How much later than its caller a call gives up. */
const LATER_MS = 1000;

/** How long a call may take before the server itself ends it. */
export function callLimitMs(scoringTimeoutMs: number): number {
  return scoringTimeoutMs + LATER_MS;
}

/**
 * Python that ends calls whose callers were given 504: they get a TimeoutError where the script is, and one that waits
 * outside Python gets it when it comes back.
 *
 * The server's own SCORING_TIMEOUT_MS works in the main thread alone, where no call runs.
 */
export function lateCalls(scoringTimeoutMs: number): string {
  return `
LIMIT_SECONDS = ${callLimitMs(scoringTimeoutMs) / 1000}
started = {}


def end_call(thread, error):
    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread), error and ctypes.py_object(error))


def end_late_calls():
    while True:
        time.sleep(0.5)
        latest = time.monotonic() - LIMIT_SECONDS
        for request, (thread, since) in list(started.items()):
            if since < latest and started.pop(request, None):
                end_call(thread, TimeoutError)


def pre_request(worker, request):
    started[request] = threading.get_ident(), time.monotonic()


def post_request(worker, request, environ, response):
    if not started.pop(request, None):
        # an error that is on its way arrives here: the next call of this thread must not get it
        time.sleep(0.1)
        end_call(threading.get_ident(), None)
`;
}
