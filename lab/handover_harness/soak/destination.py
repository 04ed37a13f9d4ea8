"""The destination database, as one scenario asks it."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import psycopg


class Destination:
    def __init__(self, url: str) -> None:
        self.url = url
        self._connection: psycopg.Connection | None = None

    def ask(self, sql: str, values: Sequence[object] = ()) -> list[tuple]:
        """On one connection for as long as it lives: the server is killed in between."""
        if self._connection is None or self._connection.closed:
            self._connection = psycopg.connect(self.url, connect_timeout=10, autocommit=True)
        try:
            cursor = self._connection.execute(sql, values)
            return cursor.fetchall() if cursor.description else []
        except psycopg.Error:
            self._connection.close()
            raise

    def progress(self, sink: str) -> dict[int, int]:
        return dict(self.ask('select "partition", next_offset from handover.sink_progress where sink = %s', [sink]))

    def events(self, sink: str) -> int:
        [(events,)] = self.ask("select coalesce(sum(events), 0)::bigint from handover.sink_progress where sink = %s", [sink])
        return events

    @contextmanager
    def session(self, name: str) -> Iterator[None]:
        """A connection that calls itself as a sink does."""
        with psycopg.connect(self.url, application_name=name, autocommit=True) as connection:
            connection.execute("select 1")
            yield
