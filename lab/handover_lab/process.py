"""Processes by identity. A process id alone is not one: the kernel gives it to another process later."""

import json
import os
import signal
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Stat:
    """The fields of /proc/PID/stat that the lab looks at."""

    pid: int
    command: str
    state: str
    parent: int
    session: int
    start: int

    @property
    def alive(self) -> bool:
        # A zombie is dead already; whether somebody reaps it is not the lab's business.
        return self.state not in "ZX"


@dataclass(frozen=True)
class Identity:
    """A process id with its start time in the kernel's clock ticks since boot."""

    pid: int
    start: int


def parse_stat(text: str) -> Stat:
    # The command stands in parentheses and may hold blanks and parentheses itself.
    head, _, tail = text.rpartition(")")
    pid, _, command = head.partition("(")
    fields = tail.split()
    return Stat(int(pid), command, fields[0], int(fields[1]), int(fields[3]), int(fields[19]))


def stat(pid: int) -> Stat | None:
    try:
        return parse_stat(Path(f"/proc/{pid}/stat").read_text(errors="replace"))
    except (OSError, ValueError, IndexError):
        return None


def table() -> dict[int, Stat]:
    found = (stat(int(name)) for name in os.listdir("/proc") if name.isdigit())
    return {entry.pid: entry for entry in found if entry is not None and entry.alive}


def identify(pid: int) -> Identity | None:
    entry = stat(pid)
    return Identity(entry.pid, entry.start) if entry is not None and entry.alive else None


def is_alive(identity: Identity) -> bool:
    return identify(identity.pid) == identity


def send(identity: Identity, number: signal.Signals) -> None:
    """Signals this very process. A descriptor of it is held between the check and the signal."""
    try:
        descriptor = os.pidfd_open(identity.pid)
    except ProcessLookupError:
        return
    except OSError:
        # A kernel without pidfd.
        if is_alive(identity):
            os.kill(identity.pid, number)
        return
    try:
        if is_alive(identity):
            signal.pidfd_send_signal(descriptor, number)
    except ProcessLookupError:
        pass
    finally:
        os.close(descriptor)


def write_identity(path: Path, identity: Identity) -> None:
    scratch = path.with_name(path.name + ".new")
    scratch.write_text(json.dumps({"pid": identity.pid, "start": identity.start}) + "\n")
    scratch.replace(path)


def read_identity(path: Path) -> Identity | None:
    try:
        entry = json.loads(path.read_text())
        return Identity(int(entry["pid"]), int(entry["start"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def descendants(roots: Iterable[int], processes: dict[int, Stat]) -> set[int]:
    """The roots that are alive and everything below them."""
    members = {pid for pid in roots if pid in processes}
    grew = True
    while grew:
        below = {entry.pid for entry in processes.values() if entry.parent in members}
        grew = not below <= members
        members |= below
    return members
