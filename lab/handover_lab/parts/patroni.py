"""The nodes: each a Patroni with its PostgreSQL."""

from pathlib import Path

from handover_lab import archive, cluster, privilege, rest, roles, templates
from handover_lab.part import Part
from handover_lab.parts import dcs
from handover_lab.settings import CHECKOUT, Lab

SCOPE = "handover"
# Permanent: Patroni keeps a copy on every replica, so that Debezium finds it on the next leader.
PERMANENT_SLOTS = """slots:
      source_slot:
        type: logical
        database: source_db
        plugin: pgoutput"""
# Debezium makes the slot as one that PostgreSQL keeps in step on the replicas; Patroni leaves it alone.
SYNCHRONIZED = 'sync_replication_slots: "on"'


def node(lab: Lab, number: int) -> Part:
    name = f"patroni{number}"
    folder = lab.folder / name
    config = folder / "patroni.yml"
    url = cluster.rest_url(lab, name)
    is_added = number in lab.added

    def prepare() -> None:
        folder.mkdir(parents=True, exist_ok=True)
        privilege.give(folder, 0o755)
        if lab.profile.archive:
            archive.prepare(lab)
        if not is_added:
            _configure(lab, number, folder, config)

    def ready() -> bool:
        try:
            _, state = rest.call("GET", url + "/patroni", seconds=1)
        except rest.Unreachable:
            return False
        if not isinstance(state, dict) or state.get("state") != "running":
            return False
        return state.get("role") in ("primary", "master") or state.get("replication_state") == "streaming"

    # The first node founds the cluster when there is none: a fresh lab always begins with the same leader.
    founder = lab.nodes[0]
    return Part(
        name=name,
        folder=folder,
        ports=(lab.ports[f"PATRONI{number}"], lab.ports[f"POSTGRES{number}"]),
        prepare=prepare,
        command=lambda: privilege.drop(
            lab, [str(lab.python), "-m", "patroni", *([] if is_added else [str(config)])],
        ),
        ready=ready,
        after=lab.profile.dcs_members + (() if number == founder else (f"patroni{founder}?",)),
        environment={**dcs.environment(lab), **(variables(lab, number) if is_added else {})},
        cluster=folder / "data",
        stop_seconds=20,
    )


def variables(lab: Lab, number: int) -> dict[str, str]:
    """The whole configuration of a node that comes to a running cluster; the rest is in the cluster's own."""
    name = f"patroni{number}"
    rest_port, postgres_port = lab.ports[f"PATRONI{number}"], lab.ports[f"POSTGRES{number}"]
    hosts = ",".join(f"'{host}'" for host in lab.dcs_hosts.split(","))
    return {
        "PATRONI_SCOPE": SCOPE,
        "PATRONI_NAME": name,
        f"PATRONI_{lab.profile.dcs.upper()}_HOSTS": hosts,
        "PATRONI_RESTAPI_LISTEN": f"127.0.0.1:{rest_port}",
        "PATRONI_RESTAPI_CONNECT_ADDRESS": f"127.0.0.1:{rest_port}",
        "PATRONI_POSTGRESQL_LISTEN": f"127.0.0.1:{postgres_port}",
        "PATRONI_POSTGRESQL_CONNECT_ADDRESS": f"127.0.0.1:{postgres_port}",
        "PATRONI_POSTGRESQL_DATA_DIR": str(lab.folder / name / "data"),
        "PATRONI_POSTGRESQL_BIN_DIR": str(lab.postgres),
        "PATRONI_POSTGRESQL_PGPASS": str(lab.folder / name / "pgpass"),
        "PATRONI_SUPERUSER_USERNAME": "postgres",
        "PATRONI_SUPERUSER_PASSWORD": lab.passwords["postgres"],
        "PATRONI_REPLICATION_USERNAME": "replicator",
        "PATRONI_REPLICATION_PASSWORD": lab.passwords["replicator"],
    }


def keeps_slots(lab: Lab) -> bool:
    """Whether Patroni keeps a copy of the source's slot on every replica."""
    return lab.slots == "patroni" and lab.profile.pipeline


def _configure(lab: Lab, number: int, folder: Path, config: Path) -> None:
    made = roles.files(lab, folder)
    values = {
        **lab.values(),
        "NAME": f"patroni{number}",
        "FOLDER": folder,
        "DATA": folder / "data",
        "REST_PORT": lab.ports[f"PATRONI{number}"],
        "POSTGRES_PORT": lab.ports[f"POSTGRES{number}"],
        "SYNCHRONOUS_MODE": "true" if lab.sync else "false",
        "PERMANENT_SLOTS": PERMANENT_SLOTS if keeps_slots(lab) else "# No permanent slot.",
        "SLOT_SETTINGS": SYNCHRONIZED if lab.slots == "failover" else "",
        "ARCHIVE_SETTINGS": archive.settings(lab) if lab.profile.archive else "# No archive.",
        "RECOVERY": archive.recovery(lab) if lab.profile.archive else "# No archive to recover from.",
        "POST_INIT": folder / "post_init.sh",
        "SOURCE_SQL": folder / "source.sql",
        **made,
        "POSTGRES_PASSWORD": lab.passwords["postgres"],
        "REPLICATOR_PASSWORD": lab.passwords["replicator"],
    }
    for source, target in (("patroni.yml.tmpl", config), ("post_init.sh.tmpl", folder / "post_init.sh")):
        template = (lab.sources / "patroni" / source).read_text()
        templates.write(target, templates.fill(template, values), 0o600)
        privilege.give(target, 0o600)
    templates.write(made["ROLES_SQL"], roles.FILE.read_text(), 0o644)
    templates.write(made["PASSWORDS_SQL"], roles.passwords(lab, "source"), 0o600)
    privilege.give(made["PASSWORDS_SQL"], 0o600)
    templates.write(folder / "source.sql", (CHECKOUT / "sql" / "source.sql").read_text(), 0o644)
