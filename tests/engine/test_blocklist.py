"""The compiled blocklist answers as the plain list does, has a stable version, loads only when whole."""

import mmap
import random
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine import saved
from engine.blocklist import MOST_BY_COARSE_KEYS, change_blocklist, compile_blocklist
from engine.model import Attempt, ConfidentialEntry, Contact, Exemption, ProtectedPerson, Restriction
from engine.policy import read_policy
from engine.reference import plain_blocklist
from engine.screener import Screener
from matchers import address
from tests.repeating import times

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
POLICY = read_policy()

PRISONERS = ["A1234BC", "B2345CD", "C3456DE"]
NUMBERS = [
    "07700 900123",
    "+44 7700 900123",
    "07700 900124",
    "07700 900132",
    "0113 496 0123",
    "141 07700 900123",
    "496 0123",
    "07700 900123 55",
    "116 123",
    "+353 1 555 0123",
    "0909 879 0123",
]
ADDRESSES = [
    "Flat 2, 10 Alderbirch Street, Leeds LS1 4AB",
    "10 Alderbirch St, Leeds LS1 4AB",
    "12 Alderbirch Street, Leeds LS1 4AB",
    "S Jones\n10 Alderbirch Street\nLeeds",
    "Sarah Jones\nRose Cottage\nMill Lane\nExampleby\nYO99 9ZZ",
    "PO Box 12, Leeds LS1 4AB",
    "c/o A Khan, 3 Larchgorse Road, Bradford BD1 9AA",
]
NAMES = ["Sarah Jane Jones", "Aisha Khan", "Zbigniew Wawrzyniak", "Sally Jones"]
BODIES = [
    None,
    "see you on Sunday at 10:30",
    "ring me on 07700 900123",
    "it is oh double seven double oh nine double oh one two three",
    "tell Sally I am sorry, sally@example.org or @sallyj",
    "she is at 10 Alderbirch Street, Leeds LS1 4AB flat 2",
    "0770 and then 0900 and 123",
]

contacts = st.one_of(
    st.builds(lambda v: Contact(kind="phone", value=v), st.sampled_from(NUMBERS)),
    st.builds(lambda v: Contact(kind="address", value=v), st.sampled_from(ADDRESSES)),
    st.builds(
        lambda v: Contact(kind="email", value=v), st.sampled_from(["sally@example.org", "a@example.com"])
    ),
    st.builds(lambda v: Contact(kind="handle", value=v), st.sampled_from(["@sallyj", "aishak"])),
)
restriction = st.builds(
    lambda number, **fields: Restriction(id=f"R{number}", **fields),
    st.integers(0, 10**6),
    prisoner=st.one_of(st.sampled_from(PRISONERS), st.just(tuple(PRISONERS[:2]))),
    protected=st.builds(lambda n: ProtectedPerson(name=n), st.sampled_from(NAMES)),
    contacts=st.lists(contacts, min_size=1, max_size=3).map(tuple),
    scope=st.sampled_from(["estate", "prisoner"]),
    establishment=st.sampled_from([None, "LEI", "MDI"]),
    exceptions=st.lists(
        st.builds(
            lambda p, c: Exemption(prisoner=p, contact=c),
            st.sampled_from(PRISONERS),
            st.sampled_from([NUMBERS[0], ADDRESSES[0]]),
        ),
        max_size=1,
    ).map(tuple),
)
restrictions = st.lists(restriction, max_size=6)
registers = st.lists(
    st.builds(
        lambda c: ConfidentialEntry(name="Larch & Fir Solicitors", kind="legal", contacts=(c,)), contacts
    ),
    max_size=2,
)
attempts = st.one_of(
    st.builds(
        lambda to: Attempt(id="A", channel="call", to=to, prisoner="A1234BC", establishment="LEI"),
        st.sampled_from(NUMBERS),
    ),
    st.builds(
        lambda to, body: Attempt(id="A", channel="message", to=to, prisoner="B2345CD", body=body),
        st.sampled_from([*NUMBERS, "sally@example.org", "@sallyj"]),
        st.sampled_from(BODIES),
    ),
    st.builds(
        lambda to, body, who: Attempt(id="A", channel="letter", to=to, prisoner=who, body=body),
        st.sampled_from(ADDRESSES),
        st.sampled_from(BODIES),
        st.sampled_from([*PRISONERS, None]),
    ),
)


@settings(max_examples=times(250), deadline=None)
@given(restrictions, registers, st.lists(attempts, min_size=1, max_size=4))
def test_the_index_answers_as_the_plain_list_does(
    listed: list[Restriction], register: list[ConfidentialEntry], tried: list[Attempt]
) -> None:
    fast = Screener(compile_blocklist(listed, register), POLICY)
    plain = Screener(plain_blocklist(listed, register), POLICY)
    for attempt in tried:
        given_answer = msgspec.structs.replace(fast.check(attempt, NOW), blocklist="")
        assert given_answer == msgspec.structs.replace(plain.check(attempt, NOW), blocklist="")


def example(number: int, value: str = "07700 900123", name: str = "Sarah Jones") -> Restriction:
    return Restriction(
        id=f"R{number}",
        prisoner="A1234BC",
        protected=ProtectedPerson(name=name),
        contacts=(Contact(kind="phone", value=value), Contact(kind="address", value=ADDRESSES[0])),
    )


def test_the_version_is_of_the_content_and_not_of_its_order() -> None:
    listed = [example(n, f"07700 9001{n:02}") for n in range(20)]
    shuffled = random.Random(1).sample(listed, len(listed))
    assert compile_blocklist(listed).version == compile_blocklist(shuffled).version
    assert compile_blocklist(listed).version != compile_blocklist(listed[1:]).version
    assert compile_blocklist([example(1)]).version != compile_blocklist([example(1, name="S Jones")]).version
    assert compile_blocklist(listed).version.startswith("sha256:")


def test_a_saved_blocklist_answers_as_before() -> None:
    listed = [example(n, f"07700 9001{n:02}") for n in range(20)]
    register = [
        ConfidentialEntry(
            name="Samaritans", kind="helpline", contacts=(Contact(kind="phone", value="116 123"),)
        )
    ]
    built = compile_blocklist(listed, register)
    loaded = saved.load(saved.save(built))
    assert loaded.version == built.version
    for to in ("07700 900107", "0770 0900199", "116 123", "07700 900456"):
        attempt = Attempt(id="A", channel="call", to=to, prisoner="B2345CD")
        assert Screener(loaded, POLICY).check(attempt, NOW) == Screener(built, POLICY).check(attempt, NOW)


def test_a_mapped_file_is_read_where_it_lies(tmp_path: Path) -> None:
    file = tmp_path / "saved"
    built = compile_blocklist([example(n, f"07700 9001{n:02}") for n in range(20)])
    file.write_bytes(saved.save(built))
    with file.open("rb") as kept:
        mapped = saved.load(memoryview(mmap.mmap(kept.fileno(), 0, access=mmap.ACCESS_READ)))
    changed = change_blocklist(mapped, [example(7, "07700 900200")], ["R3"])
    anew = change_blocklist(built, [example(7, "07700 900200")], ["R3"])
    assert changed.version == anew.version
    assert saved.save(changed) == saved.save(anew)
    for to in ("07700 900107", "07700 900200", "07700 900103", "07700 900456"):
        attempt = Attempt(id="A", channel="call", to=to, prisoner="A1234BC")
        assert Screener(changed, POLICY).check(attempt, NOW) == Screener(anew, POLICY).check(attempt, NOW)


@pytest.mark.parametrize("where", [0, 30, 70, 200, -1])
def test_a_damaged_saved_blocklist_is_refused(where: int) -> None:
    kept = bytearray(saved.save(compile_blocklist([example(1)])))
    kept[where] ^= 0x40
    with pytest.raises(saved.SavedBlocklistError):
        saved.load(bytes(kept))


@pytest.mark.parametrize("length", [0, 10, 40, 60, 300])
def test_a_cut_off_saved_blocklist_is_refused(length: int) -> None:
    kept = saved.save(compile_blocklist([example(1)]))
    with pytest.raises(saved.SavedBlocklistError):
        saved.load(kept[: min(length, len(kept) - 1)])


@pytest.mark.parametrize(("listed", "looked_at"), [(100, 100), (101, 0)])
def test_of_addresses_that_share_a_coarse_key_alone_no_more_than_a_hundred_are_looked_at(
    listed: int, looked_at: int
) -> None:
    assert MOST_BY_COARSE_KEYS == 100
    restrictions = [
        Restriction(
            id=f"R{n}",
            prisoner="A1234BC",
            protected=ProtectedPerson(name="Rhoswen Tallantyre"),
            contacts=(
                Contact(
                    kind="address",
                    value=f"10 {chr(65 + n % 26)}{'aeiou'[n // 26]}llet{chr(97 + n % 26)}ow Street,"
                    f" Ambermouth, QB{n % 9 + 1} {n % 10}AB",
                ),
            ),
        )
        for n in range(listed)
    ]
    asked = address.read("10 Wyvern Parade, Ambermouth")
    assert len(list(compile_blocklist(restrictions).restricted.addresses(asked))) == looked_at


def test_an_empty_blocklist_is_not_usable() -> None:
    assert not compile_blocklist([]).usable
    assert compile_blocklist([example(1)]).usable
    assert not compile_blocklist([example(1)], complete=False).usable


def test_a_listing_can_be_saved_only_when_it_is_compiled() -> None:
    with pytest.raises(TypeError):
        saved.save(plain_blocklist([example(1)]))
