"""A made-up estate of addresses, to corrupt and to match.

Real streets, postcodes and towns come from the tables that `ukaddresskit` ships, invented ones from those of
the demonstration; house numbers, flats and house names are invented. Every address is a row of the components
table that `address-errors` reads.
"""

from __future__ import annotations

import csv
import random
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from importlib import resources
from typing import NamedTuple

from service.demonstration.tables import PLACES, STREETS

Row = dict[str, str]


class Street(NamedTuple):
    """A street with its postcodes, `LS6 1AA` without the space."""

    name: str
    postcodes: tuple[str, ...]
    town: str
    localities: Mapping[str, str] = {}
    """Of a postcode, where it has one."""


HOUSE_NAMES = (
    "ROSE COTTAGE,THE COTTAGE,THE BUNGALOW,HIGHFIELD,THE OLD SCHOOL,ORCHARD HOUSE,MEADOW VIEW,"
    "HILL FARM,THE LODGE,IVY COTTAGE,LOW BARN,FAIRVIEW,OAKLANDS,THE BARN,WILLOW COTTAGE,"
    "WOODSIDE,THE LAURELS,HOLLY COTTAGE,ASHLEIGH,GREENACRES,THE OLD FORGE,MILL HOUSE,"
    "RIVERSIDE,THE GABLES,BROOK FARM,THE HOLLIES,SUNNYSIDE,THORNTON,GLENDALE,LYNWOOD,"
    "THE OLD RECTORY,STONELEIGH,MANOR FARM,CHERRY TREES,TREETOPS,LANE END,BEECHWOOD,"
    "HAZELWOOD,ROWAN LODGE"
).split(",")
BLOCK_NAMES = (
    "MAPLE COURT,WILLOW HOUSE,HOLLY HOUSE,ALBION HOUSE,PARKSIDE,TENNYSON COURT,BROOK HOUSE,"
    "CASTLE MILL,KESTREL HOUSE,REGENT COURT,QUEENS HOUSE,SOVEREIGN COURT,LANGHAM HOUSE,"
    "ASHDOWN COURT,THE GRANARY,ST MARYS COURT,DARWIN HOUSE"
).split(",")
FLOORS = ("BASEMENT FLAT", "GROUND FLOOR FLAT", "FIRST FLOOR FLAT", "SECOND FLOOR FLAT", "TOP FLOOR FLAT")


def estate(streets: int, seed: int) -> list[Row]:
    """Addresses on `streets` real streets."""
    rng = random.Random(seed)
    towns = {row["postcode"]: row["town"] for row in _table("postcode_district_to_town")}
    localities = {row["postcode"]: row["locality"] for row in _table("postcode_to_locality")}
    by_street: dict[tuple[str, str], list[str]] = defaultdict(list)
    for row in _table("postcode_to_streets"):
        code, street = row["postcode"], row["street"]
        if code[:-3] in towns and 3 < len(street) < 40 and re.fullmatch(r"[A-Z][A-Z' ]+", street):
            by_street[code[:-3], street].append(code)
    chosen = rng.sample(sorted(by_street), streets)
    return laid_out(
        (
            Street(street, tuple(sorted(set(by_street[district, street]))[:3]), towns[district], localities)
            for district, street in chosen
        ),
        rng,
    )


def invented(seed: int) -> list[Row]:
    """Addresses on streets that do not exist, each in one town."""
    rng = random.Random(seed)
    streets = []
    for number, street in enumerate(STREETS, 1):
        town = rng.choice(PLACES)
        streets.append(Street(street.upper(), (f"{town.area}{number}1AZ",), town.town.upper()))
    return laid_out(streets, rng)


def laid_out(streets: Iterable[Street], rng: random.Random) -> list[Row]:
    """About 14 addresses on each: houses, converted houses, blocks, named houses."""
    rows: list[Row] = []
    for usrn, (street, codes, town, localities) in enumerate(streets):
        rural = rng.random() < 0.15
        number = rng.choice((1, 1, 1, 2, 20, 101))
        houses = rng.sample(HOUSE_NAMES, len(HOUSE_NAMES))  # a name once a street
        blocks = rng.sample(BLOCK_NAMES, len(BLOCK_NAMES))
        for code in codes:
            common = {
                "streetname": street,
                "locality": localities.get(code, "") if localities.get(code, "") != town else "",
                "townname": town,
                "postcode": f"{code[:-3]} {code[-3:]}",
                "usrn": str(usrn),
            }
            if rural:
                for name in [houses.pop() for _ in range(rng.randint(3, 9))]:
                    numbered = str(number) if rng.random() < 0.15 else ""
                    _add(rows, common, name=name, number=numbered)
                    number += 1
                continue
            for _ in range(rng.randint(5, 12)):
                kind = rng.random()
                if kind < 0.06:
                    parent = _add(
                        rows, common, name=blocks.pop(), number=str(number) if rng.random() < 0.6 else ""
                    )
                    for flat in range(1, rng.randint(4, 13)):
                        _add(rows, common, parent, subname=f"FLAT {flat}")
                elif kind < 0.12:
                    parent = _add(rows, common, number=str(number))
                    units = rng.choice(
                        (FLOORS[1:4], ("FLAT A", "FLAT B", "FLAT C"), ("FLAT 1", "FLAT 2", "FLAT 3"))
                    )
                    for unit in units:
                        _add(rows, common, parent, subname=unit)
                elif kind < 0.16:
                    _add(rows, common, number=f"{number}A")
                    _add(rows, common, number=f"{number}")
                elif kind < 0.19:
                    _add(rows, common, name=houses.pop(), number=f"{number}")
                else:
                    _add(rows, common, number=f"{number}")
                number += rng.choice((1, 2, 2))
    return rows


def written(row: Row) -> str:
    """The address as a register writes it, on one line with commas."""
    number = f"{row['number']} {row['streetname']}".strip()
    parts = (row["subname"], row["name"], number, row["locality"], row["townname"], row["postcode"])
    return ", ".join(part for part in parts if part)


def _add(rows: list[Row], common: Row, parent: Row | None = None, **parts: str) -> Row:
    base = {"subname": "", "name": "", "number": "", "parentuprn": ""}
    if parent is not None:
        base |= {"name": parent["name"], "number": parent["number"], "parentuprn": parent["uprn"]}
    row = {"uprn": str(len(rows) + 1), **base, **common, **parts}
    rows.append(row)
    return row


def _table(name: str) -> list[Row]:
    path = resources.files("ukaddresskit").joinpath("data", "lookups", f"{name}.csv")
    return list(csv.DictReader(path.read_text(encoding="utf-8").splitlines()))
