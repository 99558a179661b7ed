"""Whatever is done to the feed and to the disk, a node answers by a list that the centre had."""

from __future__ import annotations

import random
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from engine import blocklist
from engine.blocklist import FORMAT
from engine.index_entries import IndexEntry, restriction_entry
from engine.listing import UnreadableContactError
from engine.model import Attempt, ConfidentialEntry, Contact, Monitoring, Restriction
from engine.policy import read_policy
from service.feed.messages import decode, encode
from service.node.followed import GapError
from service.node.kept import CHANGES, HEARD, LIST
from service.node.list_in_force import FollowedList
from service.node.system import FollowedWhereabouts
from tests.repeating import times
from tests.service.check.running import NOW
from tests.service.node.centre import Centre, begun, restriction, vault, version

SOLICITOR = ConfidentialEntry(
    name="Example Law LLP", kind="legal", contacts=(Contact(kind="phone", value="020 7946 0123"),)
)

HEIGHTENED = {"A1000BC": Monitoring(from_="2026-03-01", until="2026-04-01")}


@pytest.fixture
def node(centre: Centre, tmp_path: Path) -> FollowedList:
    followed = begun(centre, tmp_path)
    assert followed.offer(centre.snapshot())
    return followed


def expected(centre: Centre, number: int) -> str:
    return centre.at_number[number].compiled().version


def is_as_of(node: FollowedList, centre: Centre, number: int) -> bool:
    return node.number == number and version(node) == expected(centre, number)


def answer(node: FollowedList, to: str, prisoner: str = "A1000BC") -> str:
    assert node.screener is not None
    call = Attempt(id="C1", channel="call", prisoner=prisoner, establishment="LEI", to=to)
    return str(node.screener.check(call, NOW).decision)


def test_a_change_is_in_force_as_soon_as_it_is_taken(centre: Centre, node: FollowedList) -> None:
    node.hear(centre.beat())
    assert answer(node, "07700 900577") == "allow"
    new = msgspec.structs.replace(restriction(577), prisoner="A1000BC")
    assert node.take([centre.change([new])]) == 1
    assert answer(node, "07700 900577") == "block"
    node.take([centre.change(gone=["R577"])])
    assert answer(node, "07700 900577") == "allow"


def test_all_that_a_list_is_made_of_comes_over_the_feed(centre: Centre, node: FollowedList) -> None:
    given = read_policy()
    sooner = msgspec.structs.replace(given.blocklist, stale_after_hours=0.5)
    policy = msgspec.structs.replace(given, blocklist=sooner)
    node.take(
        [
            centre.change(register=(SOLICITOR,), heightened=HEIGHTENED),
            centre.change(prisoners={"A1000BC": ("LEI", None), "A1001BC": ("LEI", "A1000BC")}, policy=policy),
        ]
    )
    assert is_as_of(node, centre, 3)
    assert node.followed is not None
    assert node.followed.prisoners == centre.listed.prisoners
    assert node.policy == policy


def refused(node: FollowedList, carried: bytes) -> str:
    """Why it is; nothing is otherwise afterwards."""
    before = version(node), node.number
    with suppress(GapError):
        assert node.take([carried]) == 0
    assert (version(node), node.number) == before
    assert node.refused is not None
    return node.refused.why


def test_every_refusal_says_why_and_leaves_the_list(centre: Centre, node: FollowedList) -> None:
    impostor = Centre(vault(7), centre.feed_key, centre.listed.copy(), centre.number, centre.hash)
    stranger = Centre(feed_key=bytes(32), number=centre.number, hash=centre.hash)
    forked = Centre(feed_key=centre.feed_key, listed=centre.listed.copy(), number=centre.number)
    assert refused(node, impostor.change([restriction(77)])) == "a wrong signature"
    assert "opened" in refused(node, stranger.change([restriction(77)]))
    assert "follow" in refused(node, forked.change([restriction(77)]))
    assert refused(node, b"nonsense") == "not a message of the feed"
    assert "older" in refused(node, centre.carried[1])
    moved = msgspec.structs.replace(decode(centre.carried[1]), number=2)
    assert refused(node, encode(moved)) == "a wrong signature"
    centre.change([restriction(60)])
    assert "missing" in refused(node, centre.change([restriction(61)]))
    assert is_as_of(node, centre, 1)


@pytest.mark.parametrize("told", ["change", "snapshot"])
def test_a_list_that_is_so_much_smaller_waits_for_the_centres_word(
    centre: Centre, node: FollowedList, told: str
) -> None:
    gone = ["R1", "R2"]
    change = centre.change(gone=gone, fewer_is_right=False)
    assert "two people" in refused(node, change)
    if told == "snapshot":
        assert not node.offer(centre.snapshot(fewer_is_right=False))
        assert node.number == 1
        assert node.offer(centre.snapshot())
        assert is_as_of(node, centre, 2)


def test_a_few_that_are_gone_are_no_matter(centre: Centre, node: FollowedList) -> None:
    assert node.take([centre.change(gone=["R1"], fewer_is_right=False)]) == 1


def test_a_count_that_differs_is_refused_and_what_came_before_it_holds(
    centre: Centre, node: FollowedList
) -> None:
    good, bad = centre.change([restriction(40)]), centre.change([restriction(41)], more=1)
    with pytest.raises(GapError, match="another number of restrictions"):
        node.take([good, bad, centre.change([restriction(42)])])
    assert is_as_of(node, centre, 2)
    assert node.refused is not None
    assert node.refused.number == 3
    assert not node.offer(centre.snapshot(restrictions=7))
    assert node.offer(centre.snapshot())
    assert is_as_of(node, centre, 4)


def test_an_unknown_format_is_refused_and_one_with_more_fields_is_read(
    centre: Centre, node: FollowedList, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(TypeError):
        centre.change(unheard_of=1)
    centre.number -= 1
    assert "format" in refused(node, centre.change([restriction(50)], format=2))


def test_a_snapshot_with_an_index_of_another_version_is_compiled_anew(
    centre: Centre, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    centre.change(register=(SOLICITOR,), heightened=HEIGHTENED)
    with monkeypatch.context() as patch:
        for module in ("engine.saved", "engine.blocklist"):
            patch.setattr(f"{module}.FORMAT", FORMAT + 1)
        carried = centre.snapshot(index_format=FORMAT + 1)
    node = begun(centre, tmp_path)
    assert node.offer(carried)
    assert version(node) == expected(centre, 2)


def test_a_restriction_that_only_this_program_cannot_compile_allows_nothing_until_it_can(
    centre: Centre, node: FollowedList, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    node.hear(centre.beat())
    with monkeypatch.context() as patch:
        patch.setattr(blocklist, "restriction_entry", _unreadable("R40"))
        assert node.take([centre.change([restriction(40)])]) == 1
        again = begun(centre, tmp_path)
    assert node.take([centre.change([restriction(41)])]) == 1
    for one in (node, again):
        one.take([centre.carried[3]])
        one.hear(centre.beat())
        assert answer(one, "07700 900999") == "flag"
        assert answer(one, "07700 900000") == "block"
    node.take([centre.change([restriction(40)])])
    node.hear(centre.beat())
    assert answer(node, "07700 900999") == "allow"


def _unreadable(id_: str) -> Callable[[Restriction], IndexEntry]:
    compile_one = restriction_entry

    def entry(source: Restriction) -> IndexEntry:
        if source.id == id_:
            raise UnreadableContactError("of a kind that is not known")
        return compile_one(source)

    return entry


def test_a_refusal_is_told_until_it_is_long_no_matter(centre: Centre, tmp_path: Path) -> None:
    time = _Time()
    node = begun(centre, tmp_path, monotonic=time)
    node.offer(centre.snapshot())
    assert refused(node, b"nonsense")
    node.hear(centre.beat())
    assert node.why_not is not None
    time.now += 61
    node.hear(centre.beat())
    assert node.why_not is None
    time.now += 61
    assert node.why_not == "the centre is not heard"


def test_a_merged_number_is_where_the_one_that_it_became_is(centre: Centre, node: FollowedList) -> None:
    where = FollowedWhereabouts(node)
    into = {"A1001BC": (None, "A1002BC"), "A1002BC": ("LEI", None), "A1003BC": ("MDI", "A1003BC")}
    node.take([centre.change(prisoners=into)])
    assert where.where_is("A1001BC") == "LEI"
    assert where.where_is("A1003BC") is None
    assert where.where_is("A1004BC") is None
    assert where.knows("A1001BC")
    assert not where.knows("A1004BC")


def test_garbage_between_changes_stops_none_of_them(centre: Centre, node: FollowedList) -> None:
    first, second = centre.change([restriction(40)]), centre.change([restriction(41)])
    assert node.take([b"", first, centre.carried[1], first, second[:-1], second]) == 2
    assert is_as_of(node, centre, 3)


class _Time:
    """A clock that the test moves on."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


def test_only_a_new_beat_that_names_the_list_keeps_it_fresh(centre: Centre, tmp_path: Path) -> None:
    time = _Time()
    node = begun(centre, tmp_path, monotonic=time)
    node.offer(centre.snapshot())
    stale = read_policy().stale_after.total_seconds()
    assert answer(node, "07700 900999") == "flag"  # a snapshot may be old: nobody said that it is the newest
    beat = centre.beat()
    assert node.hear(beat) is not None
    assert answer(node, "07700 900999") == "allow"
    time.now += stale - 1
    assert answer(node, "07700 900999") == "allow"
    assert node.hear(beat) is None  # carried again
    assert node.hear(Centre(vault(9), centre.feed_key).beat(tick=99)) is None
    time.now += 2
    assert answer(node, "07700 900999") == "flag"
    assert answer(node, "07700 900000") == "block"
    centre.change([restriction(90)])
    assert node.hear(centre.beat()) is not None
    assert node.ahead == 1
    assert node.unheard == 0
    assert answer(node, "07700 900999") == "flag"  # the centre has another list
    time.now += 5
    node.take([centre.carried[2]])
    assert node.age == 5
    assert answer(node, "07700 900999") == "allow"
    time.now += stale
    node.hear(centre.beat(term=2, tick=1))
    assert answer(node, "07700 900999") == "allow"


def test_a_restart_has_the_list_and_its_age(centre: Centre, node: FollowedList, tmp_path: Path) -> None:
    node.hear(centre.beat())
    node.take([centre.change([restriction(40)]), centre.change(gone=["R40", "R1"])])
    node.hear(last := centre.beat())
    node.keep(now=True)
    again = begun(centre, tmp_path)
    assert is_as_of(again, centre, 3)
    assert answer(again, "07700 900999") == "allow"
    assert again.age is not None
    assert again.age < 60
    assert again.hear(last) is None
    (tmp_path / HEARD).unlink()
    assert answer(begun(centre, tmp_path), "07700 900999") == "flag"


def test_a_full_disk_keeps_no_restriction_from_force(
    centre: Centre, node: FollowedList, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> int:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("service.node.kept.os.fsync", full)
        assert node.take([centre.change([restriction(40)])]) == 1
        assert node.not_kept
        node.keep()
        assert node.not_kept
    assert is_as_of(node, centre, 2)
    node.keep()
    assert node.not_kept is None
    assert is_as_of(begun(centre, tmp_path), centre, 2)


@pytest.mark.parametrize("file", [LIST, CHANGES])
def test_a_byte_that_is_otherwise_gives_an_older_list_or_none(
    centre: Centre, node: FollowedList, tmp_path: Path, file: str
) -> None:
    node.take([centre.change([restriction(40 + n)]) for n in range(3)])
    whole = (tmp_path / file).read_bytes()
    chance = random.Random(3)
    for _ in range(times(40)):
        at = chance.randrange(len(whole))
        cut = (
            whole[:at] if chance.random() < 0.5 else whole[:at] + bytes([whole[at] ^ 0x41]) + whole[at + 1 :]
        )
        (tmp_path / file).write_bytes(cut)
        again = begun(centre, tmp_path)
        if file == LIST:
            assert again.screener is None
        else:
            assert is_as_of(again, centre, again.number)
            assert again.number < 4
            assert again.take([centre.carried[n] for n in range(again.number + 1, 5)])
            assert is_as_of(begun(centre, tmp_path), centre, 4)
    (tmp_path / file).write_bytes(whole)


numbers = st.integers(0, 25)


class Anything(RuleBasedStateMachine):
    """The feed is carried by somebody who does to it what he likes; the node is killed and started again."""

    def __init__(self) -> None:
        super().__init__()
        self._folder = TemporaryDirectory(prefix="nocontact-node-")
        self.folder = Path(self._folder.name)
        self.centre = Centre(feed_key=bytes(32))
        self.node = begun(self.centre, self.folder)
        self.snapshots: list[bytes] = []
        self.reached = 0

    @initialize()
    def begin(self) -> None:
        self.centre.change([restriction(n) for n in range(8)])
        self.snapshots.append(self.centre.snapshot())
        assert self.node.offer(self.snapshots[0])

    @rule(put=st.lists(st.tuples(numbers, st.integers(0, 2)), max_size=3), gone=st.lists(numbers, max_size=2))
    def list_changes(self, put: list[tuple[int, int]], gone: list[int]) -> None:
        self.centre.change([restriction(n, version=v) for n, v in dict(put).items()], [f"R{n}" for n in gone])

    @rule(has=st.booleans(), prison=st.sampled_from(["LEI", "MDI", None]))
    def others_change(self, has: bool, prison: str | None) -> None:
        self.centre.change(
            register=(SOLICITOR,) if has else (),
            prisoners={"A1001BC": (prison, None), "A1002BC": ("LEI", None)},
        )

    @rule()
    def carry_what_is_next(self) -> None:
        if self.node.followed is None:  # the disk was damaged
            assert self.node.offer(self.centre.snapshot())
        behind = range(self.node.number + 1, self.centre.number + 1)
        assert self.node.take([self.centre.carried[n] for n in behind]) == len(behind)
        assert self.node.number == self.centre.number

    @rule(data=st.data())
    def carry_anything(self, data: st.DataObject) -> None:
        some = st.sampled_from(sorted(self.centre.carried))
        order = data.draw(st.lists(some, max_size=6))
        carried = [self._spoilt(data, self.centre.carried[n]) for n in order]
        try:
            self.node.take(carried)
        except GapError:
            assert self.node.refused is not None or self.node.followed is None

    @rule()
    def keep_a_snapshot(self) -> None:
        self.snapshots.append(self.centre.snapshot())

    @rule(data=st.data())
    def offer_a_snapshot(self, data: st.DataObject) -> None:
        self.node.offer(self._spoilt(data, data.draw(st.sampled_from(self.snapshots))))

    @rule()
    def restart(self) -> None:
        was = self.node.number
        self.node = begun(self.centre, self.folder)
        assert self.node.number == was

    @rule(data=st.data(), file=st.sampled_from([LIST, CHANGES]))
    def restart_on_a_damaged_disk(self, data: st.DataObject, file: str) -> None:
        path = self.folder / file
        content = path.read_bytes()
        path.write_bytes(self._spoilt(data, content))
        self.node = begun(self.centre, self.folder)
        self.reached = self.node.number

    @invariant()
    def it_answers_by_a_list_that_the_centre_had(self) -> None:
        if self.node.followed is None:
            assert self.node.screener is None
            return
        assert is_as_of(self.node, self.centre, self.node.number)
        assert self.node.followed.prisoners == self.centre.at_number[self.node.number].prisoners
        assert self.node.number >= self.reached
        self.reached = self.node.number

    def teardown(self) -> None:
        self._folder.cleanup()

    def _spoilt(self, data: st.DataObject, carried: bytes) -> bytes:
        how = data.draw(st.sampled_from(["whole", "whole", "flipped", "cut"]))
        if how == "whole" or not carried:
            return carried
        at = data.draw(st.integers(0, len(carried) - 1))
        if how == "cut":
            return carried[:at]
        return carried[:at] + bytes([carried[at] ^ (1 << data.draw(st.integers(0, 7)))]) + carried[at + 1 :]


TestAnything = Anything.TestCase
TestAnything.settings = settings(max_examples=times(30), stateful_step_count=25, deadline=None)
