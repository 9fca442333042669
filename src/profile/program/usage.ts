/**
 * Python that knows what servers use: from what `MEASURE_SCRIPT` wrote down in their containers, or from the processes of
 * this machine where it is a Linux.
 */
export const USAGE = `
def clock_offset():
    """What the clock of this process lacks to the one of its node, by which all containers of a pod tell the time."""
    try:
        with open("/proc/uptime", encoding="ascii") as file:
            return float(file.read().split()[0]) - time.monotonic()
    except OSError:
        return 0.0


CLOCK_OFFSET = clock_offset()


def now():
    """Seconds since the node started."""
    return time.monotonic() + CLOCK_OFFSET


class WrittenUsage:
    """What a container used: each line has the time, CPU in microseconds and memory in bytes."""

    def __init__(self, path):
        self.path = path

    def samples(self):
        try:
            with open(self.path, encoding="ascii") as file:
                lines = [line.split() for line in file if line.endswith("\\n")]
        except OSError:
            return []
        samples = []
        for line in lines:
            try:
                at, cpu, memory = line
                samples.append((float(at), int(cpu) / 1e6, int(memory)))
            except ValueError:
                # a full disk cuts a line off, and the next one goes on where it ends
                continue
        return samples

    @property
    def problem(self):
        return None if self.samples() else "the node does not show a container its cgroup"


class ProcessUsage(threading.Thread):
    """What a process of this machine and all that it started use, asked for each second."""

    def __init__(self, pid):
        super().__init__(daemon=True)
        self.pid, self.taken = pid, []
        self.unreadable = None
        if not os.path.exists("/proc/self/stat"):
            self.unreadable = "CPU and memory are measured on Linux alone"
        elif not os.path.exists(f"/proc/{pid}/stat"):
            self.unreadable = f"there is no process {pid}, or this user may not see it"

    @property
    def problem(self):
        if self.unreadable is None and self.taken and not any(size for _, _, size in self.taken):
            return "the kernel does not say how much memory a process uses: it has no /proc/<pid>/smaps_rollup"
        return self.unreadable

    def run(self):
        while self.unreadable is None:
            self.take()
            time.sleep(1)

    def take(self):
        parents = {}
        for name in os.listdir("/proc"):
            if name.isdigit():
                fields = self.fields(name)
                if fields is not None:
                    parents[int(name)] = (int(fields[1]), sum(int(ticks) for ticks in fields[11:15]))
        tree = {self.pid} & set(parents)
        while True:
            more = {pid for pid, (parent, _) in parents.items() if parent in tree} - tree
            if not more:
                break
            tree |= more
        if tree:
            # what has ended is part of the process that waited for it
            seconds = sum(parents[pid][1] for pid in tree) / os.sysconf("SC_CLK_TCK")
            self.taken.append((now(), seconds, sum(self.memory(pid) for pid in tree)))

    @staticmethod
    def fields(pid):
        try:
            with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as file:
                return file.read().rpartition(")")[2].split()
        except OSError:
            return None

    def memory(self, pid):
        """Main memory of a process; what several share is shared out."""
        try:
            with open(f"/proc/{pid}/smaps_rollup", encoding="ascii") as file:
                lines = file.read().splitlines()
            return sum(int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:"))
        except (FileNotFoundError, ProcessLookupError):
            # it has ended
            return 0
        except OSError as error:
            self.unreadable = f"memory of process {pid} cannot be read ({error.strerror}); profile as its user or as root"
            return 0

    def samples(self):
        return [] if self.problem else list(self.taken)


def cpu_used(samples, window):
    """The cores that were used on average and at most between two samples, in a window of time."""
    begin, end = window["begin"], window["end"]
    spans = [
        (right[1] - left[1], right[0] - left[0])
        for left, right in zip(samples, samples[1:])
        if right[0] > left[0] and left[0] < end and right[0] > begin
    ]
    if not spans:
        return None, None
    return sum(cpu for cpu, _ in spans) / sum(time for _, time in spans), max(cpu / time for cpu, time in spans)


def memory_used(samples, window=None):
    """The most memory, in GiB, of all time or of a window."""
    sizes = [size for at, _, size in samples if window is None or window["begin"] <= at <= window["end"] + 1]
    return max(sizes) / 2**30 if sizes else None
`;
