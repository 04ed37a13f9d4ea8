#!/bin/sh
# Makes pgAdmin's own database and imports the servers at the first start, then serves.
set -eu
cd /venv/lib/python3*/site-packages/pgadmin4
if [ ! -f /var/lib/pgadmin/pgadmin4.db ]; then
    /venv/bin/python setup.py setup-db
    /venv/bin/python setup.py load-servers "$PGADMIN_SERVER_JSON_FILE" --user "$PGADMIN_DEFAULT_EMAIL"
fi
exec /venv/bin/gunicorn --bind "0.0.0.0:$PGADMIN_LISTEN_PORT" --workers 1 --threads 25 --timeout 86400 \
    --worker-tmp-dir /tmp --access-logfile /dev/null pgAdmin4:app
