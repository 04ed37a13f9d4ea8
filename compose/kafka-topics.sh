#!/bin/sh
# ./kafka-topics.sh [OPTION…]: lists the topics, or what Kafka's own tool does with these options (--describe).
. "$(dirname "$0")/compose.sh"
[ $# -gt 0 ] || set -- --list
inside kafka1 kafka2 kafka3 -- /opt/kafka/bin/kafka-topics.sh --bootstrap-server "$bootstrap" "$@"
