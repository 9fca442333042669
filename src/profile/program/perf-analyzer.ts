/**
 * Python that lets NVIDIA's perf_analyzer call a model of Triton over gRPC, one level at a time: where one level fails the
 * others are measured all the same.
 *
 * perf_analyzer looks for three windows that agree, and says nothing at all where it finds none. Here it measures three
 * windows, whether they agree or not, so that a level takes as long as it is meant to.
 *
 * @see https://github.com/triton-inference-server/perf_analyzer/blob/main/docs/cli.md
 */
export const PERF_ANALYZER = `
class PerfAnalyzer:
    """Calls of perf_analyzer to one model of Triton."""

    COLUMNS = {
        "averageLatencyInMs": "Avg latency",
        "latencyPercentile50InMs": "p50 latency",
        "latencyPercentile90InMs": "p90 latency",
        "latencyPercentile95InMs": "p95 latency",
        "latencyPercentile99InMs": "p99 latency",
    }

    def __init__(self, settings):
        self.target = settings["triton"]
        self.batch = settings["batch"]
        self.folder = tempfile.mkdtemp(prefix="perf-analyzer-")
        self.inputs = []

    def read_model(self):
        """Asks Triton for the model, and turns the request into what perf_analyzer reads."""
        target = self.target
        try:
            with DIRECT.open(f"{target['http']}/v2/models/{target['model']}/config", timeout=30) as answer:
                config = json.load(answer)
        except OSError as error:
            raise Failure(f"Triton does not tell of the model '{target['model']}': {error}") from error
        if config.get("model_transaction_policy", {}).get("decoupled"):
            self.inputs.append("--streaming")
        if target.get("file") is not None:
            with open(target["file"], encoding="utf-8") as file:
                data = inputs_for_perf_analyzer(json.load(file), config.get("max_batch_size", 0) > 0)
            path = os.path.join(self.folder, "inputs.json")
            with open(path, "w", encoding="utf-8") as file:
                json.dump(data, file)
            self.inputs.append(f"--input-data={path}")

    def warm_up_and_measure(self, concurrency, warm_up_seconds, seconds):
        if not self.inputs:
            self.read_model()
        self.run(concurrency, warm_up_seconds)
        begin = now()
        level, failure = self.run(concurrency, seconds)
        if failure is not None:
            level = {"requests": 0, "errors": {"perf_analyzer": 1}, "error": failure, "requestsPerSecond": 0}
        empty = {name: None for name in ["averageLatencyInMs", *PERCENTILES]}
        return {**empty, **level}, {"begin": begin, "end": now()}

    def run(self, concurrency, seconds):
        """One level: what was measured, or else what perf_analyzer says."""
        table = os.path.join(self.folder, "level.csv")
        if os.path.exists(table):
            os.remove(table)
        command = [
            self.target["command"],
            f"-m{self.target['model']}",
            "-igrpc",
            f"-u{self.target['grpc']}",
            f"-b{self.batch}",
            f"--concurrency-range={concurrency}:{concurrency}:1",
            f"--measurement-interval={math.ceil(seconds * 1000 / 3)}",
            "--stability-percentage=999",
            "--verbose-csv",
            f"-f{table}",
            *self.inputs,
        ]
        try:
            ran = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, universal_newlines=True)
        except OSError as error:
            return {}, f"perf_analyzer cannot be started: {error}"
        if ran.returncode != 0 or not os.path.exists(table):
            lines = [line.strip() for line in (ran.stderr + ran.stdout).splitlines() if line.strip()]
            return {}, " ".join(lines[:5])[:500] or f"perf_analyzer ended with {ran.returncode}"
        with open(table, encoding="utf-8", newline="") as file:
            row = next(csv.DictReader(file))
        count = re.search(r"Request count: ([0-9]+)", ran.stdout)
        return {
            "requests": int(count.group(1)) if count else 0,
            "errors": {},
            "requestsPerSecond": float(row["Inferences/Second"]) / self.batch,
            **{name: float(row[column]) / 1000 for name, column in self.COLUMNS.items()},
        }, None


def inputs_for_perf_analyzer(request, has_batches):
    """A KServe v2 request as inputs of perf_analyzer, each item of a batch by itself; its own form as it is."""
    if "data" in request:
        return request
    items = {}
    for tensor in request["inputs"]:
        values, shape = flat(tensor["data"]), tensor["shape"]
        if tensor["datatype"] in ("FP16", "FP32", "FP64", "BF16"):
            # perf_analyzer takes no whole number for one of these
            values = [float(value) for value in values]
        count = shape[0] if has_batches else 1
        size = len(values) // count
        for index in range(count):
            content = values[index * size : (index + 1) * size]
            items.setdefault(index, {})[tensor["name"]] = {
                "content": content,
                "shape": (shape[1:] or [1]) if has_batches else shape,
            }
    return {"data": list(items.values())}


def flat(values):
    if not isinstance(values, list):
        return [values]
    return [each for value in values for each in flat(value)]
`;
