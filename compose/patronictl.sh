#!/bin/sh
# ./patronictl.sh COMMAND…: patronictl, in a node that runs (list, switchover, failover, show-config, edit-config, …).
. "$(dirname "$0")/compose.sh"
inside patroni1 patroni2 patroni3 course-patroni1 course-patroni2 course-patroni3 zookeeper-patroni1 zookeeper-patroni2 \
    -- patronictl "$@"
