#!/bin/sh
# Lets connectors go on that were paused or stopped.
. "$(dirname "$0")/compose.sh"
connect PUT /connectors/source-connector/resume
compose exec -T sink sink resume
