/** Python that waits for the server, runs the levels and delivers the report. */
export const MAIN = `
# how long a command may take to end before it is killed
END_SECONDS = 10

# what ends a measurement on a terminal
ENDING = (signal.SIGINT, signal.SIGHUP)


def wait_until_ready(settings, servers, process):
    """Waits until the server answers, and fails where it ends before."""
    ready = settings["ready"]
    latest = time.monotonic() + ready["timeoutSeconds"]
    while True:
        fail_if_ended(servers, process)
        try:
            DIRECT.open(ready["url"], timeout=5).close()
            return
        except urllib.error.HTTPError as error:
            # who answers at all is there; Triton says 400 until its models are loaded
            if ready.get("anyAnswer"):
                return
            last = error
        except (OSError, http.client.HTTPException) as error:
            last = error
        if time.monotonic() > latest:
            raise Failure(f"the server is not ready after {ready['timeoutSeconds']} seconds: {last}")
        time.sleep(1)


def fail_if_ended(servers, process):
    end = end_of(servers, process)
    if end is not None:
        raise Failure(end)


def end_of(servers, process):
    """How a server ended; nothing while all go on."""
    for server in servers:
        path = server.get("ended")
        if path is not None and os.path.exists(path):
            with open(path, encoding="ascii") as file:
                return f"the server '{server['name']}' ended with status {file.read().strip()}; its log says why"
    if process is not None and process.poll() is not None:
        return f"the command ended with status {process.returncode}"
    return None


def profile(settings, servers, process):
    """Measures all levels; what is known is in the result even where something fails."""
    levels, windows, error, begin = [], {}, None, now()
    try:
        wait_until_ready(settings, servers, process)
        if "http" in settings:
            load = HttpLoad(settings, lambda: end_of(servers, process) is not None)
        else:
            load = PerfAnalyzer(settings)
        for concurrency in settings["concurrency"]:
            log(f"concurrency {concurrency}, {settings['durationSeconds']} seconds")
            measured, window = load.warm_up_and_measure(
                concurrency, settings["warmUpSeconds"], settings["durationSeconds"]
            )
            # a sample of each server that is younger than the level; or its end, which takes as long to be written down
            time.sleep(2 if servers else 0)
            server = servers[0] if servers else None
            levels.append(level_of(server, concurrency, load.batch, measured, window))
            windows[concurrency] = window
            log(f"{levels[-1]['requestsPerSecond']} requests/s, errors: {levels[-1]['errors'] or 'none'}")
            fail_if_ended(servers, process)
    except Failure as failure:
        error = str(failure)
    except Exception as failure:
        # what was measured until then is worth a report, whatever went wrong
        error = f"{type(failure).__name__}: {failure}"
    return report_of(settings, servers, levels, windows, error, begin)


def end_group(process):
    """Ends a command and all that it started."""
    for end in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(process.pid, end)
            process.wait(END_SECONDS)
            return
        except ProcessLookupError:
            return
        except (OSError, subprocess.TimeoutExpired) as error:
            log(f"the command does not end: {error}")


def end_early(*_):
    # whoever is impatient shall not keep it from ending what it started
    for each in ENDING:
        signal.signal(each, signal.SIG_IGN)
    sys.exit(130)


def main(path):
    with open(path, encoding="utf-8") as file:
        settings = json.load(file)
    servers = [{**server, "usage": WrittenUsage(server["written"])} for server in settings["servers"] if "written" in server]
    process = None
    try:
        local = [server for server in settings["servers"] if "written" not in server]
        for server in local:
            if "command" in server:
                # the log of the server must not get into the report
                process = subprocess.Popen(["sh", "-c", server["command"]], stdout=sys.stderr, start_new_session=True)
            usage = ProcessUsage(process.pid if process else server["pid"])
            usage.start()
            servers.append({**server, "usage": usage})
        report = profile(settings, servers, process)
    finally:
        if process is not None and process.poll() is None:
            end_group(process)
        if "end" in settings:
            # the servers of this pod wait for it
            with open(settings["end"], "w", encoding="ascii"):
                pass
    text = json.dumps(report, indent=2)
    print(text, flush=True)
    try:
        if "upload" in settings:
            upload(settings["upload"], text)
    except Failure as failure:
        log(str(failure))
        return 1
    return 0 if report["state"] == "Succeeded" else 1


if __name__ == "__main__":
    for each in ENDING:
        signal.signal(each, end_early)
    sys.exit(main(sys.argv[1]))
`;
