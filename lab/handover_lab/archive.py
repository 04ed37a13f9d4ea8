"""The archive of the cluster's log: a folder that every node writes to and reads from."""

import json
import shutil
from pathlib import Path

from handover_lab import privilege
from handover_lab.settings import Lab

# A segment is archived when it is full, or when this many seconds are over.
TIMEOUT_SECONDS = 60


def folder(lab: Lab) -> Path:
    return lab.folder / "archive"


def prepare(lab: Lab) -> None:
    folder(lab).mkdir(exist_ok=True)
    privilege.give(folder(lab), 0o700)


def clear(lab: Lab) -> None:
    shutil.rmtree(folder(lab), ignore_errors=True)


def settings(lab: Lab) -> str:
    # JSON's strings are YAML's, too.
    return "\n        ".join((
        'archive_mode: "on"', f"archive_timeout: {TIMEOUT_SECONDS}", f"archive_command: {json.dumps(_put(lab))}",
    ))


def recovery(lab: Lab) -> str:
    return f"recovery_conf:\n        restore_command: {json.dumps(_get(lab))}"


def _put(lab: Lab) -> str:
    """A server that died before it noted a segment as archived asks again: then the same one is no mistake. Another one
    of the same name is, and is not replaced. The name comes last, so that nobody reads half a segment."""
    file = f'"{_quoted(lab)}/%f"'
    part = f'"{_quoted(lab)}/%f.part"'
    return f'cmp -s "%p" {file} || {{ test ! -e {file} && cp "%p" {part} && mv {part} {file}; }}'


def _get(lab: Lab) -> str:
    return f'cp "{_quoted(lab)}/%f" "%p"'


def _quoted(lab: Lab) -> str:
    """PostgreSQL takes a percent sign for one of its own."""
    return str(folder(lab)).replace("%", "%%")
