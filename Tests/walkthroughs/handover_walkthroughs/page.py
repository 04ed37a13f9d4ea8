"""A page as steps: the commands of its `console` blocks, each with the lines that it printed when the page was written.

A line that begins with `$ ` is a command, one that begins with `> ` goes on with it, the others are what it prints. Without such
lines a command may print anything. `[exit N]` as the last line says how a command ends; without it, it ends with 0.
"""

import re
from dataclasses import dataclass, field
from pathlib import Path

# What differs from one run to the next and says nothing: each kind is compared as one thing.
VOLATILE = tuple((re.compile(pattern), name) for pattern, name in (
    (r"\b\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d[.,\d]*(Z|[+-]\d\d:\d\d)?", "TIME"),
    (r"\b[0-9A-F]{1,8}/[0-9A-F]{5,8}\b", "LSN"),
    (r"\b127\.0\.0\.1:\d+\b", "ADDRESS"),
    (r"\bport \d+\b", "port PORT"),
    (r"\bprocess \d+\b", "process ID"),
    (r"\b\d+(\.\d+)? s\b", "SECONDS"),
    (r"\(\d{19}\)", "(CLUSTER)"),
))
# Rulers and blanks have the width of the widest value in a table.
RULER = re.compile(r"[-+]{3,}")
BLANKS = re.compile(r"\s+")
EXIT = re.compile(r"\[exit (\d+)\]")


@dataclass
class Step:
    line: int
    command: str
    printed: list[str] = field(default_factory=list)
    code: int = 0


def needs(path: Path) -> list[str]:
    """The folders of other programs that the page's introduction names by their variables."""
    introduction = path.read_text().split("\n## ", 1)[0]
    return list(dict.fromkeys(re.findall(r"`([A-Z]+_HOME)`", introduction)))


def read(path: Path) -> list[Step]:
    steps: list[Step] = []
    inside = False
    for number, line in enumerate(path.read_text().splitlines(), 1):
        if line.startswith("```"):
            inside = line == "```console"
        elif not inside:
            continue
        elif line.startswith("$ "):
            steps.append(Step(number, line[2:]))
        elif not steps:
            raise ValueError(f"{path}:{number}: a block begins with a command, `$ …`")
        elif line.startswith("> ") and not steps[-1].printed:
            steps[-1].command += "\n" + line[2:]
        elif match := EXIT.fullmatch(line):
            steps[-1].code = int(match[1])
        else:
            steps[-1].printed.append(line)
    if not steps:
        raise ValueError(f"{path} has no block of `console` with a command")
    return steps


def plain(line: str) -> str:
    """The line without what differs from run to run."""
    for pattern, name in VOLATILE:
        line = pattern.sub(name, line)
    return BLANKS.sub(" ", RULER.sub("---", line)).strip()


def matches(wanted: list[str], printed: list[str]) -> bool:
    """Whether the lines are those of the page. `…` in a line stands for any text, as a line for any lines."""
    lines = [plain(line) for line in printed]
    pattern = []
    for line in wanted:
        if line.strip() == "…":
            pattern.append(r"(?:[^\n]*\n)*")
        else:
            pattern.append(".*".join(re.escape(plain(part)) if part.strip() else "" for part in line.split("…")) + r"\n")
    return re.fullmatch("".join(pattern), "".join(line + "\n" for line in lines)) is not None
