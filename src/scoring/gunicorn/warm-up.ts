/** What a worker scores before it takes calls. */
export interface WarmUp {
  /** File with the request's body. */
  readonly file: string;

  /** Type of the body. */
  readonly contentType: string;
}

/**
 * Python that scores a request in a worker before it takes calls, without a connection: nobody sees it, and no limit of
 * calls counts it. Nothing of the request is logged.
 */
export function warmUp({ file, contentType }: WarmUp): string {
  return `
class LastError(logging.Handler):
    """Keeps the exception that was last logged as an error."""

    def __init__(self):
        super().__init__(logging.ERROR)
        self.error = None

    def emit(self, record):
        self.error = sys.exc_info()[1] or self.error


def warm_up(app):
    from werkzeug.test import Client

    with open(${JSON.stringify(file)}, "rb") as file:
        body = file.read()
    logger, last = logging.getLogger("azmlinfsrv"), LastError()
    logger.addHandler(last)
    answer = Client(app).post("/score", data=body, content_type=${JSON.stringify(contentType)})
    logger.removeHandler(last)
    if not 200 <= answer.status_code < 300:
        cause = last.error and own_error(last.error)
        start = answer.get_data()[:500].decode("utf-8", "replace")
        raise RuntimeError(f"the warm-up request was answered with {answer.status_code}: {start}") from (
            cause and cause.with_traceback(own_frames(cause))
        )
`;
}
