"""Synthetic restrictions and attempts in any number, the same for a seed: what the benchmarks run on.

Numbers are drawn from all UK ranges at run time, since the drama ranges are too few for statistics; nothing
made here is kept.
"""

import random
from collections.abc import Iterator

import msgspec

from engine.model import Attempt, Channel, Contact, ProtectedPerson, Restriction

PRISONERS = 90_000
"""About as many as the prisons of England and Wales hold."""

FIRST = "Sarah Jane Aisha Zofia Priya Chloe Mary Tomasz Ewa Grace Ngozi Mei Ioana Bronwen Leila".split()
LAST = "Jones Smith Khan Kowalski Patel Okafor Chen Popescu Williams Brown Evans Murphy Haddad".split()
STREETS = "Alder Birch Cedar Damson Elder Fir Gorse Hazel Ivy Juniper Larch Maple Oak Pine Rowan".split()
STEMS = (
    "Ald Bar Bex Brom Cal Chal Cor Cran Dal Den Dun Elm Fair Fen Gar Glen Hal Har Hol Hors Ing Kel Lang Lin "
    "Mal Mar Mel Mor Nor Oak Pen Pres Ran Red Rush Sed Shel Stan Swan Tar Thorn Tor Ulm Ver Wal War Wel Whit "
    "Wil Wood Yar"
).split()
ENDS = (
    "acre bourne bridge combe croft dale den ell field ford gate ham hurst ington ley mere more ridge stead "
    "ton vale well wick worth"
).split()
COMMON = "High Station Church Park Victoria Mill Main School Manor Queens".split()
COMMON_SHARE = 0.15
"""Of the addresses, on streets of a name that most towns have."""
TYPES = "Street Road Lane Avenue Close Terrace".split()
WORDS = (
    "the and you that was for are with his they have this from had word but not what all were when your can "
    "said there use each which she how their will other about out many then them these some her would make "
    "like him into time has look more write see way could people my than first been who its now find long "
    "day did get come made may part kids love miss school football weekend visit letter phone mum dad"
).split()


def prisoner(number: int) -> str:
    """A prisoner number: one of 260,000."""
    return f"{chr(65 + number % 26)}{number // 26 % 10_000:04d}AA"


def mobile(rng: random.Random) -> str:
    """A random UK mobile number, national form."""
    return f"07{rng.choice('134579')}{rng.randrange(10**8):08d}"


def landline(rng: random.Random) -> str:
    """A random UK landline number, national form."""
    return f"01{rng.randrange(200, 1000)}{rng.randrange(10**6):06d}"


def address(rng: random.Random) -> str:
    """A random address of an invented street: one of 7,000 names, in a postcode of the right shape."""
    area, district = rng.randrange(120), rng.randrange(24)  # about as many as the country has
    letters = "ABDEFGHJLNPQRSTUWXYZ"
    outward = f"{letters[area // 20]}{letters[area % 20]}{district + 1}"
    postcode = f"{outward} {rng.randrange(1, 10)}{rng.choice(letters)}{rng.choice(letters)}"
    common = rng.random() < COMMON_SHARE
    name = rng.choice(COMMON) if common else f"{rng.choice(STEMS)}{rng.choice(ENDS)}"
    street = f"{name} {rng.choice(TYPES)}"
    town = f"{STEMS[area % len(STEMS)]}{ENDS[(area // len(STEMS) * 7 + district // 4) % len(ENDS)]}"
    return f"{rng.randrange(1, 250)} {street}, {town} {postcode}"


def phone_restrictions(count: int, seed: int = 1) -> Iterator[Restriction]:
    """Restrictions with one telephone number each."""
    rng = random.Random(seed)
    for n in range(count):
        value = mobile(rng) if rng.random() < 0.7 else landline(rng)
        yield _restriction(rng, n, (Contact(kind="phone", value=value),))


def full_restrictions(count: int, seed: int = 1) -> Iterator[Restriction]:
    """Restrictions with a number, an address, an e-mail address and a handle each."""
    rng = random.Random(seed)
    for n in range(count):
        yield _restriction(
            rng,
            n,
            (
                Contact(kind="phone", value=mobile(rng)),
                Contact(kind="address", value=address(rng)),
                Contact(kind="email", value=f"person{n}@example.org"),
                Contact(kind="handle", value=f"@handle{n}"),
            ),
        )


def address_restrictions(count: int, seed: int = 1) -> Iterator[Restriction]:
    """Restrictions with one address each."""
    for restriction in full_restrictions(count, seed):
        yield msgspec.structs.replace(restriction, contacts=restriction.contacts[1:2])


def calls(count: int, seed: int = 2) -> list[Attempt]:
    """Calls as they are dialled: mostly plain, some with a country or dialling code."""
    rng = random.Random(seed)
    forms = ["{0}"] * 6 + ["+44{1}", "0044 {1}", "141 {0}", "+44 (0){1}"]
    attempts = []
    for n in range(count):
        number = mobile(rng) if rng.random() < 0.7 else landline(rng)
        to = rng.choice(forms).format(number, number[1:])
        attempts.append(_attempt(rng, n, channel="call", to=to))
    return attempts


def messages(count: int, seed: int = 3, length: int = 500) -> list[Attempt]:
    """Messages of ordinary words, half of them with a telephone number in it."""
    rng = random.Random(seed)
    attempts = []
    for n in range(count):
        words: list[str] = []
        size = 0
        while size < length:
            words.append(rng.choice(WORDS) + rng.choice([""] * 12 + [".", ","]))
            size += len(words[-1]) + 1
        if n % 2:
            words.insert(rng.randrange(len(words) - 10), mobile(rng))
        body = " ".join(words)[:length]
        attempts.append(_attempt(rng, n, channel="message", to=mobile(rng), body=body))
    return attempts


def letters(count: int, seed: int = 4) -> list[Attempt]:
    """Envelopes to addresses of the same kind as the restricted ones."""
    rng = random.Random(seed)
    attempts = []
    for n in range(count):
        name = f"{rng.choice(FIRST)} {rng.choice(LAST)}"
        to = f"{name}\n" + address(rng).replace(", ", "\n")
        attempts.append(_attempt(rng, n, channel="letter", to=to))
    return attempts


def _restriction(rng: random.Random, number: int, contacts: tuple[Contact, ...]) -> Restriction:
    return Restriction(
        id=f"R{number}",
        prisoner=prisoner(rng.randrange(PRISONERS)),
        protected=ProtectedPerson(name=f"{rng.choice(FIRST)} {rng.choice(LAST)}"),
        contacts=contacts,
    )


def _attempt(
    rng: random.Random, number: int, *, channel: Channel, to: str, body: str | None = None
) -> Attempt:
    return Attempt(
        id=f"A{number}",
        channel=channel,
        prisoner=prisoner(rng.randrange(PRISONERS)),
        establishment="LEI",
        to=to,
        body=body,
    )
