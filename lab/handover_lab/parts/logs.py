"""The one PostgreSQL of the profile connect-lab: database `archive` with a table of log lines."""

from handover_lab import cluster
from handover_lab.part import Part
from handover_lab.parts import single
from handover_lab.settings import Lab

DATABASE = "archive"


def server(lab: Lab) -> Part:
    port = lab.ports["POSTGRES1"]

    def finish() -> None:
        single.make_database(lab, port, DATABASE)
        what = f"the table could not be made in {DATABASE}"
        cluster.run(lab, port, DATABASE, ["-f", str(lab.sources / "connect-lab" / "logs.sql")], "", what)
        # Through standard input: a password is never an argument.
        cluster.run(
            lab, port, DATABASE, ["-f", "-"],
            f"alter role handover_connector password '{lab.passwords['handover_connector']}';", what,
        )

    return single.server(lab, "postgres", port, finish, wal_level="logical")
