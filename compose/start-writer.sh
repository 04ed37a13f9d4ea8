#!/bin/sh
# Starts the container that writes to source_db.
. "$(dirname "$0")/compose.sh"
compose start writer
