#!/bin/sh
# ./add-node.sh NODE: patroni4 or patroni5 comes to the running cluster, with its configuration in variables only. HAProxy finds it
# by its name, without a restart, and leads to it after its first good check.
. "$(dirname "$0")/compose.sh"
node=${1:?usage: ./add-node.sh NODE}
compose up -d --no-deps "$node"
until compose exec -T "$node" health 8008 /readiness 2>/dev/null; do sleep 1; done
# Where it was removed before, it drains still.
for backend in leader replicas capture; do
    compose exec -T haproxy /usr/local/share/handover/tell set server "$backend/$node" state ready >/dev/null
done
until compose exec -T haproxy health 7000 '/;csv' "^replicas,$node,.*,UP," 2>/dev/null; do sleep 1; done
