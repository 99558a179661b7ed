"""A process that changes one restriction as soon as it is told to, and says how that ended.

python -m tests.service.registry.writing URL ID VERSION NOTE
"""

from __future__ import annotations

import sys
from datetime import UTC, datetime

from service.errors import ConflictError
from service.registry.registry import Registry
from service.storage import sealing
from service.storage.database import Database
from tests.service.databases import MASTER
from tests.service.registry.listings import ASKER, restriction


def main() -> None:
    """Change the notes of version `VERSION`; with version 0, create the restriction."""
    url, id_, version, note = sys.argv[1:]
    database = Database(url)
    registry = Registry(database, sealing.open_vault(database, MASTER), lambda: datetime.now(UTC))
    print("ready", flush=True)
    sys.stdin.readline()
    try:
        if version == "0":
            registry.restrictions.create(ASKER, restriction(id_), notes=note)
        else:
            registry.restrictions.change(ASKER, id_, int(version), "in a race", notes=note)
    except ConflictError:
        print("conflict", flush=True)
    else:
        print("written", flush=True)
    database.close()


if __name__ == "__main__":
    main()
