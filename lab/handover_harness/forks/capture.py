"""When capture stood still, as the destination shows it."""

import subprocess
from types import TracebackType

from handover_harness.forks.bench import ForkBench

STATEMENT = "select extract(epoch from clock_timestamp()), coalesce(sum(next_offset), 0) from handover.sink_progress"


class CaptureWatch:
    """Looks five times a second how far the sink has come, in one session; times in seconds since 1970."""

    def __init__(self, bench: ForkBench) -> None:
        self.process = subprocess.Popen(
            bench.command("psql", "destination", "-qAt"), stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL, text=True,
        )
        self.samples: list[tuple[float, int]] = []

    def __enter__(self) -> "CaptureWatch":
        assert self.process.stdin is not None
        self.process.stdin.write(f"{STATEMENT} \\watch 0.2\n")
        self.process.stdin.close()
        self.process.stdin = None
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None,
    ) -> None:
        self.process.terminate()
        output, _ = self.process.communicate()
        for line in output.splitlines():
            moment, separator, progress = line.partition("|")
            if separator:
                self.samples.append((float(moment), int(progress)))

    def steps(self) -> list[float]:
        """When it was seen to have gone on."""
        return [now for (_, before), (now, after) in zip(self.samples, self.samples[1:]) if after > before]

    def resumed(self, moment: float) -> float | None:
        """How long after that moment it went on again."""
        return next((step - moment for step in self.steps() if step > moment), None)

    def longest(self, begin: float, end: float) -> float | None:
        """The longest time without progress that touches this stretch."""
        steps = self.steps()
        return max((b - a for a, b in zip(steps, steps[1:]) if b > begin and a < end), default=None)
