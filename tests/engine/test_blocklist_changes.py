"""A changed blocklist is the one that would be compiled of what is left; the old one stays as it is."""

import sys

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine import index_entries, saved
from engine.blocklist import Index, change_blocklist, compile_blocklist
from engine.listing import Listing, UnreadableContactError, compile_restriction
from engine.model import Attempt, ConfidentialEntry, Contact, Restriction
from engine.reference import plain_blocklist
from engine.screener import Screener
from tests.engine.test_blocklist import NOW, POLICY, attempts, example, registers, restriction, restrictions
from tests.repeating import times

few = st.lists(restriction, max_size=4)
named = st.sampled_from(["R1", "R2", "R3", "R4", "R5"])
changes = st.lists(
    st.tuples(
        st.lists(st.tuples(named, restriction), max_size=3),
        st.lists(named, max_size=2),
        st.one_of(st.none(), registers),
    ),
    min_size=1,
    max_size=2,
)


def called(one: Restriction, name: str) -> Restriction:
    return msgspec.structs.replace(one, id=name)


@settings(max_examples=times(250), deadline=None)
@given(few, registers, changes, st.lists(attempts, min_size=1, max_size=2))
def test_changes_come_to_what_a_new_blocklist_would_be(
    start: list[Restriction],
    register: list[ConfidentialEntry],
    made: list[tuple[list[tuple[str, Restriction]], list[str], list[ConfidentialEntry] | None]],
    tried: list[Attempt],
) -> None:
    listed = {f"R{n + 1}": called(one, f"R{n + 1}") for n, one in enumerate(start)}
    blocklist = compile_blocklist(listed.values(), register)
    for puts, gone, new_register in made:
        put = [called(one, name) for name, one in puts]
        blocklist = change_blocklist(blocklist, put, gone, confidential=new_register)
        wanted = {one.id: one for one in put}
        listed = {name: one for name, one in listed.items() if name in wanted or name not in gone} | wanted
        register = register if new_register is None else new_register
    whole = compile_blocklist(listed.values(), register)
    assert blocklist.version == whole.version
    assert len(blocklist.restricted) == len(listed)
    again = saved.load(saved.save(blocklist))
    for attempt in tried:
        expected = Screener(whole, POLICY).check(attempt, NOW)
        assert Screener(blocklist, POLICY).check(attempt, NOW) == expected
        assert Screener(again, POLICY).check(attempt, NOW) == expected
        plain = Screener(plain_blocklist(listed.values(), register), POLICY).check(attempt, NOW)
        assert msgspec.structs.replace(plain, blocklist=expected.blocklist) == expected


@settings(deadline=None)
@given(restrictions)
def test_nothing_is_left_of_what_was_taken_out(start: list[Restriction]) -> None:
    blocklist = compile_blocklist(start)
    empty = change_blocklist(blocklist, gone=[one.id for one in start])
    assert empty.version == compile_blocklist([]).version
    assert not empty.usable
    assert isinstance(empty.restricted, Index)
    digests, listings, addresses, *postings = empty.restricted.sections()
    assert digests == b""
    assert set(listings[8:]) <= {0}
    assert set(addresses[8:]) <= {0}
    assert not any(int.from_bytes(one[:8], sys.byteorder) for one in postings)


def test_a_change_leaves_the_old_blocklist_as_it_was() -> None:
    before = compile_blocklist([example(1), example(2, "07700 900124")])
    kept = saved.save(before)
    after = change_blocklist(before, put=[example(1, "07700 900125")], gone=["R2"])
    assert saved.save(before) == kept
    assert after.version != before.version


def test_a_restriction_that_comes_back_makes_the_same_blocklist() -> None:
    first = compile_blocklist([example(1), example(2)])
    without = change_blocklist(first, gone=["R2"])
    assert without.version == compile_blocklist([example(1)]).version
    assert change_blocklist(without, put=[example(2)]).version == first.version


def test_a_name_that_stands_twice_is_replaced_and_taken_out_as_one() -> None:
    twice = compile_blocklist([example(1), example(1, "07700 900124"), example(2)])
    once = compile_blocklist([example(1, "07700 900125"), example(2)])
    assert change_blocklist(twice, put=[example(1, "07700 900125")]).version == once.version
    assert change_blocklist(twice, gone=["R1"]).version == compile_blocklist([example(2)]).version


def test_an_unknown_name_may_be_taken_out() -> None:
    blocklist = compile_blocklist([example(1)])
    assert change_blocklist(blocklist, gone=["R9"]).version == blocklist.version


def test_whether_it_is_complete_is_kept_until_told_otherwise() -> None:
    partial = compile_blocklist([example(1)], complete=False)
    assert not change_blocklist(partial, put=[example(2)]).usable
    assert change_blocklist(partial, put=[example(2)], complete=True).usable


def test_a_contact_of_no_use_is_refused_and_changes_nothing() -> None:
    blocklist = compile_blocklist([example(1)])
    bad = msgspec.structs.replace(example(2), contacts=(Contact(kind="phone", value="none"),))
    with pytest.raises(UnreadableContactError):
        change_blocklist(blocklist, put=[bad])


def test_only_a_compiled_blocklist_can_be_changed() -> None:
    with pytest.raises(TypeError):
        change_blocklist(plain_blocklist([example(1)]), put=[example(2)])


def test_what_cannot_be_compiled_is_told_and_the_others_go_on() -> None:
    bad = msgspec.structs.replace(example(2), contacts=(Contact(kind="phone", value="none"),))
    lost: list[str | None] = []

    blocklist = compile_blocklist([bad, example(1)], lost=lambda source, error: lost.append(source.id))

    assert lost == [bad.id]
    assert not blocklist.complete
    assert [blocklist.restricted.listing(0).restriction.id] == [example(1).id]


def test_a_change_that_cannot_be_compiled_leaves_the_last_good_one_in_force() -> None:
    blocklist = compile_blocklist([example(1), example(2)])
    bad = msgspec.structs.replace(example(2), contacts=(Contact(kind="phone", value="none"),))
    lost: list[str | None] = []

    changed = change_blocklist(blocklist, put=[bad], lost=lambda source, error: lost.append(source.id))

    assert lost == [bad.id]
    assert not changed.complete
    assert isinstance(changed.restricted, Index)
    assert isinstance(blocklist.restricted, Index)
    assert changed.restricted.digests.hash() == blocklist.restricted.digests.hash()


def test_a_change_compiles_each_restriction_once(monkeypatch: pytest.MonkeyPatch) -> None:
    blocklist = compile_blocklist([example(1), example(2)])
    compiled: list[str] = []
    compile_one = compile_restriction

    def counted(restriction: Restriction) -> Listing:
        compiled.append(restriction.id)
        return compile_one(restriction)

    monkeypatch.setattr(index_entries, "compile_restriction", counted)
    change_blocklist(blocklist, put=[example(2), example(3)], lost=lambda source, error: None)

    assert compiled == [example(2).id, example(3).id]
