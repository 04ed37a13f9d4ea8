"""Runs the scenarios and says what came of each.

    python -m handover_soak [--full] [--seed SEED] [--rate N] [--jobs N] [SCENARIO…]
"""

import argparse
import os
import secrets
import signal
import sys
import time
import traceback
from concurrent.futures import ThreadPoolExecutor

from handover_soak import instance
from handover_soak.bench import Bench
from handover_soak.scenarios import ALONE, SCENARIOS


def main() -> int:
    parser = argparse.ArgumentParser(prog="soak")
    parser.add_argument("--full", action="store_true", help="the full counts instead of a short part of each")
    parser.add_argument("--seed", default=None, help="what decides on moments, lanes and victims (default: random)")
    parser.add_argument("--rate", type=int, default=100, help="events a second in each of the two topics of a scenario")
    parser.add_argument("--jobs", type=int, default=len(SCENARIOS), help="scenarios at a time (all)")
    parser.add_argument("scenarios", nargs="*", metavar="SCENARIO", help=f"of {', '.join(SCENARIOS)}")
    options = parser.parse_args()
    for name in options.scenarios:
        if name not in SCENARIOS:
            parser.error(f"there is no scenario {name}; there are {', '.join(SCENARIOS)}")
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, interrupted)
    seed = options.seed or secrets.token_hex(4)
    print(f"soak: seed {seed}; again: make soak SEED={seed}", flush=True)
    names = options.scenarios or list(SCENARIOS)
    if not os.environ.get("KAFKA_HOME"):
        if "brokers" in options.scenarios:
            parser.error("brokers needs three: KAFKA_HOME must name a distribution of Apache Kafka")
        names = [name for name in names if name != "brokers"]
        print("left out: brokers, which needs KAFKA_HOME", flush=True)

    def play(name: str) -> bool:
        return run(name, seed, options.rate, options.full)

    # Most of the time they wait for a group.
    with ThreadPoolExecutor(options.jobs) as pool:
        passed = list(pool.map(play, [name for name in names if name not in ALONE]))
    passed += [play(name) for name in names if name in ALONE]
    return 0 if all(passed) else 1


def interrupted(number: int, _frame: object) -> None:
    """The scenarios' threads are not waited for: their sinks are gone."""
    instance.end_at_once()
    os._exit(128 + number)


def run(name: str, seed: str, rate: int, full: bool) -> bool:
    scenario, full_count, short_count = SCENARIOS[name]
    count = full_count if full else short_count
    begun = time.monotonic()
    bench = None
    try:
        bench = Bench(name, seed, rate)
        records = scenario(bench, count)
        told = "".join(f"; {note}" for note in bench.notes)
        verdict = f"ok    {name:<12} {count:>3} faults, {records:>7} records, each once{told}"
        passed = True
    except Exception as error:
        if not isinstance(error, AssertionError):
            traceback.print_exc()
        verdict = f"FAIL  {name:<12} seed {seed}: {error}"
        passed = False
    finally:
        if bench is not None:
            bench.end_all()
    print(f"{verdict}  ({time.monotonic() - begun:.0f} s)", flush=True)
    return passed


if __name__ == "__main__":
    sys.exit(main())
