"""Runs the faults at the sink and says what came of each: [--full] [--seed SEED] [--rate N] [--jobs N] [SCENARIO…].

On broker, destination and sink alone; --full without a scenario ends with one on the whole cluster, with a real Debezium."""

import argparse
import os
import secrets
import signal
import time
from concurrent.futures import ThreadPoolExecutor

from handover_harness.bench import Bench
from handover_harness.entries import SOAK, SOAK_WHOLE
from handover_harness.outcome import reason
from handover_harness.soak import instance
from handover_harness.soak.bench import SinkBench


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="soak")
    parser.add_argument("--full", action="store_true", help="the full counts instead of a short part of each")
    parser.add_argument("--seed", default=None, help="what decides on moments, lanes and victims (default: random)")
    parser.add_argument("--rate", type=int, default=100, help="events a second in each of the two topics of a scenario")
    parser.add_argument("--jobs", type=int, default=len(SOAK), help="scenarios at a time (all)")
    parser.add_argument("scenarios", nargs="*", metavar="SCENARIO", help=f"of {', '.join(SOAK)}")
    options = parser.parse_args(arguments)
    for name in options.scenarios:
        if name not in SOAK:
            parser.error(f"there is no scenario {name}; there are {', '.join(SOAK)}")
    names = options.scenarios or list(SOAK)
    if not os.environ.get("KAFKA_HOME"):
        left = [name for name in names if SOAK[name].needs_kafka]
        if left and options.scenarios:
            parser.error(f"{left[0]} needs three brokers: KAFKA_HOME must name a distribution of Apache Kafka")
        names = [name for name in names if name not in left]
        print(f"left out: {', '.join(left)}, which needs KAFKA_HOME", flush=True)
    seed = options.seed or secrets.token_hex(4)
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, interrupted)
    print(f"soak: seed {seed}; again: make soak SEED={seed}", flush=True)
    lab = Bench()
    lab.up("--no-cluster")

    def play(name: str) -> bool:
        return run(name, seed, options.rate, options.full)

    # Most of the time they wait for a group.
    with ThreadPoolExecutor(options.jobs) as pool:
        passed = list(pool.map(play, [name for name in names if not SOAK[name].alone]))
    passed += [play(name) for name in names if SOAK[name].alone]
    if options.full and not options.scenarios:
        lab.down()
        lab.up(*SOAK_WHOLE.mode.arguments)
        passed.append(SOAK_WHOLE.function(lab, SOAK_WHOLE.counts[0], seed))
    return 0 if all(passed) else 1


def interrupted(number: int, _frame: object) -> None:
    """The scenarios' threads are not waited for: their sinks are gone."""
    instance.end_at_once()
    os._exit(128 + number)


def run(name: str, seed: str, rate: int, full: bool) -> bool:
    entry = SOAK[name]
    count = entry.counts[0] if full else entry.counts[1]
    begun = time.monotonic()
    bench = None
    try:
        bench = SinkBench(name, seed, rate)
        records = entry.function(bench, count)
        told = "".join(f"; {note}" for note in bench.notes)
        verdict = f"ok    {name:<12} {count:>3} faults, {records:>7} records, each once{told}"
        passed = True
    except Exception as error:
        verdict = f"FAIL  {name:<12} seed {seed}: {reason(error)}"
        passed = False
    finally:
        if bench is not None:
            bench.end_all()
    print(f"{verdict}  ({time.monotonic() - begun:.0f} s)", flush=True)
    return passed
