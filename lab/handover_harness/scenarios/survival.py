"""Faults that everything must survive."""

import random
import time
from collections.abc import Callable

from handover_lab.waiting import until

from handover_harness.scenarios import expect
from handover_harness.scenarios.bench import ScenarioBench


def survives(
    bench: ScenarioBench, choice: random.Random, fault: Callable[[], None], settle: Callable[[], None] = lambda: None,
) -> str:
    """A fault under load, and writes before and after it: everything arrives. `settle` waits for what takes its time."""
    with bench.writing(200, choice.randrange(2**31)):
        time.sleep(choice.uniform(0, 1))
        fault()
        bench.written(400)
    settle()
    until("the cluster is whole", 120, bench.is_whole)
    return told(expect.passes(bench))


def told(verdict: dict) -> str:
    writes = verdict["writes"]
    notes = [note for entry in verdict["checks"] for note in entry["notes"] if "carry a write that is on no" in note]
    return ", ".join([f"{writes['ok']} ok {writes['info'] + writes['settledOk'] + writes['settledFail']} info", *notes])
