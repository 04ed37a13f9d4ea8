#!/bin/sh
# Patroni runs this once, on the node that founds the cluster, with a connection string as the argument and the password in
# PGPASSFILE: source_db with its tables and roles, from the checkout's sql/.
set -eu
run() { psql -X -q -w -v ON_ERROR_STOP=1 "$@"; }
run -d "$1" -c 'create database source_db'
# Of two settings of one name the later one holds.
run -d "$1 dbname=source_db" -f /sql/source.sql
run -d "$1 dbname=source_db" -v side=source -v owner=postgres -f /sql/roles.sql
# psql reads the passwords by itself: they are in no argument.
for role in handover_connector handover_writer handover_reader handover_guard; do
    printf '\\set password `cat /run/passwords/%s/password`\nalter role %s password :%s;\n' "$role" "$role" "'password'"
done | run -d "$1 dbname=source_db" -f -
