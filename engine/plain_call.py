"""A call that there is nothing to say about: most are, and each is answered with a few look-ups.

What is told here is only ever "nothing", and only where it is certain. Whatever there is to say, or may be,
is left to the matchers, which would say nothing of these calls either.
"""

from engine.blocklist import Blocklist
from engine.model import Attempt
from engine.numbers import is_like_one
from matchers import phone
from matchers.phone import NumberClass

ORDINARY = (NumberClass.MOBILE, NumberClass.LANDLINE)
"""Classes of the numbers that are looked up here: under a policy that stops one, the matchers say it."""


def nothing_to_say(attempt: Attempt, blocklist: Blocklist) -> bool:
    """Whether an attempt is a call to an ordinary number, plainly dialled, that is on neither list.

    Nor is it like a number that is restricted for this prisoner, and of his restrictions all was read.
    """
    if attempt.channel != "call":
        return False
    if attempt.at or attempt.body or attempt.doubts or attempt.privileged:  # seldom, of a call
        return False
    return is_to_nobody(attempt, blocklist)


def is_to_nobody(attempt: Attempt, blocklist: Blocklist) -> bool:
    """The same of the recipient alone, whatever goes to it."""
    if attempt.prisoner is None:
        return False
    key = phone.ordinary_key(attempt.to)
    restricted = blocklist.restricted
    return not (
        key == 0
        or restricted.has_number(key)
        or blocklist.confidential.has_number(key)
        or ((like := restricted.numbers_like(attempt.prisoner, key)) and is_like_one(key, like))
        or restricted.partly_read(attempt.prisoner)
    )
