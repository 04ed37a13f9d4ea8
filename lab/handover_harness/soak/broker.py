"""Topics, offsets and records, through the Kafka client of the lab's virtual environment."""

import time
from dataclasses import dataclass

from confluent_kafka import Consumer, ConsumerGroupTopicPartitions, KafkaError, KafkaException, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic

from handover_harness.bench import Failed

PARTITIONS = 4


@dataclass(frozen=True)
class Record:
    partition: int
    offset: int
    key: bytes
    value: bytes | None


class Broker:
    def __init__(self, bootstrap: str) -> None:
        self.bootstrap = bootstrap
        self.admin = AdminClient({"bootstrap.servers": bootstrap})

    @property
    def brokers(self) -> list[int]:
        return sorted(self.admin.list_topics(timeout=20).brokers)

    def create(self, topic: str) -> None:
        # As many as there are: a topic of one replica is away with its broker.
        replicas = min(3, len(self.brokers))
        [answer] = self.admin.create_topics([NewTopic(topic, PARTITIONS, replicas)], request_timeout=20).values()
        answer.result()

    def delete(self, topic: str) -> None:
        [answer] = self.admin.delete_topics([topic], request_timeout=20).values()
        answer.result()

    def forget(self, topic: str) -> None:
        """Deletes the topic if it is there."""
        if topic in self.admin.list_topics(timeout=20).topics:
            self.delete(topic)

    def read(self, topic: str) -> list[Record]:
        """Everything that the topic holds now, each partition in its order.

        The end is found by fetching: asked for it, the lab's broker answers too low."""
        consumer = Consumer({
            "bootstrap.servers": self.bootstrap, "group.id": "soak-look", "enable.auto.commit": False,
            "enable.partition.eof": True, "auto.offset.reset": "error",
        })
        try:
            consumer.assign([TopicPartition(topic, number, 0) for number in range(PARTITIONS)])
            records: list[Record] = []
            ended: set[int] = set()
            deadline = time.monotonic() + 120
            while len(ended) < PARTITIONS:
                if time.monotonic() > deadline:
                    raise Failed(f"{topic} was not read to its end within 120 s")
                for message in consumer.consume(10_000, 0.2):
                    if message.error() is None:
                        records.append(Record(message.partition(), message.offset(), message.key(), message.value()))
                    elif message.error().code() == KafkaError._PARTITION_EOF:
                        ended.add(message.partition())
                    else:
                        raise KafkaException(message.error())
            return records
        finally:
            consumer.close()

    def ends(self, topic: str) -> dict[int, int]:
        ends = dict.fromkeys(range(PARTITIONS), 0)
        for record in self.read(topic):
            ends[record.partition] = max(ends[record.partition], record.offset + 1)
        return ends

    def set_group_to_earliest(self, group: str, topic: str) -> None:
        """What `kafka-consumer-groups --reset-offsets --to-earliest` does to a group that has no members."""
        wanted = [TopicPartition(topic, number, 0) for number in range(PARTITIONS)]
        answer = self.admin.alter_consumer_group_offsets([ConsumerGroupTopicPartitions(group, wanted)])
        for future in answer.values():
            future.result()
        looking = Consumer({"bootstrap.servers": self.bootstrap, "group.id": group, "enable.auto.commit": False})
        try:
            found = looking.committed([TopicPartition(topic, number) for number in range(PARTITIONS)], timeout=20)
        finally:
            looking.close()
        if [each.offset for each in found] != [0] * PARTITIONS:
            raise Failed(f"the offsets of group {group} were not set to 0: {found}")
