/**
 * Python that shows calls of the script to those who watch them, while they go on as they would without: a body is seen
 * as the script reads it, an answer as the caller is sent it, and a watcher that fails is logged and nothing more.
 *
 * Health checks and the description of the service are no calls of the script.
 */
export const CALLS = `
class Watcher:
    """What watches one call. Each method is for others to fill."""

    def saw_input(self, data):
        """A part of the body, which the script reads."""

    def saw_output(self, data):
        """A part of the answer, which the caller is sent."""

    def saw_end(self, call):
        """The answer is sent, or will never be."""


class OnceAMinute:
    """Lets one message a minute into the log."""

    def __init__(self):
        self.latest = None

    def __call__(self, _record=None):
        now = time.monotonic()
        if self.latest is not None and now - self.latest < 60:
            return False
        self.latest = now
        return True


may_log_watchers = OnceAMinute()


def without_harm(action, *args):
    try:
        return action(*args)
    except Exception:
        if may_log_watchers():
            logging.getLogger("azmlinfsrv").warning("A call is served, but not watched", exc_info=True)
        return None


class WatchedCall:
    """A call of the script, with status and headers once it has an answer."""

    def __init__(self, environ, watch):
        self.environ = environ
        self.began = time.time()
        self.timer = time.perf_counter()
        self.duration_ms = 0.0
        self.status = 500
        self.headers = {}
        self.has_ended = False
        self.watchers = [watcher for watcher in (without_harm(each, self) for each in watch) if watcher is not None]

    def request_id(self):
        """What the caller gets as x-ms-request-id: the gateway says it to the server."""
        return self.environ.get("HTTP_X_REQUEST_ID") or self.headers.get("x-ms-request-id", "")

    def saw_input(self, data):
        for watcher in self.watchers:
            without_harm(watcher.saw_input, data)

    def saw_output(self, data):
        for watcher in self.watchers:
            without_harm(watcher.saw_output, data)

    def end(self):
        if not self.has_ended:
            self.has_ended = True
            self.duration_ms = (time.perf_counter() - self.timer) * 1000
            for watcher in reversed(self.watchers):
                without_harm(watcher.saw_end, self)


class WatchedInput:
    """The body of a request: no more of it is read than the script reads."""

    def __init__(self, body, call):
        self.body = body
        self.call = call

    def seen(self, data):
        self.call.saw_input(data)
        return data

    def read(self, *size):
        return self.seen(self.body.read(*size))

    def readline(self, *size):
        return self.seen(self.body.readline(*size))

    def readlines(self, *hint):
        return [self.seen(line) for line in self.body.readlines(*hint)]

    def __iter__(self):
        return (self.seen(line) for line in self.body)


class WatchedOutput:
    """The parts of an answer, each on its way as soon as the script has made it."""

    def __init__(self, parts, call):
        self.parts = parts
        self.call = call

    def __iter__(self):
        for part in self.parts:
            self.call.saw_output(part)
            yield part

    def close(self):
        try:
            if hasattr(self.parts, "close"):
                self.parts.close()
        finally:
            self.call.end()


def watch_calls(app, *watch):
    serve = app.wsgi_app

    def watched(environ, start_response):
        if environ.get("PATH_INFO") != "/score":
            return serve(environ, start_response)
        call = WatchedCall(environ, watch)
        environ["wsgi.input"] = WatchedInput(environ["wsgi.input"], call)

        def start(status, headers, exc_info=None):
            call.status = int(status[:3])
            call.headers = {name.lower(): value for name, value in headers}
            return start_response(status, headers, exc_info)

        try:
            parts = serve(environ, start)
        except BaseException:
            call.end()
            raise
        file_wrapper = environ.get("wsgi.file_wrapper")
        if file_wrapper is not None and isinstance(parts, file_wrapper):
            # the server sends a file by itself, and would not know it in another wrapper
            call.end()
            return parts
        return WatchedOutput(parts, call)

    app.wsgi_app = watched
`;
