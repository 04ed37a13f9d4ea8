#!/bin/sh
# ./register-postgres.sh [FILE]: registers the Debezium connector of register-postgres.json, or of FILE. Kafka Connect tries the database before it takes it, and capture
# waits for the guard, so it is tried for a while.
. "$(dirname "$0")/compose.sh"
file=${1:-register-postgres.json}
attempts=60
until answer=$(connect POST /connectors --data "@$file" 2>&1); do
    attempts=$((attempts - 1))
    case $answer in *'already exists'*) attempts=0 ;; esac
    if [ "$attempts" -le 0 ]; then
        printf '%s\n' "$answer" >&2
        exit 1
    fi
    sleep 2
done
printf '%s\n' "$answer"
