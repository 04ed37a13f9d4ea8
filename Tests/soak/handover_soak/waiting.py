"""Waits for conditions, with deadlines."""

import time
from collections.abc import Callable


class TimedOut(Exception):
    """What was waited for did not come about."""


def until(what: str, seconds: float, condition: Callable[[], bool], pause: float = 0.25) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise TimedOut(f"waited {seconds:.0f} s in vain: {what}")
        time.sleep(pause)
