"""Runs one program and notes its identity and its exit code, so that a later verb can tell how it ended."""

import json
import signal
import subprocess
import sys
from pathlib import Path

from handover_lab import process
from handover_lab.process import Identity


def main(arguments: list[str]) -> int:
    folder, command = Path(arguments[0]), arguments[1:]
    # The verbs signal the program itself; this process lives exactly as long as it.
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: None)
    started = subprocess.Popen(command)
    process.write_identity(folder / "child", process.identify(started.pid) or Identity(started.pid, 0))
    code = started.wait()
    scratch = folder / "exit.new"
    scratch.write_text(json.dumps(code if code >= 0 else 128 - code) + "\n")
    scratch.replace(folder / "exit")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
