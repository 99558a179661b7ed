"""Lists in and out of the registry, as JSON Lines.

A line that cannot be used is told by its number, and all others are taken in. What is in the registry
already, and the same, is left alone; so an import that was broken off is simply run again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import BinaryIO, Generic, NamedTuple, TypeVar

import msgspec

from engine.canary import is_canary
from engine.jsonl import InputError, read_confidential
from engine.model import ConfidentialEntry, Restriction
from service.errors import InvalidError
from service.ledger.record import Kind
from service.registry.elsewhere import (
    Points,
    newly_registered,
    only_registered,
    told_waiting,
    would_restrict,
)
from service.registry.found import Drafted, StoredVersion
from service.registry.ids import check_id, check_people
from service.registry.incoming import Incoming, read_restrictions
from service.registry.journal import REGISTER, RESTRICTION
from service.registry.model import Document, EntryDocument, ListingState, Request, RestrictionVersion, loosens
from service.registry.register import EntryDraft, StoredEntry
from service.registry.registry import Registry
from service.registry.versions import CHUNK
from service.registry.widening import at_once, without
from service.storage.lines import NumberedLine, read_lines
from service.storage.rows import ChangedRowError
from service.storage.unread import each

REASON = "imported"

T = TypeVar("T")
L = TypeVar("L", Restriction, ConfidentialEntry)
_encode = msgspec.json.Encoder().encode


class Imported(NamedTuple):
    """What came of an import."""

    lines: int = 0
    added: int = 0
    changed: int = 0
    unchanged: int = 0
    removed: int = 0
    held: int = 0
    """Changes and removals that wait for a second person; what they would lift stays in force until then."""
    errors: tuple[str, ...] = ()
    """`line 7: contacts[0].value: no telephone number can be read`; no value is repeated."""
    notes: tuple[str, ...] = ()
    """What the author of a line should know though nothing of it was lost; no value is repeated."""


class _Removed(NamedTuple):
    """What became of the standing listings that the file does not hold."""

    removed: int = 0
    held: int = 0
    notes: tuple[str, ...] = ()


class _Read(NamedTuple, Generic[L]):
    """One line as it was read."""

    id: str
    listing: L
    problems: tuple[str, ...]
    told: tuple[str, ...]


class _Line(NamedTuple, Generic[L]):
    """A line by its number, as it was read, or why it was not."""

    number: int
    read: _Read[L] | None = None
    error: str = ""


class _Taken(NamedTuple, Generic[L]):
    """One line that could be read."""

    line: int
    id: str
    listing: L


def import_restrictions(registry: Registry, by: str, file: BinaryIO, *, replace: bool = False) -> Imported:
    """Restrictions into the registry; `by` stands as their author.

    With `replace` the file is the whole list: restrictions that are not in it are withdrawn, unless some line
    could not be read, or they are so many that a second person has to confirm it; what a case holds up
    stands.
    """

    with registry.journal.database.read() as connection:
        points = registry.elsewhere.whole_register(connection)
    return _import(
        map(_restriction, read_restrictions(read_lines(file))),
        lambda chunk: _put(registry, by, points, chunk),
        _remover(registry, by, replace),
    )


def _restriction(incoming: Incoming) -> _Line[Restriction]:
    """Read elsewhere; whom it may name and what it may be called is asked here."""
    restriction = incoming.restriction
    if restriction is None:
        return _Line(incoming.line, error=incoming.error)

    def read() -> _Read[Restriction]:
        check_people(restriction)
        incoming.keep_points()
        return _Read(restriction.id, restriction, incoming.problems, incoming.told)

    return _line(incoming.line, read)


def import_register(registry: Registry, by: str, file: BinaryIO, *, replace: bool = False) -> Imported:
    """Entries of the confidential register into the registry.

    It is in force at once: whoever may run this may also read the database. With `replace` entries that are
    not in the file are taken off.
    """

    def take(line: NumberedLine) -> _Line[ConfidentialEntry]:
        if line.error:
            return _Line(line.number, error=line.error)

        def read() -> _Read[ConfidentialEntry]:
            entry, problems, told = read_confidential(line.text)
            return _Read(
                registry.register.id_of(entry), entry, tuple(map(str, problems)), tuple(map(str, told))
            )

        return _line(line.number, read)

    def remove(seen: set[str]) -> _Removed:
        if not replace:
            return _Removed()
        with registry.journal.write() as connection:
            rows = list(registry.register.standing(connection))
            drafts = []
            for id_, _, _ in rows:
                latest = registry.register.latest(connection, id_)
                if id_ not in seen and latest is not None:
                    document = msgspec.structs.replace(latest.document, reason=REASON)
                    drafts.append(
                        EntryDraft(id_, latest.version, ListingState.WITHDRAWN, document, "removed")
                    )
            if drafts:
                registry.register.write(connection, by, drafts)
        return _Removed(len(drafts))

    lines = map(take, read_lines(file))
    return _import(lines, lambda chunk: _put_entries(registry, by, chunk), remove)


class Exported(NamedTuple):
    """How many were written, and the ids of those that cannot be read."""

    written: int
    unread: list[str]


def export_restrictions(registry: Registry, by: str, out: BinaryIO) -> Exported:
    """Every standing restriction but canaries, one a line, as `import_restrictions` reads them.

    Recorded as a view of all of them, before the first is written. One that cannot be read stops no other.
    """
    _record_export(registry, by, "restrictions")
    versions = registry.versions
    with registry.journal.database.read() as connection:
        found = (one for one in versions.stored(connection) if not is_canary(one.id))
        return _export(registry, RESTRICTION, found, lambda one: versions.document(*one[:3]).restriction, out)


def export_register(registry: Registry, by: str, out: BinaryIO) -> Exported:
    """Every standing entry of the confidential register, one a line, in the same way."""
    _record_export(registry, by, "register")
    register = registry.register
    with registry.journal.database.read() as connection:
        found = register.stored(connection)
        return _export(registry, REGISTER, found, lambda one: register.entry(*one[:3]), out)


S = TypeVar("S", StoredVersion, StoredEntry)


def _export(
    registry: Registry, kind: str, found: Iterator[S], read: Callable[[S], object], out: BinaryIO
) -> Exported:
    def write(one: S) -> bool:
        if not one.holds:
            raise ChangedRowError
        if one.stands:
            out.write(_encode(read(one)) + b"\n")
        return one.stands

    written, unread = each(registry.journal.vault, kind, found, write)
    return Exported(sum(written), unread)


def _line(number: int, read: Callable[[], _Read[L]]) -> _Line[L]:
    try:
        found = read()
        check_id(found.id)
        return _Line(number, found)
    except InputError as error:
        return _Line(number, error=str(error))
    except InvalidError as error:
        return _Line(number, error=f"{error.field}: {error}")
    except Exception as error:  # whatever one line does to its reader, the others go on
        return _Line(number, error=f"it cannot be read ({type(error).__name__})")


def _import(
    read: Iterable[_Line[L]],
    put: Callable[[list[_Taken[L]]], Imported],
    remove: Callable[[set[str]], _Removed],
) -> Imported:
    errors: list[str] = []
    notes: list[str] = []
    first_lines: dict[str, int] = {}
    lines = 0

    def taken() -> Iterator[_Taken[L]]:
        nonlocal lines
        for line in read:
            lines += 1
            if line.read is None:
                errors.append(f"line {line.number}: {line.error}")
                continue
            id_, listing, problems, told = line.read
            errors.extend(f"line {line.number}: {problem}" for problem in problems)
            notes.extend(f"line {line.number}: {note}" for note in told)
            if id_ in first_lines:
                errors.append(f"line {line.number}: id: stands on line {first_lines[id_]} already")
                continue
            first_lines[id_] = line.number
            yield _Taken(line.number, id_, listing)

    total = Imported()
    for chunk in in_chunks(taken(), CHUNK):
        done = put(chunk)
        total = total._replace(
            added=total.added + done.added,
            changed=total.changed + done.changed,
            unchanged=total.unchanged + done.unchanged,
            held=total.held + done.held,
        )
        errors += done.errors
        notes += done.notes
    gone: _Removed = _Removed() if errors else remove(set(first_lines))
    return total._replace(
        lines=lines,
        removed=gone.removed,
        held=total.held + gone.held,
        errors=tuple(errors),
        notes=(*notes, *gone.notes),
    )


def _put(registry: Registry, by: str, points: Points, chunk: list[_Taken[Restriction]]) -> Imported:
    drafts: list[Drafted] = []
    waiting: list[tuple[Document, tuple[str, ...]]] = []
    lines = {one.id: one.line for one in chunk}
    errors: list[str] = []
    notes: list[str] = []
    unchanged = 0
    with registry.journal.write() as connection:
        known = registry.versions.latest(connection, [one.id for one in chunk])
        for one in chunk:
            before = known.get(one.id)
            if before is None:
                document = Document(restriction=one.listing, requests=(Request(id="1"),), reason=REASON)
                registered = newly_registered(points, None, document)
                first = without(document, registered)
                if first is None:
                    why = only_registered(one.listing)
                    errors.append(f"line {one.line}: contacts[{registered[0]}].value: {why}")
                    continue
                drafts.append(Drafted(one.id, 0, first, "created"))
                if registered:
                    waiting.append((document, would_restrict(registered)))
                    notes += (f"line {one.line}: {note}" for note in told_waiting(one.listing, registered))
                continue
            after = _next(before, one.listing)
            registered = newly_registered(points, before.document, after)
            loosened = (*loosens(before.document, after), *would_restrict(registered))
            if after == before.document:
                unchanged += 1
            elif loosened:
                first = at_once(before.document, after, registered)
                if first != before.document:
                    drafts.append(Drafted(one.id, before.version, first, "changed"))
                why_not = registry.restrictions.held_up_by(before.document, after, by)
                if why_not is not None:
                    errors.append(f"line {one.line}: {why_not}")
                    continue
                waiting.append((after, loosened))
                notes += (f"line {one.line}: {note}" for note in told_waiting(after.restriction, registered))
            else:
                drafts.append(Drafted(one.id, before.version, after, "changed"))
        if drafts:
            known |= {one.id: one for one in registry.versions.write(connection, by, drafts)}
            restrictions = [draft.document.restriction for draft in drafts]
            repeated = registry.elsewhere.repeated(connection, restrictions)
            for draft, told in zip(drafts, repeated, strict=True):
                notes += (f"line {lines[draft.id]}: {note}" for note in told)
        for document, asked in waiting:
            registry.restrictions.ask_change(connection, by, known[document.restriction.id], document, asked)
    added = sum(not draft.before for draft in drafts)
    return Imported(
        added=added,
        changed=len(drafts) - added,
        unchanged=unchanged,
        held=len(waiting),
        errors=tuple(errors),
        notes=tuple(notes),
    )


def _next(before: RestrictionVersion, listing: Restriction) -> Document:
    """The version that an import makes; one that was withdrawn stands again, asked for anew."""
    document = before.document
    if document.restriction == listing and document.stands:
        return document
    requests = document.requests
    if not document.stands:
        requests = (*requests, Request(id=f"import-{before.version + 1}"))
    return msgspec.structs.replace(document, restriction=listing, requests=requests, reason=REASON)


def _put_entries(registry: Registry, by: str, chunk: list[_Taken[ConfidentialEntry]]) -> Imported:
    register = registry.register
    drafts: list[EntryDraft] = []
    unchanged = 0
    with registry.journal.write() as connection:
        for one in chunk:
            before = register.latest(connection, one.id)
            if (
                before is not None
                and before.state is ListingState.STANDING
                and before.document.entry == one.listing
            ):
                unchanged += 1
                continue
            version, outcome = (before.version, "changed") if before is not None else (0, "created")
            document = EntryDocument(entry=one.listing, verified=REASON, reason=REASON)
            drafts.append(EntryDraft(one.id, version, ListingState.STANDING, document, outcome))
        if drafts:
            register.write(connection, by, drafts)
    added = sum(not draft.before for draft in drafts)
    return Imported(added=added, changed=len(drafts) - added, unchanged=unchanged)


def _remover(registry: Registry, by: str, replace: bool) -> Callable[[set[str]], _Removed]:
    def remove(seen: set[str]) -> _Removed:
        """Withdraw what the file does not hold, but for what a case holds up."""
        if not replace:
            return _Removed()
        with registry.journal.database.read() as connection:
            standing = [id_ for id_, _, _ in registry.versions.standing(connection)]
        missing = [id_ for id_ in standing if id_ not in seen and not is_canary(id_)]
        kept = registry.restrictions.held_up(by, missing, REASON)
        notes = tuple(f"{id_}: it is not in the file and stands: {why}" for id_, why in sorted(kept.items()))
        missing = [id_ for id_ in missing if id_ not in kept]
        if not missing:
            return _Removed(notes=notes)
        if len(missing) >= registry.smaller_list * len(standing):
            registry.restrictions.ask_removal(by, missing, REASON)
            return _Removed(held=len(missing), notes=notes)
        with registry.journal.write() as connection:
            return _Removed(registry.restrictions.remove(connection, by, missing, REASON), notes=notes)

    return remove


def _record_export(registry: Registry, by: str, what: str) -> None:
    with registry.journal.write() as connection:
        record = registry.journal.record(by, what, "exported", kind=Kind.VIEW)
        registry.journal.append(connection, [record])


def in_chunks(items: Iterable[T], size: int) -> Iterator[list[T]]:
    """The same in lists of so many, the last one shorter."""
    chunk: list[T] = []
    for item in items:
        chunk.append(item)
        if len(chunk) == size:
            yield chunk
            chunk = []
    if chunk:
        yield chunk
