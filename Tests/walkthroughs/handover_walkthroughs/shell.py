"""One bash for a whole page: what a step exports or starts is there for the next."""

import os
import queue
import secrets
import signal
import subprocess
import threading
import time


class TookTooLong(Exception):
    """A command did not end."""


class Shell:
    def __init__(self, folder: str) -> None:
        self._mark = secrets.token_hex(8)
        # Of a group of its own, so that what a page leaves in the background ends with it.
        self._bash = subprocess.Popen(
            ["bash", "--noprofile", "--norc"], cwd=folder, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True, errors="replace", start_new_session=True,
        )
        self._lines: queue.Queue[str | None] = queue.Queue()
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        assert self._bash.stdout is not None
        for line in self._bash.stdout:
            self._lines.put(line)
        self._lines.put(None)

    def run(self, command: str, seconds: float) -> tuple[list[str], int]:
        """What it prints, and its exit code."""
        assert self._bash.stdin is not None
        # The mark begins a line of its own, whatever the command printed last.
        self._bash.stdin.write(f"{{ {command}\n}} </dev/null\nprintf '\\n%s %d\\n' {self._mark} $?\n")
        self._bash.stdin.flush()
        deadline = time.monotonic() + seconds
        printed: list[str] = []
        while True:
            try:
                line = self._lines.get(timeout=max(0.0, deadline - time.monotonic()))
            except queue.Empty:
                raise TookTooLong(f"no end after {seconds:.0f} s") from None
            if line is None:
                raise TookTooLong("the shell itself ended")
            if line.startswith(self._mark):
                text = "".join(printed).removesuffix("\n")
                return text.splitlines(), int(line.split()[1])
            printed.append(line)

    def close(self) -> None:
        try:
            os.killpg(self._bash.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self._bash.wait()
        for stream in (self._bash.stdin, self._bash.stdout):
            if stream is not None:
                stream.close()
