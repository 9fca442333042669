/** Where the inputs and outputs of a script are written, and how much of them. */
export interface CollectedData {
  /** Address of the blob container, without a slash at the end. */
  readonly containerUrl: string;

  /** Folder in the container with those of services, without slashes at its ends. */
  readonly folder: string;

  /** Folder in that of the service, without slashes at its ends; below it each day has a folder of its own. */
  readonly modelFolder: string;

  /** How many of a hundred calls are written. */
  readonly samplePercent: number;

  /** How much of an input, and of an output, is written. */
  readonly maxPayloadKiB: number;

  /**
   * How long a line waits at most before it is sent; tests wait less.
   *
   * @default 60
   */
  readonly flushSeconds?: number;
}

/** What a worker keeps at most of what is not written yet. */
const QUEUE_MIB = 8;

/**
 * Python that writes inputs and outputs of a script to a blob container, by `PUT_BLOB`.
 *
 * A call puts what was seen of it into a queue of a fixed size and goes on. A thread of the worker makes lines of JSON of
 * them and writes each batch as one block blob, whose name it keeps while it tries again: a batch that was written although
 * its answer got lost is overwritten with itself. Without the store the queue fills, and what comes then is dropped and
 * counted in the log.
 */
export function collectedData(data: CollectedData): string {
  const { containerUrl, folder, modelFolder, samplePercent, maxPayloadKiB, flushSeconds = 60 } = data;
  return `
import base64
import random

CONTAINER_URL = ${JSON.stringify(containerUrl)}
FOLDER = "/".join([${JSON.stringify(folder)}, os.environ["SERVICE_NAME"], ${JSON.stringify(modelFolder)}])


class Payload:
    """The first bytes of an input or an output, and how many it has."""

    MAX_BYTES = ${maxPayloadKiB * 1024}

    def __init__(self):
        self.data = bytearray()
        self.bytes = 0

    def add(self, data):
        self.bytes += len(data)
        if len(self.data) < self.MAX_BYTES:
            self.data += data[: self.MAX_BYTES - len(self.data)]

    def members(self, name, declared=None):
        """Members of a JSON object, as texts: the payload as it is where it is JSON, else as base64."""
        size = max(self.bytes, declared or 0)
        is_truncated = len(self.data) < size
        text = None if is_truncated else json_text(bytes(self.data))
        if text is not None:
            yield f'"{name}":{text}'
        elif self.data:
            yield f'"{name}Base64":"{base64.b64encode(self.data).decode()}"'
        yield f'"{name}Bytes":{size}'
        yield f'"{name}Truncated":{"true" if is_truncated else "false"}'


def refuse_constant(name):
    raise ValueError(name)


def json_text(data):
    """Text of one line of what is JSON, which it stays to the letter; None of what is not."""
    try:
        text = data.decode("utf-8")
        json.loads(text, parse_constant=refuse_constant)
    except (ValueError, RecursionError):
        return None
    # line breaks stand between the values of JSON alone
    return text.replace("\\r", " ").replace("\\n", " ").strip()


class Record(Watcher):
    """What was seen of one call."""

    # what it takes besides its payloads
    OWN_BYTES = 1024

    def __init__(self, collector):
        self.collector = collector
        self.input = Payload()
        self.output = Payload()

    def saw_input(self, data):
        self.input.add(data)

    def saw_output(self, data):
        self.output.add(data)

    def saw_end(self, call):
        self.began = call.began
        length = call.environ.get("CONTENT_LENGTH") or ""
        self.declared = int(length) if length.isdecimal() else None
        self.about = {
            "time": utc("%Y-%m-%dT%H:%M:%S", self.began) + f".{int(self.began * 1000) % 1000:03}Z",
            "requestId": call.request_id(),
            "method": call.environ["REQUEST_METHOD"],
            "query": call.environ.get("QUERY_STRING", ""),
            "contentType": call.environ.get("CONTENT_TYPE", ""),
            "status": call.status,
            "durationMs": round(call.duration_ms, 3),
        }
        self.size = self.OWN_BYTES + len(self.input.data) + len(self.output.data)
        self.collector.add(self)

    def line(self):
        members = [*self.input.members("input", self.declared), *self.output.members("output")]
        return f"{json.dumps(self.about)[:-1]}, {', '.join(members)}}}\\n".encode("utf-8", "backslashreplace")


def utc(pattern, seconds):
    return time.strftime(pattern, time.gmtime(seconds))


class Collector:
    """What a worker has seen and not written yet."""

    QUEUE_BYTES = ${QUEUE_MIB} * 1024 * 1024
    BATCH_BYTES = 1024 * 1024
    FLUSH_SECONDS = ${flushSeconds}
    MOST_BACK_OFF_SECONDS = ${Math.min(60, flushSeconds)}
    END_SECONDS = 5

    def __init__(self):
        self.records = collections.deque()
        self.bytes = 0
        self.dropped = 0
        self.batches = 0
        self.is_ending = False
        self.changed = threading.Condition()
        self.may_log = OnceAMinute()
        self.log = logging.getLogger("azmlinfsrv")
        # a script that seeds the other chooses no calls by it
        self.chance = random.Random()
        self.thread = threading.Thread(target=self.write_all, daemon=True)
        self.thread.start()

    def watch(self, _call):
        return Record(self) if self.chance.random() * 100 < ${samplePercent} else None

    def add(self, record):
        with self.changed:
            if self.bytes + record.size > self.QUEUE_BYTES:
                self.dropped += 1
                return
            self.records.append(record)
            self.bytes += record.size
            if len(self.records) == 1 or self.bytes >= self.BATCH_BYTES:
                self.changed.notify()

    def end(self):
        with self.changed:
            self.is_ending = True
            self.changed.notify()
        self.thread.join(self.END_SECONDS)
        if self.records or self.dropped:
            self.log.warning("%d collected calls are lost with this worker", len(self.records) + self.dropped)

    def write_all(self):
        while self.wait_for_batch():
            batch = self.next_batch()
            body = b"".join(filter(None, (without_harm(record.line) for record in batch)))
            if not self.write(self.next_name(batch[0].began), body):
                return
            with self.changed:
                for _ in batch:
                    self.bytes -= self.records.popleft().size
                dropped, self.dropped = self.dropped, 0
            if dropped:
                self.log.warning("%d collected calls were dropped, since the store could not be written to", dropped)

    def wait_for_batch(self):
        """Waits until there is enough to write, or it has waited for long enough; False at the end."""
        with self.changed:
            while not self.records and not self.is_ending:
                self.changed.wait()
            latest = time.monotonic() + self.FLUSH_SECONDS
            while self.bytes < self.BATCH_BYTES and not self.is_ending and time.monotonic() < latest:
                self.changed.wait(latest - time.monotonic())
            return len(self.records) > 0

    def next_batch(self):
        """The oldest records, which stay in the queue until they are written."""
        batch, size = [], 0
        with self.changed:
            for record in self.records:
                if batch and size + record.size > self.BATCH_BYTES:
                    break
                batch.append(record)
                size += record.size
        return batch

    def next_name(self, began):
        self.batches += 1
        name = f"{os.environ.get('HOSTNAME', 'local')}-{os.getpid()}-{utc('%H%M%S', time.time())}-{self.batches}"
        return f"{FOLDER}/{utc('%Y/%m/%d', began)}/{name}.jsonl"

    def write(self, name, body):
        """Writes a blob, however often that takes; False when the worker ends first."""
        back_off = 1
        while True:
            try:
                put_blob(f"{CONTAINER_URL}/{urllib.parse.quote(name)}", body, "application/x-ndjson")
                return True
            except Exception as error:
                if self.may_log():
                    self.log.warning(
                        "Collected data cannot be written to %s: %s: %s; %d calls wait, %d were dropped",
                        CONTAINER_URL,
                        type(error).__name__,
                        error,
                        len(self.records),
                        self.dropped,
                    )
            with self.changed:
                if not self.is_ending:
                    self.changed.wait_for(lambda: self.is_ending, min(back_off, self.MOST_BACK_OFF_SECONDS))
                if self.is_ending and back_off == 0:
                    return False
                # one more attempt at the end
                back_off = 0 if self.is_ending else back_off * 2


collector = None


def watch_with_collector(_app):
    global collector
    collector = Collector()
    return collector.watch
`;
}
