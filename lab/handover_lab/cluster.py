"""What Patroni, PostgreSQL and HAProxy say about the cluster."""

import os
import subprocess
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from handover_lab import rest, routes
from handover_lab.errors import LabError
from handover_lab.settings import POSTGRES_BIN, Lab


def nodes(lab: Lab) -> tuple[str, ...]:
    """The members that the lab runs now."""
    return tuple(f"patroni{number}" for number in lab.nodes)


@dataclass(frozen=True)
class Member:
    name: str
    role: str
    state: str
    timeline: int | None
    lag: int | None

    @property
    def leads(self) -> bool:
        return self.role == "leader"

    @property
    def healthy(self) -> bool:
        return self.state in ("running", "streaming")


def rest_url(lab: Lab, node: str) -> str:
    return f"http://127.0.0.1:{lab.ports['PATRONI' + node[-1]]}"


def postgres_port(lab: Lab, node: str) -> int:
    return lab.ports["POSTGRES" + node[-1]]


def members(lab: Lab, seconds: float = 1.0) -> list[Member] | None:
    """The cluster as the first node that answers sees it; None when none does."""
    if not lab.nodes:
        return None
    def ask(node: str) -> list[Member] | None:
        try:
            status, body = rest.call("GET", rest_url(lab, node) + "/cluster", seconds=seconds)
            if status != 200:
                return None
            return [_member(entry) for entry in body["members"]]
        except (rest.Unreachable, KeyError, TypeError):
            return None

    with ThreadPoolExecutor(len(lab.nodes)) as pool:
        answers = [answer for answer in pool.map(ask, nodes(lab)) if answer]
    # A node that just came back may not know yet who leads.
    return max(answers, key=lambda answer: any(member.leads for member in answer), default=None)


def _member(entry: dict[str, object]) -> Member:
    role, timeline, lag = str(entry.get("role")), entry.get("timeline"), entry.get("lag")
    return Member(
        name=str(entry["name"]),
        role="leader" if role in ("leader", "primary", "master") else role,
        state=str(entry.get("state")),
        timeline=timeline if isinstance(timeline, int) else None,
        lag=lag if isinstance(lag, int) else None,
    )


def leader(lab: Lab) -> Member | None:
    return next((member for member in members(lab) or [] if member.leads), None)


@dataclass(frozen=True)
class Primary:
    node: str
    timeline: int


def primary(lab: Lab) -> Primary | None:
    """The node that holds the leader lock and accepts writes; None while there is none."""
    for node in nodes(lab):
        if not rest.succeeds(rest_url(lab, node) + "/primary"):
            continue
        # Patroni still names the old timeline for a moment after a promotion; the log itself does not.
        rows = query(
            lab, postgres_port(lab, node), "postgres",
            "select pg_walfile_name(pg_current_wal_lsn()) where not pg_is_in_recovery()",
        )
        if rows:
            return Primary(node, int(rows[0][0][:8], 16))
    return None


def lsn_text(position: int) -> str:
    return f"{position >> 32:X}/{position & 0xFFFFFFFF:X}"


def query(lab: Lab, port: int, database: str, statement: str, seconds: float = 2.0) -> list[list[str]] | None:
    """The rows of one statement; None when the server can't be asked within the time."""
    command = [
        str(POSTGRES_BIN / "psql"), "-X", "-A", "-t", "-q", "-F", "\t", "-v", "ON_ERROR_STOP=1", "-w",
        "-h", "127.0.0.1", "-p", str(port), "-U", "postgres", "-d", database, "-c", statement,
    ]
    try:
        answer = subprocess.run(
            command, capture_output=True, text=True, timeout=seconds, stdin=subprocess.DEVNULL, env=environment(lab),
        )
    except (subprocess.TimeoutExpired, OSError):
        return None
    if answer.returncode != 0:
        return None
    return [row.split("\t") for row in answer.stdout.splitlines()]


def run(
    lab: Lab, port: int, database: str, arguments: Sequence[str], text: str, failure: str, seconds: float | None = None,
) -> str:
    """What psql prints for its arguments and standard input; LabError with `failure` in front when it refuses."""
    answer = subprocess.run(
        [str(POSTGRES_BIN / "psql"), "-X", "-q", "-w", "-v", "ON_ERROR_STOP=1", "-h", "127.0.0.1", "-p", str(port),
         "-U", "postgres", "-d", database, *arguments],
        capture_output=True, text=True, input=text, timeout=seconds, env=environment(lab),
    )
    if answer.returncode != 0:
        raise LabError(f"{failure}: {answer.stderr.strip()}")
    return answer.stdout.strip()


def environment(lab: Lab) -> dict[str, str]:
    """For programs of PostgreSQL: where the password is, never the password itself."""
    foreign = ("PGHOST", "PGHOSTADDR", "PGPORT", "PGDATABASE", "PGUSER", "PGPASSWORD", "PGSERVICE", "PGOPTIONS")
    clean = {name: value for name, value in os.environ.items() if name not in foreign}
    return {**clean, "PGPASSFILE": str(lab.pgpass), "PGCONNECT_TIMEOUT": "5"}


def routed_leader_port(lab: Lab) -> int | None:
    """The port of the PostgreSQL that a client of HAProxy's leader port reaches, if it accepts writes."""
    rows = query(
        lab, lab.ports["HAPROXY_LEADER"], "postgres",
        "select inet_server_port() where not pg_is_in_recovery()",
    )
    return int(rows[0][0]) if rows else None


def routed_replicas(lab: Lab) -> list[str]:
    """The nodes that HAProxy's replica port leads to."""
    return [row["svname"] for row in routes.table(lab) if row["pxname"] == "replicas"
            and row["svname"] in nodes(lab) and row["status"].startswith("UP")]


@dataclass(frozen=True)
class Slot:
    node: str
    name: str
    active: bool
    confirmed: str
    restart: str
    # Whether PostgreSQL itself keeps a copy of it on the replicas (17 and later).
    failover: bool = False


def slots(lab: Lab) -> list[Slot]:
    """The logical slots on every node that answers; a copy that PostgreSQL has not finished yet is none."""
    statement = (
        "select slot_name, active, coalesce(confirmed_flush_lsn::text, '-'), coalesce(restart_lsn::text, '-'),"
        " coalesce(to_jsonb(slot) ->> 'failover', 'false')"
        " from pg_replication_slots as slot where slot_type = 'logical' and not temporary order by 1"
    )

    def ask(node: str) -> list[Slot]:
        rows = query(lab, postgres_port(lab, node), "postgres", statement) or []
        return [Slot(node, row[0], row[1] == "t", row[2], row[3], row[4] == "true") for row in rows]

    with ThreadPoolExecutor(len(lab.nodes)) as pool:
        return [slot for found in pool.map(ask, nodes(lab)) for slot in found]
