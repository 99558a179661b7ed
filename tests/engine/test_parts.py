"""A list compiled in parts is, to the byte, the one that was compiled as a whole."""

import pickle
from collections.abc import Iterable, Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine import saved
from engine.blocklist import change_blocklist, compile_blocklist
from engine.listing import PartlyReadError, UnreadableContactError
from engine.model import Contact, ProtectedPerson, Restriction
from engine.parts import AT_ONCE, Parts, compile_part, in_turn
from tests.engine.test_blocklist import example, registers, restriction
from tests.repeating import times

UNREADABLE = Contact(kind="phone", value="none")
odd = st.builds(
    lambda one, contacts: Restriction(
        id=one.id, prisoner=one.prisoner, protected=one.protected, contacts=contacts
    ),
    restriction,
    st.sampled_from(
        [
            (UNREADABLE,),
            (Contact(kind="phone", value="07700 900123; 0770"), Contact(kind="handle", value="@sallyj")),
            (Contact(kind="address", value="10 Alderbirch Street, Leeds LS1 4AB"),) * 2,
        ]
    ),
)


def in_parts_of(sizes: list[int]) -> object:
    """Parts of these sizes, each as it comes from another process."""

    def compiled(restrictions: Iterable[Restriction]) -> Iterator[tuple[list[Restriction], object]]:
        rest = list(restrictions)
        for size in [*sizes, len(rest)]:
            some, rest = rest[:size], rest[size:]
            yield some, pickle.loads(pickle.dumps(compile_part(some)))  # noqa: S301

    return compiled


@settings(max_examples=times(150), deadline=None)
@given(st.lists(st.one_of(restriction, odd), max_size=12), registers, st.lists(st.integers(0, 4), max_size=6))
def test_however_it_is_parted_the_list_is_the_same(
    listed: list[Restriction], register: list[object], sizes: list[int]
) -> None:
    told: list[list[tuple[str | None, str, str]]] = [[], []]

    def compiled(number: int, compiling: object) -> bytes:
        return saved.save(
            compile_blocklist(
                listed,
                register,  # type: ignore[arg-type]
                lost=lambda source, error: told[number].append((source.id, type(error).__name__, str(error))),
                compiling=compiling,  # type: ignore[arg-type]
            )
        )

    assert compiled(0, in_turn) == compiled(1, in_parts_of(sizes))
    assert told[0] == told[1]


def test_its_version_is_that_of_the_list_made_by_changes() -> None:
    listed = [example(n, f"07700 90{n:04}") for n in range(AT_ONCE + 3)]
    whole = compile_blocklist(listed, compiling=in_parts_of([2, 0, 7]))  # type: ignore[arg-type]
    assert whole.version == change_blocklist(compile_blocklist(listed[:-5]), listed[-5:]).version
    for number in (0, 1, 2, 9, AT_ONCE + 2):
        found = list(whole.restricted.numbers(447700900000 + number))
        assert [whole.restricted.listing(one.row).restriction.id for one in found] == [f"R{number}"]


def test_the_addresses_of_every_part_lead_to_their_own_listing() -> None:
    listed = [
        Restriction(
            id=f"R{n}",
            prisoner="A1234BC",
            protected=ProtectedPerson(name="Sarah Jones"),
            contacts=(
                Contact(kind="handle", value="@sallyj"),
                Contact(kind="address", value=f"{n + 1} Alderbirch Street, Leeds LS1 4AB"),
            ),
        )
        for n in range(9)
    ]
    whole = compile_blocklist(listed, compiling=in_parts_of([4, 3]))  # type: ignore[arg-type]
    found = {
        (whole.restricted.listing(reference.row).restriction.id, reference.place, one.numbers)
        for reference, one in whole.restricted.addresses_at("LS1 4AB")
    }
    assert found == {(f"R{n}", 1, (str(n + 1),)) for n in range(9)}


def test_what_cannot_be_compiled_is_raised_where_nobody_listens() -> None:
    lost = example(3)
    lost = Restriction(id="R3", prisoner=lost.prisoner, protected=lost.protected, contacts=(UNREADABLE,))
    with pytest.raises(UnreadableContactError):
        compile_blocklist([example(1), lost])


def test_a_part_tells_the_places_of_what_it_lost() -> None:
    partly = Restriction(
        id="R7", prisoner="A1234BC", protected=ProtectedPerson(name="Sarah Jones"),
        contacts=(Contact(kind="phone", value="07700 900123"),), unread=("contacts[1].value: no number",),
    )  # fmt: skip
    lost = Restriction(
        id="R3", prisoner="A1234BC", protected=ProtectedPerson(name="Sarah Jones"), contacts=(UNREADABLE,)
    )
    part = compile_part([example(1), lost, partly])
    assert [(place, type(error)) for place, error in part.lost] == [
        (1, UnreadableContactError),
        (2, PartlyReadError),
    ]


def test_restrictions_are_read_as_they_come_and_not_all_at_once() -> None:
    taken = 0

    def coming() -> Iterator[Restriction]:
        nonlocal taken
        for n in range(3 * AT_ONCE):
            taken += 1
            yield example(n)

    parts: Parts = in_turn(coming())
    next(iter(parts))
    assert taken == AT_ONCE
