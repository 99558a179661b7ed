"""Whatever becomes of the files beside it, a list is never held to be younger than it is after a start."""

from __future__ import annotations

import os
import random
from collections.abc import Callable
from io import FileIO
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from engine.model import Attempt
from service.feed.messages import pack
from service.node import kept
from service.node.app import AGE
from service.node.held import since_boot
from service.node.kept import CHANGES, HEARD, LIST, KeptFeed
from service.node.list_in_force import OLDER, FollowedList
from tests.repeating import times
from tests.service.check.running import NOW
from tests.service.feed.servers import RedisServer
from tests.service.node.centre import Centre, begun, restriction, vault
from tests.service.node.desk import Publishing, desk, until
from tests.service.node.test_serving import a_node

FILES = (LIST, CHANGES, HEARD)


@pytest.fixture
def node(centre: Centre, tmp_path: Path) -> FollowedList:
    """With a change behind its list, and known to be the newest."""
    followed = begun(centre, tmp_path)
    assert followed.offer(centre.snapshot())
    followed.take([centre.change([restriction(40)])])
    followed.hear(centre.beat())
    followed.keep(now=True)
    return followed


def answer(node: FollowedList, to: str) -> str:
    assert node.screener is not None
    call = Attempt(id="C1", channel="call", prisoner="A1077BC", establishment="LEI", to=to)
    return str(node.screener.check(call, NOW).decision)


def is_of_no_known_age(node: FollowedList, why: str = OLDER) -> bool:
    """Nothing is allowed, what is restricted is stopped, and it is told why."""
    assert answer(node, "07700 900999") == "flag"
    assert answer(node, "07700 900000") != "allow"
    return node.age is None and node.why_not == why


def cut_off(folder: Path, centre: Centre, node: FollowedList) -> None:
    (folder / CHANGES).write_bytes(b"")


def cut_short(folder: Path, centre: Centre, node: FollowedList) -> None:
    content = (folder / CHANGES).read_bytes()
    (folder / CHANGES).write_bytes(content[:-1])


def gone(folder: Path, centre: Centre, node: FollowedList) -> None:
    (folder / CHANGES).unlink()


@pytest.mark.parametrize("spoil", [cut_off, cut_short, gone])
def test_a_list_that_is_older_than_what_was_heard_of_has_no_age_until_the_centre_is_heard(
    centre: Centre,
    node: FollowedList,
    tmp_path: Path,
    spoil: Callable[[Path, Centre, FollowedList], None],
) -> None:
    node.take([centre.change([restriction(77)])])  # taken, and no beat and no note of the age since
    spoil(tmp_path, centre, node)
    with capture_logs() as lines:
        again = begun(centre, tmp_path)
    assert is_of_no_known_age(again)
    assert {"event": "age_of_list_not_known", "kind": OLDER, "log_level": "warning"} in lines
    assert is_of_no_known_age(begun(centre, tmp_path))  # nor at the next start
    again.take([centre.carried[number] for number in range(again.number + 1, 4)])
    again.hear(centre.beat())
    assert again.age is not None
    assert again.why_not is None
    assert answer(again, "07700 900999") == "allow"


def test_on_a_full_disk_what_was_heard_names_the_list_that_is_in_memory(
    centre: Centre, node: FollowedList, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> int:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(KeptFeed, "_write", full)
        patch.setattr(kept, "write_whole", full)
        patch.setattr(os, "replace", full)
        node.take([centre.change([restriction(77)])])
        node.keep(now=True)
    assert is_of_no_known_age(begun(centre, tmp_path))


def test_an_age_that_cannot_be_written_is_taken_away(
    centre: Centre, node: FollowedList, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Full(FileIO):
        def write(self, content: object, /) -> int:
            return 0

    with monkeypatch.context() as patch:
        patch.setattr(kept, "FileIO", Full)
        node.keep(now=True)
    assert not (tmp_path / HEARD).exists()
    assert is_of_no_known_age(begun(centre, tmp_path), "nothing says how old the list on the disk is")


def test_a_folder_of_the_version_before_has_no_age_until_the_centre_is_heard(
    centre: Centre, node: FollowedList, tmp_path: Path
) -> None:
    before = {
        "boot": kept._boot(),
        "monotonic": since_boot(),
        "wall": 1e9,
        "term": 1,
        "tick": 1,
        "era": 0,
    }
    (tmp_path / HEARD).write_bytes(vault(100).seal(pack(before), "node/heard"))
    again = begun(centre, tmp_path)
    assert is_of_no_known_age(again, "nothing says how old the list on the disk is")
    again.hear(centre.beat())
    assert again.age is not None
    assert begun(centre, tmp_path).age is None  # until it is noted
    again.keep(now=True)
    assert begun(centre, tmp_path).age is not None


def test_a_list_that_is_newer_than_what_was_heard_has_that_age(
    centre: Centre, node: FollowedList, tmp_path: Path
) -> None:
    heard = (tmp_path / HEARD).read_bytes()
    node.take([centre.change([restriction(77)])])
    (tmp_path / HEARD).write_bytes(heard)
    again = begun(centre, tmp_path)
    assert again.number == 3
    assert again.age is not None
    assert answer(again, "07700 900077") == "block"


def test_changes_that_do_not_follow_on_the_list_say_that_it_is_an_older_one(
    centre: Centre, node: FollowedList, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept, "MOST_BEHIND", 1)
    node.keep(now=True)
    before = {name: (tmp_path / name).read_bytes() for name in (LIST, HEARD)}
    node.take([centre.change([restriction(77)])])
    node.keep()
    node.take([centre.change([restriction(78)])])
    for name, content in before.items():
        (tmp_path / name).write_bytes(content)
    assert is_of_no_known_age(begun(centre, tmp_path))
    assert begun(centre, tmp_path).age is None  # nor at the next start, which finds no change


def test_changes_of_an_era_that_has_ended_say_nothing_of_the_list(
    centre: Centre, node: FollowedList, tmp_path: Path
) -> None:
    node.take([centre.change([restriction(77)])])
    left = (tmp_path / CHANGES).read_bytes()
    anew = Centre(centre.vault, centre.feed_key, centre.listed.copy(), 1, "1" * 64, era=1)
    assert node.offer(anew.snapshot())
    node.hear(anew.beat())
    node.keep(now=True)
    (tmp_path / CHANGES).write_bytes(left)  # it was killed before they were taken away
    again = begun(centre, tmp_path)
    assert (again.number, again.why_not) == (1, None)
    assert again.age is not None


def test_no_beat_makes_a_list_fresh_that_is_older_than_the_one_that_was_in_force(
    centre: Centre, node: FollowedList, tmp_path: Path
) -> None:
    restored = Centre(centre.vault, centre.feed_key, centre.listed.copy(), centre.number, centre.hash)
    node.take([centre.change([restriction(77)])])
    (tmp_path / CHANGES).write_bytes((tmp_path / CHANGES).read_bytes()[:-1])
    again = begun(centre, tmp_path)
    again.hear(restored.beat(term=99))  # of a centre that lost it as well
    assert is_of_no_known_age(again)
    restored.era = 7
    assert again.offer(restored.snapshot())
    again.hear(restored.beat(term=99))
    assert again.age is not None
    assert again.why_not is None


def test_a_node_that_finds_an_older_list_allows_nothing_until_the_centre_is_heard(
    centre: Centre, redis: RedisServer, tmp_path: Path
) -> None:
    publishing = Publishing(centre, redis)
    publishing.snapshot()
    with desk(centre) as open_desk, a_node(open_desk, redis, tmp_path) as started:
        until(lambda: started.ready()["ready"])
        publishing.change(centre.change([restriction(577)]))
        until(lambda: started.answer(f"C-{os.urandom(4).hex()}", "07700 900577") == "block")
        redis.kill()
        started.kill()
        (started.data / CHANGES).write_bytes(b"")
        started.start()
        assert started.answer("C1") == "block"
        said = started.call("C2", "07700 900577")
        assert said.json()["decision"] == "flag"
        assert AGE.decode() not in said.headers
        assert any(OLDER in one for one in started.ready()["warnings"])
        assert OLDER in (tmp_path / "log").read_text()
        redis.start()
        publishing.snapshot()
        until(lambda: started.answer(f"C-{os.urandom(4).hex()}", "07700 900577") == "block")
        publishing.beat()
        until(lambda: started.answer(f"C-{os.urandom(4).hex()}", "07700 900999") == "allow")
        until(lambda: not any(OLDER in one for one in started.ready()["warnings"]))


class _Hours:
    """The machine's clocks, which the test moves on."""

    def __init__(self) -> None:
        self.now = 50_000.0

    def __call__(self) -> float:
        return self.now


@pytest.mark.parametrize("seed", range(times(60)))
def test_whichever_files_are_cut_or_of_before_no_list_is_younger_than_it_is(
    seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    chance, clock = random.Random(seed), _Hours()
    monkeypatch.setattr(kept, "since_boot", clock)
    monkeypatch.setattr("time.time", clock)
    monkeypatch.setattr(kept, "MOST_BEHIND", 4)
    centre = Centre()
    centre.change([restriction(n) for n in range(10)])
    node = begun(centre, tmp_path, monotonic=clock)
    node.offer(centre.snapshot())
    copies: list[dict[str, bytes]] = []
    newest_at: dict[int, float] = {}
    for step in range(chance.randrange(4, 25)):
        clock.now += chance.choice((0.5, 11, 300))
        if chance.random() < 0.6:
            node.take([centre.change([restriction(100 + step)])])
        if chance.random() < 0.5:
            node.hear(centre.beat())
        if chance.random() < 0.5:
            node.keep()
        if node.confirmed_at is not None:
            newest_at[node.number] = node.confirmed_at
        copies.append({name: (tmp_path / name).read_bytes() for name in FILES if (tmp_path / name).exists()})
    clock.now += chance.choice((1, 4000))
    changed = [name for name in FILES if chance.random() < 0.5]
    together = chance.choice(copies)
    for name in changed:
        older = (together if chance.random() < 0.5 else chance.choice(copies)).get(name)
        content = b"" if older is None else older
        if chance.random() < 0.3:
            content = content[: chance.randrange(len(content) + 1)]
        (tmp_path / name).write_bytes(content)
    again = begun(centre, tmp_path, monotonic=clock)
    if again.followed is None or again.age is None:
        assert again.screener is None or answer(again, "07700 900999") == "flag"
        assert changed or not newest_at
        return
    assert again.age >= clock.now - newest_at[again.number] - 1e-6
    assert again.number == node.number or HEARD in changed
