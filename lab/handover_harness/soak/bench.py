"""What the faults at the sink work with: the two flows, and the sinks of each."""

import json
import os
import random
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from handover_harness.bench import Bench, Failed
from handover_harness.soak.broker import Broker
from handover_harness.soak.destination import Destination
from handover_harness.soak.flow import Flow, Keyed, Keyless
from handover_harness.soak.instance import Instance


class SinkBench(Bench):
    """One scenario's part of the lab. Topics, tables and names of sinks are its own."""

    def __init__(self, scenario: str, seed: str, rate: int) -> None:
        self.folder = Path(os.environ["LAB_DIR"]) / "soak" / scenario
        self.folder.mkdir(parents=True, exist_ok=True)
        for old in self.folder.iterdir():
            old.unlink()
        self.random = random.Random(f"{seed}/{scenario}")
        self.broker = Broker(os.environ["HANDOVER_BOOTSTRAP"])
        self.destination = Destination(os.environ["HANDOVER_ADMIN_DESTINATION_URL"])
        self.flows: list[Flow] = [
            kind(scenario, self.broker, self.destination, seed, rate) for kind in (Keyed, Keyless)
        ]
        self.running: dict[str, list[Instance]] = {flow.name: [] for flow in self.flows}
        self.ended: list[Instance] = []
        self.number = 0
        self.notes: list[str] = []

    def configuration(self, flow: Flow) -> dict:
        document = json.loads(Path(os.environ["HANDOVER_SINK_CONFIG"]).read_text())
        config = {
            name: value for name, value in document["config"].items()
            if name not in ("primary.key.fields", "delete.enabled", "insert.mode", "primary.key.mode")
        }
        config |= {
            "topics": flow.topic, "collection.name.format": flow.table,
            # A group forms, and a member is missed, within seconds.
            "consumer.override.session.timeout.ms": "3000", "consumer.override.heartbeat.interval.ms": "1000",
            # Small ones: a fault at any moment is in the middle of one.
            "batch.size": "200",
        }
        return {"name": flow.name, "config": config | flow.settings}

    def start(self, flow: Flow, lanes: int = 1, group: str | None = None, parameters: str = "",
              **properties: str) -> Instance:
        """Starts a sink, by default in a group of its own; `parameters` are added to the destination's URL.

        Of `properties` underscores stand for dots."""
        self.number += 1
        group = group or f"{flow.name}-{self.number}"
        configuration = self.configuration(flow)
        configuration["config"]["connection.url"] += parameters
        configuration["config"] |= {name.replace("_", "."): value for name, value in properties.items()}
        instance = Instance(self.binary("sink"), configuration, self.folder, self.number, lanes, group)
        self.running[flow.name].append(instance)
        return instance

    def forget(self, flow: Flow, instance: Instance) -> None:
        self.running[flow.name].remove(instance)
        self.ended.append(instance)

    def kill(self, flow: Flow, instance: Instance) -> None:
        instance.kill()
        self.forget(flow, instance)

    def stop(self, flow: Flow, instance: Instance) -> None:
        code = instance.stop()
        self.forget(flow, instance)
        # One that has hardly begun does not listen for the signal yet.
        if code not in (0, -signal.SIGTERM):
            raise Failed(f"asked to end, the sink of {instance.log} ended with {code}")

    def end_all(self) -> None:
        for flow in self.flows:
            flow._halt.set()
            for instance in list(self.running[flow.name]):
                instance.wake()
                self.kill(flow, instance)

    def run_sink(self, verb: str, flow: Flow, *arguments: str) -> subprocess.CompletedProcess:
        file = self.folder / "command.json"
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w") as output:
            json.dump(self.configuration(flow), output)
        return subprocess.run(
            [str(self.binary("sink")), verb, str(file), *arguments], capture_output=True, text=True, timeout=120,
        )

    def pause(self, least: float, most: float) -> None:
        """A random moment of the schedule."""
        time.sleep(self.random.uniform(least, most))

    def said(self, text: str) -> int:
        return sum(each.said(text) for each in [*self.ended, *sum(self.running.values(), [])])

    @contextmanager
    def under_load(self) -> Iterator[None]:
        for flow in self.flows:
            flow.start()
        try:
            yield
        finally:
            for flow in self.flows:
                flow.stop()

    def settle(self) -> int:
        """Everything is applied and right; returns the number of records."""
        for flow in self.flows:
            flow.wait_end()
        return sum(flow.judge() for flow in self.flows)

    def each(self, action: Callable[[Flow], None]) -> None:
        for flow in self.flows:
            action(flow)
