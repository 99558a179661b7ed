"""A whole list compiled on every core: a million contact points take half a minute of one."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from engine.model import Restriction
from engine.parts import CompiledPart, Parts, compile_part, in_chunks
from service.operations.cores import spread

FEW = 8
"""Parts that are compiled here alone: they take a second."""

_decoder = msgspec.msgpack.Decoder(list[Restriction])
_encode = msgspec.msgpack.Encoder().encode


class _Some:
    """Restrictions of a part; to a process they go as they are written into a list."""

    __slots__ = ("restrictions",)

    def __init__(self, restrictions: list[Restriction]) -> None:
        self.restrictions = restrictions

    def __reduce__(self) -> tuple[object, ...]:
        return _read, (_encode(self.restrictions),)


def on_every_core(restrictions: Iterable[Restriction]) -> Parts:
    """What each part was compiled from, and the part, in the order of the restrictions."""
    chunks = map(_Some, in_chunks(restrictions))
    return ((chunk.restrictions, part) for chunk, part in spread(_compiled, chunks, few=FEW))


def _compiled(some: _Some) -> CompiledPart:
    return compile_part(some.restrictions)


def _read(written: bytes) -> _Some:
    return _Some(_decoder.decode(written))
