"""500 prisoners' lists of 20 numbers each: read over HTTP, screened, and kept.

    python -m benchmarks.phone.lists [--prisoners 500] [--numbers 20]

The phone system is a process with the public interface's shapes; beside it the reading alone.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from random import Random

import msgspec

from adapters.pin_phone.lists import PhoneSystem
from adapters.pin_phone.reconcile import Screened, read_lists
from benchmarks.phone.phone_system import CLIENT, SECRET, entry, standing
from engine.policy import read_policy
from service.blocklist.current import Current
from service.migrations import schema
from service.phone_lists.lists import PhoneLists
from service.registry import importing
from service.registry.registry import Registry
from service.storage import sealing
from service.storage.database import Database


def main() -> None:
    """Print the seconds."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--prisoners", type=int, default=500)
    parser.add_argument("--numbers", type=int, default=20)
    options = parser.parse_args()
    rng = Random(1)
    prisoners = [f"X{n:04}AB" for n in range(options.prisoners)]
    lists = {
        one: [entry(f"020 7946 0{rng.randrange(1000):03}") for _ in range(options.numbers)]
        for one in prisoners
    }
    with tempfile.TemporaryDirectory() as name, standing(Path(name), lists) as phones:
        system = PhoneSystem(phones.url, CLIENT, SECRET)
        began = time.perf_counter()
        known = [(one, "LEI") for one in prisoners]
        count = sum(len(lst.entries) for lst in read_lists(known, system.read, lambda *_: _NOTHING))
        reading = time.perf_counter() - began
        kept = _kept(Path(name), system, prisoners)
    print(f"{len(prisoners)} lists, {count:,} numbers: read alone {reading:.2f} s; {kept}")


_NOTHING = Screened("allow", False)


def _kept(folder: Path, system: PhoneSystem, prisoners: list[str]) -> str:
    database = Database(f"sqlite:///{folder / 'nocontact.db'}")
    schema.create(database)
    master = sealing.new_master_key()
    with database.write() as connection:
        sealing.make_keys(connection, master)
    registry = Registry(database, sealing.open_vault(database, master), lambda: datetime.now(UTC))
    rows = [
        {
            "id": f"R{n}",
            "prisoner": prisoners[n],
            "protected": {"name": "Rhoswen Tallantyre"},
            "contacts": [
                {"kind": "phone", "value": f"07700 900{n:03}"},
                {"kind": "phone", "value": f"020 7946 0{n:03}"},
            ],
        }
        for n in range(len(prisoners))
    ]
    importing.import_restrictions(registry, "benchmark", BytesIO(b"\n".join(map(msgspec.json.encode, rows))))
    current = Current(registry, read_policy(None), write_record=None)
    current.refresh()
    assert current.screener is not None
    found = []
    for _ in range(2):
        began = time.perf_counter()
        done = PhoneLists(registry, system.read).reconcile(prisoners, current.screener, current.change)
        found.append(f"{time.perf_counter() - began:.2f} s ({done.found} new)")
    database.close()
    return f"reconciled {found[0]}, again {found[1]}"


if __name__ == "__main__":
    main()
