"""Passwords: which are good enough, and how they are kept and checked.

The rules are those of NIST SP 800-63B (5.1.1.2) and the NCSC: long, not a common one, not one's own name; no
rule about kinds of characters and no expiry, which only make people choose worse.
"""

from __future__ import annotations

import os
import secrets
import threading
import unicodedata
from base64 import b64encode
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import cache
from importlib.resources import files
from itertools import pairwise
from typing import TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.low_level import ARGON2_VERSION

from service.errors import InvalidError, TooManyError

SHORTEST = 12
"""Characters."""
LONGEST = 200
"""Characters: far beyond any pass phrase, and a bound on the work."""
AT_ONCE = 3
"""Passwords hashed at once. Each takes 64 MiB: without a bound, a hundred sign-ins stop the service. One more
than sign-ins have (`service/access/turns.py`), for people who are signed in and change theirs."""
NICENESS = 10
"""Of the threads that hash: a call waits for no password."""
PATIENCE = 5.0
"""Seconds that a sign-in waits for its turn."""

_Done = TypeVar("_Done")
_LOOK_ALIKES = str.maketrans("013457@$!", "oieastasi")
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # without those that are misread on paper


def temporary() -> str:
    """A random password, 99 bits, that can be read out."""
    return "-".join("".join(secrets.choice(_LETTERS) for _ in range(4)) for _ in range(5))


def require_good(password: str, login: str) -> None:
    """Raises InvalidError, which says the rule and not the password."""
    folded = _normal(password).casefold()
    if len(folded) < SHORTEST:
        raise InvalidError(f"a password has at least {SHORTEST} characters", field="new")
    if len(folded) > LONGEST:
        raise InvalidError(f"a password has at most {LONGEST} characters", field="new")
    if login in folded:
        raise InvalidError("a password does not hold the sign-in name", field="new")
    if _is_run(folded) or _is_common(folded):
        raise InvalidError("this is among the first passwords that would be tried", field="new")


class Passwords:
    """Hashes and checks with argon2id. Safe to share between threads."""

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        """Without `hasher`, the parameters that RFC 9106 recommends for a machine with other work to do."""
        self._hasher = hasher or PasswordHasher()
        self._threads = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="hash", initializer=_stand_back)
        self._nobody = _made_up(self._hasher)

    def hash(self, password: str) -> str:
        """The hash to keep. Raises TooManyError."""
        return self._in_turn(lambda: self._hasher.hash(_bytes(password)))

    def check(self, kept: str | None, password: str) -> bool:
        """Whether it is the password. The same work without an account, so that nobody learns which exist.

        Raises TooManyError.
        """
        try:
            holds = self._in_turn(lambda: self._hasher.verify(kept or self._nobody, _bytes(password)))
        except (VerificationError, InvalidHashError):
            return False
        return holds and kept is not None

    def is_outdated(self, kept: str) -> bool:
        """Whether it was hashed with other parameters than today's."""
        return self._hasher.check_needs_rehash(kept)

    def _in_turn(self, work: Callable[[], _Done]) -> _Done:
        turn = self._threads.submit(work)
        try:
            return turn.result(PATIENCE)
        except TimeoutError:
            turn.cancel()
            raise TooManyError("too many sign-ins at once") from None


def _stand_back() -> None:
    """Let every other thread of the machine go before this one, where the system can."""
    with suppress(OSError, AttributeError):
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICENESS)


def _made_up(hasher: PasswordHasher) -> str:
    """A hash that no password has: checking against it is the work of a real one, making it is none."""
    salt, digest = (
        b64encode(secrets.token_bytes(size)).decode().rstrip("=")
        for size in (hasher.salt_len, hasher.hash_len)
    )
    work = f"m={hasher.memory_cost},t={hasher.time_cost},p={hasher.parallelism}"
    return f"$argon2id$v={ARGON2_VERSION}${work}${salt}${digest}"


def _normal(password: str) -> str:
    return unicodedata.normalize("NFKC", password)


def _bytes(password: str) -> bytes:
    return _normal(password).encode("utf-8", "surrogatepass")


def _is_run(folded: str) -> bool:
    """One short piece again and again, or characters that follow one another in the alphabet."""
    repeats = folded in (folded + folded)[1:-1]
    steps = {(ord(b) - ord(a)) % 10 if (a + b).isdigit() else ord(b) - ord(a) for a, b in pairwise(folded)}
    return repeats or len(steps) == 1


def _is_common(folded: str) -> bool:
    """A common word with digits, signs or look-alikes about it, once or more."""
    for text in (folded, folded.translate(_LOOK_ALIKES)):
        letters = "".join(c for c in text if c.isalpha())
        if letters in _common() or any(letters and not letters.replace(word, "") for word in _common()):
            return True
    return False


@cache
def _common() -> frozenset[str]:
    lines = files("service.access").joinpath("common_passwords.tsv").read_text("utf-8").splitlines()
    return frozenset(line for line in lines if not line.startswith("#"))
