"""Runs scenarios, each as often as asked for with a seed of its own: [--seed SEED] [--runs N] [SCENARIO…]."""

import argparse
import random
import secrets
import time
from pathlib import Path

from handover_lab.brokers import Brokers

from handover_harness.entries import SCENARIOS
from handover_harness.outcome import reason
from handover_harness.scenarios.bench import ScenarioBench


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="scenarios")
    parser.add_argument("--seed", type=int, default=None, help="of the first run; the next ones count on (random)")
    parser.add_argument("--runs", type=int, default=1, help="how often each is run (1)")
    parser.add_argument("--log", type=Path, help="a file that gets the lines, too")
    parser.add_argument("scenarios", nargs="*", metavar="SCENARIO", help=f"of {', '.join(SCENARIOS)}, or their numbers")
    options = parser.parse_args(arguments)
    names = [name for name in SCENARIOS if not options.scenarios or chosen(name, options.scenarios)]
    for asked in options.scenarios:
        if not any(chosen(name, [asked]) for name in SCENARIOS):
            parser.error(f"there is no scenario {asked}; there are {', '.join(SCENARIOS)}")
    if not Brokers.chosen().is_kafka:
        left = [name for name in names if SCENARIOS[name].needs_kafka]
        if left:
            print(f"left out, for KAFKA_HOME names no Apache Kafka: {', '.join(left)}", flush=True)
        names = [name for name in names if name not in left]
    first = secrets.randbelow(2**16) if options.seed is None else options.seed
    bench = ScenarioBench()
    # Those that share a lab one after the other.
    names.sort(key=lambda name: (str(SCENARIOS[name].mode), list(SCENARIOS).index(name)))
    failed = 0
    for name in names:
        for seed in range(first, first + options.runs):
            line, passed = one(bench, name, seed)
            failed += not passed
            print(line, flush=True)
            if options.log:
                with options.log.open("a") as log:
                    log.write(line + "\n")
    return 1 if failed else 0


def chosen(name: str, asked: list[str]) -> bool:
    return any(name == one or name.split("-", 1)[0] == one for one in asked)


def one(bench: ScenarioBench, name: str, seed: int) -> tuple[str, bool]:
    entry = SCENARIOS[name]
    began = time.monotonic()
    try:
        bench.prepare(entry.mode)
        began = time.monotonic()
        answer = entry.function(bench, random.Random(f"{name}/{seed}"))
        mark, passed = "ok   ", True
    except Exception as error:
        bench.is_spoilt = True
        mark, answer, passed = "FAIL ", reason(error), False
    took = time.monotonic() - began
    return f"{mark} {name:<24} seed {seed:<6} expected {entry.expected:<12} {took:4.0f} s  {answer}", passed
