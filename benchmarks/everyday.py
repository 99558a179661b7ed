"""Everyday messages that nobody may hold: chats full of digits, and sentences with names that are words.

    python -m benchmarks.everyday

The chats are held against restrictions of all kinds, each by a prisoner of the estate, one in nine of whom a
restriction names. Each sentence is written by the very prisoner who must not contact somebody of that name.
Seeded; what is flagged is shown with `--show`.
"""

from __future__ import annotations

import argparse
import random
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Final

from benchmarks import estate
from engine.blocklist import compile_blocklist
from engine.model import Attempt, Contact, ProtectedPerson, Restriction
from engine.policy import read_policy
from engine.screener import Screener

NOW: Final = datetime(2026, 3, 1, 12, tzinfo=UTC)
_SOMEBODY: Final = "07700 900999"

OPENINGS: Final = [
    "Hiya love, got your letter yesterday.",
    "Alright mate, hope you and the kids are good.",
    "Morning mum, sorry I missed you on the phone.",
    "Hey bro, safe for the pictures.",
    "Hello nan, hope your hip is mending.",
    "Thanks for coming up on {day}, it meant a lot.",
]
TOPICS: Final = [
    "Canteen was £{pounds}.{pence:02}, vapes are up to £{pounds2} and noodles are {pence2}p.",
    "We won {goals}-{goals2} on {day}, I got {laps} press ups and {laps2} pull ups after.",
    "Visit is booked for {day} {date} at {hour}:{minute:02}, bring coins, be there by {hour}.{minute:02}.",
    "My booking reference is {letters}{reference}, give them that and they will find it.",
    "Parole is on {date}/{month:02}/{year}, that is {laps} days, and the solicitor says {laps2} per cent.",
    "Send the £{pounds} by the app, order {reference}, it says {days} to {days2} working days.",
    "Bang up is at {hour}:{minute:02} now, then out at {hour2} and work until {hour3}, {laps} on the wing.",
    "I am on wing {goals2}, cell {laps}, we have {goals} showers for {laps2} of us.",
    "He is {years} on the {date}th, get him size {goals2} boots, they were £{pounds2} in the sale.",
    "My weight is {laps2} kilos, down from {laps3}, benching {laps} for {goals} sets of {days}.",
    "Watched the {hour}.{minute:02} at Ascot, number {goals2} came in at {days} to {goals}.",
    "The car failed on {goals2} things, {miles} miles on it, and they want £{pounds}{pence:02} all in.",
    "Her school photo is order number {reference}-{goals2}, {days} for £{pounds2}.{pence:02}.",
    "Tell dad the score was {goals} {goals2}, and it went to pens, {days} {goals}.",
    "Read {laps} pages of the book, chapter {days2}, page {laps3}, it is set in {year2}.",
    "The phone credit is £{pounds2}, that is {laps} minutes at {days}p and {hour} on weekends.",
]
CLOSINGS: Final = [
    "Love you loads x",
    "Keep your head up.",
    "Speak {day}, about {hour}.",
    "Miss you all xx",
    "Laters",
]
DAYS: Final = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()

SENTENCES: Final = {
    "Hope": "I hope you are well|hope the kids are ok|we live in hope|hope to see you Sunday"
    "|no hope of parole yet"
    "|Hope you got my letter|there is always hope",
    "Mark": "he left a mark on the wall|mark my words|full marks to you|the exam mark was good"
    "|question mark at the end|on your marks|Mark it on the calendar",
    "Will": "I will ring you tonight|will you come up|where there is a will there is a way|Will be home soon"
    "|nan made her will|Will try again tomorrow|it will be fine",
    "May": "I may get out in May|see you in May|you may be right|May is a good month|that may be so"
    "|the first of May|come what may",
    "Joy": "the kids are a joy|no joy with the parole board|it was a joy to see you|tears of joy"
    "|Joy to the world"
    "|what a joy she is|jumping for joy",
    "Grace": "we said grace before dinner|by the grace of God|ten days grace on the fine"
    "|amazing grace was sung"
    "|saved by grace|Grace before meals|he has the grace of an elephant",
    "Faith": "keep the faith|have faith in me|my faith keeps me going|I lost faith in them"
    "|faith can move mountains"
    "|Faith is what I need|in good faith",
    "Rose": "I drew you a rose|the sun rose at six|my blood pressure rose|a red rose on your birthday"
    "|prices rose again|Rose tinted glasses|he rose to it",
    "Bill": "the bill is due|pay the electric bill|foot the bill|they sent the phone bill|old bill came round"
    "|Bill came to forty quid|fits the bill",
    "Frank": "to be frank with you|let me be frank|I will be frank|a frank talk with the officer"
    "|Frank and honest|frankly I do not care",
    "Jack": "jack of all trades|I know jack about it|the car jack is in the boot|hit the jackpot"
    "|Jack the lad|a jack potato for tea",
    "Rob": "they rob you in the canteen|do not rob yourself of sleep|he tried to rob a bank in the film"
    "|daylight robbery|Rob a bank to afford it",
    "Dawn": "up at the crack of dawn|it dawned on me|Dawn was lovely today|a new dawn",
    "Summer": "home by summer|Summer is nearly here|see you in the summer|last summer was hot",
    "Jay": "a jay in the yard|saw a blue jay|Jay birds out of the window",
    "Sunny": "sunny day on the yard|Sunny all week|keep on the sunny side",
    "Chase": "do not chase it|cut to the chase|Chase the parole board please",
    "Christian": "a Christian service on Sunday|the christian group meets at four|Christian fellowship is on",
    "Pat": "a pat on the back|pat down at the gate|Pat yourself on the back",
    "Gene": "it is in the genes|Gene pool jokes|a gene test",
}
"""Ordinary sentences with a word that is a name, by that name."""


def chats(count: int, chance: random.Random) -> Iterator[str]:
    """Messages of an opening, two to five sentences with digits in them, and an end."""
    for _ in range(count):
        parts = [
            chance.choice(OPENINGS),
            *chance.sample(TOPICS, chance.randrange(2, 6)),
            chance.choice(CLOSINGS),
        ]
        yield " ".join(part.format(**_figures(chance)) for part in parts)


def _figures(chance: random.Random) -> dict[str, int | str]:
    ranges = {
        "pounds": (1, 200), "pounds2": (2, 40), "pence": (0, 100), "pence2": (20, 99), "goals": (0, 7),
        "goals2": (1, 9), "laps": (10, 200), "laps2": (5, 99), "laps3": (60, 400), "days": (2, 7),
        "days2": (8, 30), "date": (1, 29), "month": (1, 13), "year": (2026, 2030), "year2": (1900, 2020),
        "hour": (6, 13), "hour2": (1, 6), "hour3": (3, 7), "minute": (0, 60), "miles": (20_000, 150_000),
        "reference": (10_000, 99_999_999), "years": (2, 18),
    }  # fmt: skip
    figures: dict[str, int | str] = {name: chance.randrange(*bounds) for name, bounds in ranges.items()}
    return figures | {"day": chance.choice(DAYS), "letters": "".join(chance.choices("ABCDEFGHJK", k=2))}


def flagged_chats(count: int, restrictions: int, chance: random.Random) -> list[str]:
    """Those of `count` chats that a restriction flags or blocks."""
    screener = Screener(compile_blocklist(estate.full_restrictions(restrictions)), read_policy())
    return [
        body
        for body in chats(count, chance)
        if _is_touched(screener, estate.prisoner(chance.randrange(estate.PRISONERS)), body)
    ]


def flagged_sentences() -> tuple[int, list[str]]:
    """How many sentences there are, and which are flagged for the prisoner who must not contact that name."""
    flagged, count = [], 0
    for name, sentences in SENTENCES.items():
        restriction = Restriction(
            id="R1",
            prisoner="A1234BC",
            protected=ProtectedPerson(name=f"{name} Tallantyre"),
            contacts=(Contact(kind="phone", value="07700 900123"),),
        )
        screener = Screener(compile_blocklist([restriction]), read_policy())
        for body in sentences.split("|"):
            count += 1
            if _is_touched(screener, "A1234BC", body):
                flagged.append(f"{name}: {body}")
    return count, flagged


def _is_touched(screener: Screener, prisoner: str, body: str) -> bool:
    attempt = Attempt(
        id="m", channel="message", prisoner=prisoner, establishment="LEI", to=_SOMEBODY, body=body
    )
    return screener.check(attempt, NOW).decision != "allow"


def main() -> None:
    """Measure and print the two figures."""
    parser = argparse.ArgumentParser(description="Everyday messages that nobody may hold")
    parser.add_argument("--seed", type=int, default=20260301)
    parser.add_argument("--chats", type=int, default=6_000)
    parser.add_argument("--restrictions", type=int, default=10_000)
    parser.add_argument("--show", action="store_true", help="what was flagged")
    given = parser.parse_args()
    held = flagged_chats(given.chats, given.restrictions, random.Random(given.seed))
    print(
        f"{given.chats:,} chats, {given.restrictions:,} restrictions: {len(held) / given.chats:.2%} flagged"
    )
    count, sentences = flagged_sentences()
    print(f"{count} sentences with a name that is a word: {len(sentences) / count:.1%} flagged")
    if given.show:
        print(*held, *sentences, sep="\n")


if __name__ == "__main__":
    main()
