"""A client of the check for switches and other programs: it asks, keeps the time, and never waits for ever.

    async with Client(["https://node-1:8085", "https://node-2:8085"], key) as client:
        answer = await client.check("call", id="C1", prisoner="A1234BC", to="07700 900123")

The first node is asked; if it says nothing for a while, or fails, the next one is asked too, by the same id,
so that a node which hears it twice answers the same and records it once. The first usable answer wins.
When none comes in time, `on_unreachable` decides, which can refuse or flag and never allow; before that a
local, last-known blocklist, where the operator keeps one.

What does not look exactly like an answer is none: another id, an action that does not belong to its decision,
a page, half a document. An allow is believed only whole.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, TypeVar
from urllib.parse import quote

import httpx
import msgspec

from engine.combining import CONTACT_ACTION
from engine.model import Attempt, Channel, Decision, Verdict
from engine.policy import Policy, read_policy
from engine.saved import SavedBlocklistError, load_with_policy
from engine.screener import Screener

_log = logging.getLogger(__name__)

TIMEOUT = 0.3
"""Seconds until a call has its answer. Longer, and an outage is heard as silence."""
HEDGE_AFTER = 0.1
"""Seconds until the next node is asked: ten times what an answer takes, so that few are asked in vain."""
COOLING = 1.0
"""Seconds for which a node that could not be reached is asked last."""
LONGEST_ANSWER = 64 * 1024

T = TypeVar("T")
Source = Literal["service", "last_known", "unreachable"]

Asked = Channel | Literal["contact"]
"""A channel, or somebody whom a prisoner asks to have on his list."""
ACTIONS: dict[Asked, dict[Verdict, frozenset[str]]] = {
    "call": {
        "allow": frozenset({"connect"}),
        "flag": frozenset({"connect_and_alert", "refuse"}),
        "block": frozenset({"refuse"}),
    },
    "message": {
        "allow": frozenset({"deliver"}),
        "flag": frozenset({"hold"}),
        "block": frozenset({"stop"}),
    },
    "letter": {
        "allow": frozenset({"post"}),
        "flag": frozenset({"hold"}),
        "block": frozenset({"stop"}),
    },
    "contact": {verdict: frozenset({action}) for verdict, action in CONTACT_ACTION.items()},
}
"""What each decision may be told as."""
WITHOUT_ANSWER: dict[Channel, dict[Verdict, str]] = {
    "call": {"flag": "connect_and_alert", "block": "refuse"},
    "message": {"flag": "hold", "block": "stop"},
    "letter": {"flag": "hold", "block": "stop"},
}
"""What is done when nobody answered, by what the operator chose."""


class CheckAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be done, and who said so."""

    id: str
    decision: Verdict
    action: str
    confidential: bool
    source: Source


Standing = Literal["allowed", "held", "released", "stopped", "unknown"]
"""Where an attempt stands; unknown where it was never asked about."""


class StandingOf(msgspec.Struct, frozen=True):
    """Where one attempt stands, under the asker's own id of it."""

    id: str
    state: Literal["allowed", "held", "released", "stopped"]


class SettledPage(msgspec.Struct, frozen=True):
    """What took effect after a number, in order, and the number to ask from next."""

    settled: tuple[StandingOf, ...]
    after: int
    more: bool


class RefusedRequestError(ValueError):
    """The service could not read the attempt: the asker's own mistake. `field` names what is wrong."""

    def __init__(self, field: str) -> None:
        super().__init__(f"the service cannot read the attempt: {field}")
        self.field = field


class LastKnown:
    """A saved blocklist on this machine, for when no node answers. Read again when the file changes."""

    def __init__(
        self, path: Path, *, policy: Policy | None = None, clock: Callable[[], datetime] | None = None
    ) -> None:
        """`path` is a saved blocklist; its time of change is when it was last known to be current.

        It decides by the policy that was saved with it. Where none was, that is logged, and the stricter of
        the packaged policy and `policy` counts; of a saved and a given one the stricter as well.
        """
        self._path = path
        self._policy = policy
        self._clock = clock or _now
        self._held: tuple[int, tuple[Screener, ...]] | None = None

    def decide(self, attempt: Attempt) -> tuple[Verdict, str, bool] | None:
        """Decision, action, and whether confidential; None when the list cannot be used.

        A list that is too old allows nothing: its allows are flags (the policy's `stale_after`).
        """
        try:
            decisions = [screener.check(attempt, self._clock()) for screener in self._screeners()]
        except (OSError, SavedBlocklistError, msgspec.DecodeError):
            return None
        decision = max(decisions, key=_strictness)
        return decision.decision, decision.action, decision.confidential

    def _screeners(self) -> tuple[Screener, ...]:
        """One for each policy that counts."""
        changed = self._path.stat().st_mtime_ns
        if self._held is None or self._held[0] != changed:
            blocklist, policy = load_with_policy(self._path.read_bytes())
            confirmed = datetime.fromtimestamp(changed / 1e9, UTC)
            if policy is None:
                _log.warning("the saved blocklist holds no policy: save it again; the packaged one counts")
            policies = [policy or read_policy(None), *([self._policy] if self._policy else [])]
            self._held = changed, tuple(Screener(blocklist, one, confirmed) for one in policies)
        return self._held[1]


class Client:
    """Asks. One for a program; its connections stay open. For one event loop."""

    def __init__(
        self,
        nodes: Sequence[str],
        key: str,
        *,
        timeout: float = TIMEOUT,
        hedge_after: float = HEDGE_AFTER,
        on_unreachable: Mapping[Channel, Verdict] | None = None,
        last_known: LastKnown | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        """`timeout` and `hedge_after` in seconds. `on_unreachable` is `block` for calls, else `flag`.

        Raises ValueError without a node, and for an `on_unreachable` that would allow.
        """
        if not nodes:
            raise ValueError("at least one node is needed")
        chosen: dict[Channel, Verdict] = {"call": "block", "message": "flag", "letter": "flag"}
        chosen.update(on_unreachable or {})
        if any(verdict not in ("block", "flag") for verdict in chosen.values()):
            raise ValueError("on_unreachable: block or flag; nothing is allowed that nobody answered for")
        self._on_unreachable = chosen
        self._nodes = [node.rstrip("/") for node in nodes]
        self._timeout, self._hedge_after = timeout, hedge_after
        self._last_known = last_known
        self._cooling: dict[str, float] = {}
        self._http = httpx.AsyncClient(
            headers={"authorization": f"Bearer {key}", "content-type": "application/json"},
            timeout=timeout,
            follow_redirects=False,
            transport=transport,
        )

    async def check(
        self,
        channel: Channel,
        *,
        id: str,  # noqa: A002 - the format's own word
        to: str,
        prisoner: str | None = None,
        establishment: str | None = None,
        body: str | None = None,
        doubts: tuple[str, ...] = (),
    ) -> CheckAnswer:
        """The answer to one attempt, within the timeout. `doubts` say what of a message could not be read.

        Raises RefusedRequestError.
        """
        attempt = Attempt(
            channel=channel,
            id=id,
            prisoner=prisoner,
            establishment=establishment,
            to=to,
            body=body,
            doubts=doubts,
        )
        fields = msgspec.to_builtins(attempt)
        del fields["channel"]
        return await self._in_time(channel, id, fields) or self._alone(attempt)

    async def contact(
        self,
        *,
        id: str,  # noqa: A002
        prisoner: str,
        name: str,
        numbers: Sequence[str] = (),
        establishment: str | None = None,
    ) -> CheckAnswer:
        """The answer about somebody whom a prisoner asks to have on his list: add, hold or refuse.

        Held where nobody answers, whatever list is kept here. Raises RefusedRequestError.
        """
        fields = {"id": id, "prisoner": prisoner, "name": name, "numbers": list(numbers)}
        if establishment is not None:
            fields["establishment"] = establishment
        return await self._in_time("contact", id, fields) or CheckAnswer(
            id=id, decision="flag", action="hold", confidential=False, source="unreachable"
        )

    async def standing(self, channel: Asked, id: str) -> Standing | None:  # noqa: A002
        """Where an attempt stands that was asked about; None where no node answers."""
        answer = await self._read(f"/v1/reviews/{channel}/{quote(id, safe='')}")
        if answer is None:
            return None
        if answer.status_code in (404, 422):  # nobody could have asked about what is no id
            return "unknown"
        read = _read_as(StandingOf, answer)
        return None if read is None else read.state

    async def settled(self, channel: Asked, after: int) -> SettledPage | None:
        """What was decided after a number about what was asked; None where no node answers.

        A service that was restored, and has no such number, says to ask from 0 on.
        """
        answer = await self._read(f"/v1/reviews/{channel}", after=after)
        read = None if answer is None else _read_as(SettledPage, answer)
        if read is None or (read.after < after and (read.after or read.settled)):
            return None
        return read

    async def aclose(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    async def __aenter__(self) -> Client:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()

    async def _in_time(self, channel: Asked, identifier: str, fields: dict[str, Any]) -> CheckAnswer | None:
        """The first usable answer within the timeout."""
        try:
            async with asyncio.timeout(self._timeout):
                return await self._first(channel, identifier, msgspec.json.encode(fields))
        except TimeoutError:
            return None

    async def _first(self, channel: Asked, identifier: str, asked: bytes) -> CheckAnswer | None:
        """The first usable answer of any node; None when each has failed."""
        waiting: set[asyncio.Task[CheckAnswer | None]] = set()
        rest = self._in_order()
        try:
            while waiting or rest:
                if rest:
                    node = rest.pop(0)
                    waiting.add(asyncio.create_task(self._ask(node, channel, identifier, asked)))
                done, waiting = await asyncio.wait(
                    waiting,
                    timeout=self._hedge_after if rest else None,
                    return_when=asyncio.FIRST_COMPLETED,
                )
                for task in done:
                    answer = task.result()
                    if answer is not None:
                        return answer
            return None
        finally:
            for task in waiting:
                task.cancel()
            await asyncio.gather(*waiting, return_exceptions=True)

    async def _ask(self, node: str, channel: Asked, identifier: str, asked: bytes) -> CheckAnswer | None:
        try:
            async with self._http.stream("POST", f"{node}/v1/check/{channel}", content=asked) as response:
                said = bytearray()
                async for chunk in response.aiter_bytes():
                    said += chunk
                    if len(said) > LONGEST_ANSWER:
                        return None
        except httpx.HTTPError:
            self._cooling[node] = time.monotonic() + COOLING
            return None
        self._cooling.pop(node, None)
        if response.status_code == 422:
            raise RefusedRequestError(_field(said))
        return _answer(channel, identifier, said) if response.status_code == 200 else None

    async def _read(self, path: str, **query: int) -> httpx.Response | None:
        """The first node's answer to a GET; None when each has failed. What one has nothing of, another may
        have: each prison's node knows what it was asked itself."""
        nothing = None
        for node in self._in_order():
            try:
                answer = await self._http.get(f"{node}{path}", params=query)
            except httpx.HTTPError:
                self._cooling[node] = time.monotonic() + COOLING
                continue
            if answer.status_code in (200, 422):
                return answer
            if answer.status_code == 404:
                nothing = answer
        return nothing

    def _in_order(self) -> list[str]:
        """The nodes, those that just failed at the end."""
        now = time.monotonic()
        return sorted(self._nodes, key=lambda node: self._cooling.get(node, 0.0) > now)

    def _alone(self, attempt: Attempt) -> CheckAnswer:
        if self._last_known is not None:
            known = self._last_known.decide(attempt)
            if known is not None:
                decision, action, confidential = known
                return CheckAnswer(
                    id=attempt.id,
                    decision=decision,
                    action=action,
                    confidential=confidential,
                    source="last_known",
                )
        decision = self._on_unreachable[attempt.channel]
        return CheckAnswer(
            id=attempt.id,
            decision=decision,
            action=WITHOUT_ANSWER[attempt.channel][decision],
            confidential=False,
            source="unreachable",
        )


def _answer(channel: Asked, identifier: str, said: bytes | bytearray) -> CheckAnswer | None:
    """An answer that is one; None for anything else."""
    read = _decoded(said)
    if not isinstance(read, dict) or read.get("id") != identifier:
        return None
    decision, action, confidential = read.get("decision"), read.get("action"), read.get("confidential")
    if not isinstance(decision, str) or not isinstance(action, str) or not isinstance(confidential, bool):
        return None
    for known, actions in ACTIONS[channel].items():
        if known == decision and action in actions:
            return CheckAnswer(
                id=identifier, decision=known, action=action, confidential=confidential, source="service"
            )
    return None


def _read_as(kind: type[T], answer: httpx.Response) -> T | None:
    """An answer as what it should be; None for anything else."""
    if answer.status_code != 200:
        return None
    try:
        return msgspec.json.decode(answer.content, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None


def _field(said: bytes | bytearray) -> str:
    read = _decoded(said)
    field = read.get("field") if isinstance(read, dict) else None
    return field if isinstance(field, str) and field.isascii() and len(field) < 60 else "unknown"


def _decoded(said: bytes | bytearray) -> Any:
    try:
        return msgspec.json.decode(said)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None


def _strictness(decision: Decision) -> tuple[int, int]:
    """How much a decision stops: by its verdict, then by what is done."""
    verdicts, actions = ("allow", "flag", "block"), ("connect", "connect_and_alert", "deliver", "post")
    return verdicts.index(decision.decision), decision.action not in actions


def _now() -> datetime:
    return datetime.now(UTC)
