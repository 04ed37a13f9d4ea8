#!/bin/sh
# What the other scripts share, read by each with `.`: it goes to this folder, finds Docker's compose and the ports.
set -eu
cd "$(dirname "$0")"

# `docker compose` where the plugin is there, else docker-compose.
compose() {
    if docker compose version >/dev/null 2>&1; then docker compose "$@"; else docker-compose "$@"; fi
}

# inside SERVICE… -- COMMAND…: runs the command in the first of these services that is running.
inside() {
    running=$(compose ps --services --filter status=running)
    chosen=
    while [ "$1" != -- ]; do
        if [ -z "$chosen" ] && printf '%s\n' "$running" | grep -qx "$1"; then chosen=$1; fi
        shift
    done
    shift
    if [ -z "$chosen" ]; then
        echo "none of the services that could answer is running" >&2
        exit 1
    fi
    if [ -t 0 ] && [ -t 1 ]; then compose exec "$chosen" "$@"; else compose exec -T "$chosen" "$@"; fi
}

# port NAME: the published port that the shell, or else .env, gives this name.
port() {
    eval "value=\${$1_PORT:-}"
    [ -n "$value" ] || value=$(sed -n "s/^$1_PORT=//p" .env)
    printf '%s' "$value"
}

# connect METHOD PATH CURL-ARGUMENT…: asks the first Kafka Connect worker that answers.
connect() {
    method=$1 path=$2
    shift 2
    for worker in CONNECT1 CONNECT2; do
        url=http://127.0.0.1:$(port "$worker")
        if curl -s -o /dev/null --max-time 5 "$url/"; then
            curl -sS --fail-with-body --max-time 60 -X "$method" -H 'Content-Type: application/json' "$@" "$url$path"
            return
        fi
    done
    echo "no worker of Kafka Connect answers" >&2
    return 1
}
bootstrap=kafka1:9092,kafka2:9092,kafka3:9092
