"""An attempt, its decision, its record, in that order; nobody is answered before the record is on the disk.

The same id by the same caller is answered once: from memory a moment later, from the ledger for ever after.
"""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import NamedTuple

import msgspec
import structlog

from adapters.pin_phone.signals import CallEvent
from engine.dates import When
from engine.model import Attempt, Decision
from engine.policy import on_too_old_a_list
from engine.screener import Screener
from engine.window import MessageWindow
from service.access.model import Principal
from service.check.contact import screen_contact
from service.check.event import screen_event
from service.check.ports import CheckParts
from service.check.recording import codes_of, decision_record
from service.check.requests import ContactBody, request_key
from service.check.window import recall
from service.errors import ConflictError, NotAllowedError, NotFoundError, ServiceError, UnavailableError
from service.ledger import payloads, search
from service.ledger.chain import lock
from service.ledger.record import Record
from service.ledger.writer import Beside, Duplicate, Outcome
from service.storage.sealing import SealError

MOST_ANSWERED = 20_000
"""Answers kept in memory: some seconds' at full load, which is when a switch asks again."""

_log = structlog.get_logger(__name__)
_canonical = msgspec.json.Encoder().encode

Keep = Callable[[Decision], Beside]
"""Makes what is kept beside a decision's record, in the same transaction. Told the same decision again, it
leaves what is there."""


class _Screened(NamedTuple):
    """What is to be kept of an attempt, its decision, and the messages before it that were looked at."""

    kept: Attempt | ContactBody
    decision: Decision
    earlier: tuple[str, ...] = ()


class Deciding:
    """One attempt from its screening to its record. Made once for each attempt, however often it is asked."""

    __slots__ = (
        "_failure",
        "_writing",
        "began",
        "channel",
        "codes",
        "decision",
        "digest",
        "key",
        "record",
        "turn",
    )

    def __init__(self, key: bytes, digest: bytes, channel: str, decision: Decision, began: float) -> None:
        """`began` is a `time.perf_counter()`."""
        self.key = key
        self.digest = digest
        self.channel = channel
        self.decision = decision
        self.codes: tuple[str, ...] = ()
        self.began = began
        self.turn: tuple[Principal, str, str | None, tuple[str, ...]] | None = None
        """Who asks, on which channel, of which prisoner, about what."""
        self.record: Record | None = None
        """What has to be on the disk first; None once it is."""
        self._writing: asyncio.Future[None] | None = None
        self._failure: Exception | None = None


class Decider:
    """Screens and records. For one event loop."""

    def __init__(self, system: CheckParts, window: MessageWindow | None = None) -> None:
        """Without a window, the last messages are read from the ledger."""
        self._system = system
        self._vault = system.vault
        self._answered: OrderedDict[bytes, Deciding] = OrderedDict()
        if window is None:
            window = recall(system.database, system.vault, system.clock())
        self._window = window
        self._policy: tuple[object, str] = (None, "")
        self._closes_after = system.settings.closes_after

    def screener(self) -> Screener:
        """The screener in force, for the whole of one request. Raises UnavailableError."""
        current = self._system.current
        screener = current.screener
        if screener is None:
            raise UnavailableError(current.why_not or "there is no usable blocklist")
        return screener

    def attempt(self, principal: Principal, asked: Attempt, screener: Screener) -> Deciding:
        """Decide on an attempt; `recorded` gives the answer.

        Raises NotAllowedError outside the caller's prisons, ConflictError for an id that was another
        attempt's, UnavailableError when it could not be checked.
        """
        establishment = self._place(principal, asked.prisoner, asked.establishment)

        def screen(key: bytes, now: When) -> _Screened:
            attempt = asked
            if establishment != asked.establishment:
                attempt = msgspec.structs.replace(asked, establishment=establishment)
            earlier = self._window.before(attempt, key)
            decision = self._unless_closed(screener, attempt, screener.check(attempt, now, earlier))
            self._window.remember(attempt, key, decision)
            if decision.confidential and attempt.body:
                # What is confidential is not looked at, and not kept either.
                attempt = msgspec.structs.replace(attempt, body=None)
            return _Screened(attempt, decision, earlier)

        contacts = (asked.to, *asked.also_to, *asked.readings)
        return self._decide(principal, asked, asked.channel, establishment, screener, screen, contacts)

    def contact(self, principal: Principal, asked: ContactBody, screener: Screener) -> Deciding:
        """The same for a contact."""
        establishment = self._place(principal, asked.prisoner, asked.establishment)

        def screen(key: bytes, now: When) -> _Screened:
            return _Screened(asked, screen_contact(screener, asked, establishment, now))

        points = (*asked.numbers, *asked.emails, *((asked.address,) if asked.address is not None else ()))
        return self._decide(principal, asked, "contact", establishment, screener, screen, points)

    def call_of(self, principal: Principal, check: str) -> tuple[Attempt, bool]:
        """The call that the caller asked about under this id, and whether it is confidential. Blocks.

        Raises NotFoundError, UnavailableError when it cannot be read.
        """
        key = request_key(self._vault, principal.id, "call", check)
        with self._system.database.read() as connection:
            seq = search.answered_seq(connection, key)
            if seq is None:
                raise NotFoundError("you have not asked about this call", "check")
            record = search.answered_record(connection, seq, key)
        try:
            call = payloads.attempt_of(self._vault, record.subject, record.sealed)
            answer = payloads.decision_of(self._vault, record.subject, record.sealed)
        except SealError as error:
            _log.error("call_unreadable", seq=seq, error=type(error).__name__)
            raise UnavailableError("the call cannot be read") from None
        return call, answer.confidential

    def event(
        self, principal: Principal, event: CallEvent, call: Attempt, confidential: bool, screener: Screener
    ) -> Deciding:
        """The same for an event of a call that `call_of` gave."""
        establishment = self._place(principal, call.prisoner, call.establishment)
        to = event.to if event.to is not None else call.to
        moved = msgspec.structs.replace(
            call, id=event.id, to=to, establishment=establishment, body=None, at=None
        )

        def screen(key: bytes, now: When) -> _Screened:
            return _Screened(moved, screen_event(screener, event, moved, now, confidential=confidential))

        same = _canonical(event).decode()
        return self._decide(
            principal, moved, "call", establishment, screener, screen, (to,), key_name="event", same=same
        )

    async def recorded(self, deciding: Deciding, keep: Keep | None = None) -> Decision:
        """The decision, once its record is on the disk, and with it what is kept beside it.

        Raises ConflictError, UnavailableError, and what `keep` raises.
        """
        if deciding.record is not None and deciding._writing is not None:
            await asyncio.shield(deciding._writing)
            if deciding._failure is not None:
                raise deciding._failure
        if deciding.record is None:
            return await self._kept(deciding, keep)
        deciding._writing, deciding._failure = asyncio.get_running_loop().create_future(), None
        try:
            await self._write(deciding, deciding.record, keep)
            deciding.record = None
        except BaseException as error:
            self._forget(deciding)
            deciding._failure = error if isinstance(error, ServiceError) else UnavailableError("not recorded")
            raise
        finally:
            deciding._writing.set_result(None)
            deciding._writing = None
        return deciding.decision

    def _place(self, principal: Principal, prisoner: str | None, establishment: str | None) -> str | None:
        """The prison of an attempt, if need be the one that the prisoner is in. Raises NotAllowedError."""
        if establishment is None and prisoner is not None:
            try:
                establishment = self._system.registry.where_is(prisoner)
            except Exception as error:  # not knowing where he is makes no answer milder
                _log.warning("prison_unknown", error=type(error).__name__)
        if not principal.covers(establishment):
            raise NotAllowedError("this concerns a prison that is not among yours", "establishment")
        return establishment

    def _decide(
        self,
        principal: Principal,
        asked: Attempt | ContactBody,
        channel: str,
        establishment: str | None,
        screener: Screener,
        screen: Callable[[bytes, When], _Screened],
        contacts: tuple[str, ...],
        *,
        key_name: str | None = None,
        same: str | None = None,
    ) -> Deciding:
        """`contacts` is what is asked about; `key_name` keeps apart ids that are not the channel's; `same` is
        what a repetition repeats."""
        began = time.perf_counter()
        key = request_key(self._vault, principal.id, key_name or channel, asked.id)
        digest = self._vault.digest("request", same or _canonical(asked).decode())
        known = self._answered.get(key)
        if known is not None:
            if known.digest != digest:
                raise _other_attempt()
            return known
        self._system.asking.attempt(principal, channel, asked.prisoner, contacts, screener)
        now, when = self._system.clock(), self._system.clock.moment()
        try:
            screened = screen(key, when)
        except Exception as error:  # its text could hold what was given
            _log.error("check_failed", channel=channel, error=type(error).__name__)
            raise UnavailableError("the attempt could not be checked") from None
        kept, decision = screened.kept, screened.decision
        deciding = Deciding(key, digest, channel, decision, began)
        deciding.codes = codes_of(decision)
        deciding.turn = principal, channel, asked.prisoner, contacts
        deciding.record = decision_record(
            self._vault,
            key,
            at=now,
            actor=principal.id,
            channel=channel,
            prisoner=asked.prisoner,
            establishment=establishment,
            asked=asked,
            kept=kept,
            decision=decision,
            policy=self._policy_version(screener),
            shadow=self._shadow(screened, screener, when),
        )
        self._answered[key] = deciding
        if len(self._answered) > MOST_ANSWERED:
            self._answered.popitem(last=False)
        return deciding

    def _unless_closed(self, screener: Screener, attempt: Attempt, decision: Decision) -> Decision:
        """The decision, or what is left of it where the list is too old for this channel."""
        closes_after = self._closes_after.get(attempt.channel)
        if closes_after is None:
            return decision
        age = self._system.current.age
        if age is not None and age <= closes_after:
            return decision
        return on_too_old_a_list(screener.policy, attempt.channel, decision)

    async def _write(self, deciding: Deciding, record: Record, keep: Keep | None) -> None:
        beside = None if keep is None else await asyncio.to_thread(keep, deciding.decision)
        try:
            outcome = await self._recorded(deciding, record, beside)
            if type(outcome) is Duplicate:
                if not outcome.same:
                    raise _other_attempt()
                deciding.decision = await asyncio.to_thread(self.first_answer, outcome.seq, deciding.key)
                await self._kept(deciding, keep)
                return
        except ServiceError:
            raise
        except Exception as error:  # a database's text could hold what was written
            _log.error("decision_not_recorded", error=type(error).__name__)
            raise UnavailableError("the ledger cannot be written") from None
        seconds = time.perf_counter() - deciding.began
        self._system.metrics.decision(deciding.channel, record.outcome or "", deciding.codes, seconds)

    async def _recorded(self, deciding: Deciding, record: Record, beside: Beside | None) -> Outcome:
        return await self._system.ledger.write(record, deciding.key, deciding.digest, beside)

    async def _kept(self, deciding: Deciding, keep: Keep | None) -> Decision:
        """The decision of a record that is there, and what is kept beside it as well."""
        if keep is not None:
            await asyncio.to_thread(self._keep_now, deciding.key, keep(deciding.decision))
        return deciding.decision

    def _keep_now(self, key: bytes, beside: Beside) -> None:
        with self._system.database.write() as connection:
            lock(connection)
            seq = search.answered_seq(connection, key)
            if seq is None:
                raise UnavailableError("the answer to this attempt cannot be read")
            beside(connection, seq)

    def first_answer(self, seq: int, key: bytes) -> Decision:
        """The answer that was given before. Raises UnavailableError when it cannot be read."""
        try:
            with self._system.database.read() as connection:
                record = search.answered_record(connection, seq, key)
            return payloads.decision_of(self._vault, record.subject, record.sealed)
        except (SealError, ServiceError) as error:
            _log.error("first_answer_unreadable", seq=seq, error=type(error).__name__)
            raise UnavailableError("the first answer to this id cannot be read") from None

    def _forget(self, deciding: Deciding) -> None:
        if self._answered.get(deciding.key) is deciding:
            del self._answered[deciding.key]

    def _shadow(self, screened: _Screened, screener: Screener, now: When) -> str | None:
        """The shadow policy's verdict where it differs. Nothing that fails in it reaches the answer."""
        shadow, kept = self._system.current.shadow, screened.kept
        if shadow is None or not isinstance(kept, Attempt):
            return None
        try:
            beside = Screener(screener.blocklist, shadow, screener.confirmed)
            verdict = beside.check(kept, now, screened.earlier).decision
        except Exception as error:
            _log.error("shadow_failed", error=type(error).__name__)
            return None
        return verdict if verdict != screened.decision.decision else None

    def _policy_version(self, screener: Screener) -> str:
        policy, version = self._policy
        if policy is not screener.policy:
            version = screener.policy.version
            self._policy = screener.policy, version
        return version


def _other_attempt() -> ConflictError:
    return ConflictError("this id was another attempt's", "id")
