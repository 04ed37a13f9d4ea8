"""The three Patroni nodes with their PostgreSQL."""

from handover_lab import cluster, privilege, rest, templates
from handover_lab.part import Part
from handover_lab.settings import CHECKOUT, Lab


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
            "POST_INIT": folder / "post_init.sh",
            "SOURCE_SQL": folder / "source.sql",
            "POSTGRES_PASSWORD": lab.passwords["postgres"],
            "REPLICATOR_PASSWORD": lab.passwords["replicator"],
        }
        for source, target in (("patroni.yml.tmpl", config), ("post_init.sh.tmpl", folder / "post_init.sh")):
            template = (lab.sources / "patroni" / source).read_text()
            templates.write(target, templates.fill(template, values), 0o600)
            privilege.give(target, 0o600)
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
