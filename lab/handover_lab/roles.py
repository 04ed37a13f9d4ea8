"""The roles as which the programs and the connector connect: those of sql/roles.sql, on this lab's two servers.

Superuser postgres is left to the lab itself and to whoever says so: `lab psql`, HANDOVER_ADMIN_…_URL.
"""

from collections.abc import Sequence
from pathlib import Path

from handover_lab import cluster
from handover_lab.settings import CHECKOUT, Lab

FILE = CHECKOUT / "sql" / "roles.sql"
SOURCE = ("handover_connector", "handover_writer", "handover_reader", "handover_guard")
# The second sink may make tables: schema.evolution=basic.
DESTINATION = ("handover_sink", "handover_evolving_sink", "handover_reader")
# For a person's shell, in which both the writer and the reader are called.
OPERATOR = "handover_operator"
EVERY = (*dict.fromkeys((*SOURCE, *DESTINATION, OPERATOR)),)
PORTS = {"source": "HAPROXY_LEADER", "destination": "DESTINATION"}


def settings(side: str) -> list[list[str]]:
    """The variables of each run of the file; tables that the tests make as postgres get the grants, too."""
    common = ["-v", f"side={side}", "-v", "owner=postgres"]
    if side == "source":
        return [common]
    return [common, [*common, "-v", "sink=handover_evolving_sink", "-v", "evolution=on", "-v", "truncate=on"]]


def passwords(lab: Lab, side: str) -> str:
    """SQL that lets the roles in. It holds passwords: never in an argument."""
    roles = SOURCE if side == "source" else DESTINATION
    lines = [f"alter role {role} password '{lab.passwords[role]}';" for role in roles]
    if side == "source":
        lines += [
            "select not exists (select from pg_roles where rolname = 'handover_operator') as is_new \\gset",
            "\\if :is_new",
            f"create role {OPERATOR} login in role handover_writer, handover_reader;",
            "\\endif",
            f"alter role {OPERATOR} password '{lab.passwords[OPERATOR]}';",
        ]
    return "\n".join(lines) + "\n"


def apply(lab: Lab, side: str, database: str) -> None:
    """Makes the roles where they are missing, and gives them their rights in one database; again changes nothing."""
    port = lab.ports[PORTS[side]]
    for variables in settings(side):
        _psql(lab, port, database, [*variables, "-f", str(FILE)])
    _psql(lab, port, database, ["-f", "-"], passwords(lab, side))


def _psql(lab: Lab, port: int, database: str, arguments: Sequence[str], text: str | None = None) -> None:
    cluster.run(lab, port, database, arguments, text or "", f"the roles could not be made in {database}")


def files(lab: Lab, folder: Path) -> dict[str, Path]:
    """For the node that founds the cluster, whose user may not read the checkout."""
    return {"ROLES_SQL": folder / "roles.sql", "PASSWORDS_SQL": folder / "passwords.sql"}
