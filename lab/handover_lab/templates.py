"""Fills `${NAME}` in the templates of the parts."""

import os
import re
from collections.abc import Mapping
from pathlib import Path

# Capitals only: Kafka Connect's own `${file:PATH:KEY}` passes through.
PLACEHOLDER = re.compile(r"\$\{([A-Z][A-Z0-9_]*)\}")


def fill(text: str, values: Mapping[str, object]) -> str:
    def value(match: re.Match[str]) -> str:
        name = match.group(1)
        if name not in values:
            raise ValueError(f"unknown placeholder ${{{name}}}; known: {', '.join(sorted(values))}")
        return str(values[name])

    return PLACEHOLDER.sub(value, text)


def write(path: Path, text: str, mode: int = 0o644) -> None:
    """Writes a file that has its mode from the first byte on."""
    path.unlink(missing_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
