"""Lists topics, prints and writes records. Runs in the virtual environment, which has the Kafka client.

    python -m handover_lab.kafka BOOTSTRAP topics
    python -m handover_lab.kafka BOOTSTRAP consume TOPIC COUNT FOLLOW [REGISTRY]
    python -m handover_lab.kafka BOOTSTRAP produce FILE
"""

import json
import sys
from collections.abc import Callable

from confluent_kafka import OFFSET_END, Consumer, KafkaError, KafkaException, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic


def client(bootstrap: str) -> Consumer:
    # No offsets are committed and no group is joined: looking leaves no trace.
    return Consumer({
        "bootstrap.servers": bootstrap, "group.id": "lab-look", "enable.auto.commit": False,
        "auto.offset.reset": "earliest", "enable.partition.eof": True, "allow.auto.create.topics": False,
        # What goes wrong is said once, by the verb.
        "log_level": 0,
    })


def topics(bootstrap: str) -> None:
    consumer = client(bootstrap)
    found = consumer.list_topics(timeout=10).topics
    partitions = [TopicPartition(name, number) for name in sorted(found) for number in found[name].partitions]
    begins = {(each.topic, each.partition): consumer.get_watermark_offsets(each, timeout=10)[0] for each in partitions}
    rows = [("TOPIC", "PARTITIONS", "RECORDS")]
    ends = _ends(consumer, partitions)
    for name in sorted(found):
        own = [key for key in begins if key[0] == name]
        rows.append((name, str(len(own)), str(sum(ends[key] - begins[key] for key in own))))
    widths = [max(len(row[column]) for row in rows) for column in range(3)]
    for row in rows:
        print("  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip())
    consumer.close()


def _ends(consumer: Consumer, partitions: list[TopicPartition]) -> dict[tuple[str, int], int]:
    """Where each partition really ends. Asked for it, this broker answers with the second offset of the last
    batch; fetching from there leads to the end."""
    ends: dict[tuple[str, int], int] = {}
    consumer.assign([TopicPartition(each.topic, each.partition, OFFSET_END) for each in partitions])
    while len(ends) < len(partitions):
        message = consumer.poll(10)
        if message is None:
            raise KafkaException(KafkaError(KafkaError._TIMED_OUT))
        if message.error() is None:
            continue
        if message.error().code() != KafkaError._PARTITION_EOF:
            raise KafkaException(message.error())
        ends[message.topic(), message.partition()] = message.offset()
    return ends


def consume(bootstrap: str, topic: str, count: int, follow: bool, text: Callable[[bytes | None], str]) -> None:
    consumer = client(bootstrap)
    found = consumer.list_topics(topic, timeout=10).topics[topic]
    if found.error is not None or not found.partitions:
        sys.exit(f"lab: there is no topic {topic}")
    consumer.assign([TopicPartition(topic, number, 0) for number in found.partitions])
    remaining = set(found.partitions)
    printed = 0
    while (count == 0 or printed < count) and (follow or remaining):
        message = consumer.poll(0.5)
        if message is None:
            continue
        if message.error() is not None:
            if message.error().code() != KafkaError._PARTITION_EOF:
                raise KafkaException(message.error())
            remaining.discard(message.partition())
            continue
        place = f"{message.partition()}/{message.offset()}"
        print(f"{place}  {text(message.key())}  {text(message.value())}", flush=follow)
        printed += 1
    sys.stdout.flush()
    consumer.close()


def produce(bootstrap: str, path: str) -> None:
    """Writes the records of a file, one JSON object a line:

        {"topic": "t", "partition": 0, "key": "text or null", "value": "text or null", "headers": {"name": "text"}}

    Only `topic` is needed. Topics that are missing are made, with as many partitions as the records name. The
    order of the lines is the order in each partition.
    """
    records = []
    with open(path, encoding="utf-8") as file:
        for number, line in enumerate(file, 1):
            try:
                record = json.loads(line) if line.strip() else None
            except ValueError as error:
                sys.exit(f"lab: line {number} of {path} is no JSON: {error}")
            if record is None:
                continue
            if not isinstance(record, dict) or not isinstance(record.get("topic"), str):
                sys.exit(f"lab: line {number} of {path} names no topic")
            records.append(record)
    partitions: dict[str, int] = {}
    for record in records:
        wanted = record.get("partition", 0) + 1
        partitions[record["topic"]] = max(partitions.get(record["topic"], 0), wanted)
    admin = AdminClient({"bootstrap.servers": bootstrap, "log_level": 0})
    found = admin.list_topics(timeout=10)
    missing = sorted(partitions.keys() - found.topics.keys())
    copies = min(3, len(found.brokers))
    made = admin.create_topics([NewTopic(name, partitions[name], copies) for name in missing]) if missing else {}
    for future in made.values():
        future.result(30)
    failures: list[KafkaError] = []
    # Everything in a few batches, so that a consumer finds it all at once.
    producer = Producer({
        "bootstrap.servers": bootstrap, "linger.ms": 200, "enable.idempotence": False, "log_level": 0,
        "max.in.flight.requests.per.connection": 1, "delivery.timeout.ms": 30000,
    })
    for record in records:
        producer.produce(
            record["topic"], partition=record.get("partition", 0), key=record.get("key"), value=record.get("value"),
            headers=record.get("headers"),
            on_delivery=lambda error, message: failures.append(error) if error is not None else None,
        )
        producer.poll(0)
    if producer.flush(30) > 0 or failures:
        raise KafkaException(failures[0] if failures else KafkaError(KafkaError._TIMED_OUT))
    print(f"{len(records)} records in {len(partitions)} topics")


def _text(raw: bytes | None) -> str:
    return "null" if raw is None else raw.decode(errors="backslashreplace")


def _reader(registry: list[str]) -> Callable[[bytes | None], str]:
    if not registry:
        return _text
    # Only where it is wanted: few labs have what it needs.
    from handover_lab.avro import Records

    return Records(registry[0]).text


def main(arguments: list[str]) -> int:
    bootstrap, verb, *rest = arguments
    try:
        if verb == "topics":
            topics(bootstrap)
        elif verb == "produce":
            produce(bootstrap, rest[0])
        else:
            consume(bootstrap, rest[0], int(rest[1]), rest[2] == "follow", _reader(rest[3:]))
    except KafkaException as error:
        problem = error.args[0]
        text = problem.str() if isinstance(problem, KafkaError) else str(error)
        print(f"lab: the broker at {bootstrap} does not answer: {text}", file=sys.stderr)
        return 1
    except (KeyboardInterrupt, BrokenPipeError):
        sys.stderr.close()
    except (OSError, ValueError) as error:
        print(f"lab: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
