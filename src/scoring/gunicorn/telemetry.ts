/** What Application Insights is told of where its telemetry comes from. */
export interface Telemetry {
  /** Kubernetes namespace of the service, which the role's name begins with. */
  readonly namespace: string;
}

/** Package that sends to Application Insights; the scoring server brings it since 1.5.0. */
export const TELEMETRY_PACKAGE = 'azure-monitor-opentelemetry-exporter';

/**
 * Python that sends the calls of a script to Application Insights through OpenTelemetry, as the pod's workload identity.
 *
 * The server's own telemetry is no use: it signs in with the component's key alone, which opens nothing without local
 * authentication, it sends whole answers, and it leaves out the caller's trace.
 *
 * A call gets a span of the trace that its caller named, exceptions of the script with their stack, and what the script
 * calls (`DEPENDENCIES`). Spans wait in a queue of a fixed size, from which a thread sends them; when it is full the
 * oldest go, and the script goes on. Packages that are missing are a line in the log.
 *
 * @see https://learn.microsoft.com/azure/azure-monitor/app/azure-ad-authentication
 */
export function telemetry({ namespace }: Telemetry): string {
  return `
class Telemetry:
    """Spans of one worker, on their way to Application Insights."""

    FLUSH_SECONDS = 5

    def __init__(self):
        os.environ.setdefault("APPLICATIONINSIGHTS_STATSBEAT_DISABLED_ALL", "true")
        os.environ.setdefault("APPLICATIONINSIGHTS_OPENTELEMETRY_RESOURCE_METRIC_DISABLED", "true")
        from azure.core.pipeline.policies import SansIOHTTPPolicy
        from azure.monitor.opentelemetry.exporter import AzureMonitorTraceExporter
        from opentelemetry import context, propagate, trace
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
        from opentelemetry.sdk.trace.sampling import ALWAYS_ON

        exporter = AzureMonitorTraceExporter(
            connection_string=os.environ["APPLICATIONINSIGHTS_CONNECTION_STRING"],
            credential=pod_identity,
            disable_offline_storage=True,
            timeout=10,
            read_timeout=10,
            retry_total=5,
            retry_backoff_max=30,
            # it would log each of its own requests
            http_logging_policy=SansIOHTTPPolicy(),
        )
        resource = {
            "service.namespace": ${JSON.stringify(namespace)},
            "service.name": os.environ.get("SERVICE_NAME", ""),
            "service.instance.id": os.environ.get("HOSTNAME", ""),
        }
        # many callers send a trace that they do not record themselves: it is recorded here all the same
        provider = TracerProvider(sampler=ALWAYS_ON, resource=Resource(resource), shutdown_on_exit=False)
        self.queue = BatchSpanProcessor(
            exporter, max_queue_size=2048, schedule_delay_millis=5000, max_export_batch_size=256
        )
        provider.add_span_processor(self.queue)
        trace.set_tracer_provider(provider)
        self.context, self.propagate, self.trace = context, propagate, trace
        self.tracer = trace.get_tracer("azure-inference-cdktf")
        self.server, self.client = trace.SpanKind.SERVER, trace.SpanKind.CLIENT

    def watch(self, call):
        return CallSpan(self, call)

    def fail(self, span, description=None):
        span.set_status(self.trace.Status(self.trace.StatusCode.ERROR, description))

    def record(self, error):
        """Adds an exception of the script, with its stack there, to the call that it ended."""
        error = error.__context__ if type(error).__name__ == "UserScriptTimeout" and error.__context__ else error
        error = own_error(error)
        stack = "".join(traceback.format_exception(type(error), error, own_frames(error)))
        self.trace.get_current_span().record_exception(error, {"exception.stacktrace": stack})

    def watch_script(self, script):
        invoke = script.invoke_run

        def invoke_run(*args, **kwargs):
            try:
                return invoke(*args, **kwargs)
            except Exception as error:
                # the others are mistakes of the caller
                if type(error).__name__.startswith("UserScript"):
                    without_harm(self.record, error)
                raise

        script.invoke_run = invoke_run

    def report_failed_load(self, error):
        with self.tracer.start_as_current_span("load") as span:
            self.record(error)
            self.fail(span, LOAD_FAILED)
        self.flush()

    def flush(self):
        self.queue.force_flush(self.FLUSH_SECONDS * 1000)


class CallSpan(Watcher):
    """The span of one call, current where the script runs."""

    def __init__(self, telemetry, call):
        self.telemetry = telemetry
        environ = call.environ
        headers = {name: environ.get(f"HTTP_{name.upper()}") for name in ["traceparent", "tracestate"]}
        parent = telemetry.propagate.extract({name: value for name, value in headers.items() if value})
        method = environ["REQUEST_METHOD"]
        self.span = telemetry.tracer.start_span(
            f"{method} /score",
            parent,
            telemetry.server,
            {
                "http.request.method": method,
                "http.route": "/score",
                # without its query, which may be the input
                "url.full": f"http://{environ.get('HTTP_HOST', '')}/score",
                "user_agent.original": environ.get("HTTP_USER_AGENT", ""),
            },
        )
        self.token = telemetry.context.attach(telemetry.trace.set_span_in_context(self.span))

    def saw_end(self, call):
        self.span.set_attribute("x-ms-request-id", call.request_id())
        self.span.set_attribute("http.response.status_code", call.status)
        if call.status >= 500:
            self.telemetry.fail(self.span)
        self.span.end()
        self.telemetry.context.detach(self.token)


telemetry = None


def start_telemetry():
    global telemetry
    log = logging.getLogger("azmlinfsrv")
    for name in ["azure.monitor.opentelemetry.exporter", "azure.monitor.opentelemetry.exporter.export._base"]:
        logging.getLogger(name).setLevel(max(logging.WARNING, log.level))
    for name in ["azure.monitor.opentelemetry.exporter.export._base", "opentelemetry.sdk.trace.export"]:
        logging.getLogger(name).addFilter(OnceAMinute())
    try:
        telemetry = Telemetry()
        watch_dependencies(telemetry)
    except ImportError as error:
        log.error(
            "Application Insights gets nothing: enableAppInsights needs ${TELEMETRY_PACKAGE} "
            "and opentelemetry-sdk (%s); add ${TELEMETRY_PACKAGE} to the environment",
            error,
        )
    except Exception:
        log.exception("Application Insights gets nothing")


def watch_with_telemetry(app):
    if telemetry is None:
        return lambda _call: None
    without_harm(telemetry.watch_script, app.azml_blueprint.user_script)
    return telemetry.watch


def report_failed_load(error):
    if telemetry is not None:
        without_harm(telemetry.report_failed_load, error)


def flush_telemetry():
    if telemetry is not None:
        without_harm(telemetry.flush)
`;
}
