"""Lines of a list of restrictions on their way into the registry, read on every core."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice

import msgspec

from engine.jsonl import InputError, read_restriction
from engine.listing import area_codes
from engine.model import Restriction
from service.operations.cores import spread
from service.registry import point
from service.registry.point import ReadPoint
from service.storage.lines import NumberedLine

AT_ONCE = 100
"""Lines that a process reads in one go: a tenth of a second."""
FEW = 20
"""Such chunks that are read here alone: two seconds."""


class Incoming(msgspec.Struct, array_like=True):
    """A line as it was read: a restriction, or why there is none."""

    line: int
    restriction: Restriction | None = None
    error: str = ""
    problems: tuple[str, ...] = ()
    """What had to be left out of it."""
    told: tuple[str, ...] = ()
    """What its author should know."""
    points: tuple[ReadPoint, ...] = ()
    """Of each of its contact points."""

    def keep_points(self) -> None:
        """Have them at hand when it is filed."""
        if self.restriction is not None:
            point.keep(self.restriction.contacts, area_codes(self.restriction), self.points)


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Incoming).decode


def read_restrictions(lines: Iterable[NumberedLine]) -> Iterator[Incoming]:
    """Each line, in their order; whatever is wrong with one, the others go on."""
    for _, read in spread(_read, _in_chunks(lines), few=FEW):
        yield from map(_decode, read)


def _in_chunks(lines: Iterable[NumberedLine]) -> Iterator[list[NumberedLine]]:
    rest = iter(lines)
    while some := list(islice(rest, AT_ONCE)):
        yield some


def _read(lines: list[NumberedLine]) -> list[bytes]:
    return list(map(_read_one, lines))


def _read_one(line: NumberedLine) -> bytes:
    try:
        if line.error:
            return _encode(Incoming(line.number, error=line.error))
        read = read_restriction(line.text)
        codes = area_codes(read.restriction)
        points = tuple(point.read_point(contact, codes) for contact in read.restriction.contacts)
        problems, told = tuple(map(str, read.problems)), tuple(map(str, read.told))
        return _encode(Incoming(line.number, read.restriction, "", problems, told, points))
    except InputError as error:
        return _encode(Incoming(line.number, error=str(error)))
    except Exception as error:  # whatever one line does to its reader
        return _encode(Incoming(line.number, error=f"it cannot be read ({type(error).__name__})"))
