"""What became of the canaries that were asked in this prison: kept, recorded, reported, and told as an alarm.

`nocontact canaries` asks them, at the real entrances, and hands in here what it saw: by a key that may ask
about calls and about letters. What is asked about canaries is asked with both; a switch's own key, or a
scanner's, does not say that its entrance is sound.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast

import msgspec
import structlog
from fastapi import APIRouter, Depends, Request, Response
from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from starlette.concurrency import run_in_threadpool

from adapters.canaries.canary import CanaryTrace
from service.access.model import Principal, Right
from service.errors import BadRequestError, InvalidError
from service.feed.canaries import LONGEST, CanarySeen, pack, troubles, unpack
from service.ledger import payloads
from service.ledger.record import Kind, Record
from service.storage.writing import write_whole
from service.web.dependencies import needs

if TYPE_CHECKING:
    from service.node.system import NodeSystem

CANARIES = "canaries"
"""The file of the last ones, in the node's folder. It holds no number and no address."""
MOST = 20
"""Of one request."""

router = APIRouter(prefix="/v1/canaries")
Asker = Annotated[Principal, Depends(needs(Right.CHECK_CALL))]
_log = structlog.get_logger(__name__)


class CanaryRound(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What was asked at one time, in its order."""

    tried: tuple[CanaryTrace, ...]


_rounds = msgspec.json.Decoder(CanaryRound)


class NodeCanaries:
    """Keeps the last question of each entrance. Safe to share between threads.

    An entrance at which nothing is asked any more stays, and grows old: that is an alarm too.
    """

    def __init__(
        self,
        folder: Path,
        clock: Callable[[], datetime],
        within: timedelta,
        blocklist: Callable[[], str],
        record: Callable[[Record], None],
    ) -> None:
        """`within` is how long ago the last one may be; `blocklist` gives the version in force."""
        self._file = folder / CANARIES
        self._clock, self._within = clock, within
        self._blocklist, self._record = blocklist, record
        self._lock = threading.Lock()
        read = unpack(self._file.read_bytes()) if self._file.exists() else ()
        self._seen = {one.entrance: one for one in read}

    @property
    def seen(self) -> tuple[CanarySeen, ...]:
        """The last of each entrance."""
        return tuple(self._seen.values())

    @property
    def packed(self) -> bytes:
        """The same, for a report; empty where nothing was ever asked."""
        return pack(self._seen.values()) if self._seen else b""

    @property
    def troubles(self) -> tuple[str, ...]:
        """What somebody should see to."""
        return troubles(self.seen, self._clock(), self._within)

    def take(self, by: str, tried: Sequence[CanaryTrace]) -> None:
        """Record what was seen, and keep the last of each entrance. Raises OSError."""
        blocklist = self._blocklist()
        with self._lock:
            for one in tried:
                seen = CanarySeen(**msgspec.structs.asdict(one), blocklist=blocklist)
                self._record(_record(by, self._clock(), seen))
                if one.outcome != "stopped":
                    _log.error("canary_not_stopped", entrance=one.entrance, outcome=one.outcome)
                self._seen = self._seen | {one.entrance: seen.behind(self._seen.get(one.entrance))}
            write_whole(self._file, pack(self._seen.values()))

    def collect(self) -> Iterator[Metric]:
        """The metrics."""
        stopped = GaugeMetricFamily("nocontact_canary_stopped", "1 when it was.", labels=["entrance"])
        ages = GaugeMetricFamily("nocontact_canary_age_seconds", "Since it was asked.", labels=["entrance"])
        now = self._clock()
        for one in self.seen:
            stopped.add_metric([one.entrance], one.outcome == "stopped")
            ages.add_metric([one.entrance], (now - one.at).total_seconds())
        yield from (stopped, ages)


def _record(by: str, at: datetime, seen: CanarySeen) -> Record:
    detail = {"form": seen.form, "answer": seen.answer, "asked": seen.at}
    return Record(
        at=at,
        kind=Kind.SYSTEM,
        actor=by,
        subject=f"canary/{seen.entrance.replace(' ', '-')}",
        outcome=seen.outcome,
        blocklist=seen.blocklist or None,
        detail=payloads.plain(detail),
    )


@router.post("", include_in_schema=False, dependencies=[Depends(needs(Right.CHECK_LETTER))])
async def take(request: Request, asker: Asker) -> Response:
    """What became of canaries that were asked here."""
    system = cast("NodeSystem", request.app.state.system)
    try:
        given = _rounds.decode(await request.body()).tried
    except (msgspec.DecodeError, ValueError):
        raise BadRequestError("not what became of canaries") from None
    if len(given) > MOST or not all(_is_sound(one) for one in given):
        raise InvalidError("too many, too long, or without a zone", "tried")
    await run_in_threadpool(system.canaries.take, asker.id, given)
    return Response(status_code=204)


def _is_sound(one: CanaryTrace) -> bool:
    return max(len(one.form), len(one.answer)) <= LONGEST and one.at.tzinfo is not None
