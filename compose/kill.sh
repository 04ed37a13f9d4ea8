#!/bin/sh
# ./kill.sh SERVICE: kills a container's process at once (SIGKILL); `docker compose start SERVICE` brings it back.
. "$(dirname "$0")/compose.sh"
compose kill -s SIGKILL "${1:?usage: ./kill.sh SERVICE}"
