#!/bin/sh
# Stops the container that writes to source_db; what it has begun is finished.
. "$(dirname "$0")/compose.sh"
compose stop writer
