"""The lab's lines in the history file; docs/history.md has the schema."""

import json
import os
import time
from pathlib import Path


def line(kind: str, fields: dict[str, object]) -> str:
    clocks = {
        "mono": time.clock_gettime_ns(time.CLOCK_MONOTONIC),
        "wall": time.time_ns() // 1000,
    }
    present = {name: value for name, value in fields.items() if value is not None}
    return json.dumps({"type": kind, **clocks, **present}, separators=(",", ":")) + "\n"


def append(path: Path, kind: str, **fields: object) -> None:
    """One write(2) of whole lines: those of different programs never mix."""
    descriptor = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    try:
        size = os.fstat(descriptor).st_size
        torn = size > 0 and os.pread(descriptor, 1, size - 1) != b"\n"
        os.write(descriptor, (("\n" if torn else "") + line(kind, fields)).encode())
    finally:
        os.close(descriptor)


def set_aside(path: Path) -> None:
    """A new lab begins a new history; the former one stays beside it under the next free number."""
    if not path.exists():
        return
    number = 1
    while (aside := path.with_name(f"{path.stem}.{number}{path.suffix}")).exists():
        number += 1
    path.rename(aside)
