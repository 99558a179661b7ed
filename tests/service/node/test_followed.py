"""A list never goes back to an older one, and what another version wrote of it stops nobody."""

from __future__ import annotations

import copy
from array import array
from contextlib import nullcontext
from hashlib import sha256
from itertools import accumulate
from pathlib import Path
from typing import Any

import msgspec
import pytest

from engine import digests, saved
from engine.blocklist import FORMAT, compile_blocklist
from engine.policy import Policy
from engine.postings import Records
from service.feed import messages
from service.feed.messages import SnapshotHead, encode
from service.node.followed import GapError
from service.node.list_in_force import FollowedList
from tests.service.node.centre import Centre, begun, restriction, version


@pytest.fixture
def centre() -> Centre:
    made = Centre()
    made.change([restriction(n) for n in range(20)])
    return made


def followed_from(centre: Centre, folder: Path) -> FollowedList:
    made = begun(centre, folder)
    assert made.offer(centre.snapshot())
    made.hear(centre.beat())
    return made


def restored_from_before(centre: Centre) -> Centre:
    """The same keys, and an older list: what a back-up gives."""
    older = copy.copy(centre)
    older.listed = centre.listed.copy()
    return older


def test_a_restored_centre_is_followed_in_a_new_era_alone_and_nothing_leads_back(
    centre: Centre, tmp_path: Path
) -> None:
    older = restored_from_before(centre)
    node = followed_from(centre, tmp_path)
    node.take([centre.change([restriction(100)])])
    node.hear(centre.beat())
    number, was = node.number, version(node)
    for n in range(3):
        with pytest.raises(GapError) if n else nullcontext():  # the first has a number that is here
            node.take([older.change([restriction(200 + n)])])
    links = {number: "another"}
    assert not node.offer(older.snapshot(links=links)), "it never had the change that is in force"
    assert node.refused is not None
    assert "begin anew" in node.refused.why
    assert version(node) == was

    older.era, older.number = 7, 1
    with pytest.raises(GapError, match="begun anew"):
        node.take([older.change([restriction(300)])])
    assert version(node) == was
    node.hear(older.beat())
    assert node.ahead > 0
    replayed = centre.snapshot(), centre.change([restriction(101)]), centre.beat()
    assert node.offer(older.snapshot())
    node.hear(older.beat())
    assert (node.number, node.era, node.ahead) == (2, 7, 0)
    assert node.confirmed_at == node.heard_at
    node.take([older.change([restriction(301)])])
    assert node.followed is not None
    assert node.followed.listings.rows_named("R301")
    now = version(node)
    assert not node.offer(replayed[0])
    node.take([replayed[1]])
    assert node.hear(replayed[2]) is None
    again = begun(older, tmp_path)
    assert not again.offer(replayed[0])
    assert (version(node), version(again), again.era) == (now, now, 7)
    node.keep(now=True)
    assert begun(older, tmp_path).hear(replayed[2]) is None, "nor after a start"


def another_version(centre: Centre, change: bytes, **more: Any) -> bytes:
    """A change as a centre makes it that knows more than this version."""
    opened = messages.open_change(centre.vault.public_key, centre.feed_key, messages.decode(change))
    plain = msgspec.to_builtins(opened) | more
    made = messages._make(centre.vault, centre.feed_key, "change", opened.number, messages.pack(plain))
    centre.hash = made.hash
    return encode(made)


def newer_policy(policy: Policy) -> dict[str, Any]:
    plain: dict[str, Any] = msgspec.to_builtins(policy)
    plain["reasons"]["NEW_REASON"] = "block"
    plain["some_table"] = {"some": 1}
    del plain["reasons"]["NEAR_NUMBER"]
    return plain


def test_a_node_follows_a_centre_of_another_version_and_names_what_it_does_not_know(
    centre: Centre, tmp_path: Path
) -> None:
    node = followed_from(centre, tmp_path)
    policy = newer_policy(centre.policy)
    carried = another_version(centre, centre.change([restriction(100)]), policy=policy, some_day=[1])
    assert node.take([carried]) == 1
    assert node.policy.reasons["NEAR_NUMBER"] == "flag"
    unknown = ("policy.reasons.NEAR_NUMBER", "policy.reasons.NEW_REASON", "policy.some_table")
    assert node.why_not is not None
    assert all(name in node.why_not for name in unknown)
    more = {**msgspec.to_builtins(restriction(101)), "language": "cy"}
    carried = another_version(centre, centre.change([restriction(101)]), put=[more])
    assert node.take([carried]) == 1
    assert node.followed is not None
    (row,) = node.followed.listings.rows_named("R101")
    assert node.followed.listings.listing(row).restriction.unread == ("language: not known to this version",)
    node.hear(centre.beat())
    assert node.ahead == 0
    again = begun(centre, tmp_path)
    assert again.followed is not None
    assert again.followed.unknown == {*unknown, "put.language"}
    assert again.offer(centre.snapshot()), "which another version of the node may know wholly"
    assert again.followed.unknown == set()


def test_a_snapshot_of_another_version_is_compiled_of_what_is_known(centre: Centre, tmp_path: Path) -> None:
    listed = [msgspec.to_builtins(one) for one in centre.listed.restrictions.values()]
    listed[3]["contacts"] = [*listed[3]["contacts"], {"kind": "video", "value": "room 9"}]
    head = SnapshotHead(
        number=1, hash=centre.hash, reaches=10, at=1.0, restrictions=20, index_format=FORMAT + 1
    )
    content = saved.save(compile_blocklist(centre.listed.restrictions.values()))
    sections = _with_restrictions(content, listed)
    plain = messages.pack(msgspec.to_builtins(head) | {"policy": newer_policy(centre.policy)})
    made = messages._make(
        centre.vault, centre.feed_key, "snapshot", 1, len(plain).to_bytes(8, "big") + plain + sections
    )
    node = begun(centre, tmp_path)
    assert node.offer(encode(made))
    assert node.followed is not None
    assert {"restriction.contacts.kind", "policy.reasons.NEW_REASON"} <= node.followed.unknown
    assert node.followed.restrictions == 20


def _with_restrictions(content: bytes, listed: list[dict[str, Any]]) -> bytes:
    """The saved list with other listings in it, as another version saves them."""
    header, sections = saved._read(content)
    packed = [messages.pack([one]) for one in listed]
    section = Records(b"".join(packed), array("q", accumulate(map(len, packed)))).to_bytes()
    parts = [bytes(one) for one in sections]
    parts[1] = section
    header.lengths = [len(one) for one in parts]
    header.format += 1
    head = msgspec.json.encode(header)
    body = b"".join((len(head).to_bytes(8, "little"), head, *parts))
    return saved._MAGIC + sha256(body).digest() + body


def test_a_snapshot_that_is_cut_off_or_has_any_other_byte_is_refused(centre: Centre, tmp_path: Path) -> None:
    node = followed_from(centre, tmp_path)
    centre.change([restriction(100)])
    whole, was = centre.snapshot(), version(node)
    for at in range(0, len(whole), 37):
        flipped = bytearray(whole)
        flipped[at] ^= 1 << at % 8
        assert not node.offer(bytes(flipped)), at
        assert not node.offer(whole[:at]), at
    assert version(node) == was
    assert node.offer(whole)


def test_the_first_change_of_a_whole_list_hashes_what_it_changes_and_not_all_of_it(
    centre: Centre, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken, from_disk = followed_from(centre, tmp_path), begun(centre, tmp_path)
    hashed: list[int] = []

    def note(bucket: int, some: bytes) -> bytes:
        hashed.append(bucket)
        return sha256(some).digest()

    monkeypatch.setattr(digests, "_hash", note)
    change = centre.change([restriction(577)])
    for node in (taken, from_disk):
        hashed.clear()
        node.take([change])
        assert len(hashed) == 1
