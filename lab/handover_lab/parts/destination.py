"""The destination PostgreSQL, a single server."""

import signal
import subprocess

from handover_lab import cluster, privilege, roles, templates
from handover_lab.errors import LabError
from handover_lab.part import Part
from handover_lab.settings import CHECKOUT, POSTGRES_BIN, Lab

DATABASE = "destination_db"


def server(lab: Lab) -> Part:
    folder = lab.folder / "destination"
    data = folder / "data"
    port = lab.ports["DESTINATION"]

    def prepare() -> None:
        folder.mkdir(parents=True, exist_ok=True)
        privilege.give(folder, 0o755)
        data.mkdir(exist_ok=True)
        privilege.give(data, 0o700)
        values = {**lab.values(), "FOLDER": folder, "DATA": data}
        for name in ("start.sh", "postgresql.conf"):
            template = (lab.sources / "destination" / f"{name}.tmpl").read_text()
            templates.write(folder / name, templates.fill(template, values))
        templates.write(folder / "password", lab.passwords["postgres"] + "\n", 0o600)
        privilege.give(folder / "password", 0o600)

    def finish() -> None:
        if not cluster.query(lab, port, "postgres", f"select from pg_database where datname = '{DATABASE}'"):
            cluster.query(lab, port, "postgres", f"create database {DATABASE}", seconds=30)
        answer = subprocess.run(
            [str(POSTGRES_BIN / "psql"), "-X", "-q", "-w", "-v", "ON_ERROR_STOP=1", "-h", "127.0.0.1",
             "-p", str(port), "-U", "postgres", "-d", DATABASE, "-f", str(CHECKOUT / "sql" / "destination.sql")],
            capture_output=True, text=True,
            env={**cluster.environment(lab), "PGOPTIONS": "-c client_min_messages=warning"},
        )
        if answer.returncode != 0:
            raise LabError(f"sql/destination.sql failed in {DATABASE}: {answer.stderr.strip()}")
        roles.apply(lab, "destination", DATABASE)

    return Part(
        name="destination",
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
