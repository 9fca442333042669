/**
 * Python that calls a server over HTTP: as many callers as are asked for, each with one call after the other over a
 * connection of its own. What is measured is from the first byte that is sent to the last that is read.
 */
export const LOAD = `
class HttpLoad:
    """Calls of one request, again and again."""

    def __init__(self, settings, has_ended):
        self.has_ended = has_ended
        target = settings["http"]
        url = urllib.parse.urlsplit(target["url"])
        self.address = url.netloc
        self.connection = http.client.HTTPSConnection if url.scheme == "https" else http.client.HTTPConnection
        self.path = urllib.parse.urlunsplit(("", "", url.path or "/", url.query, ""))
        self.headers = {"Content-Type": target["contentType"]}
        self.timeout = settings["timeoutSeconds"]
        self.batch = settings["batch"]
        with open(target["file"], "rb") as file:
            self.body = file.read()

    def warm_up_and_measure(self, concurrency, warm_up_seconds, seconds):
        """What becomes of the calls of one level; those that warm the server are not counted."""
        calls, window, failures = [], {}, []
        warm = threading.Barrier(concurrency, lambda: window.update(begin=now()))

        def fail(failure):
            failures.append(f"{type(failure).__name__}: {failure}")
            # the others wait for all
            warm.abort()

        def caller():
            try:
                call_until_the_end()
            except threading.BrokenBarrierError:
                pass
            except Exception as failure:
                fail(failure)

        def call_until_the_end():
            connection = self.connection(self.address, timeout=self.timeout)
            end = now() + warm_up_seconds
            while self.call(connection) is None or not self.has_ended():
                if now() >= end:
                    break
            warm.wait()
            end = window["begin"] + seconds
            while True:
                start = now()
                outcome = self.call(connection)
                finish = now()
                calls.append((finish - start, outcome, finish))
                if finish >= end or (outcome is not None and self.has_ended()):
                    break
            connection.close()

        callers = [threading.Thread(target=caller, daemon=True) for _ in range(concurrency)]
        try:
            for thread in callers:
                thread.start()
        except RuntimeError as failure:
            fail(failure)
        for thread in callers:
            if thread.ident is not None:
                thread.join()
        if failures:
            raise Failure(f"{concurrency} calls at once cannot be made: {failures[0]}")
        window["end"] = max(finish for _, _, finish in calls)
        latencies = sorted(latency * 1000 for latency, outcome, _ in calls if outcome is None)
        errors = {}
        for _, outcome, _ in calls:
            if outcome is not None:
                errors[outcome] = errors.get(outcome, 0) + 1
        return {
            "requests": len(calls),
            "errors": errors,
            "requestsPerSecond": len(latencies) / (window["end"] - window["begin"]),
            "averageLatencyInMs": sum(latencies) / len(latencies) if latencies else None,
            **{name: percentile(latencies, part) for name, part in PERCENTILES.items()},
        }, window

    def call(self, connection):
        """Makes one call; returns its status, or the name of what went wrong, where it has no good answer."""
        for is_second in (False, True):
            was_open = connection.sock is not None
            try:
                connection.request("POST", self.path, self.body, self.headers)
                answer = connection.getresponse()
                answer.read()
                return None if 200 <= answer.status < 300 else str(answer.status)
            except (OSError, http.client.HTTPException) as error:
                connection.close()
                # a server may close a connection that waits for its next call
                if was_open and not is_second and isinstance(error, ConnectionError):
                    continue
                # what cannot be reached shall not be asked as fast as a processor can
                time.sleep(0.05)
                return "timeout" if isinstance(error, socket.timeout) else type(error).__name__
        return None


def percentile(ordered, part):
    """The smallest value that so many percent of all do not exceed."""
    return ordered[max(0, math.ceil(len(ordered) * part / 100) - 1)] if ordered else None
`;
