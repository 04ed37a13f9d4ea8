#!/bin/sh
# Starts the failed tasks of the source connector anew, and the sink's lanes.
. "$(dirname "$0")/compose.sh"
connect POST '/connectors/source-connector/restart?includeTasks=true&onlyFailed=true'
compose exec -T sink sink restart
