"""The directory of prisoners: who each number is. Names and dates of birth are sealed.

It is found in by keyed hashes alone: of a date of birth, and of parts of a name two at a time, so that a
name misheard, shortened or turned round still leads to him. What is found is opened and compared; the hashes
decide nothing. Where each is stands in `prisoners.py`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import Connection, or_, select

from matchers import person
from matchers.person import Person
from matchers.person.tokens import sound
from service.registry.journal import DIRECTORY, Journal, some_at_once
from service.registry.tables import directory_version
from service.storage.sealing import Vault
from service.storage.unread import reading

MOST_BY_PATTERN = 1_000
"""Numbers that a part of a number gives: three of its signs fit about as many of 100,000."""

SHORTEST_MISHEARD = 5
"""Letters of a family name that is found without its first sound as well: Lee and Fee are two."""

_pack = msgspec.msgpack.Encoder().encode


class Particulars(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Who a prisoner is, as the prison service knows him. All of it is sealed."""

    name: str
    aliases: tuple[str, ...] = ()
    born: str = ""
    """ISO 8601 date; empty where it is not known."""

    @property
    def names(self) -> tuple[str, ...]:
        """Every name."""
        return (self.name, *self.aliases)


_particulars = msgspec.msgpack.Decoder(Particulars)


class DirectoryPut(NamedTuple):
    """How many were new and how many changed."""

    added: int
    changed: int


class Directory:
    """Reads and writes it. Safe to share between threads."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal

    def get(self, numbers: Collection[str]) -> dict[str, Particulars]:
        """Who these are; left out is who is not known, and whose entry is not as the service wrote it."""
        found: dict[str, Particulars] = {}
        with self._journal.database.read() as connection:
            for row in self._latest(connection, numbers):
                with reading(self._journal.vault, DIRECTORY, row.id):
                    found[row.id] = self._opened(row)
        return found

    def numbers(self, found_by: Iterable[bytes], patterns: Iterable[str] = ()) -> set[str]:
        """Numbers under any of these hashes, and those like a pattern of SQL's LIKE."""
        latest = select(directory_version.c.id).where(directory_version.c.latest)
        like = [directory_version.c.id.like(pattern) for pattern in patterns]
        with self._journal.database.read() as connection:
            found = {id_ for _, id_ in self._journal.found_any(connection, DIRECTORY, set(found_by))}
            if like:
                found |= set(connection.execute(latest.where(or_(*like)).limit(MOST_BY_PATTERN)).scalars())
        return found

    def put(self, connection: Connection, actor: str, people: Mapping[str, Particulars]) -> DirectoryPut:
        """Write what is new or changed of these, in the caller's transaction."""
        journal = self._journal
        known, unread = {}, set()  # one that cannot be read is not written over, and keeps nobody else out
        for row in self._latest(connection, people):
            unread.add(row.id)
            with reading(journal.vault, DIRECTORY, row.id):
                known[row.id] = (row.version, self._opened(row))
                unread.remove(row.id)
        written = {
            number: (known[number][0] + 1 if number in known else 1, who)
            for number, who in people.items()
            if number not in unread and (number not in known or known[number][1] != who)
        }
        if not written:
            return DirectoryPut(0, 0)
        seqs = journal.append(
            connection,
            [
                journal.record(
                    actor,
                    f"{DIRECTORY}/{number}/{version}",
                    "changed" if version > 1 else "created",
                    prisoner=number,
                )
                for number, (version, _) in written.items()
            ],
        )
        now, vault = journal.clock(), journal.vault
        made = [
            {
                "id": number,
                "version": version,
                "seq": seq,
                "at": now,
                "author": actor,
                "latest": True,
                "sealed": vault.seal(_pack(who), _context(number, version)),
            }
            for seq, (number, (version, who)) in zip(seqs, written.items(), strict=True)
        ]
        journal.follow(connection, DIRECTORY, directory_version, made)
        keys = ((number, one) for number, (_, who) in written.items() for one in hashes_of(vault, who))
        journal.find_by(connection, DIRECTORY, keys)
        added = sum(version == 1 for version, _ in written.values())
        return DirectoryPut(added, len(written) - added)

    def _latest(self, connection: Connection, numbers: Collection[str]) -> Iterator[Any]:
        table = directory_version.c
        wanted = select(table.id, table.version, table.sealed).where(table.latest)
        for some in some_at_once(sorted(numbers)):
            yield from connection.execute(wanted.where(table.id.in_(some)))

    def _opened(self, row: Any) -> Particulars:
        """What is sealed says of which number and version it is. Raises SealError."""
        return _particulars.decode(self._journal.vault.open(row.sealed, _context(row.id, row.version)))


def hashes_of(vault: Vault, who: Particulars) -> Iterator[bytes]:
    """What a prisoner is found under."""
    if who.born:
        yield born_hash(vault, who.born)
    for name in who.names:
        for one in everybody_in(person.read(name)):
            given = {*one.given, *one.known_as}
            for family in {*one.surname, *one.former}:
                yield family_hash(vault, family)
                if len(family) >= SHORTEST_MISHEARD:
                    yield rest_hash(vault, family)
                for first in given:
                    yield pair_hash(vault, first, family)


def everybody_in(read: Person) -> tuple[Person, ...]:
    """The name, and those that stand in it as well: also known as."""
    return (read, *read.others)


def born_hash(vault: Vault, born: str) -> bytes:
    """Of an ISO 8601 date."""
    return vault.digest("born", born)


def family_hash(vault: Vault, family: str) -> bytes:
    """Of a family name as it sounds."""
    return vault.digest("his family", sound(family))


def rest_hash(vault: Vault, family: str) -> bytes:
    """Of a family name without its first sound, which is misheard most: Farris for Harris."""
    return vault.digest("his family's rest", sound(family)[1:])


def pair_hash(vault: Vault, first: str, family: str) -> bytes:
    """Of a given name with the first letter of a family name."""
    return vault.digest("his first and a letter", f"{first} {family[:1]}")


def _context(number: str, version: int) -> str:
    return f"{DIRECTORY}/{number}/{version}"
