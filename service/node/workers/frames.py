"""What a worker and the keeper say to one another, over a pair of sockets that nobody else can reach.

A frame is its length, four bytes, and a list in MessagePack of what came together: under load many records
cross in one writing.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, cast

import msgspec

from engine.model import Decision
from service.access.model import Principal, Right
from service.errors import ServiceError, TooManyError, UnavailableError
from service.ledger.record import Record

_LENGTH = 4


class Turn(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """Who asks about what: the keeper counts it, for all workers together."""

    principal: Principal
    channel: str
    prisoner: str | None
    contacts: tuple[str, ...]


class Write(msgspec.Struct, frozen=True, array_like=True, tag=0):
    """Put a record into the ledger, unless its key is there; `turn` is asked first."""

    number: int
    record: Record
    key: bytes | None = None
    digest: bytes | None = None
    turn: Turn | None = None


class ToAnswer(msgspec.Struct, frozen=True, array_like=True, tag=1):
    """A request that only the keeper can answer, as it came."""

    number: int
    method: str
    path: str
    query: bytes
    headers: list[tuple[bytes, bytes]]
    body: bytes


class ToCount(msgspec.Struct, frozen=True, array_like=True, tag=2):
    """Something for the metrics: which of them, and what it is called with."""

    of: str
    arguments: list[Any]


class ToName(msgspec.Struct, frozen=True, array_like=True, tag=3):
    """Whose request it is that has these headers."""

    number: int
    method: str
    headers: dict[str, str]


class ToBar(msgspec.Struct, frozen=True, array_like=True, tag=4):
    """Somebody tried what they may not do: to be recorded."""

    number: int
    principal: Principal
    right: Right
    path: str


class ToRecall(msgspec.Struct, frozen=True, array_like=True, tag=5):
    """What was answered first, by the record's number, to the attempt with this key."""

    number: int
    seq: int
    key: bytes


class Here(msgspec.Struct, frozen=True, array_like=True, tag=6):
    """The worker's event loop goes round: what is said to `AreYouThere`."""


class OnDisk(msgspec.Struct, frozen=True, array_like=True, tag=0):
    """The record is on the disk; `digest` is that of what stands under its key already."""

    number: int
    seq: int
    digest: bytes | None = None
    same: bool = False


class TurnedDown(msgspec.Struct, frozen=True, array_like=True, tag=1):
    """It is not, and why."""

    number: int
    status: int
    detail: str
    field: str | None = None
    wait: int | None = None

    @classmethod
    def of(cls, number: int, error: ServiceError) -> TurnedDown:
        """An error, to be carried."""
        wait = error.wait if isinstance(error, TooManyError) else None
        return cls(number, error.status, error.detail, error.field, wait)

    @property
    def error(self) -> ServiceError:
        """The same error, as far as it is told to whoever asked; one that is not known here is a 503."""
        kind = _BY_STATUS.get(self.status, UnavailableError)
        error = kind(self.detail, self.field)
        if isinstance(error, TooManyError):
            error.wait = self.wait
        return error


class PassedBack(msgspec.Struct, frozen=True, array_like=True, tag=2):
    """What the keeper answered to a request."""

    number: int
    status: int
    headers: list[tuple[bytes, bytes]]
    body: bytes


class Known(msgspec.Struct, frozen=True, array_like=True, tag=3):
    """Who asks."""

    number: int
    principal: Principal


class FirstAnswer(msgspec.Struct, frozen=True, array_like=True, tag=4):
    """What was answered."""

    number: int
    decision: Decision


class AreYouThere(msgspec.Struct, frozen=True, array_like=True, tag=5):
    """Say `Here`. It is the answer to nothing: no question has this number."""

    number: int = 0


Question = ToAnswer | ToName | ToBar | ToRecall
"""What is answered when it is known, in a turn of its own."""
ToKeeper = Write | ToCount | Question | Here
ToWorker = OnDisk | TurnedDown | PassedBack | Known | FirstAnswer | AreYouThere
from_worker = msgspec.msgpack.Decoder(list[ToKeeper])
from_keeper = msgspec.msgpack.Decoder(list[ToWorker])

_BY_STATUS: dict[int, type[ServiceError]] = {
    kind.status: kind for kind in ServiceError.__subclasses__() if kind.__module__ == ServiceError.__module__
}
_pack = msgspec.msgpack.Encoder().encode


class Frames(asyncio.Protocol):
    """One end, in the event loop that it was opened in."""

    def __init__(
        self,
        decoder: msgspec.msgpack.Decoder[Any],
        take: Callable[[Any], object],
        lost: Callable[[], object],
    ) -> None:
        """`take` is called with each thing that comes, `lost` once the other end is gone."""
        self._decode, self._take, self._lost = decoder.decode, take, lost
        self._loop = asyncio.get_running_loop()
        self._in = bytearray()
        self._out: list[Any] = []
        self._transport: asyncio.Transport | None = None
        self.is_open = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The socket is ours."""
        self._transport, self.is_open = cast("asyncio.Transport", transport), True

    def data_received(self, data: bytes) -> None:
        """Take what is whole."""
        self._in += data
        at = 0
        while len(self._in) - at >= _LENGTH:
            start = at + _LENGTH
            end = start + int.from_bytes(self._in[at:start], "little")
            if end > len(self._in):
                break
            for one in self._decode(bytes(self._in[start:end])):
                self._take(one)
            at = end
        del self._in[:at]

    def connection_lost(self, error: Exception | None) -> None:
        """The other process ended."""
        self.is_open = False
        self._lost()

    def send(self, one: ToKeeper | ToWorker) -> None:
        """Send, together with what else is said before the loop comes round."""
        if not self._out:
            self._loop.call_soon(self._flush)
        self._out.append(one)

    def close(self) -> None:
        """Say no more."""
        if self._transport is not None:
            self._transport.close()

    def _flush(self) -> None:
        packed = _pack(self._out)
        self._out = []
        if self._transport is not None and self.is_open:
            self._transport.write(len(packed).to_bytes(_LENGTH, "little") + packed)
