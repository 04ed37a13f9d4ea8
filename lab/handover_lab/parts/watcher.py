"""The process that restarts failed connector tasks; handover_lab/watch.py is what it runs."""

import sys

from handover_lab.part import Part
from handover_lab.settings import Lab


def watcher(lab: Lab) -> Part:
    folder = lab.folder / "watcher"
    return Part(
        name="watcher",
        folder=folder,
        ports=(),
        command=lambda: [sys.executable, "-s", "-m", "handover_lab.watch"],
        ready=lambda: True,
        environment={"LAB_DIR": str(lab.folder), "LAB_TOOLS": str(lab.tools)},
        stop_seconds=3,
    )
