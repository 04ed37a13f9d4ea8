#!/bin/sh
# ./delete-connector.sh [NAME]: deletes a connector of Kafka Connect; its slot and its stored offset stay.
. "$(dirname "$0")/compose.sh"
connect DELETE "/connectors/${1:-source-connector}"
