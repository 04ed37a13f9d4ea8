"""Rows with values of 30 kB in a table with a composite key: what a dying leader made of them must not stay.

The events of the next leader leave large values out that were not touched. So an update of such a row repairs nothing
that the dead timeline left in the destination: only the guard's does.
"""

import json
import subprocess
from typing import IO

from handover_lab.waiting import until

from handover_harness.bench import Failed
from handover_harness.forks.bench import ForkBench

TABLE = "fork_documents"
SINK = "documents-sink"
ROWS = 20
TYPES = {
    "state": "int not null", "body": "text", "packed": "text", "plain": "text", "data": "bytea", "document": "jsonb",
    "tags": "text[]",
}
CREATE = f"""
create table {TABLE} (
    region varchar(20), number int, {', '.join(f'{name} {kind}' for name, kind in TYPES.items())},
    primary key (region, number)
)
"""
# 30 kB that no compression makes smaller, and 30 kB that it halves: both are stored outside of the row.
FUNCTIONS = r"""
create function fork_noise() returns text language sql as
    $$ select string_agg(md5(random()::text || g), '') from generate_series(1, 940) g $$;
create function fork_packed() returns text language sql as
    $$ select string_agg(repeat(md5(random()::text || g), 2), '') from generate_series(1, 470) g $$
"""
VALUES = {
    "body": "fork_noise()", "packed": "fork_packed()", "plain": "fork_noise()",
    "data": "decode(fork_noise() || fork_noise(), 'hex')", "document": "jsonb_build_object('text', fork_noise())",
    "tags": "array[fork_noise(), 'short']",
}

SMALL = "body = 'b', packed = 'p', plain = 'p', data = 'd', document = '{}', tags = '{}'"


class Documents:
    def __init__(self, bench: ForkBench) -> None:
        self.bench = bench
        self.sink: subprocess.Popen[bytes] | None = None
        self.log: IO[bytes] | None = None

    def make(self) -> None:
        """The tables, before the connector is registered."""
        for side in ("source", "destination"):
            self.run(side, f"{CREATE}; alter table {TABLE} alter plain set storage external")
        self.run("source", f"{FUNCTIONS}; alter publication dbz_publication add table {TABLE}")

    def start(self) -> None:
        """A sink of their own."""
        folder = self.bench.lab.folder
        configuration = json.loads((folder / "register-sink.json").read_text())
        configuration["name"] = SINK
        configuration["config"] |= {
            "topics": f"source.public.{TABLE}", "collection.name.format": TABLE, "primary.key.fields": "region,number",
        }
        file = folder / f"{SINK}.json"
        file.write_text(json.dumps(configuration))
        file.chmod(0o600)
        self.log = open(folder / f"{SINK}.log", "wb")
        self.sink = subprocess.Popen(
            [str(self.bench.binary("sink")), "run", str(file)], stdin=subprocess.DEVNULL,
            stdout=self.log, stderr=self.log,
        )

    def stop(self) -> None:
        if self.sink is not None:
            self.sink.terminate()
            self.sink.wait()
        if self.log is not None:
            self.log.close()

    def fill(self) -> None:
        """New values in every row, and in the destination."""
        self.run("source", f"delete from {TABLE}; insert into {TABLE} (region, number, state, {', '.join(VALUES)}) "
                 f"select 'eu', g, 0, {', '.join(VALUES.values())} from generate_series(1, {ROWS}) g")
        until("the documents are in the destination", 60, lambda: not self.differences(), 0.5)

    def die(self) -> None:
        """On the leader that will be dead: no standby gets it. A few only, for it is 30 kB each."""
        changes = [
            f"update {TABLE} set {name} = {value} where number = {number}"
            for number, (name, value) in enumerate(VALUES.items(), 1)
        ]
        changes += [
            f"delete from {TABLE} where number = 7",
            f"insert into {TABLE} (region, number, state, body) values ('eu', 100, 0, fork_noise())",
            f"update {TABLE} set state = 5 where number = 8",
            # A key that has a row on the next leader, and on this one at another place. Without a value that is stored
            # outside of the row: the event of a row with a new key would not have it, and the sink rightly stops.
            f"update {TABLE} set region = 'us', {SMALL} where number = 9",
        ]
        # Where commits wait for a standby, these do not; the stream has them all the same.
        self.run("source", f"set synchronous_commit = local; {'; '.join(changes)}")

    def go_on(self) -> None:
        """On the next leader: no large value is touched.

        The rows that the dead leader took from the destination are left alone: without a row there, the sink rightly
        stops at an event that leaves large values out (docs/failover.md)."""
        self.run("source", f"update {TABLE} set state = state + 1 where number not in (7, 9)")

    def differences(self) -> list[str]:
        """Which columns of which rows differ, each by its md5."""
        source, destination = self.hashes("source"), self.hashes("destination")
        found = []
        for key in sorted(source.keys() | destination.keys()):
            if key not in source or key not in destination:
                found.append(f"{key} only in the {'source' if key in source else 'destination'}")
            else:
                found += [f"{key} {name}" for name in TYPES if source[key][name] != destination[key][name]]
        return found

    def lasting(self) -> list[str]:
        """What differs although the sink had time."""
        try:
            until("the documents are the same", 45, lambda: not self.differences(), 0.5)
        except Failed:
            return self.differences()
        return []

    def hashes(self, side: str) -> dict[str, dict[str, str]]:
        columns = ", ".join(f"'{name}', md5({name}::text)" for name in TYPES)
        answer = self.bench.sql(
            side, f"select json_object_agg(region || ' ' || number, json_build_object({columns})) from {TABLE}",
        )
        return json.loads(answer) if answer else {}

    def run(self, side: str, statements: str) -> None:
        self.bench.verb("psql", side, "-qv", "ON_ERROR_STOP=1", "-c", statements)
