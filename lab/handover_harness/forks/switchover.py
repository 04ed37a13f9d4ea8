"""A clean switchover under load: the guard must not move the offset, and must cost next to no time."""

import random
import time
from dataclasses import dataclass

from handover_harness.bench import Failed
from handover_harness.forks.bench import ForkBench
from handover_harness.forks.capture import CaptureWatch


@dataclass
class Outcome:
    verdict: str
    # The longest time without progress at the destination around the switchover, in seconds.
    gap: float | None
    rewinds: int
    # Events that the topic got twice, and those that the sink applied twice.
    sent_twice: int
    applied_twice: bool
    text: str


def run(bench: ForkBench, number: int, choice: random.Random, sent_before: int) -> Outcome:
    """One run; `sent_before` is how many events the topic had twice before it."""
    bench.begin(number, choice.randint(250, 400))
    with CaptureWatch(bench) as capture:
        time.sleep(choice.uniform(1, 4))
        bench.verb("switchover")
        bench.written(choice.randint(2200, 3000))
        verdict = bench.end()
    edges = [line["wall"] / 1e6 for line in bench.lines("fault") if line["fault"] == "switchover"]
    if len(edges) != 2:
        raise Failed("the history does not say when the switchover began and ended")
    gap = capture.longest(edges[0], edges[1] + 5)
    check = next(each for each in verdict["checks"] if each["name"] == "duplicates")
    sent = check["count"] - sent_before if check["status"] == "pass" else 0
    rewinds = len(bench.lines("rewind"))
    text = f"rewinds {rewinds}  sent twice {sent}  {verdict['firstLine'][:150]}"
    return Outcome(verdict["verdict"], gap, rewinds, sent, check["status"] != "pass", text)
