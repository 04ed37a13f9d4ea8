#!/bin/sh
# ./remove-node.sh NODE: the node gets no new session, those that it has may end by themselves within 60 seconds, then it leaves the
# cluster in order and its data goes.
. "$(dirname "$0")/compose.sh"
node=${1:?usage: ./remove-node.sh NODE}
case $node in patroni4 | patroni5) ;; *) echo "$node belongs to the cluster; patroni4 and patroni5 come and go" >&2; exit 64 ;; esac
tell() { compose exec -T haproxy /usr/local/share/handover/tell "$@"; }
state() {
    for backend in leader replicas capture; do tell set server "$backend/$node" state "$1" >/dev/null; done
}
if compose exec -T "$node" health 8008 /primary 2>/dev/null; then
    echo "$node leads; switch over to another node first" >&2
    exit 1
fi
state drain
attempts=60
# The fifth column is the number of sessions.
until [ "$(tell show stat | awk -F, -v node="$node" '$2 == node { sessions += $5 } END { print sessions + 0 }')" = 0 ]; do
    attempts=$((attempts - 1))
    if [ "$attempts" -le 0 ]; then
        state ready
        echo "$node has sessions still and stays" >&2
        exit 1
    fi
    sleep 1
done
compose stop "$node"
compose rm -f -v "$node"
