"""A PostgreSQL that stands alone: a data folder of its own, and what is made in it when it is ready."""

import signal
from collections.abc import Callable

from handover_lab import cluster, privilege, templates
from handover_lab.part import Part
from handover_lab.settings import Lab


def server(lab: Lab, name: str, port: int, finish: Callable[[], None], wal_level: str = "replica") -> Part:
    folder = lab.folder / name
    data = folder / "data"

    def prepare() -> None:
        folder.mkdir(parents=True, exist_ok=True)
        privilege.give(folder, 0o755)
        data.mkdir(exist_ok=True)
        privilege.give(data, 0o700)
        values = {**lab.values(), "FOLDER": folder, "DATA": data, "PORT": port, "WAL_LEVEL": wal_level}
        for file in ("start.sh", "postgresql.conf"):
            template = (lab.sources / "postgres" / f"{file}.tmpl").read_text()
            templates.write(folder / file, templates.fill(template, values))
        templates.write(folder / "password", lab.passwords["postgres"] + "\n", 0o600)
        privilege.give(folder / "password", 0o600)

    return Part(
        name=name,
        folder=folder,
        ports=(port,),
        prepare=prepare,
        command=lambda: privilege.drop(lab, ["/bin/sh", str(folder / "start.sh")]),
        ready=lambda: cluster.query(lab, port, "postgres", "select 1") is not None,
        finish=finish,
        cluster=data,
        # Fast: SIGTERM would wait for every client to leave.
        stop_signal=signal.SIGINT,
        stop_seconds=15,
    )


def make_database(lab: Lab, port: int, database: str) -> None:
    """Makes it where it is missing."""
    if not cluster.query(lab, port, "postgres", f"select from pg_database where datname = '{database}'"):
        cluster.query(lab, port, "postgres", f"create database {database}", seconds=30)
