"""Parts of addresses read rightly, by us and by `usaddress` alone, on two tables of labelled addresses.

    python -m benchmarks.addresses.parsing [folder of tables]

Prints, a part, how many addresses have it and which share each reader gave it the labelled words; case,
stops and abbreviations do not count, those of states neither, nor the four digits behind a ZIP code,
nor a nought lost in front of one.
Says so where a table is absent.
"""

from __future__ import annotations

import csv
import json
import re
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable
from pathlib import Path

import usaddress

from matchers.address import Address, read
from matchers.address.us_names import TABLES as US_TABLES
from matchers.address.vocabulary import ABBREVIATIONS, STREET_TYPES, fold, rows

TABLES = Path(__file__).resolve().parents[3] / "shared" / "data" / "tables"
PARTS = ("number", "street", "unit", "town", "state", "postcode", "PO box")
Parts = dict[str, str]

# Labels of usaddress by our parts; what is left out (recipients, corners, landmarks) has no counterpart.
LABELS = {
    "AddressNumberPrefix": "number",
    "AddressNumber": "number",
    "AddressNumberSuffix": "number",
    "StreetNamePreModifier": "street",
    "StreetNamePreDirectional": "street",
    "StreetNamePreType": "street",
    "StreetName": "street",
    "StreetNamePostType": "street",
    "StreetNamePostDirectional": "street",
    "OccupancyIdentifier": "unit",
    "SubaddressIdentifier": "unit",  # a building or a floor: a door of its own, as a unit is
    "PlaceName": "town",
    "StateName": "state",
    "ZipCode": "postcode",
    "USPSBoxID": "PO box",
}
COMPONENTS = {
    "house_number": "number",
    "road": "street",
    "unit": "unit",
    "city": "town",
    "city_district": "town",
    "state": "state",
    "postcode": "postcode",
    "po_box": "PO box",
}
ORDINALS = US_TABLES["ordinal"]
_UNIT = re.compile(r"\b(?:FLAT|APT|APARTMENT|UNIT|SUITE|STE|ROOM|RM|NO|PO|P O|BOX|POBOX)\b|#")
_US = {form: full for _, form, full in rows("us_words")}
_STATES = {form: full for kind, form, full in rows("us_words") if kind == "state"}


def main() -> None:
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else TABLES
    labelled = folder / "us_labelled.csv"
    if labelled.is_file():
        with labelled.open(encoding="utf-8", newline="") as file:
            cases = [(row["text"], _joined(json.loads(row["labels"]), LABELS)) for row in _read(file)]
        score(labelled.name, cases, ", USA")
    else:
        print(f"{labelled} is absent: not measured")
    parses = folder / "intl_address_parses.jsonl"
    if not parses.is_file():
        print(f"{parses} is absent: not measured")
        return
    suites: dict[str, list[tuple[str, Parts]]] = defaultdict(list)
    for line in parses.read_text(encoding="utf-8").splitlines():
        case = json.loads(line)
        parts = _joined([(words, kind) for kind, words in case["components"]], COMPONENTS)
        suites[case["suite"]].append((case["text"], parts))
    for suite, cases in sorted(suites.items()):
        if suite in ("test_us_parses", "test_gb_parses"):
            score(suite, cases, ", USA" if suite == "test_us_parses" else "")


def score(name: str, cases: list[tuple[str, Parts]], country: str) -> None:
    """Print one line a part. `country` is written behind each address for our reader, as the letter would."""
    total: Counter[str] = Counter()
    right: Counter[tuple[str, str]] = Counter()
    whole: Counter[str] = Counter()
    for text, truth in cases:
        readings = {"ours": _ours(read(text + country)), "usaddress": _usaddress(text)}
        for reader, parts in readings.items():
            hits = [part for part in truth if _plain(part, parts.get(part, "")) == _plain(part, truth[part])]
            right.update((reader, part) for part in hits)
            whole[reader] += len(hits) == len(truth)
        total.update(truth.keys())
    print(f"{name}: {len(cases)} addresses\n  {'part':10}{'number':>8}{'ours':>9}{'usaddress':>11}")
    for part in (part for part in PARTS if total[part]):
        shares = [100 * right[reader, part] / total[part] for reader in ("ours", "usaddress")]
        print(f"  {part:10}{total[part]:8}{shares[0]:8.1f}%{shares[1]:10.1f}%")
    shares = [100 * whole[reader] / len(cases) for reader in ("ours", "usaddress")]
    print(f"  {'all':10}{len(cases):8}{shares[0]:8.1f}%{shares[1]:10.1f}%")


def _ours(address: Address) -> Parts:
    place = address.town or address.locality
    return {
        "number": " ".join(address.numbers),
        "street": " ".join(address.streets),
        "unit": " ".join(address.units),
        "town": place,
        "state": address.county,
        "postcode": address.postcode or address.postcode_fragment,
        "PO box": address.po_box,
    }


def _usaddress(text: str) -> Parts:
    return _joined(usaddress.parse(text), LABELS)


def _joined(tokens: Iterable[tuple[str, str]], kinds: dict[str, str]) -> Parts:
    """The words of each part, in the order of the text.

    A street "at" which a numbered house stands is a corner, and left out; a ZIP code without a digit is a
    state, wrongly labelled.
    """
    found: dict[str, list[str]] = defaultdict(list)
    corner = False
    for token, label in tokens:
        corner = corner or (label == "IntersectionSeparator" and token.lower() == "at" and "number" in found)
        part = kinds.get(label, "")
        if part == "postcode" and token.isalpha() and kinds is LABELS:
            part = "state"
        if part and not (corner and part == "street"):
            found[part].append(token)
    return {part: " ".join(words) for part, words in found.items()}


def _plain(part: str, words: str) -> str:
    """What two readings of one part are compared by."""
    text = fold(words).replace(",", " ")
    if part in ("unit", "PO box"):
        text = _UNIT.sub(" ", text)
    if part == "unit":  # "Fl 3" is the 3rd floor
        text = re.sub(
            r"\b(\d+)(?:ST|ND|RD|TH)\b", r"\1", " ".join(_US.get(word, word) for word in text.split())
        )
    if part == "street":  # "Fifth Avenue" is 5th Avenue
        text = " ".join(ORDINALS.get(word, word) for word in text.split())
    if part == "postcode":
        text = re.sub(r"^ *(\d{5})-?\d{4} *$", r"\1", text).lstrip(" 0")
    if part == "state":
        text = " ".join(text.split())
        text = _STATES.get(text, text)
    out = [_US.get(word) or STREET_TYPES.get(word) or ABBREVIATIONS.get(word, word) for word in text.split()]
    return "".join(char for char in "".join(out) if char.isalnum())


def _read(file: Iterable[str]) -> list[dict[str, str]]:
    return list(csv.DictReader(file))


if __name__ == "__main__":
    main()
