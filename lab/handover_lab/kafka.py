"""Lists topics and prints records. Runs in the virtual environment, which has the Kafka client.

    python -m handover_lab.kafka BOOTSTRAP topics
    python -m handover_lab.kafka BOOTSTRAP consume TOPIC COUNT FOLLOW
"""

import sys

from confluent_kafka import Consumer, KafkaError, KafkaException, TopicPartition


def client(bootstrap: str) -> Consumer:
    # No offsets are committed and no group is joined: looking leaves no trace.
    return Consumer({
        "bootstrap.servers": bootstrap, "group.id": "lab-look", "enable.auto.commit": False,
        "auto.offset.reset": "earliest", "enable.partition.eof": False, "allow.auto.create.topics": False,
    })


def topics(bootstrap: str) -> None:
    consumer = client(bootstrap)
    found = consumer.list_topics(timeout=10).topics
    rows = [("TOPIC", "PARTITIONS", "RECORDS")]
    for name in sorted(found):
        partitions = list(found[name].partitions)
        marks = [consumer.get_watermark_offsets(TopicPartition(name, number), timeout=10) for number in partitions]
        rows.append((name, str(len(partitions)), str(sum(high - low for low, high in marks))))
    widths = [max(len(row[column]) for row in rows) for column in range(3)]
    for row in rows:
        print("  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip())
    consumer.close()


def consume(bootstrap: str, topic: str, count: int, follow: bool) -> None:
    consumer = client(bootstrap)
    found = consumer.list_topics(topic, timeout=10).topics[topic]
    if found.error is not None or not found.partitions:
        sys.exit(f"lab: there is no topic {topic}")
    ends: dict[int, int] = {}
    for number in found.partitions:
        _, ends[number] = consumer.get_watermark_offsets(TopicPartition(topic, number), timeout=10)
    consumer.assign([TopicPartition(topic, number, 0) for number in ends])
    behind = {number for number, end in ends.items() if end > 0}
    printed = 0
    while (count == 0 or printed < count) and (follow or behind):
        message = consumer.poll(0.5)
        if message is None:
            continue
        if message.error() is not None:
            raise KafkaException(message.error())
        print(f"{message.partition()}/{message.offset()}  {_text(message.key())}  {_text(message.value())}", flush=follow)
        printed += 1
        if message.offset() + 1 >= ends[message.partition()]:
            behind.discard(message.partition())
    sys.stdout.flush()
    consumer.close()


def _text(raw: bytes | None) -> str:
    return "null" if raw is None else raw.decode(errors="backslashreplace")


def main(arguments: list[str]) -> int:
    bootstrap, verb, *rest = arguments
    try:
        if verb == "topics":
            topics(bootstrap)
        else:
            consume(bootstrap, rest[0], int(rest[1]), rest[2] == "follow")
    except KafkaException as error:
        problem = error.args[0]
        text = problem.str() if isinstance(problem, KafkaError) else str(error)
        print(f"lab: the broker at {bootstrap} does not answer: {text}", file=sys.stderr)
        return 1
    except (KeyboardInterrupt, BrokenPipeError):
        sys.stderr.close()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
