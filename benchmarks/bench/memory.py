"""Case i: does the sink's memory depend on how much waits in the topic?"""

from typing import Any

from bench.cases import CASES
from bench.contenders import Contest, Tools
from bench.servers import Servers
from bench.workload import produce

SMALL = 100_000


def measure(servers: Servers, tools: Tools, backlog: int, lanes: int) -> list[dict[str, Any]]:
    found = []
    for count in (SMALL, backlog):
        servers.forget_topics()
        print(f"i  a backlog of {count:,} events", flush=True)
        workload = produce(servers, CASES["a"], count, tools.folder, with_rows=False)
        measured = Contest(servers, tools, workload, 5_000, lanes).sink()
        # Inserts of the keys 1 to count: each must be there once.
        with servers.destination.connect() as connection:
            row = connection.execute(
                f"select count(*), min(id), max(id) from {workload.destination_tables[0]}").fetchone()
        found.append({
            "events": count, "events_per_second": count / measured.seconds, "cpu_seconds": measured.cpu,
            "server_cpu_seconds": measured.server_cpu, "peak_bytes": measured.peak,
            "is_right": row == (count, 1, count),
        })
        print(f"i  {count / measured.seconds:,.0f} events/s, peak {(measured.peak or 0) / 1e6:.0f} MB", flush=True)
    return found
