"""The three etcd members that hold Patroni's leader key."""

from handover_lab import rest, templates
from handover_lab.part import Part
from handover_lab.settings import Lab


def member(lab: Lab, number: int) -> Part:
    name = f"etcd{number}"
    folder = lab.folder / name
    client, peer = lab.ports[f"ETCD{number}"], lab.ports[f"ETCD{number}_PEER"]
    config = folder / "etcd.conf.yml"

    def prepare() -> None:
        (folder / "data").mkdir(parents=True, exist_ok=True, mode=0o700)
        members = ",".join(f"etcd{i}=http://127.0.0.1:{lab.ports[f'ETCD{i}_PEER']}" for i in (1, 2, 3))
        values = {
            **lab.values(), "NAME": name, "DATA": folder / "data", "CLIENT_PORT": client, "PEER_PORT": peer,
            "MEMBERS": members,
        }
        template = (lab.sources / "etcd" / "etcd.conf.yml.tmpl").read_text()
        templates.write(config, templates.fill(template, values))

    return Part(
        name=name,
        folder=folder,
        ports=(client, peer),
        prepare=prepare,
        command=lambda: ["/usr/bin/etcd", "--config-file", str(config)],
        ready=lambda: rest.succeeds(f"http://127.0.0.1:{client}/health"),
        # When all three end at once, each tries for seconds to hand over to another.
        stop_seconds=2,
    )
