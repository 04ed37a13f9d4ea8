"""Faults at the sink of a real Debezium: the writer's acknowledged writes are the truth, the reader judges.

Needs the whole lab without a source, which this registers. `python -m handover_soak.debezium COUNT SEED`."""

import json
import os
import random
import subprocess
import sys
import time
from pathlib import Path

from handover_soak.bench import ROOT
from handover_soak.destination import Destination
from handover_soak.waiting import until

ROWS = 1000


def lab(*arguments: str) -> str:
    answer = subprocess.run([str(ROOT / "lab" / "lab"), *arguments], capture_output=True, text=True, timeout=300)
    if answer.returncode != 0:
        raise RuntimeError(f"lab {' '.join(arguments)} ended with {answer.returncode}: {answer.stderr}")
    return answer.stdout


def program(*arguments: str) -> subprocess.CompletedProcess:
    binary = str(Path(os.environ["HANDOVER_BIN"]) / arguments[0])
    return subprocess.run([binary, *arguments[1:]], capture_output=True, text=True, timeout=600)


def main() -> int:
    count, seed = int(sys.argv[1]), sys.argv[2]
    schedule = random.Random(f"{seed}/debezium")
    destination = Destination(os.environ["HANDOVER_ADMIN_DESTINATION_URL"])
    sink = json.loads(Path(os.environ["HANDOVER_SINK_CONFIG"]).read_text())["name"]
    begun = time.monotonic()

    def applied() -> int:
        try:
            return destination.events(sink)
        except Exception:  # the server may be down, starting, or just killed
            return -1

    def wait_progress(what: str) -> None:
        until("the destination answers", 60, lambda: applied() >= 0)
        before = applied()
        until(f"the sink goes on after {what}", 120, lambda: applied() > before)

    if (made := program("writer", "init", "--rows", str(ROWS))).returncode != 0:
        raise RuntimeError(f"writer init: {made.stdout}{made.stderr}")
    lab("register-source")
    lab("start", "sink")
    until("the snapshot is applied", 120, lambda: applied() >= ROWS)
    lab("start", "writer", "--", "--rate", "1000")
    try:
        for turn in range(count):
            wait_progress(f"fault {turn}")
            time.sleep(schedule.uniform(0, 2))
            # Of ten faults seven kill the sink, two put it to sleep past its session timeout, one kills the server.
            kind = schedule.choice(["kill"] * 7 + ["pause"] * 2 + ["destination"])
            if kind == "pause":
                lab("pause", "sink1")
                time.sleep(8)
                lab("resume", "sink1")
            else:
                victim = "destination" if kind == "destination" else "sink1"
                lab("kill", victim)
                lab("start", victim)
        wait_progress("the last fault")
    finally:
        lab("stop", "writer")
    verdict = program("reader", "verify")
    first = verdict.stdout.splitlines()[0] if verdict.stdout else verdict.stderr
    passed = verdict.returncode == 0 and first.startswith("PASS")
    print(f"{'ok   ' if passed else 'FAIL '} debezium     {count:>3} faults, seed {seed}: {first}"
          f"  ({time.monotonic() - begun:.0f} s)", flush=True)
    if not passed:
        print(verdict.stdout, flush=True)
    return 0 if passed else 1


if __name__ == "__main__":
    sys.exit(main())
