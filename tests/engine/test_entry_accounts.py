"""An account plainly written is read at once, and as the closer look would read it."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine import entry
from engine.model import Contact, ContactKind
from tests.repeating import times

pieces = st.one_of(
    st.sampled_from(
        ["@", "@", ".", "_", "-", "+", " ", "/", ":", "(", "or", "and", "x", "12", "07700900123", "http://"]
    ),
    st.sampled_from(
        ["sally", "Sally", "instagram", "insta", "none", "n/a", "example.org", "t.me", "dot", "at"]
    ),
    st.text(st.characters(codec="utf-8"), max_size=2),
    st.text("abzAZ09_.-+@", max_size=5),
)


@settings(max_examples=times(1500))
@given(st.sampled_from(["email", "handle"]), st.lists(pieces, max_size=5).map("".join))
def test_an_account_plainly_written_is_read_as_by_the_closer_look(kind: ContactKind, value: str) -> None:
    contact = Contact(kind=kind, value=value)
    assert entry._plain_account(contact) in (None, entry._accounts(contact, ()))


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("email", "sally.j+b@mail.example.org"),
        ("email", "SallyJ@Example.ORG"),
        ("handle", "@sallyj"),
        ("handle", "Sally_J92"),
    ],
)
def test_what_most_fields_for_accounts_hold_takes_no_closer_look(kind: ContactKind, value: str) -> None:
    assert entry._plain_account(Contact(kind=kind, value=value)) is not None


@pytest.mark.parametrize("value", ["or", "@or", "None", "insta", "@07700900123", "x", "_"])
def test_a_word_that_may_be_no_account_takes_one(value: str) -> None:
    assert entry._plain_account(Contact(kind="handle", value=value)) is None
