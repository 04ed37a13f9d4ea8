"""A PostgreSQL that stands alone: a data folder of its own, and what is made in it when it is ready."""

import signal
from collections.abc import Callable

from handover_lab import cluster, privilege, templates
from handover_lab.part import Part
from handover_lab.settings import Lab


def server(
    lab: Lab, name: str, port: int, finish: Callable[[], None], wal_level: str = "replica", configuration: str | None = None,
    stop_seconds: float = 15,
) -> Part:
    """With the lab's postgresql.conf, or another template."""
    folder = lab.folder / name
    data = folder / "data"

    def prepare() -> None:
        folder.mkdir(parents=True, exist_ok=True)
        privilege.give(folder, 0o755)
        data.mkdir(exist_ok=True)
        privilege.give(data, 0o700)
        values = {**lab.values(), "FOLDER": folder, "DATA": data, "PORT": port, "WAL_LEVEL": wal_level}
        own = lab.sources / "postgres"
        texts = {
            "start.sh": (own / "start.sh.tmpl").read_text(),
            "postgresql.conf": configuration or (own / "postgresql.conf.tmpl").read_text(),
        }
        for file, text in texts.items():
            templates.write(folder / file, templates.fill(text, values))
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
        stop_seconds=stop_seconds,
    )


def make_database(lab: Lab, port: int, database: str) -> None:
    """Makes it where it is missing."""
    if not cluster.query(lab, port, "postgres", f"select from pg_database where datname = '{database}'"):
        cluster.query(lab, port, "postgres", f"create database {database}", seconds=30)
