"""PostgreSQL refuses to run as root: then it and Patroni run as user postgres."""

import functools
import os
import pwd
import subprocess
from pathlib import Path

from handover_lab.errors import LabError
from handover_lab.settings import Lab

USER = "postgres"
_DROP = ("setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups")
# A checkout in a folder of mode 700 (mktemp -d, /root) can't be entered by user postgres. Nothing outside the
# checkout may change its mode, so these processes keep one right of root: to pass by file permissions.
_KEEP = ("--inh-caps=+dac_override", "--ambient-caps=+dac_override")


def as_root() -> bool:
    return os.geteuid() == 0


@functools.cache
def _prefix(folder: Path, python: Path) -> tuple[str, ...]:
    probe = 'test -x "$1" && test -r "$1" && test -x "$2" && "$2" -c "import patroni"'
    for prefix in (_DROP, _DROP + _KEEP):
        answer = subprocess.run([*prefix, "sh", "-c", probe, "sh", str(folder), str(python)], capture_output=True)
        if answer.returncode == 0:
            return prefix
    raise LabError(f"user {USER} can't reach {folder} and {python}; choose another LAB_DIR or LAB_TOOLS")


def drop(lab: Lab, command: list[str]) -> list[str]:
    """The command as user postgres when root runs the lab. Setpriv becomes the command: the id stays."""
    if not as_root():
        return command
    return [*_prefix(lab.folder, lab.python), "--", *command]


def give(path: Path, mode: int) -> None:
    """Hands a file or folder to the user that PostgreSQL runs as."""
    if as_root():
        entry = pwd.getpwnam(USER)
        os.chown(path, entry.pw_uid, entry.pw_gid)
    path.chmod(mode)
