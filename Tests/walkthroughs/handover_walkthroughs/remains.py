"""What a page has left: a lab goes down clean."""

import os
from pathlib import Path

from handover_lab import parts, settings
from handover_lab.part import MARK

# What `down` keeps on purpose, beside the parts' logs.
KEPT = ("history", "lab.json", "lock", "patronictl.yml", "pgpass", "register-", "secrets.properties", "tools", "down.log")
LOGS = ("log", "log.1")


def found(folder: Path) -> list[str]:
    lab = settings.load(str(folder))
    left = [f"{part.name} runs" for part in parts.everything(lab) if part.family()]
    for entry in sorted(folder.iterdir()):
        if entry.name.startswith(KEPT):
            continue
        if not entry.is_dir():
            left.append(f"{entry} is there")
            continue
        left += [f"{file} is there" for file in sorted(entry.iterdir()) if file.name not in LOGS]
    return left + [f"process {pid} is of this lab" for pid in _marked(folder)]


def _marked(folder: Path) -> list[int]:
    """Processes of any part of this lab, also of those that it has no more."""
    wanted = f"{MARK}={folder}/".encode()
    pids = []
    for name in os.listdir("/proc"):
        try:
            if name.isdigit() and wanted in Path(f"/proc/{name}/environ").read_bytes():
                pids.append(int(name))
        except OSError:
            continue
    return pids
