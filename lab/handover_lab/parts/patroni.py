"""The three Patroni nodes with their PostgreSQL."""

from handover_lab import cluster, privilege, rest, roles, templates
from handover_lab.part import Part
from handover_lab.settings import CHECKOUT, Lab


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

    def prepare() -> None:
        folder.mkdir(parents=True, exist_ok=True)
        privilege.give(folder, 0o755)
        values = {
            **lab.values(),
            "NAME": name,
            "FOLDER": folder,
            "DATA": folder / "data",
            "REST_PORT": lab.ports[f"PATRONI{number}"],
            "POSTGRES_PORT": lab.ports[f"POSTGRES{number}"],
            "ETCD_HOSTS": ",".join(f"127.0.0.1:{lab.ports[f'ETCD{i}']}" for i in (1, 2, 3)),
            "SYNCHRONOUS_MODE": "true" if lab.sync else "false",
            "PERMANENT_SLOTS": PERMANENT_SLOTS if lab.slots == "patroni" else "# No permanent slot.",
            "SLOT_SETTINGS": SYNCHRONIZED if lab.slots == "failover" else "",
            "POST_INIT": folder / "post_init.sh",
            "SOURCE_SQL": folder / "source.sql",
            **roles.files(lab, folder),
            "POSTGRES_PASSWORD": lab.passwords["postgres"],
            "REPLICATOR_PASSWORD": lab.passwords["replicator"],
        }
        for source, target in (("patroni.yml.tmpl", config), ("post_init.sh.tmpl", folder / "post_init.sh")):
            template = (lab.sources / "patroni" / source).read_text()
            templates.write(target, templates.fill(template, values), 0o600)
            privilege.give(target, 0o600)
        made = roles.files(lab, folder)
        templates.write(made["ROLES_SQL"], roles.FILE.read_text(), 0o644)
        templates.write(made["PASSWORDS_SQL"], roles.passwords(lab, "source"), 0o600)
        privilege.give(made["PASSWORDS_SQL"], 0o600)
        templates.write(folder / "source.sql", (CHECKOUT / "sql" / "source.sql").read_text(), 0o644)

    def ready() -> bool:
        try:
            _, state = rest.call("GET", url + "/patroni", seconds=1)
        except rest.Unreachable:
            return False
        if not isinstance(state, dict) or state.get("state") != "running":
            return False
        return state.get("role") in ("primary", "master") or state.get("replication_state") == "streaming"

    return Part(
        name=name,
        folder=folder,
        ports=(lab.ports[f"PATRONI{number}"], lab.ports[f"POSTGRES{number}"]),
        prepare=prepare,
        command=lambda: privilege.drop(lab, [str(lab.python), "-m", "patroni", str(config)]),
        ready=ready,
        # The first node founds the cluster when there is none: a fresh lab always begins with the same leader.
        after=("etcd1", "etcd2", "etcd3") + (() if number == 1 else ("patroni1?",)),
        cluster=folder / "data",
        stop_seconds=20,
    )
