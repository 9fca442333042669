/**
 * Python that has the log of server and script obey AZUREML_LOG_LEVEL, which the server takes and logs as at INFO.
 *
 * What a script prints is logged at every level: the server makes messages of INFO of it.
 */
export const LOG = `
LEVEL = os.environ.get("AZUREML_LOG_LEVEL", "INFO")


def set_up_log():
    # loading it sets up the server's log, which it would do later otherwise
    import azureml_inference_server_http.server.config  # noqa: F401

    logger = logging.getLogger("azmlinfsrv")
    logger.setLevel(LEVEL)
    for handler in logger.handlers:
        handler.setLevel(logging.NOTSET)
    logging.getLogger("azmlinfsrv.print").setLevel(logging.INFO)
    # its lines have a handler of their own
    logging.getLogger("gunicorn.error").propagate = False
    logging.basicConfig(level=LEVEL, stream=sys.stdout)
`;
