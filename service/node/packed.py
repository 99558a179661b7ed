"""A followed list in one piece: sealed on the node's disk, and as it is in the memory that workers share.

What tells of it, where prisoners are, and the saved list, each read where it lies.
"""

from __future__ import annotations

import msgspec

from engine import saved
from engine.understood import Understanding
from service.feed.messages import FeedError, SnapshotHead, pack
from service.node.followed import Followed, restored
from service.node.places import Places
from service.storage.memory import Memory

_LENGTH = 8


class _Head(msgspec.Struct, frozen=True):
    """What stands before the saved list. Where prisoners are stands behind it, not in `snapshot`."""

    snapshot: SnapshotHead
    lost: list[str]
    places: int = 0
    """Bytes of it; 0 where it is in `snapshot`, as versions before wrote it."""
    prison: str = ""
    whole: int = 0


_heads = Understanding(_Head)  # what another version kept is taken as far as it is known


def packed(followed: Followed) -> Memory:
    """The list in a memory of its own. Raises OSError where there is no room for it."""
    places = (followed.prisoners.known() if followed.prison else followed.prisoners).to_bytes()
    lost = sorted(followed.lost)
    head = pack(_Head(followed.head, lost, len(places), followed.prison, followed.whole))
    return Memory.of((len(head).to_bytes(_LENGTH, "big"), head, places, *saved.pieces(followed.blocklist)))


def unpacked(content: memoryview) -> Followed:
    """The list of bytes that are known to be what was packed, ready to be changed. Raises FeedError."""
    start = _LENGTH + int.from_bytes(content[:_LENGTH], "big")
    try:
        head, _ = _heads.decode(content[_LENGTH:start])
        end = start + head.places
        places = Places.from_bytes(content[start:end]) if head.places else None
    except (msgspec.DecodeError, ValueError):
        raise FeedError("a list of an unknown form") from None
    followed = restored(head.snapshot, content[end:], places, verified=True)
    followed.listings.digests.hash()  # else all of it is hashed while the first change waits to be in force
    lost = followed.lost | set(head.lost)
    return msgspec.structs.replace(followed, lost=lost, prison=head.prison, whole=head.whole)
