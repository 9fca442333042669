/** Where a script finds the Triton of its own pod. */
export interface TritonOfPod {
  /** Port for HTTP on the pod's loopback address. */
  readonly httpPort: number;

  /** Path that answers 200 once its models are loaded. */
  readonly readyPath: string;
}

/**
 * Python for a script that calls the Triton of its pod.
 *
 * No worker loads the script before Triton is ready, so that `init()` may ask it for the metadata of a model; until then
 * SIGTERM ends the server, which the kernel would not do to the first process of a container. And the client over HTTP,
 * which scripts make once and which breaks or hangs when a second thread uses it, becomes one that has a client of its own
 * in each thread.
 *
 * @see https://github.com/triton-inference-server/client/blob/main/src/python/library/tritonclient/http/_client.py
 */
export function triton({ httpPort, readyPath }: TritonOfPod): string {
  return `
import functools
import http.client
import inspect
import signal


def triton_is_ready():
    connection = http.client.HTTPConnection("127.0.0.1", ${httpPort}, timeout=2)
    try:
        connection.request("GET", ${JSON.stringify(readyPath)})
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def wait_for_triton(log):
    if triton_is_ready():
        return
    signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
    log.info("Waiting for Triton to load its models")
    while not triton_is_ready():
        time.sleep(0.5)
    log.info("Triton is ready")


def client_per_thread(client_class):
    """A class like that of Triton's client over HTTP, whose objects may be shared among threads."""

    class InferenceServerClient(client_class):
        def __init__(self, *args, **kwargs):
            self._make = lambda: client_class(*args, **kwargs)
            self._clients = threading.local()
            self._plugin_of_all = None
            # what is wrong with the arguments is to be said here
            self._client()

        def _client(self):
            if not hasattr(self._clients, "own"):
                self._clients.own = self._make()
                self._clients.plugin = None
            if self._clients.plugin is not self._plugin_of_all:
                if self._clients.plugin is not None:
                    self._clients.own.unregister_plugin()
                if self._plugin_of_all is not None:
                    self._clients.own.register_plugin(self._plugin_of_all)
                self._clients.plugin = self._plugin_of_all
            return self._clients.own

        def __enter__(self):
            return self

        def __exit__(self, *_):
            self.close()

        def __del__(self):
            """Each client closes itself."""

        def register_plugin(self, plugin):
            if self._plugin_of_all is not None:
                self._refuse("A plugin is registered already; unregister it first.")
            self._plugin_of_all = plugin

        def plugin(self):
            return self._plugin_of_all

        def unregister_plugin(self):
            if self._plugin_of_all is None:
                self._refuse("No plugin is registered.")
            self._plugin_of_all = None

        def _refuse(self, message):
            from tritonclient.utils import InferenceServerException

            raise InferenceServerException(message)

    def forwarding(name):
        def call(self, *args, **kwargs):
            return getattr(self._client(), name)(*args, **kwargs)

        return functools.update_wrapper(call, getattr(client_class, name))

    own = vars(InferenceServerClient)
    for name in dir(client_class):
        if name[0] != "_" and name not in own and inspect.isfunction(inspect.getattr_static(client_class, name)):
            setattr(InferenceServerClient, name, forwarding(name))
    return InferenceServerClient


def share_triton_clients():
    try:
        import tritonclient.http
    except Exception:
        # a RuntimeError where it was installed without http; whatever it is, a script that imports it gets it there
        return
    tritonclient.http.InferenceServerClient = client_per_thread(tritonclient.http.InferenceServerClient)
`;
}
