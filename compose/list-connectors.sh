#!/bin/sh
# Each connector's state and its tasks', with the worker that has it; the sink is a connector with a worker of its own.
. "$(dirname "$0")/compose.sh"
{
    connect GET '/connectors?expand=status' || true
    printf '\n'
    curl -s --max-time 5 "http://127.0.0.1:$(port SINK)/connectors/sink-connector/status" || true
} | python3 -c '
import json, sys
found = {}
for line in filter(None, map(str.strip, sys.stdin)):
    answer = json.loads(line)
    entries = [answer] if "connector" in answer else [entry["status"] for entry in answer.values()]
    found.update((entry["name"], entry) for entry in entries)
for name, entry in sorted(found.items()):
    print("%-18s %-10s %s" % (name, entry["connector"]["state"], entry["connector"].get("worker_id", "")))
    for task in entry["tasks"]:
        print("%-18s %-10s %s" % ("  task %s" % task["id"], task["state"], task.get("worker_id", "")))
'
