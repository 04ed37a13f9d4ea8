"""A second writer, for transactions of many rows: what it does stands in the history as the writer's lines do."""

import os
import time
from pathlib import Path

import psycopg

from handover_lab import history


WORKER = 100
NODE = (
    "select host(inet_server_addr()) || ':' || inet_server_port(), pg_backend_pid(),"
    " ('x' || substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8))::bit(32)::int"
)
UPDATE = (
    "update debezium_table t set current_value = v.token"
    " from unnest(%s::int[], %s::bigint[], %s::bigint[]) v(id, token, previous)"
    " where t.id = v.id and t.current_value = v.previous"
)


class Transactions:
    """One session with the leader, through HAProxy or at `url`; every transaction touches the rows that it is given."""

    def __init__(self, path: Path, url: str | None = None) -> None:
        self.path = path
        self.connection = psycopg.connect(url or os.environ["HANDOVER_SOURCE_URL"], connect_timeout=5)
        self.node, self.pid, self.timeline = self.connection.execute(NODE).fetchone()  # type: ignore[misc]
        self.connection.rollback()
        self.token = time.time_ns() // 1000

    def write(self, ids: list[int]) -> bool:
        """Whether the transaction was acknowledged; one that was not is of unknown outcome."""
        rows = self.connection.execute(
            "select id, current_value from debezium_table where id = any(%s) order by id", [ids],
        ).fetchall()
        writes = []
        for id, previous in rows:
            self.token = max(self.token + 1, time.time_ns() // 1000, previous + 1)
            writes.append((id, self.token, previous))
        for id, token, previous in writes:
            self._line("invoke", id, token, previous=previous, **self._session)
        try:
            changed = self.connection.execute(
                UPDATE, [[each[column] for each in writes] for column in range(3)],
            ).rowcount
            if changed != len(ids):
                raise AssertionError(f"{changed} of {len(ids)} rows changed: somebody else writes them")
            self.connection.commit()
        except psycopg.Error as error:
            reason = str(error).splitlines()[0] if str(error) else "connection lost"
            for id, token, _ in writes:
                self._line("info", id, token, cause="connection-lost", phase="commit", reason=reason)
            return False
        for id, token, _ in writes:
            self._line("ok", id, token, us=0, late_us=0)
        return True

    @property
    def _session(self) -> dict[str, object]:
        return {"node": self.node, "pid": self.pid, "tl": self.timeline}

    def _line(self, kind: str, id: int, token: int, **fields: object) -> None:
        history.append(self.path, kind, worker=WORKER, id=id, token=token, **fields)
