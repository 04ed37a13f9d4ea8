"""python -m handover_harness KIND ARGUMENT…: `lab/harness` calls it, and takes the lab down afterwards."""

import importlib
import signal
import sys

RUNNERS = ("soak", "scenarios", "forks")


def main() -> int:
    if len(sys.argv) < 2 or sys.argv[1] not in RUNNERS:
        print(f"harness: the kind must be one of {', '.join(RUNNERS)}", file=sys.stderr)
        return 64
    # Ended from outside, a run leaves its blocks in order.
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, lambda number, _frame: sys.exit(128 + number))
    return importlib.import_module(f"handover_harness.{sys.argv[1]}.run").main(sys.argv[2:])


if __name__ == "__main__":
    sys.exit(main())
