"""Runs the statements that it is sent, and answers what they name `result`, or the error."""


def init():
    pass


def run(raw_data):
    names = {}
    try:
        exec(raw_data, names)
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    return names["result"]
