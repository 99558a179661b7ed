"""The blocklist in force: built from the registry, and built anew beside the old one whenever that changes.

A thread looks for changes four times a second, and at once when it is woken. Readers take
`Current.screener` as it is; it is swapped whole, and they never wait. What cannot be built leaves the last
good list in force and says why. A restriction that cannot be read makes the list incomplete: on such a
list nothing is allowed. Where a part of one cannot be read, nothing is allowed to those whom it names.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Collection, Iterable, Mapping
from pathlib import Path
from typing import Any, cast

import msgspec
import structlog
from sqlalchemy import Connection

from engine.blocklist import Blocklist, Index, change_blocklist, compile_blocklist
from engine.listing import Listing
from engine.model import ConfidentialEntry, Monitoring, Restriction
from engine.policy import Policy
from engine.screener import Screener
from service.access.model import Right
from service.blocklist import kept as kept_list
from service.blocklist.catching_up import CatchingUp, differing, noting
from service.blocklist.changed import SMALLER_LIST, SUBJECT, accepted, agreed, changed, naming
from service.blocklist.compiling import on_every_core
from service.blocklist.kept import AT_LEAST, EVERY, MOST_CHANGED, Origins
from service.ledger import payloads, search
from service.ledger.payloads import ListDetail
from service.ledger.record import Kind, Record
from service.registry.approvals import ApprovalState, Asked
from service.registry.found import StoredVersion
from service.registry.journal import RESTRICTION, OutboxRow
from service.registry.registry import Registry
from service.registry.tables import restriction_version
from service.storage import soundness
from service.storage.rows import ChangedRowError
from service.storage.sealing import SealError

POLL = 0.25
"""Seconds between looks: a change has to be in force within one, and a build takes up to 0.2."""
RETRY = 1.0
"""Seconds after a build that failed."""
IN_FORCE, HELD = "in_force", "held"
"""Their outcomes. With a held list no later one is compared: it would make what is missing usual."""

_log = structlog.get_logger(__name__)


class DamagedDatabaseError(Exception):
    """An index and its table do not say the same: no list is made of either."""


class Current:
    """Keeps the list. `screener`, `why_not` and `confirmed_at` may be read from any thread."""

    def __init__(
        self,
        registry: Registry,
        policy: Policy,
        *,
        write_record: Callable[[Record], object] | None,
        fixed: bool = False,
        folder: Path | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """`write_record` puts a record on the disk; it is never called within a transaction.

        Without it the list is made to be looked at, and not put in force: nothing is recorded, nobody asked.
        `folder` is where the list is kept for the next start. `policy` holds until one is put in force in
        the registry, and where `fixed` says so always.
        """
        self._registry = registry
        self.policy = policy
        """The policy in force."""
        self.shadow: Policy | None = None
        """One that is only tried beside it."""
        self._given, self._fixed = policy, fixed
        self._clock = registry.journal.clock
        self._write_record = write_record
        self._monotonic = monotonic
        self._seq = 0
        self._lost: set[str] = set()
        self._held: str | None = None
        self._policy_lost = False
        self._monitoring_lost = False
        self._missed: set[str] = set()
        """Prisoners of whom the ledger records more than the registry says."""
        self._folder = folder
        self._doubted: set[str] = set()
        """Restrictions of a kept list that the registry says less of."""
        self._origins = Origins()
        self._kept_version: str | None = None
        self._kept_at = float("-inf")
        self._wanted = threading.Event()
        self._refreshing = threading.Lock()
        self._stopping = False
        self._thread: threading.Thread | None = None
        self._stands: tuple[Screener, int] | None = None
        self.when_new: Callable[[], object] = lambda: None
        """Called with each list that is put in force; it may not wait."""
        self._screener: Screener | None = None
        self._fresh_until = float("-inf")
        self.why_not: str | None = "the first list is being built"
        """Why there is none, or why it is not the newest. Holds no detail."""
        self.confirmed_at: float | None = None
        """When the list was last known to be current, on the monotonic clock."""
        registry.approvals.on(SMALLER_LIST, _nothing, opened_with=Right.CONFIRM)

    def start(self) -> None:
        """Begin. Does not wait for the first list."""
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name="blocklist", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End; the list stays as it is."""
        self._stopping = True
        self._wanted.set()
        if self._thread is not None:
            self._thread.join()
            self._thread = None
            self._keep(now=True)

    @property
    def screener(self) -> Screener | None:
        """The list in force with its policy; None before the first. Its age goes by the monotonic clock: by
        the wall clock a list would be fresh again once that was set back."""
        screener = self._screener
        if screener is None or self._monotonic() <= self._fresh_until:
            return screener
        return screener.as_stale()

    @screener.setter
    def screener(self, screener: Screener | None) -> None:
        """Put it in force, current as of now."""
        self.confirmed_at = self._monotonic()
        if screener is not None:
            self._fresh_until = self.confirmed_at + screener.policy.stale_after.total_seconds()
        self._screener = screener

    @property
    def age(self) -> float | None:
        """Seconds since it was known to be current; None where it never was."""
        confirmed = self.confirmed_at
        return None if confirmed is None else max(0.0, self._monotonic() - confirmed)

    @property
    def stands(self) -> tuple[Screener, int] | None:
        """The list last put in force, and the registry's last change that is in it: a pair."""
        return self._stands

    @property
    def change(self) -> int:
        """The registry's last change that is in the list in force."""
        return self._seq

    def wake(self) -> None:
        """Look for changes now."""
        self._wanted.set()

    def refresh(self) -> None:
        """Bring the list up to date, once. Whatever goes wrong is told by `why_not`.

        From any thread: two at once go one after the other, or what the slower read earlier would be put in
        force over what is newer, and would look as if the registry had lost it.
        """
        with self._refreshing:
            self._refresh()

    def _refresh(self) -> None:
        try:
            if self.screener is None:
                if not self._start_from_kept():
                    self._build()
            else:
                self._follow(self.screener.blocklist)
            self._keep()
        except Exception as error:  # whatever it is, the last good list stays, and the thread goes on
            kind = type(error).__name__
            if self.why_not is None or kind not in self.why_not:
                _log.error("blocklist_not_built", error=kind)
            self.why_not = f"the newest list could not be built: {kind}"

    def _run(self) -> None:
        while not self._stopping:
            self.refresh()
            failed = self.why_not is not None and self._held is None
            self._wanted.wait(RETRY if failed else POLL)
            self._wanted.clear()

    def _start_from_kept(self) -> bool:
        """The list of the last time, with all that the registry says otherwise today. False without one."""
        kept = kept_list.load(self._folder, self._registry.journal.vault) if self._folder else None
        if kept is None:
            return False
        registry, before = self._registry, kept.origins
        seq = registry.last_change()  # read first, as below
        registry.start()
        self._take_policies()
        known = registry.prisoners.everybody()
        moved = differing(before.prisoners, known)
        with registry.journal.database.read() as connection:
            states = registry.versions.states(connection)
            stand = {id_: version for id_, (version, stands) in states.items() if stands}
            ids = differing(before.versions, stand) | naming(registry, connection, moved)
            read = CatchingUp(registry, before.versions, states, self._standing)
            few = max(AT_LEAST, MOST_CHANGED * len(before.versions))
            if len(ids) > few and not any(map(read.is_less, ids)):
                return False
            read.all(connection, ids)
            rows = {id_: version for id_, _, version in registry.register.standing(connection)}
            register = self._entries(connection) if rows != before.register else None
            missing = self._missing(connection, len(stand))
            heightened = self._heightened(connection, kept.blocklist)
            self._missed = registry.prisoners.missed(connection, moved)
        lost = read.lost
        self._doubted = set(read.doubted)
        blocklist = kept.blocklist
        is_other = ids or register is not None or heightened != blocklist.heightened
        if is_other or missing or not self._is_whole(lost):
            blocklist = change_blocklist(
                blocklist,
                read.put,
                read.gone,
                confidential=register,
                complete=self._is_whole(lost) and not missing,
                heightened=heightened,
                lost=noting(lost),
            )
        self._lost = lost
        self._origins = Origins(stand, rows, known)
        if missing:
            self._hold(missing)
        self._kept_version = kept.blocklist.version
        _log.info("kept_list_taken", count=len(ids))  # read anew on top of it
        self._put_in_force(blocklist, seq)
        return True

    def _keep(self, *, now: bool = False) -> None:
        """Put the list into its file where it changed; not one on which nothing may be allowed."""
        screener = self.screener
        if self._folder is None or self._write_record is None or screener is None:
            return
        if self._held or self._lost:
            return
        version = screener.blocklist.version
        is_due = now or self._monotonic() - self._kept_at >= EVERY
        if version == self._kept_version or not is_due or not screener.blocklist.usable:
            return
        self._kept_at = self._monotonic()
        try:
            kept_list.keep(self._folder, self._registry.journal.vault, screener.blocklist, self._origins)
            self._kept_version = version
        except Exception as error:  # a full disk, or whatever it is: the next start takes longer, that is all
            _log.error("list_not_kept", error=type(error).__name__)

    def _build(self) -> None:
        """The whole list. Raises DamagedDatabaseError where the file may leave out what is in it."""
        registry = self._registry
        seq = registry.last_change()  # read first: what comes in meanwhile is looked at again
        registry.start()
        self._take_policies()
        lost: set[str] = set()
        origins = Origins(prisoners=registry.prisoners.everybody() if self._folder else {})
        with registry.journal.database.read() as connection:
            if soundness.damage(connection):
                raise DamagedDatabaseError
            restrictions: dict[str, Restriction] = {}
            for row in registry.versions.stored(connection):
                if (restriction := self._standing(row, lost)) is not None:
                    restrictions[row.id] = restriction
                    origins.versions[row.id] = row.version
            gone = self._gone(connection)
            self._missed = registry.prisoners.missed(connection)
            register = self._entries(connection, origins)
            heightened = self._heightened(connection)
            missing = max(self._missing(connection, len(restrictions.keys() | lost)), len(gone))
        self._doubted = gone
        lost |= gone
        blocklist = compile_blocklist(
            list(restrictions.values()),
            register,
            complete=self._is_whole(lost) and not missing,
            heightened=heightened,
            lost=noting(lost),
            compiling=on_every_core,
        )
        self._lost = lost
        self._origins = origins
        if missing:
            self._hold(missing)
        self._put_in_force(blocklist, seq)

    def _follow(self, blocklist: Blocklist) -> None:
        """The changes since."""
        changes = self._registry.changes_since(self._seq)
        if changes:
            blocklist = self._changed(blocklist, changes)
            self._put_in_force(blocklist, changes[-1].seq)
        else:
            self._confirm(blocklist)

    def _changed(self, blocklist: Blocklist, changes: Collection[OutboxRow]) -> Blocklist:
        registry = self._registry
        what = changed(changes)
        moved = what.moved
        if moved:
            registry.prisoners.reload(moved)
            if self._folder:
                self._origins.prisoners = registry.prisoners.everybody()
        doubted = self._settle(what.approvals)
        if what.policy:
            self._take_policies()
        with registry.journal.database.read() as connection:
            ids = what.restrictions | naming(registry, connection, moved)
            lost = self._lost - ids - doubted
            put: list[Restriction] = []
            gone = sorted(doubted - ids)
            versions = self._origins.versions
            found = set()
            for row in registry.versions.stored(connection, ids):
                found.add(row.id)
                if row.is_less_than(versions.get(row.id, 0)):  # it stays as it was last known
                    lost.add(row.id)
                elif (restriction := self._standing(row, lost)) is not None:
                    versions[row.id] = row.version
                    put.append(restriction)
                elif row.holds and not row.stands:
                    gone.append(row.id)
                    versions.pop(row.id, None)
            lost |= (ids & versions.keys()) - found
            register = self._entries(connection, self._origins) if what.register else None
            heightened = self._heightened(connection, blocklist) if what.monitoring else None
        new = change_blocklist(
            blocklist,
            put,
            gone,
            confidential=register,
            complete=self._is_whole(lost),
            heightened=heightened,
            lost=noting(lost),
        )
        self._lost = lost
        return new

    def _put_in_force(self, blocklist: Blocklist, seq: int) -> None:
        before = self.screener
        self._seq = seq
        self._confirm(blocklist)
        is_new = before is None or before.blocklist.version != blocklist.version
        if self._screener is not None:
            self._stands = self._screener, seq
            self.when_new()
        if is_new or (before is not None and before.policy.version != self.policy.version):
            self._record(blocklist)

    def _confirm(self, blocklist: Blocklist) -> None:
        """The list is current as of now."""
        self.screener = Screener(blocklist, self.policy, self._clock())
        self.why_not = self._held

    def _is_whole(self, lost: set[str]) -> bool:
        """Whether an allow may rest on the list: nothing that it is made from was lost or changed."""
        doubted = self._registry.prisoners.doubted | self._missed
        is_lost = self._policy_lost or self._monitoring_lost
        return not (lost or doubted or is_lost or self._held is not None)

    def _heightened(
        self, connection: Connection, before: Blocklist | None = None
    ) -> Mapping[str, Monitoring]:
        """Who is under heightened monitoring. Where somebody may be missing nothing is allowed."""
        known = {} if before is None else before.heightened
        found = self._registry.monitorings.standing(connection, known, thoroughly=before is None)
        self._monitoring_lost = not found.is_whole
        return found.heightened

    def _standing(self, row: StoredVersion, lost: set[str]) -> Restriction | None:
        """A restriction as it is today where it stands, by what its sealed version says where the row was
        changed: it is in force and noted as lost."""
        sealed = (row.id, row.sealed, row.version)
        if not row.holds:
            lost.add(row.id)
        stands = row.stands if row.holds else self._registry.versions.stands(*sealed)
        return self._open(sealed, lost) if stands else None

    def _gone(self, connection: Connection) -> set[str]:
        """Restrictions that the ledger has a version of and the registry has not, and nobody confirmed."""
        gone = self._registry.journal.lost(connection, RESTRICTION, restriction_version) - accepted(
            self._registry
        )
        if gone:
            _log.error("registry_says_less_than_the_ledger", kind=RESTRICTION, count=len(gone))
        return gone

    def _open(self, row: tuple[str, bytes, int], lost: set[str]) -> Restriction | None:
        """A restriction as it is today; None, and noted as lost, when it cannot be read."""
        try:
            return self._registry.versions.effective(*row)
        except Exception as error:  # whatever one record does to its reader, the others go on
            _log.error("restriction_unreadable", error=type(error).__name__)
            lost.add(row[0])
            return None

    def _entries(self, connection: Connection, origins: Origins | None = None) -> list[ConfidentialEntry]:
        """The register; what cannot be read of it is left out, and then checked like anybody else."""
        entries = []
        if origins is not None:
            origins.register = {}
        for row in self._registry.register.standing(connection):
            if origins is not None:
                origins.register[row[0]] = row[2]
            try:
                entries.append(self._registry.register.entry(*row))
            except (SealError, msgspec.DecodeError) as error:
                _log.error("register_entry_unreadable", error=type(error).__name__)
        return entries

    def _missing(self, connection: Connection, count: int) -> int:
        """How many restrictions are gone that nobody withdrew, where they are too many to let it pass."""
        last = search.search(connection, subject=SUBJECT, outcome=IN_FORCE, limit=1)
        if not last:
            return 0
        before = payloads.list_in_force(last[0].detail)
        expected = before.restrictions + self._registry.versions.growth(connection, before.change)
        missing = expected - count
        return missing if missing > 0 and missing >= self._registry.smaller_list * before.restrictions else 0

    def _hold(self, missing: int) -> None:
        """Ask a second person whether that is right; until then nothing is allowed on this list."""
        if self._write_record is not None:
            without = msgspec.msgpack.encode(sorted(self._doubted))
            with self._registry.journal.write() as connection:
                words = (f"{missing:,} restrictions are missing",)
                asked = Asked(SMALLER_LIST, SUBJECT, 0, None, without, words)
                self._registry.approvals.ask(connection, "system", asked)
        self._held = f"{missing:,} restrictions are missing and nobody withdrew them: somebody has to confirm"

    def _take_policies(self) -> None:
        """The policies that were put in force; of the live one a file of the operator's goes before it."""
        self.shadow = self._registry.policies.shadow()
        if self._fixed:
            return
        try:
            self.policy = self._registry.policies.live() or self._given
            self._policy_lost = False
        except ChangedRowError:  # the last one that is known holds, and nothing is allowed by it
            self._policy_lost = True

    def _settle(self, approvals: Iterable[str]) -> set[str]:
        """Take what somebody confirmed; gives the doubted restrictions that are gone with it."""
        for identifier in approvals:
            approval = self._registry.approvals.get(identifier)
            is_it = approval.kind == SMALLER_LIST and approval.state is ApprovalState.CONFIRMED
            if is_it and agreed(self._registry, approval) is not None:
                self._held = None
                doubted, self._doubted = self._doubted, set()
                return doubted
        return set()

    def _record(self, blocklist: Blocklist) -> None:
        if self._write_record is None:
            return
        restricted = cast("Index[Listing]", blocklist.restricted)
        absent = sum(
            not restricted.rows_named(id_) for id_ in self._lost
        )  # of others the last good one holds
        restrictions = len(restricted) + absent
        counts = ListDetail(restrictions, len(blocklist.confidential), self._seq)
        record = Record(
            at=self._clock(),
            kind=Kind.SYSTEM,
            actor="system",
            subject=SUBJECT,
            outcome=IN_FORCE if self._held is None else HELD,
            blocklist=blocklist.version,
            policy=self.policy.version,
            detail=payloads.plain(counts),
        )
        try:
            self._write_record(record)
        except Exception as error:  # the list is in force all the same
            _log.error("blocklist_not_recorded", error=type(error).__name__)


def _nothing(*_: Any) -> None:
    """What confirming a smaller list writes: nothing more than that it was confirmed."""
