"""A process that writes under load and prints the number of each record that it was told is written.

python -m tests.service.ledger.appending URL FOLDER COUNT
"""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

from service.ledger.keeping import Keeping
from service.ledger.writer import LedgerWriter
from service.storage import sealing
from service.storage.database import Database
from tests.service.databases import MASTER
from tests.service.ledger.records import record

AT_ONCE = 50


async def _write(writer: LedgerWriter, count: int) -> None:
    for _ in range(count):
        outcome = await writer.write(record(os.getpid()))
        os.write(sys.stdout.fileno(), b"%d\n" % outcome.seq)


async def _write_all(writer: LedgerWriter, count: int) -> None:
    await asyncio.gather(*(_write(writer, count // AT_ONCE) for _ in range(AT_ONCE)))


def main() -> None:
    """Write `COUNT` records, fifty at a time."""
    url, folder, count = sys.argv[1:]
    database = Database(url)
    vault = sealing.open_vault(database, MASTER)
    with LedgerWriter(database, vault, Keeping(Path(folder), vault.public_key), most_waiting=1_000) as writer:
        asyncio.run(_write_all(writer, int(count)))


if __name__ == "__main__":
    main()
