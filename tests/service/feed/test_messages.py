"""The feed's messages: nothing of one is believed but what the centre signed, for this place in the chain."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.feed import messages
from service.feed.messages import START, Beat, Change, FeedError, Report, Signed, SnapshotHead
from service.storage.sealing import Vault

KEY = bytes(range(32))
VAULT = Vault({1: bytes(32)}, b"h" * 32, b"s" * 32)
OTHER = Vault({1: bytes(32)}, b"h" * 32, b"t" * 32)
CHANGE = Change(number=3, before=START, reaches=9, at=0.0, gone=("R1",), restrictions=7)
HEAD = SnapshotHead(number=3, hash=START, reaches=9, at=0.0, restrictions=7, index_format=1)
BEAT = Beat(number=3, hash=START, reaches=9, term=1, tick=5, at=0.0)
MADE = {
    "change": messages.make_change(VAULT, KEY, CHANGE),
    "snapshot": messages.make_snapshot(VAULT, KEY, HEAD, b"list"),
    "beat": messages.make_beat(VAULT, KEY, BEAT),
}
OPENERS = {
    "change": messages.open_change,
    "snapshot": messages.open_snapshot,
    "beat": messages.open_beat,
}


def opened(kind: str, signed: Signed, key: bytes = KEY) -> object:
    return OPENERS[kind](VAULT.public_key, key, signed)


def test_what_the_centre_made_is_read_as_it_was() -> None:
    assert opened("change", messages.decode(messages.encode(MADE["change"]))) == CHANGE
    assert opened("beat", messages.decode(messages.encode(MADE["beat"]))) == BEAT
    head, blocklist = messages.open_snapshot(VAULT.public_key, KEY, MADE["snapshot"])
    assert (head, bytes(blocklist)) == (HEAD, b"list")


@pytest.mark.parametrize("kind", MADE)
@settings(max_examples=200)
@given(data=st.data())
def test_one_bit_anywhere_and_it_is_refused(kind: str, data: st.DataObject) -> None:
    carried = bytearray(messages.encode(MADE[kind]))
    at = data.draw(st.integers(0, len(carried) * 8 - 1))
    carried[at // 8] ^= 1 << at % 8
    with pytest.raises(FeedError):
        opened(kind, messages.decode(bytes(carried)))


@pytest.mark.parametrize("kind", MADE)
def test_another_key_another_centre_and_another_kind_are_refused(kind: str) -> None:
    with pytest.raises(FeedError, match="key of the feed"):
        opened(kind, MADE[kind], bytes(32))
    signed = MADE[kind]
    others = msgspec.structs.replace(signed, signature=OTHER.sign(b"x"))
    with pytest.raises(FeedError, match="signature"):
        opened(kind, others)
    for other in MADE.keys() - {kind}:
        with pytest.raises(FeedError, match=f"not a {kind}"):
            opened(kind, MADE[other])


def test_a_change_of_a_format_that_is_not_known_is_refused() -> None:
    later = messages.make_change(VAULT, KEY, msgspec.structs.replace(CHANGE, format=2))
    with pytest.raises(FeedError, match="format"):
        opened("change", later)


def test_a_report_is_its_nodes_own() -> None:
    key = VAULT.node_key("leeds-1")
    report = Report(node="leeds-1", number=3, reaches=9, at=0.0, counter=1)
    carried = messages.make_report(key, report)
    assert messages.open_report(key, carried, "leeds-1") == report
    with pytest.raises(FeedError, match="did not make"):
        messages.open_report(VAULT.node_key("leeds-2"), carried, "leeds-2")
    with pytest.raises(FeedError):
        messages.open_report(key, carried, "leeds-2")


def test_the_keys_of_the_feed_and_of_nodes_are_all_different() -> None:
    keys = [VAULT.feed_key(0), VAULT.feed_key(1), VAULT.node_key("0"), VAULT.node_key("1")]
    assert len(set(keys)) == 4
    assert VAULT.feed_key(0) == keys[0] != Vault({1: bytes(32)}, b"i" * 32, b"s" * 32).feed_key(0)
