"""The ways from HAProxy to the Patroni nodes, so that each can be cut: in a lab that is up with --links."""

from handover_lab import ports, templates
from handover_lab.part import Part
from handover_lab.settings import Lab


def way(lab: Lab, number: int) -> Part:
    name = f"link{number}"
    folder = lab.folder / name
    config = folder / "haproxy.cfg"
    listening = (lab.ports[f"LINK{number}"], lab.ports[f"LINK{number}_REST"])

    def prepare() -> None:
        folder.mkdir(parents=True, exist_ok=True)
        values = {
            **lab.values(), "LINK_PORT": listening[0], "LINK_REST_PORT": listening[1],
            "POSTGRES_PORT": lab.ports[f"POSTGRES{number}"], "REST_PORT": lab.ports[f"PATRONI{number}"],
        }
        template = (lab.sources / "link" / "haproxy.cfg.tmpl").read_text()
        templates.write(config, templates.fill(template, values))

    return Part(
        name=name,
        folder=folder,
        ports=listening,
        prepare=prepare,
        command=lambda: ["/usr/sbin/haproxy", "-db", "-f", str(config)],
        ready=lambda: ports.accepts(listening[0]),
        # It has nothing to finish: in order, HAProxy waits for its last session to end.
        stop_seconds=0.5,
    )
