#!/bin/sh
# Has the sink look at register-sink.json, say what does not fit, and begin anew with it.
. "$(dirname "$0")/compose.sh"
file=/etc/handover/register-sink.json
attempts=30
# The topic is made by the first event of the source connector.
until answer=$(compose exec -T sink sink check "$file" 2>&1); do
    attempts=$((attempts - 1))
    if [ "$attempts" -le 0 ]; then
        printf '%s\n' "$answer" >&2
        exit 1
    fi
    sleep 1
done
printf '%s\n' "$answer"
compose exec -T sink sink restart
