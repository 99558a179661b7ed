"""`/v1/check/…`: an attempt in, a decision out. Without a framework, because a call waits for it.

The order in which a request is refused: unknown path, method, caller, rate, right, type, size, content.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from functools import partial
from typing import NoReturn, cast

import msgspec
import structlog
from sqlalchemy.exc import SQLAlchemyError
from starlette.datastructures import Headers

from engine.blocklist import Index
from engine.model import Channel
from engine.screener import Screener
from service.access.model import Principal, Right
from service.access.view import Concerns, concerns_prisons, view
from service.check.answers import Answer, ItemError, encode
from service.check.deciding import Decider, Deciding
from service.check.ports import CheckParts
from service.check.requests import read_attempt, read_batch, read_contact, read_item
from service.errors import NotFoundError, ServiceError, TooLargeError, UnavailableError
from service.web.exchange import ReadBody
from service.web.http import (
    Answered,
    ClientGoneError,
    Header,
    MethodError,
    Receive,
    RequestHead,
    Scope,
    Send,
    error_answer,
    json_answer,
    options_answer,
    read_body,
    send_answer,
)

PREFIX = "/v1/check/"
RIGHT: dict[Channel, Right] = {
    "call": Right.CHECK_CALL,
    "message": Right.CHECK_MESSAGE,
    "letter": Right.CHECK_LETTER,
}
TURN = 0.002
"""Seconds that a batch works before it lets others in: a call that waits behind it is late by so much."""

_Check = Callable[["CheckAPI", Principal, bytes, str], Awaitable[bytes]]

_log = structlog.get_logger(__name__)


class CheckAPI:
    """Answers every path under `/v1/check/`: by ASGI, and the checks themselves without it."""

    def __init__(
        self,
        system: CheckParts,
        further: Callable[[], list[Header]] = list,
        decider: Decider | None = None,
    ) -> None:
        """`further` gives headers that each answer has as well. Without a decider, one that reads the last
        messages from the ledger, so that a number split over a restart is seen."""
        self._system = system
        self._further = further
        self.decider = decider or Decider(system)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, whatever it is."""
        head = RequestHead(scope["headers"])
        read = partial(read_body, head, receive)
        answered = await self.respond(scope["method"], scope["path"], head, read)
        if answered is not None:
            await send_answer(send, answered)

    def takes(self, method: bytes, url: bytes) -> bool:
        """Whether it is a check as a switch asks for it: nothing in its path has to be read first."""
        return url in _URLS and method == b"POST"

    async def respond(self, method: str, path: str, head: RequestHead, read: ReadBody) -> Answered | None:
        """The answer to one request; None where the client is gone."""
        try:
            answered = await self._answered(method, path, head, read)
        except ClientGoneError:
            return None
        except ServiceError as error:
            answered = error_answer(head, error)
        except Exception as error:  # its text could hold what was given
            _log.error("unexpected", request=head.request.decode("ascii"), error=type(error).__name__)
            answered = error_answer(head, ServiceError())
        answered.headers.extend(self._further())
        return answered

    async def _answered(self, method: str, path: str, head: RequestHead, read: ReadBody) -> Answered:
        name = path.removeprefix(PREFIX)
        check = _CHECKS.get(name)
        if check is None or name == path:
            raise NotFoundError("there is no such check")
        if method == "OPTIONS":
            return options_answer(head)
        try:
            return json_answer(head, await self._answer(check, name, method, head, read))
        except ServiceError as error:
            self._system.metrics.refused(name, error.status)
            raise
        except SQLAlchemyError as error:  # whose key it is cannot be asked for
            self._system.metrics.refused(name, UnavailableError.status)
            request, kind = head.request.decode("ascii"), type(error).__name__
            _log.error("database_failed", request=request, error=kind)
            raise UnavailableError("the database cannot be used") from None

    async def _answer(
        self, check: _Check, name: str, method: str, head: RequestHead, read: ReadBody
    ) -> bytes:
        if method != "POST":
            raise MethodError("only POST")
        principal = await self._caller(head, method)
        self._system.asking.key(principal)
        right = _RIGHTS[name]
        if not principal.may(right):
            await self._refuse(principal, right, name)
        head.require_json()
        body = await read(self._system.settings.longest_body)
        return await check(self, principal, body, name)

    async def _caller(self, head: RequestHead, method: str) -> Principal:
        access = self._system.access
        if head.authorization is not None:
            known = access.known(head.authorization.decode("latin-1"))
            if known is not None:
                return known
        return await asyncio.to_thread(access.authenticate, method, Headers(raw=head.headers))

    async def _refuse(self, principal: Principal, right: Right, name: str) -> NoReturn:
        await asyncio.to_thread(self._system.access.refused, principal, right, PREFIX + name)
        principal.require(right)
        raise AssertionError("refused what is allowed")

    async def _one(self, principal: Principal, body: bytes, name: str) -> bytes:
        asked = read_attempt(cast(Channel, name), body)
        decider = self.decider
        screener = decider.screener()
        decision = await decider.recorded(decider.attempt(principal, asked, screener))
        return encode(view(decision, principal, self._concerns(principal, screener)))

    async def _contact(self, principal: Principal, body: bytes, name: str) -> bytes:
        asked = read_contact(body)
        decider = self.decider
        screener = decider.screener()
        decision = await decider.recorded(decider.contact(principal, asked, screener))
        return encode(view(decision, principal, self._concerns(principal, screener)))

    async def _batch(self, principal: Principal, body: bytes, name: str) -> bytes:
        items = read_batch(body)
        longest = self._system.settings.longest_batch
        if len(items) > longest:
            raise TooLargeError(f"at most {longest:,} attempts in one batch")
        self._system.asking.further(principal, len(items) - 1)
        screener = self.decider.screener()
        begun: list[Deciding | ItemError] = []
        turn = time.monotonic() + TURN
        for index, item in enumerate(items):
            begun.append(self._item(principal, index, item, screener))
            if time.monotonic() > turn:
                await asyncio.sleep(0)
                turn = time.monotonic() + TURN
        concerns = self._concerns(principal, screener)
        answers = await asyncio.gather(
            *(self._finish(principal, concerns, index, one) for index, one in enumerate(begun)),
            return_exceptions=True,
        )
        for answer in answers:
            if isinstance(answer, BaseException):
                raise answer
        return encode(answers)

    def _item(
        self, principal: Principal, index: int, item: msgspec.Raw, screener: Screener
    ) -> Deciding | ItemError:
        try:
            asked = read_item(item)
            principal.require(RIGHT[asked.channel])
            return self.decider.attempt(principal, asked, screener)
        except ServiceError as error:
            return _item_error(index, error)

    async def _finish(
        self, principal: Principal, concerns: Concerns, index: int, one: Deciding | ItemError
    ) -> Answer:
        if isinstance(one, ItemError):
            return one
        try:
            return view(await self.decider.recorded(one), principal, concerns)
        except ServiceError as error:
            if error.status == 503:  # the ledger: the whole batch may be sent again, ids and all
                raise
            return _item_error(index, error)

    def _concerns(self, principal: Principal, screener: Screener) -> Concerns:
        """Whether a restriction of the list concerns the caller's prisons; one that is not in it does not."""
        listings = screener.blocklist.restricted

        def concerns(id_: str) -> bool:
            if not isinstance(listings, Index):
                return False
            found = (listings.listing(row).restriction for row in listings.rows_named(id_))
            where_is = self._system.registry.where_is
            return any(concerns_prisons(principal.prisons, one, where_is) for one in found)

        return concerns


_RIGHTS: dict[str, Right] = {
    **{str(channel): right for channel, right in RIGHT.items()},
    "contact": Right.CHECK_CONTACT,
    "batch": Right.CHECK_BATCH,
}
_CHECKS: dict[str, _Check] = {
    **dict.fromkeys(map(str, RIGHT), CheckAPI._one),
    "batch": CheckAPI._batch,
    "contact": CheckAPI._contact,
}
_URLS = frozenset(f"{PREFIX}{name}".encode() for name in _CHECKS)


def _item_error(index: int, error: ServiceError) -> ItemError:
    return ItemError(index=index, error=error.detail or error.title, field=error.field, status=error.status)
