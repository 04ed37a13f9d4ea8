"""Random faults of the three brokers, with three sinks of each flow at work."""

import time
from collections.abc import Callable, Sequence

from handover_harness.bench import Failed
from handover_harness.soak.bench import SinkBench

NAMES = ("kafka1", "kafka2", "kafka3")
SINKS = 3


def brokers(bench: SinkBench, count: int) -> int:
    """Each fault under load; then every partition goes on, and no sink has ended."""
    members = {flow.name: [bench.start(flow, 1, f"{flow.name}-group") for _ in range(SINKS)] for flow in bench.flows}
    with bench.under_load():
        bench.each(lambda flow: flow.wait_progress("the start"))
        for _ in range(count):
            bench.pause(0, 2)
            fault = bench.random.choice(FAULTS)
            told = fault(bench)
            bench.each(lambda flow: flow.wait_progress(told, seconds=150))
            for each in sum(members.values(), []):
                if not each.runs:
                    raise Failed(f"a sink ended after {told}; see {each.log}")
    return bench.settle()


def _without(bench: SinkBench, names: Sequence[str], verbs: tuple[str, str], least: float, most: float) -> None:
    """The first verb takes each away, the second brings it back after a while."""
    for name in names:
        bench.verb(verbs[0], name)
    bench.pause(least, most)
    for name in names:
        bench.verb(verbs[1], name)


def _kill_one(bench: SinkBench) -> str:
    name = bench.random.choice(NAMES)
    _without(bench, [name], ("kill", "start"), 0, 10)
    return f"a killed {name}"


def _kill_two(bench: SinkBench) -> str:
    """No majority is left: nothing is written until one is back."""
    names = bench.random.sample(NAMES, 2)
    _without(bench, names, ("kill", "start"), 0, 8)
    return f"killed {' and '.join(names)}"


def _freeze(bench: SinkBench) -> str:
    """Around the broker's session timeout: others lead meanwhile, or do not."""
    name = bench.random.choice(NAMES)
    _without(bench, [name], ("pause", "resume"), 1, 15)
    return f"a frozen {name}"


def _freeze_all(bench: SinkBench) -> str:
    _without(bench, NAMES, ("pause", "resume"), 1, 5)
    return "frozen brokers"


def _restart(bench: SinkBench) -> str:
    name = bench.random.choice(NAMES)
    bench.verb("stop", name)
    bench.verb("start", name)
    return f"a restart of {name}"


def _roll(bench: SinkBench) -> str:
    """All of them, one after the other, as an upgrade does it."""
    for name in bench.random.sample(NAMES, len(NAMES)):
        bench.verb("stop", name)
        bench.verb("start", name)
        time.sleep(1)
    return "a rolling restart"


FAULTS: tuple[Callable[[SinkBench], str], ...] = (_kill_one, _kill_two, _freeze, _freeze_all, _restart, _roll)
