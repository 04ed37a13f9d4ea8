"""HAProxy: one port for the leader, one for the replicas, one for its statistics."""

from handover_lab import ports, templates
from handover_lab.part import Part
from handover_lab.settings import Lab


def proxy(lab: Lab) -> Part:
    folder = lab.folder / "haproxy"
    config = folder / "haproxy.cfg"

    def prepare() -> None:
        folder.mkdir(parents=True, exist_ok=True)
        template = (lab.sources / "haproxy" / "haproxy.cfg.tmpl").read_text()
        templates.write(config, templates.fill(template, lab.values()))

    listening = tuple(lab.ports[name] for name in ("HAPROXY_LEADER", "HAPROXY_REPLICAS", "HAPROXY_STATS"))
    return Part(
        name="haproxy",
        folder=folder,
        ports=listening,
        prepare=prepare,
        command=lambda: ["/usr/sbin/haproxy", "-db", "-f", str(config)],
        ready=lambda: ports.accepts(lab.ports["HAPROXY_STATS"]),
    )
