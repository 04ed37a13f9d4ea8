#!/bin/sh
# ./kafka-console-consumer.sh [TOPIC [OPTION…]]: prints the records of a topic from its beginning, and waits for more.
. "$(dirname "$0")/compose.sh"
topic=${1:-source.public.debezium_table}
[ $# -eq 0 ] || shift
inside kafka1 kafka2 kafka3 -- /opt/kafka/bin/kafka-console-consumer.sh --bootstrap-server "$bootstrap" \
    --topic "$topic" --from-beginning --formatter-property print.key=true "$@"
