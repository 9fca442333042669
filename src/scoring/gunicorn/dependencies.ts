/**
 * Python that makes a span of each call that the script makes while it answers one: over HTTP with `requests`, `urllib3`,
 * `urllib` or `http.client`, over gRPC, and with Triton's client over HTTP, which stands on `geventhttpclient`. They carry
 * the trace on.
 *
 * What nobody called for, such as `init()` and threads of the script, makes none; nor does what sends the spans. Queries
 * stay out of the spans, since signatures are in them.
 */
export const DEPENDENCIES = `
import importlib.util


class PatchOnImport(importlib.abc.MetaPathFinder):
    """Patches modules once the script imports them, and loads none by itself."""

    def __init__(self, patches):
        self.patches = patches

    def find_spec(self, name, path=None, target=None):
        patch = self.patches.pop(name, None)
        spec = importlib.util.find_spec(name) if patch is not None else None
        if spec is None or spec.loader is None:
            return None
        load = spec.loader.exec_module

        def exec_module(module):
            load(module)
            without_harm(patch, module)

        spec.loader.exec_module = exec_module
        return spec


class Dependency:
    """The span of one call that the script makes."""

    def __init__(self, telemetry, name, attributes):
        self.telemetry = telemetry
        self.span = telemetry.tracer.start_span(name, kind=telemetry.client, attributes=attributes)

    def headers(self):
        headers = {}
        context = self.telemetry.trace.set_span_in_context(self.span)
        self.telemetry.propagate.inject(headers, context)
        return headers

    def answer(self, status):
        self.span.set_attribute("http.response.status_code", status)
        if status >= 400:
            self.telemetry.fail(self.span)
        self.span.end()

    def fail(self, error):
        self.telemetry.fail(self.span, f"{type(error).__name__}: {error}")
        self.span.end()


def watch_dependencies(telemetry):
    import http.client

    def is_in_call():
        return telemetry.trace.get_current_span().is_recording()

    def http_dependency(method, scheme, host, port, path):
        path = path.partition("?")[0].partition("#")[0]
        url = path if "://" in path else f"{scheme}://{host}:{port}{path}"
        address = {"server.address": host, "server.port": port, "url.scheme": scheme, "url.full": url}
        return Dependency(telemetry, method, {"http.request.method": method, **address})

    def watch_http_client(connection_class):
        putrequest, endheaders = connection_class.putrequest, connection_class.endheaders
        getresponse = connection_class.getresponse

        def begin(connection, method, url):
            scheme = "https" if connection.default_port == 443 else "http"
            host = connection._tunnel_host or connection.host
            port = (connection._tunnel_port if connection._tunnel_host else connection.port) or connection.default_port
            connection.dependency = http_dependency(method, scheme, host, port, url)

        def carry_trace_on(connection, dependency):
            for name, value in dependency.headers().items():
                start = f"{name}:".encode()
                if not any(line.lower().startswith(start) for line in connection._buffer):
                    connection.putheader(name, value)

        def ended(connection):
            dependency = getattr(connection, "dependency", None)
            connection.dependency = None
            return dependency

        def watched_putrequest(self, method, url, *args, **kwargs):
            self.dependency = None
            if is_in_call():
                without_harm(begin, self, method, url)
            return putrequest(self, method, url, *args, **kwargs)

        def watched_endheaders(self, *args, **kwargs):
            if getattr(self, "dependency", None) is not None:
                without_harm(carry_trace_on, self, self.dependency)
            try:
                return endheaders(self, *args, **kwargs)
            except Exception as error:
                dependency = ended(self)
                if dependency is not None:
                    without_harm(dependency.fail, error)
                raise

        def watched_getresponse(self, *args, **kwargs):
            dependency = ended(self)
            try:
                response = getresponse(self, *args, **kwargs)
            except Exception as error:
                if dependency is not None:
                    without_harm(dependency.fail, error)
                raise
            if dependency is not None:
                without_harm(dependency.answer, response.status)
            return response

        connection_class.putrequest = watched_putrequest
        connection_class.endheaders = watched_endheaders
        connection_class.getresponse = watched_getresponse

    def watch_gevent_client(module):
        request = module.HTTPClient.request

        def begin(client, method, path):
            scheme = "https" if client.port == 443 else "http"
            return http_dependency(method, scheme, client.host, client.port, path)

        def watched_request(self, method, request_uri, body=b"", headers=None):
            dependency = without_harm(begin, self, method, request_uri) if is_in_call() else None
            if dependency is None:
                return request(self, method, request_uri, body, headers)
            headers = {**(without_harm(dependency.headers) or {}), **(headers or {})}
            try:
                response = request(self, method, request_uri, body, headers)
            except Exception as error:
                without_harm(dependency.fail, error)
                raise
            without_harm(dependency.answer, response.status_code)
            return response

        module.HTTPClient.request = watched_request

    def watch_grpc(module):
        class Details(
            collections.namedtuple(
                "Details", ["method", "timeout", "metadata", "credentials", "wait_for_ready", "compression"]
            ),
            module.ClientCallDetails,
        ):
            pass

        def begin(target, details):
            attributes = {"rpc.system": "grpc", "rpc.method": details.method, "peer.service": target}
            dependency = Dependency(telemetry, details.method, attributes)
            metadata = [*(details.metadata or []), *dependency.headers().items()]
            others = [getattr(details, name, None) for name in Details._fields[3:]]
            return dependency, Details(details.method, details.timeout, metadata, *others)

        def end(dependency, call):
            code = call.code()
            dependency.span.set_attribute("rpc.grpc.status_code", code.value[0])
            if code.value[0] != 0:
                telemetry.fail(dependency.span, f"{code.name}: {call.details()}")
            dependency.span.end()

        class Interceptor(module.UnaryUnaryClientInterceptor):
            def __init__(self, target):
                self.target = target

            def intercept_unary_unary(self, continuation, details, request):
                begun = without_harm(begin, self.target, details) if is_in_call() else None
                if begun is None:
                    return continuation(details, request)
                dependency, details = begun
                call = continuation(details, request)
                call.add_done_callback(lambda _: without_harm(end, dependency, call))
                return call

        def watched(make_channel):
            def make(target, *args, **kwargs):
                return module.intercept_channel(make_channel(target, *args, **kwargs), Interceptor(target))

            return make

        module.insecure_channel = watched(module.insecure_channel)
        module.secure_channel = watched(module.secure_channel)

    watch_http_client(http.client.HTTPConnection)
    patches = {"geventhttpclient.client": watch_gevent_client, "grpc": watch_grpc}
    for name in [name for name in patches if name in sys.modules]:
        without_harm(patches.pop(name), sys.modules[name])
    sys.meta_path.insert(0, PatchOnImport(patches))
`;
