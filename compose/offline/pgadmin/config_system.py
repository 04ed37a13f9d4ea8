"""As the image dpage/pgadmin4 does: each variable PGADMIN_CONFIG_NAME is the setting NAME, in Python's notation."""

import ast
import os

DATA_DIR = "/var/lib/pgadmin"
LOG_FILE = "/dev/null"

for _name, _value in os.environ.items():
    if _name.startswith("PGADMIN_CONFIG_"):
        globals()[_name.removeprefix("PGADMIN_CONFIG_")] = ast.literal_eval(_value)
