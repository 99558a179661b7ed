"""What is read when a picture is turned counts as well: another address there is a doubt."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from adapters.mailroom.envelope import Doubt, of_sides, understand
from adapters.mailroom.images import Picture
from adapters.mailroom.lines import Line
from adapters.mailroom.orientation import look
from tests.adapters.mailroom.drawing import TO, envelope, pixels
from tests.adapters.mailroom.test_envelope import OTHER, line

BLANK = np.full((850, 1500, 3), 240, dtype=np.uint8)
MARKED = BLANK.copy()
MARKED[5, 5] = 0  # tells which way up it lies


class Scripted:
    """A reader that reads one thing when the picture lies one way up, and another when it does not."""

    def __init__(self, as_it_lies: Sequence[Line], turned: Sequence[Line]) -> None:
        self.as_it_lies, self.turned, self.looks = tuple(as_it_lies), tuple(turned), 0

    def read(self, picture: Picture) -> tuple[Line, ...]:
        self.looks += 1
        return self.turned if picture[-40:, -40:].min() < 100 else self.as_it_lies


def block(rows: Sequence[str], confidence: float) -> list[Line]:
    return [line(text, 400 + 60 * n, left=600, confidence=confidence) for n, text in enumerate(rows)]


def test_one_look_is_enough_where_it_is_sure() -> None:
    reader = Scripted(block(TO, 0.99), block(OTHER, 0.99))
    assert look(reader, MARKED).doubts == ()
    assert reader.looks == 1


@pytest.mark.parametrize("turned", [0.6, 0.7, 0.99])
def test_two_doors_one_for_each_way_up_are_a_doubt_whichever_is_read_more_surely(turned: float) -> None:
    found = look(Scripted(block(TO, 0.6), block(OTHER, turned)), MARKED)
    assert Doubt.OTHER_WAY_UP in found.doubts
    assert {"\n".join(TO), "\n".join(OTHER)} <= {found.to, *found.also_to}


class InTurn:
    """A reader that reads the next thing at each look."""

    def __init__(self, *looks: Sequence[Line]) -> None:
        self.looks = [tuple(one) for one in looks]

    def read(self, picture: Picture) -> tuple[Line, ...]:
        return self.looks.pop(0)


AT_17 = (TO[0], TO[1].replace("14", "17"), *TO[2:])


@pytest.mark.parametrize(("first", "second"), [(0.7, 0.93), (0.93, 0.7)])
def test_a_second_look_that_tells_another_door_is_a_doubt_whichever_is_surer(
    first: float, second: float
) -> None:
    found = look(InTurn(block(TO, first), block(AT_17, second)), MARKED)
    assert Doubt.OTHER_LOOK in found.doubts
    assert {"\n".join(TO), "\n".join(AT_17)} <= {found.to, *found.readings}


def test_a_second_look_that_misreads_a_letter_or_lacks_a_line_is_none() -> None:
    misread = (TO[0], TO[1].replace("mead", "meod"), *TO[2:])
    assert look(InTurn(block(TO, 0.9), block(misread, 0.8)), MARKED).doubts == ()
    assert look(InTurn(block(TO, 0.9), block(TO[2:], 0.8)), MARKED).doubts == ()


def test_another_address_that_one_look_alone_has_seen_is_a_doubt() -> None:
    both = [*block(TO, 0.9), *[line(text, 60 * n, left=600, confidence=0.5) for n, text in enumerate(OTHER)]]
    found = look(InTurn(block(TO, 0.9), both), MARKED)
    assert Doubt.TWO_ADDRESSES in found.doubts


def test_a_door_goes_before_nonsense_that_is_read_more_surely() -> None:
    nonsense = block(("70 Xears Roval Wail", "Wondon 28 LA"), 0.99)
    found = look(Scripted(nonsense, block(TO, 0.9)), MARKED)
    assert found.to == "\n".join(TO)
    assert Doubt.NO_DOOR not in found.doubts


def test_an_unread_front_with_postage_is_a_doubt_though_the_back_bears_an_address() -> None:
    back = understand(block(TO, 0.99))
    postage = understand([line("Royal Mail", 60, left=1200)])
    slogan = understand([line("Recycle 100 percent", 60, left=1200)])
    assert of_sides([postage, back]).doubts == (Doubt.UNREADABLE,)
    assert of_sides([back, postage]).doubts == ()
    assert of_sides([slogan, back]).doubts == ()


def test_a_side_on_which_nothing_was_read_is_a_front_unless_it_is_blank() -> None:
    nothing = Scripted((), ())
    assert look(nothing, pixels(envelope(TO, ink="#dcd6c8"))).is_front
    assert not look(nothing, BLANK).is_front
