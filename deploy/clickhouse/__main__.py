"""`python -m deploy.clickhouse`: serve one folder as ClickHouse over HTTP."""

import os
import sys

# The engine takes its time zone from the environment when it is loaded; ours is UTC everywhere.
os.environ["TZ"] = "UTC"

from deploy.clickhouse.command import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
