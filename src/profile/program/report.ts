import { PROFILE_KIND, PROFILE_SCHEMA_VERSION } from '../profile-format';

/** What the recommendations hold beyond what was used at most. */
export const HEADROOM = 1.2;

/** The part of the highest throughput that a level must reach to be taken for as good. */
export const NEAR_BEST = 0.95;

/**
 * Python that makes the report of what was measured, in the words of Azure ML's `ModelProfile`.
 *
 * @see https://learn.microsoft.com/python/api/azureml-core/azureml.core.profile.modelprofile
 */
export const REPORT = `
PERCENTILES = {
    "latencyPercentile50InMs": 50,
    "latencyPercentile90InMs": 90,
    "latencyPercentile95InMs": 95,
    "latencyPercentile99InMs": 99,
    "latencyPercentile999InMs": 99.9,
}
HEADROOM = ${HEADROOM}
NEAR_BEST = ${NEAR_BEST}
RULES = {
    "best": "the lowest concurrency with ${NEAR_BEST * 100} % of the highest requestsPerSecond, of the levels without an error "
    "whose latencyPercentile99InMs is below scoringTimeoutMs",
    "recommendedCpu": "most used between two samples at the best level, times ${HEADROOM}, rounded up to 0.1",
    "recommendedMemoryInGB": "most used of all time, the start included, times ${HEADROOM}, rounded up to 0.1 GiB",
}


def rounded(value):
    return value if value is None else round(value, 4)


def level_of(server, concurrency, batch, measured, window):
    """One level as the report has it."""
    samples = server["usage"].samples() if server else []
    mean, most = cpu_used(samples, window)
    failed = sum(measured["errors"].values())
    rate = measured["requestsPerSecond"]
    return {
        "concurrency": concurrency,
        "batch": batch,
        **{name: rounded(value) if isinstance(value, float) else value for name, value in measured.items()},
        "successes": max(0, measured["requests"] - failed),
        "secondsPerRequest": round(concurrency / rate, 6) if rate > 0 else None,
        "utilizedCpu": rounded(mean),
        "maxUtilizedCpu": rounded(most),
        "maxUtilizedMemoryInGB": rounded(memory_used(samples, window)),
    }


def best_of(levels, timeout_ms):
    """The level that a service is run at; none where no level is good."""
    good = [
        level
        for level in levels
        if level["successes"] > 0 and not level["errors"] and level["latencyPercentile99InMs"] < timeout_ms
    ]
    highest = max((level["requestsPerSecond"] for level in good), default=0)
    near = [level for level in good if level["requestsPerSecond"] >= NEAR_BEST * highest]
    return min(near, key=lambda level: level["concurrency"], default=None)


def resources_of(server, windows, best):
    """What one server was promised, used and should be promised."""
    samples = server["usage"].samples()
    most = [cpu_used(samples, window)[1] for window in windows.values()]
    cpu = max((each for each in most if each is not None), default=None)
    best_cpu = cpu_used(samples, windows[best["concurrency"]])[1] if best else None
    memory = memory_used(samples)
    return {
        "requestedCpu": server.get("requestedCpu"),
        "requestedMemoryInGB": server.get("requestedMemoryInGB"),
        "maxUtilizedCpu": rounded(cpu),
        "maxUtilizedMemoryInGB": rounded(memory),
        "recommendedCpu": with_headroom(best_cpu),
        "recommendedMemoryInGB": with_headroom(memory if best else None),
    }


def with_headroom(most):
    # the rounding takes off what arithmetic on binary fractions adds
    return most if most is None else max(0.1, math.ceil(round(most * HEADROOM * 10, 6)) / 10)


def report_of(settings, servers, levels, windows, error, begin):
    """The whole report. The first of the servers is the one whose numbers stand for the service."""
    best = best_of(levels, settings["facts"]["scoringTimeoutMs"])
    total = sum(level["requests"] for level in levels)
    successes = sum(level["successes"] for level in levels)
    if error is None and best is None:
        error = "no level is without errors and below scoringTimeoutMs: " + "; ".join(
            f"concurrency {level['concurrency']}: {level.get('error') or level['errors'] or 'too slow'}" for level in levels
        )
    resources = {server["name"]: resources_of(server, windows, best) for server in servers}
    own = resources[servers[0]["name"]] if servers else {}
    latencies = {name: best and best[name] for name in ["averageLatencyInMs", *PERCENTILES]}
    problem = next((server["usage"].problem for server in servers if server["usage"].problem), None)
    return {
        "kind": "${PROFILE_KIND}",
        "schemaVersion": ${PROFILE_SCHEMA_VERSION},
        "state": "Succeeded" if error is None else "Failed",
        "error": error,
        **settings["facts"],
        "createdTime": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "wallTimeInSeconds": round(now() - begin, 1),
        **own,
        "usageError": problem if servers else "no process was named whose CPU and memory could be measured",
        "totalQueries": total,
        "successQueries": successes,
        "successRate": round(100 * successes / total, 2) if total else 0,
        "measuredQueriesPerSecond": best and best["requestsPerSecond"],
        **latencies,
        "best": best and {"concurrency": best["concurrency"], "secondsPerRequest": best["secondsPerRequest"]},
        "levels": levels,
        "servers": resources,
        "rules": RULES,
    }
`;
