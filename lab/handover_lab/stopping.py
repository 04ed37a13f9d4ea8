"""Ends, pauses and resumes parts: always by process id, never by name."""

import signal
import time
from collections.abc import Sequence

from handover_lab import process
from handover_lab.part import Part
from handover_lab.process import Identity


def ask(part: Part) -> None:
    """Asks the part to end; what is paused is resumed, since it could not hear it otherwise."""
    members = part.family()
    main = part.main()
    if main is not None:
        process.send(main, part.stop_signal)
    elif (postmaster := part.postmaster()) is not None:
        process.send(postmaster, signal.SIGINT)
    else:
        for entry in members.values():
            process.send(Identity(entry.pid, entry.start), signal.SIGTERM)
    for entry in members.values():
        process.send(Identity(entry.pid, entry.start), signal.SIGCONT)


def kill(part: Part, seconds: float = 5) -> bool:
    """SIGKILL to the whole family, until none is left. True when none is."""
    deadline = time.monotonic() + seconds
    while members := part.family():
        # A parent that is still there could start another child: stop all first, then kill.
        for number in (signal.SIGSTOP, signal.SIGKILL):
            for entry in members.values():
                process.send(Identity(entry.pid, entry.start), number)
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def stop(parts: Sequence[Part], seconds: float | None = None) -> list[Part]:
    """Asks all at once, waits, kills what does not listen. Returns the parts that had to be killed."""
    running = [part for part in parts if part.family()]
    for part in running:
        ask(part)
    begun = time.monotonic()
    left = list(running)
    while left:
        left = [part for part in left if part.family()]
        waited = time.monotonic() - begun
        if left and all(waited > (part.stop_seconds if seconds is None else seconds) for part in left):
            break
        time.sleep(0.05)
    for part in left:
        kill(part)
    for part in parts:
        part.pid_file.unlink(missing_ok=True)
    return left


def pause(part: Part) -> None:
    """SIGSTOP to the whole family; parents first, and again until no new child appeared."""
    seen: set[int] = set()
    while new := {pid: entry for pid, entry in part.family().items() if pid not in seen}:
        for entry in sorted(new.values(), key=lambda entry: entry.start):
            process.send(Identity(entry.pid, entry.start), signal.SIGSTOP)
        seen |= new.keys()


def pause_postgres(part: Part) -> None:
    """SIGSTOP to the postmaster of a node and everything below it, until no new backend appeared."""
    seen: set[int] = set()
    while new := {pid: entry for pid, entry in _postgres(part).items() if pid not in seen}:
        for entry in sorted(new.values(), key=lambda entry: entry.start):
            process.send(Identity(entry.pid, entry.start), signal.SIGSTOP)
        seen |= new.keys()


def resume_postgres(part: Part) -> None:
    for entry in _postgres(part).values():
        process.send(Identity(entry.pid, entry.start), signal.SIGCONT)


def _postgres(part: Part) -> dict[int, process.Stat]:
    postmaster = part.postmaster()
    processes = process.table()
    roots = [postmaster.pid] if postmaster is not None else []
    return {pid: processes[pid] for pid in process.descendants(roots, processes)}


def resume(part: Part) -> None:
    for entry in part.family().values():
        process.send(Identity(entry.pid, entry.start), signal.SIGCONT)
