"""Ctrl-C and the like set a flag that the long verbs look at, so that no step is cut in its middle."""

import signal
import sys

from handover_lab.errors import Interrupted

_received: list[int] = []


def watch() -> None:
    """From here on SIGINT, SIGTERM and SIGHUP are noted and not deadly."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _note)


def check() -> None:
    if _received:
        name = signal.Signals(_received[0]).name
        raise Interrupted(f"interrupted by {name}")


def _note(number: int, _frame: object) -> None:
    if _received:
        print("lab: already ending what was started", file=sys.stderr, flush=True)
    _received.append(number)
