"""Prisoners into the directory, from a CSV file: a reception, or everybody.

The first line names the columns: `number` and `name`, and `aliases` (several with `;` between), `born` and
`prison` where they are known. A line that cannot be used is told by its number and not taken; all others are.
Who is no longer in the file stays as he was. What is the same is left alone, so an import that was broken off
is simply run again.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping
from datetime import date
from typing import BinaryIO, NamedTuple

from matchers.prison import is_prison_code
from service.errors import InvalidError
from service.registry.directory import Particulars
from service.registry.ids import check_person
from service.registry.importing import Imported, in_chunks
from service.registry.registry import Registry
from service.registry.versions import CHUNK
from service.storage.lines import NumberedLine, read_lines

COLUMNS = ("number", "name", "aliases", "born", "prison")
NEEDED = ("number", "name")
LONGEST_NAME = 200
"""Characters of a name."""
MOST_ALIASES = 50
MERGED = "number: it was merged into another, where it is said in which prison he is"

_british = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})", re.ASCII).fullmatch


class _Listed(NamedTuple):
    """One line that could be read."""

    line: int
    number: str
    who: Particulars
    prison: str | None


def import_prisoners(registry: Registry, by: str, file: BinaryIO) -> Imported:
    """Everybody of a file into the directory, and where each is; `by` stands as the author.

    Raises InvalidError for a file without the columns that are needed, before anything is written.
    """
    lines = read_lines(file)
    columns = _columns(next(lines, None))
    errors: list[str] = []
    notes: list[str] = []
    first_lines: dict[str, int] = {}
    living = set[str]()
    read = added = changed = 0

    def listed() -> Iterator[_Listed]:
        nonlocal read
        for line in lines:
            read += 1
            try:
                one = _read(line, columns)
            except (ValueError, csv.Error) as error:
                errors.append(f"line {line.number}: {error}")
                continue
            first = first_lines.setdefault(one.number, line.number)
            if first != line.number:
                errors.append(f"line {line.number}: number: stands on line {first} already")
                continue
            yield one

    for chunk in in_chunks(listed(), CHUNK):
        places = {one.number: one.prison for one in chunk if one.prison is not None}
        with registry.journal.write() as connection:
            put = registry.directory.put(connection, by, {one.number: one.who for one in chunk})
            received = registry.prisoners.receive(connection, by, places)
        living |= received.living
        notes += (f"line {first_lines[number]}: {MERGED}" for number in received.merged)
        added, changed = added + put.added, changed + put.changed
    registry.prisoners.reload()
    registry.prisoners.tell_living(by, living)
    return Imported(
        lines=read,
        added=added,
        changed=changed,
        unchanged=len(first_lines) - added - changed,
        errors=tuple(errors),
        notes=tuple(notes),
    )


def _columns(first: NumberedLine | None) -> list[str]:
    try:
        names = [name.strip().lower() for name in _fields(first)] if first is not None else []
    except (ValueError, csv.Error):
        names = []
    missing = [name for name in NEEDED if name not in names]
    unknown = [name for name in names if name not in COLUMNS]
    if missing or unknown or len(set(names)) != len(names):
        raise InvalidError(f"the first line has to name the columns: {', '.join(COLUMNS)}", "line 1")
    return names


def _fields(line: NumberedLine) -> list[str]:
    """The values of a line. Raises ValueError, csv.Error; neither repeats what is in it."""
    if line.error:
        raise ValueError(line.error)
    try:
        text = line.text.decode()
    except UnicodeDecodeError:
        raise ValueError("it is not UTF-8") from None
    return next(csv.reader([text], strict=True))


def _read(line: NumberedLine, columns: list[str]) -> _Listed:
    values = _fields(line)
    if len(values) != len(columns):
        raise ValueError(f"it has {len(values)} values, and there are {len(columns)} columns")
    row = {name: " ".join(value.split()) for name, value in zip(columns, values, strict=True)}
    number, prison = row["number"].upper(), row.get("prison", "").upper()
    try:
        check_person(number, "number")
    except InvalidError as error:
        raise ValueError(f"number: {error.detail}") from None
    if prison and not is_prison_code(prison):
        raise ValueError("prison: not a prison code (three capital letters)")
    return _Listed(line.number, number, _who(row), prison or None)


def _who(row: Mapping[str, str]) -> Particulars:
    aliases = tuple(filter(None, (one.strip() for one in row.get("aliases", "").split(";"))))
    if not row["name"]:
        raise ValueError("name: missing")
    if len(aliases) > MOST_ALIASES:
        raise ValueError(f"aliases: more than {MOST_ALIASES}")
    if any(len(one) > LONGEST_NAME or not one.isprintable() for one in (row["name"], *aliases)):
        raise ValueError(f"name: not up to {LONGEST_NAME} printable characters")
    return Particulars(name=row["name"], aliases=aliases, born=_day(row.get("born", "")))


def _day(text: str) -> str:
    british = _british(text)
    iso = f"{british[3]}-{british[2]:0>2}-{british[1]:0>2}" if british else text
    try:
        return date.fromisoformat(iso).isoformat() if iso else ""
    except ValueError:
        raise ValueError("born: not a date, such as 1981-05-03 or 3/5/1981") from None
