"""Waits for conditions, with deadlines; the one place that does."""

import time
from collections.abc import Callable

from handover_lab import interruption
from handover_lab.errors import LabError


class TimedOut(LabError):
    """What was waited for did not come about."""


def holds(condition: Callable[[], bool], seconds: float, pause: float = 0.05) -> bool:
    """Whether the condition came to hold within the time."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() >= deadline:
            return False
        time.sleep(pause)
    return True


def until(what: str, seconds: float, condition: Callable[[], bool], pause: float = 0.2) -> None:
    """Waits in small steps, so that an interruption is noticed."""
    def held() -> bool:
        if condition():
            return True
        interruption.check()
        return False

    if not holds(held, seconds, pause):
        raise TimedOut(f"waited {seconds:.0f} s in vain: {what}")
