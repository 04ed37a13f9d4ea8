"""The project's own programs as managed processes."""

import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from handover_lab import environment
from handover_lab.errors import LabError
from handover_lab.part import Part
from handover_lab.settings import CHECKOUT, Lab

SETTLES = 0.5


def binary(kind: str) -> Path:
    """HANDOVER_BIN, else the release build, else the debug build."""
    chosen = os.environ.get("HANDOVER_BIN")
    folders = [Path(chosen).resolve()] if chosen else [CHECKOUT / ".build" / build for build in ("release", "debug")]
    for folder in folders:
        if os.access(folder / kind, os.X_OK):
            return folder / kind
    looked = " nor ".join(str(folder / kind) for folder in folders)
    raise LabError(f"{kind} is not built: there is no {looked}; run swift build -c release (or set HANDOVER_BIN)")


def program(lab: Lab, name: str, arguments: Sequence[str] = ()) -> Part:
    folder = lab.folder / name
    kind = name.rstrip("0123456789")

    def command() -> list[str]:
        own: dict[str, list[str]] = {
            "writer": ["run", "--history", str(lab.history)],
            "sink": ["run", str(lab.sink_config)],
            # Lags of tens of milliseconds are to be seen: docs/latency.md.
            "reader": ["watch", "--history", str(lab.history), "--record", "--poll", "20ms"],
        }
        called = [str(binary(kind)), *own[kind], *arguments]
        return [sys.executable, "-s", "-m", "handover_lab.supervise", str(folder), *called]

    def settled() -> bool:
        """It lives on: a wrong configuration ends a program within its first moments."""
        try:
            return time.time() - (folder / "child").stat().st_mtime > SETTLES
        except FileNotFoundError:
            return False

    return Part(
        name=name,
        folder=folder,
        ports=(),
        command=command,
        ready=settled,
        environment=environment.variables(lab, kind),
        stop_seconds=30,
        program=True,
    )
