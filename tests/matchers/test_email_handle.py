"""E-mail addresses and account names have one canonical form, plain or spelled out."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matchers import email_handle

SALLY = "sally.jones@example.org"


@pytest.mark.parametrize(
    "text",
    [
        "sally.jones@example.org",
        "Sally.Jones@Example.ORG",
        " sally.jones@example.org ",
        "<sally.jones@example.org>",
        "mailto:sally.jones@example.org",
        "sally.jones at example dot org",
        "sally.jones@example dot org",
        "sally dot jones at example dot org",
        "sally.jones [at] example [dot] org",
        "sally.jones(at)example(dot)org",
        "sally.jones @ example.org",
        "sally.jones+kids@example.org",
        "sally.jones@\u200bexample.org",
        "ｓａｌｌｙ.jones@example.org",
    ],
)
def test_one_address_has_one_form(text: str) -> None:
    account = email_handle.read_email(text)
    assert account is not None
    assert (account.kind, account.canonical) == ("email", SALLY)


@pytest.mark.parametrize(
    "text", ["s.a.l.l.y@gmail.com", "sally@googlemail.com", "sally+x@gmail.com", "Sally@GMail.com"]
)
def test_dots_and_names_of_one_provider_make_no_difference(text: str) -> None:
    account = email_handle.read_email(text)
    assert account is not None
    assert account.canonical == "sally@gmail.com"


def test_dots_count_everywhere_else() -> None:
    one, other = email_handle.read_email("s.ally@example.org"), email_handle.read_email("sally@example.org")
    assert one is not None
    assert other is not None
    assert one.canonical != other.canonical


@pytest.mark.parametrize(
    ("text", "step"),
    [
        ("sally at example dot org", "spelled-out address read"),
        ("sally+kids@example.org", "the part behind + dropped"),
        ("s.ally@gmail.com", "dots dropped, which this provider ignores"),
    ],
)
def test_what_was_done_to_an_address_is_told(text: str, step: str) -> None:
    account = email_handle.read_email(text)
    assert account is not None
    assert step in account.steps


@pytest.mark.parametrize(
    "text",
    ["", "sally", "@sallyj", "sally@", "@example.org", "sally@example", "a b@example.org c", "07700900123"],
)
def test_other_texts_are_no_address(text: str) -> None:
    assert email_handle.read_email(text) is None


@pytest.mark.parametrize("text", ["@sallyj", "sallyj", " @SallyJ ", "@sallyj.", "@ｓａｌｌｙｊ"])
def test_one_handle_has_one_form(text: str) -> None:
    account = email_handle.read_handle(text)
    assert account is not None
    assert (account.kind, account.canonical) == ("handle", "sallyj")


@pytest.mark.parametrize("text", ["", "@", "@a", "sally jones", "!!"])
def test_other_texts_are_no_handle(text: str) -> None:
    assert email_handle.read_handle(text) is None


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("write to sally.jones@example.org please", SALLY),
        ("write to sally.jones@example.org.", SALLY),
        ("(sally.jones@example.org)", SALLY),
        ("she is sally.jones at example dot org now", SALLY),
        ("SALLY.JONES@EXAMPLE.ORG", SALLY),
        ("dm @SallyJ tonight", "sallyj"),
        ("its @sallyj.", "sallyj"),
        ("@sallyj, ok?", "sallyj"),
    ],
)
def test_an_account_is_found_in_a_text(text: str, canonical: str) -> None:
    assert canonical in {found.account.canonical for found in email_handle.find(text)}


@pytest.mark.parametrize(
    "text",
    [
        "meet me at the dot",
        "see you at 5",
        "no accounts in here",
        "£5 @ 3 each",
        "the polka dot dress",
        "dot said hi to all",
    ],
)
def test_ordinary_words_hold_no_account(text: str) -> None:
    assert list(email_handle.find(text)) == []


def test_an_address_is_not_a_handle_too() -> None:
    assert [found.account.kind for found in email_handle.find("sally.jones@example.org")] == ["email"]


@given(st.text())
def test_no_text_breaks_the_reading(text: str) -> None:
    email_handle.read_email(text)
    email_handle.read_handle(text)
    list(email_handle.find(text))


@given(st.from_regex(r"[a-z][a-z0-9_]{2,10}@[a-z]{2,8}\.(org|com|co\.uk)", fullmatch=True))
def test_a_canonical_address_is_its_own_form(address: str) -> None:
    account = email_handle.read_email(address)
    assert account is not None
    again = email_handle.read_email(account.canonical)
    assert again is not None
    assert again.canonical == account.canonical


@pytest.mark.parametrize(
    "text",
    [
        "mail sal.jones at outlook.example",
        "sal.jones(a)outlook.example",
        "sal.jones{at}outlook{dot}example",
        "sal.jones @ outlook . example",
        "sal.jones-at-outlook-dot-example",
        "sal.jones at outlook full stop example",
    ],
)
def test_a_spelled_out_address_is_found_in_every_spelling(text: str) -> None:
    assert "sal.jones@outlook.example" in [found.account.canonical for found in email_handle.find(text)]


@pytest.mark.parametrize(
    "text",
    [
        "snap: sallyj",
        "snap sallyj",
        "insta is sallyj",
        "instagram.com/sallyj",
        "https://www.instagram.com/sallyj/?hl=en",
        "tiktok.com/@sallyj",
        "sallyj on insta",
        "sallyj (facebook)",
    ],
)
def test_a_plain_name_beside_a_platform_is_an_account(text: str) -> None:
    assert "sallyj" in [found.account.canonical for found in email_handle.find(text)]
    assert list(email_handle.find("sallyj is nice")) == []


def test_a_word_that_only_an_account_looks_like_is_one() -> None:
    found = [
        found.account.canonical for found in email_handle.find("it is sally_j92 or sazj.92, not 92 or sally")
    ]
    assert found == ["sally_j92", "sazj.92"]


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("maren@xn--bro-hoa.example", "maren@buro.example"),
        ("maren@büro.example", "maren@buro.example"),
        ('"sal.jones"@outlook.example', "sal.jones@outlook.example"),
        ("sal.jones@outlook.example.", "sal.jones@outlook.example"),
    ],
)
def test_an_address_is_the_same_in_the_forms_of_the_protocols(text: str, canonical: str) -> None:
    account = email_handle.read_email(text)
    assert account is not None
    assert account.canonical == canonical


@pytest.mark.parametrize(
    "text",
    ["s a l l y _ j 9 2", "sally-j92", "sally underscore j92", "SALLY_J 92", "sallyj92", "(sally.j92)"],
)
def test_an_account_is_known_without_its_signs(text: str) -> None:
    (form,) = email_handle.squeezed_forms("handle", "sally_j92")
    assert [found for found, _ in email_handle.find_squeezed(text, [form])] == [form]


@pytest.mark.parametrize("text", ["sally j93", "resally j92", "sally jane 92", "totally j92"])
def test_other_words_are_not_the_account(text: str) -> None:
    (form,) = email_handle.squeezed_forms("handle", "sally_j92")
    assert list(email_handle.find_squeezed(text, [form])) == []


def test_an_account_too_short_to_be_told_from_words_is_not_looked_for_without_its_signs() -> None:
    assert email_handle.squeezed_forms("handle", "sal.j") == ()
    assert email_handle.squeezed_forms("email", "sal@x.example") == ()


@pytest.mark.parametrize(
    "link",
    [
        "https://sallyj.t.me",
        "sallyj.t.me/12",
        "tg://resolve?domain=sallyj&text=hi",
        "facebook.com/people/Sally-Jones/sallyj",
        "bsky.app/profile/sallyj.bsky.social",
        "https://discord.gg/invite/SallyJ",
        "signal.me/#eu/sallyj",
        "twitter.com/intent/follow?screen_name=sallyj&ref=x",
        "ig.me/m/sallyj?ref=x",
        "cash.app/£sallyj",
    ],
)
def test_the_name_in_a_link_to_her_page_is_hers(link: str) -> None:
    for body in (link, f"look at {link}.", f"({link})", link.upper()):
        assert "sallyj" in [found.account.canonical for found in email_handle.find(body)], body


@pytest.mark.parametrize("text", ["www.t.me", "sallyj.t.media", "x@sallyj.t.me", "first.t.met me"])
def test_what_is_no_name_before_a_site_is_none(text: str) -> None:
    assert "sallyj" not in [found.account.canonical for found in email_handle.linked(text)]
    assert "www" not in [found.account.canonical for found in email_handle.linked(text)]
