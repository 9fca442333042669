/**
 * Python that ends the container when a worker cannot load the script, with the script's own error as the last lines of
 * the log, which the state of the pod shows.
 *
 * Without it these are gunicorn's own, a worker that ends without an exception is started again for ever, and one that
 * fails while another does takes gunicorn's `on_exit` with it.
 */
export const LOADING = `
class Load:
    """How far a worker is with the script, in memory that the master sees too."""

    ERROR_BYTES = 16 * 1024

    def __init__(self):
        self.memory = mmap.mmap(-1, 1 + self.ERROR_BYTES)

    def finish(self):
        self.memory[0] = 1

    def is_finished(self):
        return self.memory[0] == 1

    def fail(self, text):
        end = text.encode("utf-8", "backslashreplace")[-self.ERROR_BYTES :]
        self.memory[1 : 1 + len(end)] = end

    def error(self):
        return self.memory[1:].rstrip(b"\\0").decode("utf-8", "replace")


LOAD_FAILED = "The scoring script could not be loaded"
OUTSIDE_PYTHON = f"""{LOAD_FAILED}: a worker ended without an exception in Python.
Lines above may say how. SIGKILL is mostly want of memory, of which memoryGbLimit gives more; SIGSEGV is a fault in
native code; an exit status, or no such line, is os._exit().
"""
# packages that call the script
CALLERS = {"azureml_inference_server_http", "flask", "gunicorn", "importlib", "werkzeug", __name__}
last_words = []


def own_error(error):
    """The script's exception, out of those that the server and gunicorn put around it."""
    if isinstance(error, SystemExit) and error.__context__ is not None:
        error = error.__context__
    if type(error).__module__.startswith("azureml_inference_server_http") and error.__cause__ is not None:
        error = error.__cause__
    return error


def own_frames(error):
    """Where an exception comes from, beginning with the script."""
    frames = error.__traceback__
    while frames is not None and frames.tb_frame.f_globals.get("__name__", "").split(".")[0] in CALLERS:
        frames = frames.tb_next
    return frames


def end_worker(worker, error):
    """Leaves the error to the master and ends the worker, even if threads of the script go on."""
    error = own_error(error)
    lines = traceback.format_exception(type(error), error, own_frames(error))
    worker.load.fail(f"{LOAD_FAILED}:\\n{''.join(lines)}")
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(1)


def end_master(server, worker):
    """Ends the container, unless it ends already."""
    if server.LISTENERS and not last_words:
        last_words.append(worker.load.error() or OUTSIDE_PYTHON)
        raise HaltServer(LOAD_FAILED, 3)
`;
