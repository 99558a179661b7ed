"""By what it keeps, a node is told apart from the one before it, and shows what the centre signed."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from unittest.mock import patch

import pytest

from service.feed.messages import decode, open_beat
from service.node import telling
from service.node.telling import CONFIRMED, INSTALLATION, REPORTS, Telling
from tests.service.node.centre import Centre, begun, restriction

FULL = patch("service.node.telling.write_whole", side_effect=OSError("full"))


def run(folder: Path, count: int = 3) -> list[tuple[str, int]]:
    one = Telling(folder)
    numbers = [one.next() for _ in range(count)]
    return [(one.instance, number) for number in numbers]


def test_a_folder_is_one_installation_and_counts_on_over_restarts(tmp_path: Path) -> None:
    everything = [one for _ in range(3) for one in run(tmp_path)]
    assert len({instance for instance, _ in everything}) == 1
    assert everything == sorted(set(everything))


@pytest.mark.parametrize("lost", [[REPORTS], [INSTALLATION], [REPORTS, INSTALLATION]])
@pytest.mark.parametrize("becomes", [None, b"", b"\xff not a name"])
def test_what_is_lost_of_it_makes_it_another_installation(
    tmp_path: Path, lost: list[str], becomes: bytes | None
) -> None:
    before = run(tmp_path)
    for name in lost:
        if becomes is None:
            (tmp_path / name).unlink()
        else:
            (tmp_path / name).write_bytes(becomes)
    after = run(tmp_path)
    assert before[0][0] != after[0][0]
    assert run(tmp_path)[0][0] == after[0][0]


def test_the_number_of_the_version_before_is_gone_on_from(tmp_path: Path) -> None:
    (tmp_path / REPORTS).write_text("1700100000")
    assert run(tmp_path)[0][1] == 1_700_100_001


def test_on_a_full_disk_no_number_of_an_installation_comes_twice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(telling, "RESERVED", 3)
    everything = run(tmp_path, 5)
    for _ in range(2):
        with FULL:
            everything += run(tmp_path, 5)
        everything += run(tmp_path, 5)
    assert len(set(everything)) == len(everything)


def test_what_the_centre_signed_for_the_list_is_kept_over_a_restart_and_for_no_other_list(
    tmp_path: Path,
) -> None:
    centre = Centre()
    centre.change([restriction(1)])
    node = begun(centre, tmp_path)
    node.offer(centre.snapshot())
    one = Telling(tmp_path)
    assert one.proof_of(node.followed) == b""
    carried = centre.beat()
    hear = partial(one.hear, followed=node.followed)
    beat = node.hear(carried)
    assert beat is not None
    hear(beat, carried)
    for telling_ in (one, Telling(tmp_path)):
        shown = telling_.proof_of(node.followed)
        opened = open_beat(centre.vault.public_key, centre.feed_key, decode(shown))
        assert (opened.number, opened.hash) == (centre.number, centre.hash)
    change = centre.change([restriction(2)])
    later = centre.beat()
    beat = node.hear(later)
    assert beat is not None
    hear(beat, later)
    assert one.proof_of(node.followed) == carried, "it names what is not here yet"
    node.take([change])
    assert one.proof_of(node.followed) == b""
    assert (tmp_path / CONFIRMED).read_bytes().partition(b"\n")[2] == carried
