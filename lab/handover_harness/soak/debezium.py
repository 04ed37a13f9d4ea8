"""Faults at the sink of a real Debezium: the writer's acknowledged writes are the truth, the reader judges."""

import random
import time

from handover_lab.waiting import until

from handover_harness.bench import Bench

ROWS = 1000


def run(bench: Bench, count: int, seed: str) -> bool:
    """On a whole lab without a source, which this registers; whether the verdict is PASS."""
    schedule = random.Random(f"{seed}/debezium")
    begun = time.monotonic()
    bench.program("writer", "init", "--rows", str(ROWS))
    bench.register(bench.source())
    bench.verb("start", "sink")
    until("the snapshot is applied", 120, lambda: bench.count("destination") == ROWS)
    with bench.load("--rate", "1000", begun=0):
        for turn in range(count):
            bench.applies(f"fault {turn}")
            time.sleep(schedule.uniform(0, 2))
            # Of ten faults seven kill the sink, two put it to sleep past its session timeout, one kills the server.
            kind = schedule.choice(["kill"] * 7 + ["pause"] * 2 + ["destination"])
            if kind == "pause":
                bench.verb("pause", "sink1")
                time.sleep(8)
                bench.verb("resume", "sink1")
            else:
                victim = "destination" if kind == "destination" else "sink1"
                bench.verb("kill", victim)
                bench.verb("start", victim)
        bench.applies("the last fault")
    verdict = bench.verdict()
    passed = verdict["verdict"] == "PASS"
    print(f"{'ok   ' if passed else 'FAIL '} debezium     {count:>3} faults, seed {seed}: {verdict['firstLine']}"
          f"  ({time.monotonic() - begun:.0f} s)", flush=True)
    return passed
