"""What is asked of a running Debezium through its signalling table (`signal.data.collection`)."""

import json
import uuid
from collections.abc import Sequence

from handover_lab import cluster
from handover_lab.errors import LabError
from handover_lab.settings import Lab

INSERT = "insert into debezium_signal (id, type, data) values (:'id', :'type', :'data')\n"


def snapshot(lab: Lab, tables: Sequence[str]) -> str:
    """Asks for an incremental snapshot: the tables' rows are read again in pieces, while their changes go on.

    A name without a schema is one of `public`. Debezium takes each as a regular expression."""
    names = [name if "." in name else f"public.{name}" for name in tables]
    for name in names:
        schema, table = name.split(".", 1)
        known = "select 1 from pg_tables where schemaname = :'schema' and tablename = :'table'\n"
        if not _psql(lab, known, {"schema": schema, "table": table}):
            raise LabError(f"the source has no table {name}")
    signal = str(uuid.uuid4())
    data = {"type": "incremental", "data-collections": names}
    _psql(lab, INSERT, {"id": signal, "type": "execute-snapshot", "data": json.dumps(data)})
    return signal


def _psql(lab: Lab, statement: str, variables: dict[str, str]) -> str:
    arguments = ["-A", "-t"]
    for name, value in variables.items():
        arguments += ["-v", f"{name}={value}"]
    port = lab.ports["HAPROXY_LEADER"]
    return cluster.run(lab, port, "source_db", [*arguments, "-f", "-"], statement, "the source refused the signal", 30)
