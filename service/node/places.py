"""Where prisoners are, in a table that is read where it lies: workers share it as they share the list."""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Mapping

import msgspec

from engine.postings import Pairs, Postings, Records, key_of
from service.registry.prisoners import Whereabouts

Place = tuple[str | None, str | None]
"""The prison, and the number that his was merged into."""
NOWHERE: Place = (None, None)
"""Of whom it is not known, or not kept, where he is."""


class _Placed(msgspec.Struct, array_like=True, gc=False):
    """One prisoner number."""

    prisoner: str
    prison: str | None
    into: str | None


_placed = msgspec.msgpack.Decoder(_Placed)
_pack = msgspec.msgpack.Encoder().encode


class Places(Mapping[str, Place]):
    """By prisoner number. Immutable; a changed one shares what did not change."""

    def __init__(self, records: Records, rows: Postings) -> None:
        """As `of` and `from_bytes` make them."""
        self._records, self._rows = records, rows

    @classmethod
    def of(cls, where: Whereabouts) -> Places:
        """The table of these."""
        return cls(Records(b"", array("Q")), Pairs().postings()).changed(where).folded()

    def __getitem__(self, prisoner: str) -> Place:
        found = self._found(prisoner)
        if found is None:
            raise KeyError
        _, placed = found
        return placed.prison, placed.into

    def __iter__(self) -> Iterator[str]:
        return (_placed.decode(self._records[row]).prisoner for row in range(len(self._records)))

    def __len__(self) -> int:
        return len(self._records)

    def known(self) -> Places:
        """These without those of whom nobody knows where they are."""
        return Places.of({number: place for number, place in self.items() if place != NOWHERE})

    def changed(self, moved: Whereabouts) -> Places:
        """These, with some who are elsewhere now."""
        put: dict[int, bytes] = {}
        new = Pairs()
        behind = len(self._records)
        for prisoner, (prison, into) in moved.items():
            found = self._found(prisoner)
            if found is None:
                row, behind = behind, behind + 1
                new.add(key_of(prisoner), row)
            else:
                row, _ = found
            put[row] = _pack(_Placed(prisoner, prison, into))
        return Places(self._records.changed(put), self._rows.changed((), new)) if put else self

    def folded(self) -> Places:
        """The same, with nothing lying over it."""
        return Places(self._records.folded(), self._rows.folded())

    def to_bytes(self) -> bytes:
        """The saved form: the length of the records, they, the rows."""
        records = self._records.to_bytes()
        return b"".join((len(records).to_bytes(8, "little"), records, self._rows.to_bytes()))

    @classmethod
    def from_bytes(cls, saved: bytes | memoryview) -> Places:
        """`to_bytes` read where it lies. Raises ValueError when it is not whole."""
        end = 8 + int.from_bytes(saved[:8], "little")
        return cls(Records.from_bytes(saved[8:end]), Postings.from_bytes(saved[end:]))

    def where_is(self, prisoner: str | None) -> str | None:
        """The prison; None when nobody knows. Of a number that was merged, that of the one it became."""
        return where_is(self, prisoner)

    def _found(self, prisoner: str) -> tuple[int, _Placed] | None:
        """Which row is of a number, and what it says."""
        for row in self._rows.find(key_of(prisoner)):
            placed = _placed.decode(self._records[row])
            if placed.prisoner == prisoner:
                return row, placed
        return None


def where_is(known: Mapping[str, Place], prisoner: str | None) -> str | None:
    """As `Places.where_is`, of whatever says where prisoners are."""
    seen: set[str] = set()
    while prisoner is not None and prisoner not in seen:
        seen.add(prisoner)
        prison, into = known.get(prisoner, NOWHERE)
        if into is None:
            return prison
        prisoner = into
    return None
