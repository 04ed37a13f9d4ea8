"""One process of the sink."""

import json
import os
import signal
import subprocess
from pathlib import Path

from handover_lab.waiting import until


started: list[subprocess.Popen] = []


def end_at_once() -> None:
    """Kills every sink that still runs, a paused one as well."""
    for process in started:
        process.kill()


class Instance:
    def __init__(self, binary: Path, configuration: dict, folder: Path, number: int, lanes: int, group: str) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.group = group
        self.lanes = lanes
        self.file = folder / f"sink{number}.json"
        self.log = folder / f"sink{number}.log"
        config = {**configuration["config"], "tasks.max": str(lanes), "consumer.override.group.id": group}
        # It holds a password.
        descriptor = os.open(self.file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w") as file:
            json.dump({"name": configuration["name"], "config": config}, file)
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(
                [str(binary), "run", str(self.file)], stdin=subprocess.DEVNULL, stdout=log, stderr=log,
            )

        started.append(self.process)

    @property
    def runs(self) -> bool:
        return self.process.poll() is None

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(20)

    def stop(self) -> int:
        """SIGTERM; returns the exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(100)

    def sleep(self) -> None:
        self.process.send_signal(signal.SIGSTOP)

    def wake(self) -> None:
        self.process.send_signal(signal.SIGCONT)

    def wait_end(self, seconds: float = 90) -> int:
        until(f"the sink of {self.file} ends", seconds, lambda: not self.runs)
        return self.process.returncode

    def said(self, text: str) -> int:
        return self.log.read_text(errors="replace").count(text)
