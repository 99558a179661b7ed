"""Signed heads as notes: C2SP's forms, and the form of before."""

from __future__ import annotations

import base64
import re

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from service.ledger import heads
from service.ledger.heads import Head
from service.settings import ORIGIN

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
PUBLIC = KEY.public_key()
AT = "2026-01-01T09:30:02.000000Z"


def signed(head: Head) -> Head:
    return replace(head, signature=KEY.sign(heads.message(head)))


HEAD = signed(Head(1_234, b"h" * 32, AT, b"", "example.com/log", b"r" * 32))
BEFORE = signed(Head(1_234, b"h" * 32, AT, b""))


def test_a_key_is_identified_as_go_does() -> None:
    """The verifier's key of the tests of golang.org/x/mod/sumdb/note."""
    name, identifier, key = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW".split("+", 2)
    public = Ed25519PublicKey.from_public_bytes(base64.b64decode(key)[1:])
    assert heads.key_id(name, public).hex() == identifier


def test_a_note_has_the_lines_of_a_checkpoint() -> None:
    text, _, signatures = heads.to_note(HEAD, PUBLIC).rpartition("\n\n")
    root, chain = (base64.b64encode(letter * 32).decode() for letter in (b"r", b"h"))
    assert text.split("\n") == ["example.com/log", "1234", root, f"chain {chain}", f"last {AT}"]
    dash, name, signature = signatures.removesuffix("\n").split(" ")
    assert (dash, name) == ("—", "example.com/log")
    held = base64.b64decode(signature, validate=True)
    assert held[:4] == heads.key_id(name, PUBLIC)
    PUBLIC.verify(held[4:], f"{text}\n".encode())


def test_a_head_comes_back_from_its_note_among_others_signatures() -> None:
    note = heads.to_note(HEAD, PUBLIC)
    assert heads.from_note(note, PUBLIC) == HEAD
    text, _, mine = note.rpartition("\n\n")
    others = "— example.com/log AAAAAAAA\n— witness.example/w1 BBBB\n— no base64!\n"
    assert heads.from_note(f"{text}\n\n{others}{mine}", PUBLIC) == HEAD
    other = Ed25519PrivateKey.generate().public_key()
    assert not heads.is_signed(heads.from_note(note, other), other)


def test_the_form_of_before_still_holds() -> None:
    assert heads.is_signed(BEFORE, PUBLIC)
    assert not heads.is_signed(replace(BEFORE, seq=1_235), PUBLIC)


@pytest.mark.parametrize("head", [HEAD, BEFORE], ids=["now", "before"])
@pytest.mark.parametrize(
    "other",
    [
        *({"seq": seq} for seq in (1, -1, 1 << 70, "four")),
        *({"hash": value} for value in (b"o" * 32, 7)),
        *({"at": at} for at in ("x", "\ud800")),
        *({"signature": value} for value in (b"", None)),
    ],
)
def test_another_head_is_not_signed(head: Head, other: dict[str, object]) -> None:
    assert heads.is_signed(head, PUBLIC)
    assert not heads.is_signed(replace(head, **other), PUBLIC)


@given(st.data())
def test_no_other_text_is_the_same_head(data: st.DataObject) -> None:
    """Any character of the note changed, but in what is no part of the text or of our signature."""
    note = heads.to_note(HEAD, PUBLIC)
    at = data.draw(st.integers(0, len(note) - 2))
    letter = data.draw(st.characters(exclude_categories=["Cs"], exclude_characters=note[at]))
    changed = note[:at] + letter + note[at + 1 :]
    try:
        found = heads.from_note(changed, PUBLIC)
    except ValueError:
        return
    is_same = heads.is_signed(found, PUBLIC)
    assert not is_same or found == HEAD
    assert not is_same or at >= note.index("\n\n")


@given(st.text() | st.text().map(lambda text: f"example.com/a\n1\n{text}"))
def test_any_other_text_is_no_checkpoint(text: str) -> None:
    with pytest.raises(ValueError, match="not a checkpoint"):
        heads.from_note(text, PUBLIC)


def test_a_ledger_without_a_name_is_named_by_its_key() -> None:
    name = heads.default_origin(PUBLIC)
    assert re.fullmatch(ORIGIN, name)
    assert name != heads.default_origin(Ed25519PrivateKey.generate().public_key())
