"""Forced forks or clean switchovers, one after the other, each judged by `reader verify`: what the guard is for.

A fork is forced as it happens by itself: the leader's log no longer reaches its replicas, Debezium reads on, and the
leader dies. Without the guard the stream skips what the next leader commits first, and each run must FAIL; with it,
each must PASS. At a switchover nothing may be moved back and nothing applied twice, with or without it. The lab comes
up for it and goes down again. Beside the writer's rows, rows with values of 30 kB are changed on the leader that
dies, and on the next one but for those values: with the guard, each column of each must be the same on both sides in
the end. Exit code: 0 when all is as it must be, 1 when not, 3 when a run could not be made.
"""

import argparse
import random
import statistics
import sys
import time
from collections import Counter

from handover_lab.errors import LabError

from handover_harness.bench import DEBUG
from handover_harness.entries import EXTRAS, FORKS, STEPS, UNGUARDED, Mode
from handover_harness.forks.bench import ForkBench
from handover_harness.forks.documents import Documents


def main(arguments: list[str]) -> int:
    options = parse(arguments)
    mode = Mode(sync=options.mode == "sync", guard=not options.no_guard)
    bench = ForkBench(mode)
    documents = Documents(bench)
    kind, count = ("forks", options.runs)
    if options.switchovers:
        kind, count = ("switchovers", options.switchovers)
    if options.cold:
        kind, count = ("cold slots", options.cold)
    entry = FORKS[kind]
    expected = UNGUARDED[kind] if options.no_guard else entry.expected
    print(f"{kind}: {count} runs, seed {options.seed}, {options.mode}, "
          f"{'without' if options.no_guard else 'with'} the guard: each must {expected}", flush=True)
    begun = time.monotonic()
    right, gaps, sent = 0, [], 0
    promotions: Counter[str] = Counter()
    try:
        bench.prepare(documents.make)
        documents.start()
        for number in range(count):
            extra = options.extras[number % len(options.extras)]
            started = time.monotonic()
            choice = random.Random(f"{options.seed}/{number}")
            try:
                if kind == "forks":
                    found = entry.function(bench, documents, number, choice, extra)
                    is_right = found.verdict == expected and not found.differences
                elif kind == "cold slots":
                    asks = options.ask == "all" or options.ask == "half" and number % 2 == 1
                    found = entry.function(bench, number, choice, asks=asks)
                    promotions[found.kind] += 1
                    is_right = found.is_right
                else:
                    found = entry.function(bench, number, choice, sent)
                    sent += found.sent_twice
                    is_right = found.verdict == expected and not found.rewinds and not found.applied_twice
            except LabError as error:
                print(f"{number:3d} {extra:9s} BROKEN  {error}", flush=True)
                bench.tell()
                return 3
            right += is_right
            if found.gap is not None:
                gaps.append(found.gap)
            shown = "     -" if found.gap is None else f"{found.gap:5.1f}s"
            print(f"{number:3d} {extra:9s} {'ok   ' if is_right else 'WRONG'} gap {shown}  {found.text}"
                  f"  ({time.monotonic() - started:.0f} s)", flush=True)
    except LabError as error:
        print(f"the lab: {error}", file=sys.stderr)
        bench.tell()
        return 3
    finally:
        documents.stop()
    summary = f"{kind}: {right} of {count} {expected}, {time.monotonic() - begun:.0f} s"
    if kind == "switchovers":
        summary += f", {sent} events sent twice"
    if promotions:
        summary += "; " + ", ".join(f"{count} {name}" for name, count in sorted(promotions.items()))
    if gaps and (kind == "switchovers" or not options.no_guard):
        what = "the longest pause of capture" if kind == "switchovers" else "capture after the promotion"
        summary += (f"; {what}: median {statistics.median(gaps):.1f} s, longest {max(gaps):.1f} s, all "
                    + " ".join(f"{gap:.1f}" for gap in sorted(gaps)))
    print(summary, flush=True)
    return 0 if right == count else 1


def parse(given: list[str]) -> argparse.Namespace:
    arguments = argparse.ArgumentParser(
        prog="Tests/forks/run", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    arguments.add_argument("--runs", type=int, default=1, help="how many forks (1)")
    arguments.add_argument("--switchovers", type=int, default=0, metavar="N", help="N clean switchovers instead of forks")
    arguments.add_argument(
        "--cold", type=int, default=0, metavar="N",
        help="N switchovers to a node that has just come back, at once after Patroni calls its slot safe",
    )
    arguments.add_argument(
        "--ask", choices=("none", "half", "all"), default="none",
        help="with --cold: which of the switchovers ask `reader guard ready` first (none)",
    )
    arguments.add_argument("--seed", type=int, default=1, help="the same seed gives the same sizes and times (1)")
    arguments.add_argument("--mode", choices=("async", "sync"), default="async")
    arguments.add_argument("--no-guard", action="store_true", help="a lab without the guard")
    arguments.add_argument(
        "--extra", default="none",
        help="what else happens at a fork, in turn, comma separated: " + ", ".join(EXTRAS)
        + "; steps: all steps of the guard",
    )
    options = arguments.parse_args(given)
    options.extras = [
        extra for part in options.extra.split(",") for extra in (STEPS if part == "steps" else (part,))
    ]
    unknown = set(options.extras) - set(EXTRAS)
    if unknown:
        arguments.error(f"unknown: {', '.join(sorted(unknown))}")
    if options.extras != ["none"] and (options.no_guard or options.switchovers):
        arguments.error("--extra is for forks with the guard")
    if set(options.extras) & set(STEPS) and not (DEBUG / "reader").exists():
        arguments.error("the guard dies at a step in a debug build only: run swift build")
    return options
