"""The destination PostgreSQL, a single server."""

from handover_lab import cluster, roles
from handover_lab.part import Part
from handover_lab.parts import single
from handover_lab.settings import CHECKOUT, Lab

DATABASE = "destination_db"


def server(lab: Lab) -> Part:
    port = lab.ports["DESTINATION"]

    def finish() -> None:
        single.make_database(lab, port, DATABASE)
        cluster.run(
            lab, port, DATABASE, ["-f", str(CHECKOUT / "sql" / "destination.sql")], "", f"sql/destination.sql failed in {DATABASE}",
        )
        roles.apply(lab, "destination", DATABASE)

    return single.server(lab, "destination", port, finish)
