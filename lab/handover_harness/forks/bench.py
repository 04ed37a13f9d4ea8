"""The lab that the forks need: the guard, the slots, and a whole cluster in front of each run."""

import json
import os
import urllib.request
from collections.abc import Callable

from handover_lab import cluster, connectors
from handover_lab.waiting import until

from handover_harness.bench import CONNECTOR, Bench
from handover_harness.entries import Mode

ROWS = 1000
SLOT = "source_slot"


class ForkBench(Bench):
    def __init__(self, mode: Mode) -> None:
        self.mode = mode

    def prepare(self, make: Callable[[], None]) -> None:
        """Brings the lab up; `make` runs before the connector is registered."""
        self.up(*self.mode.arguments)
        # On a busy machine more than Patroni's megabyte is written while Debezium reads on: nobody would be elected.
        self.verb("patronictl", "edit-config", "--force", "--quiet", "-s", f"maximum_lag_on_failover={8 << 20}")
        self.program("writer", "init", "--rows", str(ROWS))
        make()
        document = self.source(beats=not self.mode.sync)
        document["config"]["table.include.list"] += ",public.fork_documents"
        self.register(document)
        self.verb("start", "sink")
        until("the snapshot is in the destination", 90, lambda: self.count("destination") == ROWS)

    def tell(self) -> None:
        """What the programs and the workers said last: why a run could not be made."""
        folder = self.lab.folder
        for file in [*folder.glob("*.log"), *(folder / part / "log" for part in ("sink1", "guard", "connect1", "connect2"))]:
            lines = file.read_text(errors="replace").splitlines()[-4:] if file.exists() else []
            for line in lines:
                print(f"{file.relative_to(folder)}: {line[:240]}", flush=True)

    def sql(self, where: str, statement: str) -> str:
        """What psql prints; nothing where the server does not answer."""
        return self.verb("psql", where, "-qAtc", statement, quiet=True).strip()

    def offset(self) -> int:
        """The furthest log position that Kafka Connect has stored."""
        position = connectors.stored_position(self.lab, CONNECTOR)
        return lsn(position) if position else 0

    def guard(self) -> dict:
        return get(os.environ["HANDOVER_GUARD_URL"] + "/status")

    def is_captured(self) -> bool:
        return any(slot.active for slot in self.slots())

    def slots(self) -> list[cluster.Slot]:
        return [slot for slot in cluster.slots(self.lab) if slot.name == SLOT]

    def is_ready(self) -> bool:
        """Whole, each member with its copy of the slot, and capture at work."""
        members = cluster.members(self.lab) or []
        # One that runs and does not stream yet would come to its log when the others no longer do.
        following = [member for member in members if not member.leads and member.state == "streaming"]
        if not self.is_whole() or len(following) != len(self.lab.nodes) - 1:
            return False
        return len(self.slots()) == len(members) and self.is_captured()

    def begin(self, number: int, rate: int) -> None:
        """A whole cluster, a history of its own, and a running writer."""
        until("the cluster is whole", 180, self.is_ready, 1)
        if self.history.exists():
            self.history.rename(self.history.with_name(f"history.run{number}.ndjson"))
        self.verb("start", "writer", "--", "--rate", str(rate))
        until("the writer writes", 30, lambda: self.acknowledged() > 300)

    def end(self) -> dict:
        """Ends the load, lets capture catch up, and asks for the verdict."""
        self.verb("stop", "writer")
        until("capture is at work again", 90, self.is_captured, 0.5)
        if self.mode.guard:
            until("the phantoms are put right", 90, lambda: self.guard().get("repairs_pending") == 0, 0.5)
        return self.verdict(*([] if self.mode.sync else ["--asynchronous"]))


def get(url: str) -> dict:
    """A JSON document; an empty one where nothing answers."""
    try:
        with urllib.request.urlopen(url, timeout=3) as answer:
            document = json.load(answer)
    except (OSError, ValueError):
        return {}
    return document if isinstance(document, dict) else {}


def lsn(text: str) -> int:
    high, low = text.split("/")
    return (int(high, 16) << 32) + int(low, 16)
