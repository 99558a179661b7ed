"""Passwords: which are taken, what is kept of them, and what a wrong one costs."""

from __future__ import annotations

import threading

import argon2
import pytest

from service.access import passwords
from service.access.passwords import LONGEST, SHORTEST, Passwords, require_good, temporary
from service.errors import InvalidError, TooManyError

GOOD = "seven odd otters"


@pytest.fixture
def real(monkeypatch: pytest.MonkeyPatch) -> Passwords:
    """As the service has it: the other tests have a cheaper one."""
    monkeypatch.setattr(passwords, "PasswordHasher", argon2.PasswordHasher)
    return Passwords()


def test_the_service_hashes_as_rfc_9106_says_for_little_memory(real: Passwords) -> None:
    kept = real.hash(GOOD)
    assert kept.startswith("$argon2id$v=19$m=65536,t=3,p=4$")
    assert (real.check(kept, GOOD), real.check(kept, GOOD + "."), real.check(None, GOOD)) == (
        True,
        False,
        False,
    )
    assert not real.is_outdated(kept)
    assert real.is_outdated(argon2.PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(GOOD))


def test_without_an_account_the_work_is_that_of_a_real_one(monkeypatch: pytest.MonkeyPatch) -> None:
    hasher = argon2.PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    one = Passwords(hasher)
    checked: list[str] = []

    def verify(self: argon2.PasswordHasher, kept: str, password: bytes) -> bool:
        checked.append(kept)
        return True

    monkeypatch.setattr(argon2.PasswordHasher, "verify", verify)
    assert one.check(None, GOOD) is False  # even by a password that would fit
    real = one.hash(GOOD)
    assert one.check(real, GOOD)
    made_up, kept = (text.split("$") for text in checked)
    assert made_up[:4] == kept[:4]
    assert [len(part) for part in made_up] == [len(part) for part in kept]


def test_a_hash_that_is_none_opens_nothing() -> None:
    assert not Passwords().check("plain", "plain")
    assert not Passwords().check("", GOOD)


def test_one_spelling_of_a_letter_is_as_good_as_the_other() -> None:
    one = Passwords()
    assert one.check(one.hash("caf\u00e9 by the river"), "cafe\u0301 by the river")


def test_a_few_at_once_are_hashed_and_the_next_waits_for_its_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "PATIENCE", 0.01)
    one, begun, over = Passwords(), threading.Barrier(passwords.AT_ONCE + 1), threading.Event()

    def slow(self: object, password: bytes) -> str:
        begun.wait(10)
        over.wait(10)
        return "kept"

    monkeypatch.setattr(argon2.PasswordHasher, "hash", slow)
    threads = [threading.Thread(target=one.hash, args=(GOOD,)) for _ in range(passwords.AT_ONCE)]
    for thread in threads:
        thread.start()
    begun.wait(10)
    with pytest.raises(TooManyError):
        one.check(None, GOOD)
    over.set()
    for thread in threads:
        thread.join(10)
    assert one.check(None, GOOD) is False


def test_a_turn_is_given_back_when_hashing_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "PATIENCE", 0.01)
    one = Passwords()

    def fail(self: object, password: bytes) -> str:
        raise MemoryError

    monkeypatch.setattr(argon2.PasswordHasher, "hash", fail)
    for _ in range(passwords.AT_ONCE + 1):
        with pytest.raises(MemoryError):
            one.hash(GOOD)
    assert one.check(None, GOOD) is False


@pytest.mark.parametrize(
    ("password", "why"),
    [
        ("seven otter", "at least 12"),
        ("x7" * 3 + "é" * 195, "at most 200"),
        ("the jsmith way in", "sign-in name"),
        ("THE JSMITH WAY IN", "sign-in name"),
        ("abcabcabcabcabc", "first passwords"),
        ("aaaaaaaaaaaaaaa", "first passwords"),
        ("abcdefghijklmno", "first passwords"),
        ("123456789012345", "first passwords"),
        ("password2026!!!", "first passwords"),
        ("P455w0rdp455w0rd", "first passwords"),
        ("passwordpassword1", "first passwords"),
        ("ｐａｓｓｗｏｒｄ１２３４５", "first passwords"),
    ],
)
def test_what_would_be_tried_first_is_refused_at_its_field_without_being_repeated(
    password: str, why: str
) -> None:
    with pytest.raises(InvalidError, match=why) as refused:
        require_good(password, "jsmith")
    assert refused.value.field == "new"
    assert password not in str(refused.value)


@pytest.mark.parametrize("password", [GOOD, "k7" + "é" * (LONGEST - 2), "x" * 6 + "q7wz-m", "1357924680 13"])
def test_anything_else_that_is_long_enough_is_taken(password: str) -> None:
    assert SHORTEST <= len(password) <= LONGEST
    require_good(password, "jsmith")


def test_a_temporary_one_can_be_read_out_and_is_good() -> None:
    every = {temporary() for _ in range(200)}
    assert len(every) == 200
    for made in every:
        assert [len(part) for part in made.split("-")] == [4] * 5
        assert not set(made) & set("ilo01")
        require_good(made, "jsmith")
