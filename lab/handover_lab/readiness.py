"""Asks `reader guard ready` before a switchover: a node that has just come back would cost the stream changes."""

import os
import subprocess
import time

from handover_lab import environment
from handover_lab.errors import LabError
from handover_lab.parts import programs
from handover_lab.settings import Lab

SECONDS = 180


def wait(lab: Lab, node: str) -> None:
    """Returns when the node's copy of the slot can be read from without loss."""
    try:
        reader = str(programs.binary("reader"))
    except LabError:
        print(f"{node} is not asked whether its slot is ready: `reader` is not built", flush=True)
        return
    begun = time.monotonic()
    answer = subprocess.run(
        [reader, "guard", "ready", node, "--wait", f"{SECONDS}s"], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        text=True, env={**os.environ, **environment.variables(lab)},
    )
    if answer.returncode != 0:
        raise LabError(
            f"no switchover to {node} after {time.monotonic() - begun:.0f} s; `--now` does not ask. "
            + answer.stdout.strip()
        )
    print(answer.stdout.strip(), flush=True)
