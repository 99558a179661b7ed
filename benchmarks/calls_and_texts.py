"""Calls and texts: what is stopped, what is found, and what is stopped or found by mistake.

    python -m benchmarks.calls_and_texts

Every way of `adapters/canaries/ways_of_dialling.toml` and `ways_of_writing.toml` is applied to random
restricted numbers; numbers next to them and texts full of other digits must pass. Beside ours stands what
somebody would use otherwise: `phonenumbers.parse` and a look-up for calls, `PhoneNumberMatcher` and a look-up
for texts. Seeded; full-range numbers are made at run time and nowhere kept.
"""

from __future__ import annotations

import argparse
import random
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final, NamedTuple

import phonenumbers

from adapters.canaries.disguises import OH, TENS, forms_of, ways_of_dialling, ways_of_writing
from engine.blocklist import compile_blocklist
from engine.model import Attempt, Contact, ProtectedPerson, Restriction
from engine.policy import read_policy
from engine.screener import Screener

# ── numbers ─────────────────────────────────────────────────────────────────────────────────────────────

# Ofcom, telephone numbers for use in TV and radio drama programmes: three more digits behind each.
DRAMA_RANGES: Final = (
    "07700900 02079460 01134960 01144960 01154960 01164960 01174960 01184960 01214960 01314960 01414960 "
    "01514960 01614960 01914980 02890180 02920180 01632960 03069990"
).split()
_FULL_RANGES: Final = ("07# 07# 07# 01#1 011# 01## 01## 020 02# 03").replace("#", "{}").split()


def drama_numbers(chance: random.Random, count: int) -> list[str]:
    """`count` different numbers of Ofcom's drama ranges."""
    every = [f"{start}{n:03}" for start in DRAMA_RANGES for n in range(1000)]
    return chance.sample(every, count)


def any_numbers(chance: random.Random, count: int) -> list[str]:
    """`count` different UK mobile and landline numbers of all ranges, made at run time and never kept."""
    numbers: dict[str, None] = {}
    while len(numbers) < count:
        start = chance.choice(_FULL_RANGES).format(chance.choice("12345789"), chance.choice("2346789"))
        numbers[start + "".join(chance.choices("0123456789", k=11 - len(start)))] = None
    return list(numbers)


def one_slip_away(national: str, chance: random.Random) -> str:
    """The number with one of its last eight digits changed, or two of them swapped."""
    at = chance.randrange(3, 10)
    if chance.random() < 0.3 and national[at] != national[at + 1]:
        return national[:at] + national[at + 1] + national[at] + national[at + 2 :]
    other = chance.choice([d for d in "0123456789" if d != national[at]])
    return national[:at] + other + national[at + 1 :]


# ── texts in which no restricted number stands ──────────────────────────────────────────────────────────

_MONTHS = "Jan Feb March April May June July Aug Sept Oct Nov Dec".split()
_FILLER = (
    "miss you loads|got the money thanks|tell the kids i said hi|canteen was rubbish again|bang up early"
    "|see you soon i hope|my solicitor rang|put some credit on|how is nan doing|did you watch it"
).split("|")
_OTHER_WAYS = ("{a} {b}{c}", "{national}", "+44 {area} {b}{c}", "{oh: }", "{a}-{b}-{c}", "{national: }")


def unrelated_text(kind: str, chance: random.Random, other: Callable[[], str]) -> str:
    """A text of one of the kinds of `UNRELATED`; `other` gives numbers that are on no list."""
    return f"{chance.choice(_FILLER)} {UNRELATED[kind](chance, other)}"


def _numbers(chance: random.Random, other: Callable[[], str]) -> str:
    return f"ring {chance.choice(_OTHER_WAYS).format(**forms_of(other()))} or {other()}"


def _dates(chance: random.Random, _: object) -> str:
    day, month = chance.randrange(1, 29), chance.randrange(1, 13)
    sign, year = chance.choice("/.-"), chance.randrange(2024, 2031)
    return (
        f"hearing {day:02}{sign}{month:02}{sign}{year}, visit {day}th {chance.choice(_MONTHS)} {year}, "
        f"born {day}{sign}{month}{sign}{chance.randrange(1950, 2010)}, out {year}-{month:02}-{day:02}"
    )


def _times(chance: random.Random, _: object) -> str:
    sign = chance.choice([":", ".", ""])
    buses = [f"{chance.randrange(24):02}{sign}{chance.randrange(60):02}" for _ in range(4)]
    return f"bus {', '.join(buses)}, visits {buses[0]}-{buses[1]} then home by {chance.randrange(1, 13)}pm"


def _sums(chance: random.Random, _: object) -> str:
    pounds = [f"£{chance.randrange(1, 2000)}.{chance.randrange(100):02}" for _ in range(3)]
    return (
        f"{' and '.join(pounds)}, owed £{chance.randrange(1, 20)},{chance.randrange(100, 1000)}, "
        f"{chance.choice(TENS)} {chance.choice(OH[1:])} quid left, {chance.randrange(1, 100)}p change"
    )


def _references(chance: random.Random, _: object) -> str:
    return (
        f"order {chance.randrange(10**6, 10**9)}, ref B{chance.randrange(10**8, 10**12)}, "
        f"parcel JD{chance.randrange(10**15, 10**16)}GB, case {chance.randrange(10**10, 10**11)}"
    )


def _accounts(chance: random.Random, _: object) -> str:
    sort = "-".join(str(chance.randrange(10, 99)) for _ in range(3))
    card = " ".join(str(chance.randrange(1000, 9999)) for _ in range(4))
    return f"sort {sort} acc {chance.randrange(10**7, 10**8)} card {card} NI QQ {sort.replace('-', ' ')} C"


def _postcodes(chance: random.Random, _: object) -> str:
    area = chance.choice(["LS", "M", "BN", "CF"])
    return (
        f"{chance.randrange(1, 300)} Brook Lane, {area}{chance.randrange(1, 29)} {chance.randrange(1, 10)}AB"
        f", flat {chance.randrange(1, 90)}, room {chance.randrange(100, 400)}"
    )


def _scores(chance: random.Random, _: object) -> str:
    scores = ", ".join(f"{chance.randrange(6)}-{chance.randrange(6)}" for _ in range(3))
    laps = " ".join(str(chance.randrange(1, 100)) for _ in range(chance.randrange(4, 14)))
    said = " ".join(chance.choices(OH, k=chance.randrange(2, 8)))
    return f"it was {scores}, lifted {laps}, we said {said}, wing {chance.randrange(1, 9)}"


UNRELATED: Final = {
    "other numbers": _numbers,
    "numbers one slip away": _numbers,
    "dates": _dates,
    "times": _times,
    "sums of money": _sums,
    "order references": _references,
    "bank and card numbers": _accounts,
    "postcodes and addresses": _postcodes,
    "scores and counts": _scores,
}


# ── measuring ───────────────────────────────────────────────────────────────────────────────────────────

NOW: Final = datetime(2026, 3, 1, 12, tzinfo=UTC)
_SOMEBODY: Final = "07700 900999"


class Lists(NamedTuple):
    """The same restricted numbers as our blocklist and as the peer's plain look-up table."""

    screener: Screener
    numbers: list[str]
    e164: frozenset[str]


class Tally:
    """Counts by kind: how many, how many we hit, how many the peer did."""

    def __init__(self) -> None:
        self.counts: dict[str, list[int]] = {}

    def add(self, kind: str, ours: bool, peer: bool) -> None:
        count = self.counts.setdefault(kind, [0, 0, 0])
        count[0] += 1
        count[1] += ours
        count[2] += peer

    def show(self, title: str, peer: str) -> None:
        """Print one line a kind, and all together."""
        print(f"\n{title:50} {'of':>8} {'ours':>9} {peer:>20}")
        total = [sum(column) for column in zip(*self.counts.values(), strict=True)]
        for kind, (of, ours, theirs) in [*self.counts.items(), ("all", total)]:
            print(f"  {kind:48} {of:8} {ours / of:9.2%} {theirs / of:20.2%}")


def compile_lists(count: int, chance: random.Random) -> Lists:
    """`count` restrictions on a number each: a tenth of the drama ranges (2,000 at most), the rest any."""
    drama = drama_numbers(chance, min(count // 10, 2000))
    numbers = list(dict.fromkeys([*drama, *any_numbers(chance, count - len(drama))]))
    restrictions = (
        Restriction(
            id=f"R{n}",
            prisoner=f"A{n % 10000:04}{chr(65 + n // 10000 % 26)}A",
            protected=ProtectedPerson(name=f"Quilla Vantongeren{n}"),
            contacts=(Contact(kind="phone", value=national),),
        )
        for n, national in enumerate(numbers)
    )
    screener = Screener(compile_blocklist(restrictions), read_policy())
    return Lists(screener, numbers, frozenset("+44" + national[1:] for national in numbers))


def measure_dialling(lists: Lists, count: int, chance: random.Random) -> tuple[Tally, Tally]:
    """Stopped calls to restricted numbers, and calls to others that a restriction stopped or flagged."""
    stopped, wrong = Tally(), Tally()
    sample = chance.sample(lists.numbers, count)
    unlisted = _unlisted(lists, chance)
    for way in ways_of_dialling():
        for national in sample:
            to, _ = way.apply(national)
            stopped.add(way.kind, _call(lists, to) == "block", _peer_dialled(lists, to))
            for kind, other in (
                ("one slip away", one_slip_away(national, chance)),
                ("any other", unlisted()),
            ):
                if "+44" + other[1:] not in lists.e164:
                    to, _ = way.apply(other)
                    wrong.add(kind, _call(lists, to) != "allow", _peer_dialled(lists, to))
    return stopped, wrong


def measure_writing(lists: Lists, count: int, chance: random.Random) -> Tally:
    """Restricted numbers found in texts, by another prisoner than the restriction's own."""
    found = Tally()
    sample = chance.sample(lists.numbers, count)
    for way in ways_of_writing():
        for national in sample:
            body, earlier = way.apply(national)
            found.add(way.kind, _message(lists, body, earlier), _peer_reads(lists, body))
    return found


def measure_false_flags(lists: Lists, count: int, chance: random.Random) -> Tally:
    """Texts without a restricted number that are flagged; each follows two others to the same recipient."""
    false = Tally()
    anybody = _unlisted(lists, chance)

    def near() -> str:
        while "+44" + (national := one_slip_away(chance.choice(lists.numbers), chance))[1:] in lists.e164:
            pass
        return national

    for kind in UNRELATED:
        other = near if kind == "numbers one slip away" else anybody
        texts = [unrelated_text(kind, chance, other) for _ in range(count // len(UNRELATED))]
        for n, body in enumerate(texts):
            false.add(kind, _message(lists, body, tuple(texts[max(n - 2, 0) : n])), _peer_reads(lists, body))
    return false


def _unlisted(lists: Lists, chance: random.Random) -> Callable[[], str]:
    def number() -> str:
        while "+44" + (national := any_numbers(chance, 1)[0])[1:] in lists.e164:
            pass
        return national

    return number


def _call(lists: Lists, to: str) -> str:
    """The verdict that restrictions lead to; what is odd about a number by itself does not count."""
    attempt = Attempt(id="c", channel="call", prisoner="Z9999ZZ", to=to)
    reasons = lists.screener.check(attempt, NOW).reasons
    verdicts = {reason.decision for reason in reasons if reason.restriction is not None}
    return "block" if "block" in verdicts else "flag" if "flag" in verdicts else "allow"


def _message(lists: Lists, body: str, earlier: tuple[str, ...]) -> bool:
    attempt = Attempt(id="m", channel="message", prisoner="A0001AA", to=_SOMEBODY, body=body)
    reasons = lists.screener.check(attempt, NOW, earlier).reasons
    return any(reason.restriction is not None and reason.given != _SOMEBODY for reason in reasons)


def _peer_dialled(lists: Lists, to: str) -> bool:
    """`phonenumbers.parse` and a look-up; what it cannot parse is not stopped by any restriction."""
    try:
        number = phonenumbers.parse(to, "GB")
    except phonenumbers.NumberParseException:
        return False
    return _e164(number) in lists.e164


def _peer_reads(lists: Lists, body: str) -> bool:
    matches = phonenumbers.PhoneNumberMatcher(body, "GB", leniency=phonenumbers.Leniency.POSSIBLE)
    return any(_e164(match.number) in lists.e164 for match in matches)


def _e164(number: phonenumbers.PhoneNumber) -> str:
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))


def main() -> None:
    """Measure against lists of each size and print the tables."""
    parser = argparse.ArgumentParser(description="Calls and texts: what is stopped, found, and wrong")
    parser.add_argument("--seed", type=int, default=20260301)
    parser.add_argument("--numbers", type=int, default=60, help="restricted numbers tried in every way")
    parser.add_argument("--texts", type=int, default=18000, help="unrelated texts")
    parser.add_argument("--lists", type=int, nargs="+", default=[10_000, 100_000], help="restrictions")
    arguments = parser.parse_args()
    for size in arguments.lists:
        chance = random.Random(arguments.seed)
        lists = compile_lists(size, chance)
        print(f"\n━━ against {len(lists.numbers):,} restricted numbers, seed {arguments.seed}")
        stopped, wrong = measure_dialling(lists, arguments.numbers, chance)
        ways = len(ways_of_dialling())
        stopped.show(f"calls stopped, {ways} ways of dialling", "phonenumbers.parse")
        wrong.show("calls to others that a restriction touched", "phonenumbers.parse")
        found = measure_writing(lists, arguments.numbers, chance)
        found.show(f"numbers found, {len(ways_of_writing())} ways of writing", "PhoneNumberMatcher")
        false = measure_false_flags(lists, arguments.texts, chance)
        false.show("unrelated texts flagged", "PhoneNumberMatcher")


if __name__ == "__main__":
    main()
