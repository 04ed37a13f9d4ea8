#!/bin/sh
exec /opt/kafka/bin/run org.apache.kafka.connect.cli.ConnectDistributed "$@"
