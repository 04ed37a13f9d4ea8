"""Where a server began to decode, and where decoding was consistent: from its log alone, whoever else may judge."""

import re
from dataclasses import dataclass
from pathlib import Path

from handover_harness.forks.bench import lsn

LINE = re.compile(r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3} \S+ \[(\d+)\] (.*)$")
PLACE = "[0-9A-F]+/[0-9A-F]+"
CONFIRMED = re.compile(f"Streaming transactions committing after ({PLACE}), reading WAL from ({PLACE})")
# What Patroni does on a standby, and what the guard does with a copy, decodes as well, and sends nothing.
ASKED = re.compile(f'START_REPLICATION SLOT "([a-z0-9_]+)" LOGICAL ({PLACE})')
FOUND = re.compile(f"logical decoding found consistent point at ({PLACE})")


@dataclass
class Start:
    """A walsender's: it sends what is committed after `position` and after `consistent`."""

    position: str
    restart: str
    consistent: str | None = None

    @property
    def is_cold(self) -> bool:
        # One that ended before it was consistent has sent nothing.
        return self.consistent is not None and lsn(self.consistent) > lsn(self.position)

    @property
    def skipped(self) -> int:
        """How many bytes of log it skips the commits of."""
        return max(0, lsn(self.consistent) - lsn(self.position)) if self.consistent else 0

    @property
    def text(self) -> str:
        kind = "cold" if self.is_cold else "warm"
        return f"{kind} (position {self.position}, consistent at {self.consistent or 'nowhere'})"


def starts(log: Path, offset: int, slot: str) -> list[Start]:
    """All of a slot that stand after a place in the log, in order."""
    found: list[Start] = []
    begun: dict[str, tuple[str, str]] = {}
    senders: dict[str, Start] = {}
    with open(log, errors="replace") as file:
        file.seek(offset)
        for line in file:
            match = LINE.match(line.rstrip("\n"))
            if match is None:
                continue
            sender, text = match.groups()
            if place := CONFIRMED.search(text):
                begun[sender] = place.group(1), place.group(2)
            elif (asked := ASKED.search(text)) and asked.group(1) == slot and sender in begun:
                confirmed, restart = begun.pop(sender)
                # The server sends nothing before its own position; the log does not name the one that was asked for.
                senders[sender] = Start(max(confirmed, asked.group(2), key=lsn), restart)
                found.append(senders[sender])
            elif (point := FOUND.search(text)) and sender in senders and senders[sender].consistent is None:
                senders[sender].consistent = point.group(1)
    return found
