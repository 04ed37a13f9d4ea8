"""A part of the lab: one managed process with its folder, and everything that runs below it."""

import json
import os
import signal
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from handover_lab import process
from handover_lab.process import Identity, Stat

MARK = "HANDOVER_LAB_PART"


@dataclass
class Part:
    name: str
    folder: Path
    ports: tuple[int, ...]
    command: Callable[[], list[str]]
    ready: Callable[[], bool]
    prepare: Callable[[], None] = lambda: None
    # Runs once when the part is ready.
    finish: Callable[[], None] = lambda: None
    # The parts that have to be ready (or, with a trailing "?", to have been spawned) before.
    after: tuple[str, ...] = ()
    environment: dict[str, str] = field(default_factory=dict)
    stop_signal: signal.Signals = signal.SIGTERM
    stop_seconds: float = 10
    # The data folder of a PostgreSQL that this part owns.
    cluster: Path | None = None
    # Started by its own verb and not by `up`.
    program: bool = False

    @property
    def pid_file(self) -> Path:
        return self.folder / "pid"

    @property
    def log(self) -> Path:
        return self.folder / "log"

    @property
    def mark(self) -> str:
        return f"{self.folder}"

    def spawn(self) -> None:
        self.prepare()
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / "exit").unlink(missing_ok=True)
        (self.folder / "child").unlink(missing_ok=True)
        environment = {**os.environ, **self.environment, MARK: self.mark}
        with open(self.log, "ab") as log:
            # A session of its own: Ctrl-C in the terminal of a verb does not reach it.
            started = subprocess.Popen(
                self.command(), stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                cwd=self.folder, env=environment, start_new_session=True,
            )
        identity = process.identify(started.pid)
        process.write_identity(self.pid_file, identity or Identity(started.pid, 0))

    def main(self, processes: dict[int, Stat] | None = None) -> Identity | None:
        """The process that a user means: the program itself, not what watches it for its exit code."""
        for path in (self.folder / "child", self.pid_file):
            identity = process.read_identity(path)
            if identity is not None and process.is_alive(identity):
                return identity
        return None

    def postmaster(self) -> Identity | None:
        """The PostgreSQL of a Patroni node: it is not a child of Patroni and may outlive it."""
        if self.cluster is None:
            return None
        try:
            lines = (self.cluster / "postmaster.pid").read_text().splitlines()
            pid, started = int(lines[0]), int(lines[2])
        except (OSError, ValueError, IndexError):
            return None
        entry = process.stat(pid)
        if entry is None or not entry.alive or not entry.command.startswith("postgres"):
            return None
        boot = time.time() - time.clock_gettime(time.CLOCK_BOOTTIME)
        begun = boot + entry.start / os.sysconf("SC_CLK_TCK")
        return Identity(pid, entry.start) if abs(begun - started) < 10 else None

    def forget_dead_postmaster(self) -> None:
        """A postmaster that was killed stays in the process table until somebody reaps it, and PostgreSQL takes
        a lock file that names it for a running server."""
        if self.cluster is not None and self.postmaster() is None:
            (self.cluster / "postmaster.pid").unlink(missing_ok=True)

    def family(self) -> dict[int, Stat]:
        """Every living process of this part, also those whose parents are gone."""
        processes = process.table()
        roots = set()
        for path in (self.folder / "child", self.pid_file):
            identity = process.read_identity(path)
            if identity is None:
                continue
            entry = processes.get(identity.pid)
            if entry is not None and entry.start == identity.start:
                roots.add(identity.pid)
            if entry is None or entry.start == identity.start:
                # Its session keeps its number as long as a member lives.
                roots |= {
                    other.pid for other in processes.values()
                    if other.session == identity.pid and other.start >= identity.start
                }
        postmaster = self.postmaster()
        if postmaster is not None:
            roots.add(postmaster.pid)
        roots |= {pid for pid in processes if pid != os.getpid() and self._carries_mark(pid)}
        return {pid: processes[pid] for pid in process.descendants(roots, processes) if pid != os.getpid()}

    def _carries_mark(self, pid: int) -> bool:
        try:
            if self.cluster is not None and os.readlink(f"/proc/{pid}/cwd") == str(self.cluster):
                return os.readlink(f"/proc/{pid}/exe").endswith("/postgres")
            return f"{MARK}={self.mark}".encode() in Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
        except OSError:
            return False

    def alive(self) -> bool:
        return self.main() is not None

    def state(self) -> str:
        identity = self.main()
        if identity is not None:
            entry = process.stat(identity.pid)
            return "paused" if entry is not None and entry.state in "Tt" else "up"
        if not self.pid_file.exists():
            return "stopped"
        code = self.exit_code()
        return "dead" if code is None else f"ended ({code})"

    def exit_code(self) -> int | None:
        try:
            return int(json.loads((self.folder / "exit").read_text()))
        except (OSError, ValueError, TypeError):
            return None

    def last_lines(self, count: int = 20) -> list[str]:
        try:
            return self.log.read_text(errors="replace").splitlines()[-count:]
        except OSError:
            return []
