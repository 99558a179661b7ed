"""A picture of what a node holds goes to the centre behind its record, and is kept until that has it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from service.node.centre_line import CentreLine
from service.node.forwarding import Forwarder
from service.node.pictures import LATER, MUCH_LATER, PictureForwarder
from tests.service.check.running import ADDRESS
from tests.service.node.centre import Centre
from tests.service.node.desk import NODE_KEY, Desk, desk
from tests.service.node.held_here import JPEG, Here, here

DOUBTED = "?Mr J Brown\n7 Quarry Lane\nOtherstead\nLS9 9ZZ"


@pytest.fixture
def node(tmp_path: Path) -> Iterator[Here]:
    """A node's folder."""
    with here(tmp_path) as made:
        yield made


class Sending:
    """Both ways to the centre, with a clock."""

    def __init__(self, node: Here, open_desk: Desk, folder: Path) -> None:
        self.now = 0.0
        line = CentreLine(open_desk.enrolment)
        journal = node.journal
        self.records = Forwarder(line, NODE_KEY, journal.database, journal.vault, folder)
        self.pictures = PictureForwarder(
            line, NODE_KEY, node.items, lambda: self.records.until, lambda: self.now
        )


def test_it_follows_its_record_and_is_kept_until_it_is_there(node: Here, tmp_path: Path) -> None:
    with desk(Centre()) as open_desk:
        sending = Sending(node, open_desk, tmp_path)
        held = node.letter(DOUBTED)
        assert (held.decision, node.items.pictures_waiting()) == ("flag", 2)
        assert sending.pictures.step() == 0, "its record is not there"
        assert sending.records.step() == 1
        open_desk.is_failing = True  # takes it, and does not say so
        with pytest.raises(httpx.HTTPStatusError):
            sending.pictures.step()
        assert node.items.pictures_waiting() == 2
        open_desk.is_failing = False
        assert sending.pictures.step() == 2
        assert (node.items.pictures_waiting(), sending.pictures.step()) == (0, 0)
        front, back = JPEG + DOUBTED.encode(), JPEG + b"its back"
        subject = open_desk.records[0].subject
        assert open_desk.pictures == {(subject, 1): [front, front], (subject, 2): [back]}
        again = node.letter(DOUBTED)
        assert (again.id, node.items.pictures_waiting()) == (held.id, 0)


def test_of_what_nobody_has_to_look_at_none_is_kept(node: Here) -> None:
    assert node.letter(f"Sarah Jane Jones\n{ADDRESS}").decision == "block"
    assert node.letter("Mr J Brown\n7 Quarry Lane\nOtherstead\nLS9 9ZZ").decision == "allow"
    assert node.items.pictures_waiting() == 0


def test_a_centre_of_before_takes_none_and_one_that_is_upgraded_all(node: Here, tmp_path: Path) -> None:
    with desk(Centre()) as open_desk:
        open_desk.is_older = True
        sending = Sending(node, open_desk, tmp_path)
        node.letter(DOUBTED)
        node.letter(DOUBTED + "2")
        sending.records.step()
        requests = open_desk.requests
        assert [sending.pictures.step() for _ in range(6)] == [0] * 6
        assert open_desk.requests == requests + 4, "each page once"
        open_desk.is_older = False
        assert sending.pictures.step() == 0
        sending.now += LATER
        assert sending.pictures.step() == 4
        assert node.items.pictures_waiting() == 0


def test_one_that_cannot_be_opened_holds_up_no_other(node: Here, tmp_path: Path) -> None:
    with desk(Centre()) as open_desk:
        sending = Sending(node, open_desk, tmp_path)
        node.letter(DOUBTED)
        with node.journal.database.write() as connection:
            connection.exec_driver_sql("UPDATE mail_picture SET sealed = x'00' WHERE page = 1")
        node.letter(DOUBTED + "2")
        sending.records.step()
        assert sending.pictures.step() == 3
        assert (sending.pictures.step(), node.items.pictures_waiting()) == (0, 1)
        sending.now += MUCH_LATER
        assert (sending.pictures.step(), node.items.pictures_waiting()) == (0, 1)


def test_one_whose_row_was_changed_goes_to_no_other_record(node: Here, tmp_path: Path) -> None:
    with desk(Centre()) as open_desk:
        sending = Sending(node, open_desk, tmp_path)
        node.letter(DOUBTED)
        node.message("M1")
        sending.records.step()
        with node.journal.database.write() as connection:
            connection.exec_driver_sql("UPDATE mail_asked SET seq = seq + 1")
        assert (sending.pictures.step(), open_desk.pictures) == (0, {})
