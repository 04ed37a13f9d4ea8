#!/bin/sh
# ./zookeeper.sh ls|get PATH: Patroni's keys in ZooKeeper, such as /service/handover/leader.
. "$(dirname "$0")/compose.sh"
inside zookeeper-patroni1 zookeeper-patroni2 -- python3 /usr/local/bin/keys.py zookeeper:2181 "$@"
