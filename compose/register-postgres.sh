#!/bin/sh
# Registers the Debezium connector of register-postgres.json. Kafka Connect tries the database before it takes it, and capture
# waits for the guard, so it is tried for a while.
. "$(dirname "$0")/compose.sh"
attempts=60
until answer=$(connect POST /connectors --data @register-postgres.json 2>&1); do
    attempts=$((attempts - 1))
    case $answer in *'already exists'*) attempts=0 ;; esac
    if [ "$attempts" -le 0 ]; then
        printf '%s\n' "$answer" >&2
        exit 1
    fi
    sleep 2
done
printf '%s\n' "$answer"
