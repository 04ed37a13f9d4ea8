"""The lab that a scenario runs on, with the whole pipeline at work."""

import json
import time
from contextlib import AbstractContextManager

from handover_lab import connectors
from handover_lab.waiting import until

from handover_harness.bench import CONNECTOR, Bench
from handover_harness.entries import Mode

# The writer's rows come first; those after them belong to `transactions`.
WRITER_ROWS, ROWS = 200, 900


class ScenarioBench(Bench):
    def __init__(self) -> None:
        self.mode: Mode | None = None
        # Another run must begin with a new lab: this one's tables or topic are wrong for good.
        self.is_spoilt = False

    def prepare(self, mode: Mode) -> None:
        """A lab of this mode with the pipeline running; a new one where there is none that can be used."""
        if mode == self.mode and not self.is_spoilt:
            until("the cluster is whole", 120, self.is_whole)
            return
        self.down()
        # Set before it is up: what came up of it must go down again.
        self.mode, self.is_spoilt = mode, True
        self.up(*mode.arguments)
        self.program("writer", "init", "--rows", str(ROWS))
        self.register(self.source(mode.beats))
        self.verb("start", "sink")
        self.verb("start", "reader")
        until("the snapshot is in the destination", 120, lambda: self.count("destination") == ROWS)
        until("the connector streams", 60, lambda: connectors.is_running(self.connector()))
        until("an offset is stored", 60, lambda: connectors.stored_position(self.lab, CONNECTOR) is not None)
        self.is_spoilt = False
        time.sleep(2)

    def down(self) -> None:
        if self.mode is not None:
            super().down()
            self.mode = None

    def verdict(self, *arguments: str) -> dict:
        return super().verdict("--all", "--report", str(self.lab.folder / "report.html"), *arguments)

    def writing(self, rate: int, seed: int) -> AbstractContextManager[None]:
        """The writer runs on its rows."""
        return self.load(
            "--rate", str(rate), "--rows", str(WRITER_ROWS), "--workers", "4", "--seed", str(seed), begun=rate,
        )

    def older_values(self, ids: set[int]) -> dict[int, int]:
        """For each row what its last acknowledged write found there."""
        values: dict[int, int] = {}
        with open(self.history) as lines:
            for text in lines:
                if text.startswith('{"type":"invoke"') and (line := json.loads(text))["id"] in ids:
                    values[line["id"]] = line["previous"]
        return values
