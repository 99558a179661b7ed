"""Envelopes without an address that could be read: postage, slogans, backs, blank, faint, torn, a sender's.

None of them may be allowed, whatever else was read on it. One seed, one picture.
"""

from __future__ import annotations

import random

import numpy as np
from PIL import Image, ImageDraw

from adapters.mailroom.images import Picture
from benchmarks.mail.envelopes import INKS, PAPERS, SIZE, Wear, postage, worn, write
from benchmarks.mail.fonts import typeface
from benchmarks.mail.treatments import ruled

POSTAGE = (
    "2 Second Class Large\nRoyal Mail",
    "70 Years Royal Mail\nLondon",
    "01044\nLAPSTE",
    "LA POSTE\n33000 BORDEAUX\n14-03-26",
    "Royal Mail\nTracked 48",
    "Royal Mail\nTracked 24 Signature",
    "Royal Mail\nSigned For 1st\nLarge Letter",
    "1st Class\nPostage Paid GB\nHQ 41622",
    "Delivered by\nRoyal Mail\nPostage Paid UK\nC9 10017",
    "Royal Mail\nJubilee Mail Centre\n12-03-2026\n18:44",
    "Greenford Windsor Mail Centre\n05-02-2026\n1000213",
    "GB 2nd 0.75\nPB 4471 Meter 300",
    "Great Britain\nFranked 1.65\nLeeds 04 11 26",
    "Deutsche Post\nEntgelt bezahlt\n10115 Berlin",
    "An Post\nPostas Ioctha\nDublin 12",
    "Royal Mail Special Delivery\nGuaranteed by 1pm\nAB 1234 5678 9GB",
    "Par Avion\nAir Mail Small Packet 20",
    "CN22 Customs Declaration\nGift 1 Total Value 12.50",
)
SLOGANS = (
    "40 Happy Birthday Mum",
    "Happy Birthday\n21 Today",
    "Season's Greetings 2026\nReading",
    "Merry Christmas\nto you all at 44",
    "100 Years of Remembrance\nRoyal British Legion\nLondon",
    "Post early for Christmas\nLast posting 18 December",
    "Be properly addressed\nUse the postcode",
    "Love from 22 of us\nBath",
    "Happy New Year\n2027\nEdinburgh",
    "Greetings from Blackpool\nWish you were here",
    "Sealed with a loving kiss\nx 100",
    "50 Golden Years\nHappy Anniversary",
    "Save the date\n14 June 2026\nBrighton",
    "With deepest sympathy",
    "Celebrating 350 Years\nof the Postmark\nYork",
    "For a special Daughter\n18",
    "Thank you\nFrom Year 6 Park Road School",
    "Good Luck in your new Home",
)
BACKS = (
    "Recycle 100 percent",
    "Please recycle\nthis envelope 100",
    "Return if undelivered\n33 High Street",
    "If undelivered please return to\n33 High Street\nLeeds\nLS1 4AB",
    "Return address\nPO Box 1200\nLeicester LE1 5YA",
    "Made from 80 recycled fibre\nFSC Mix Paper C008472",
    "Peel and seal\nC5 162 x 229 mm 90 gsm",
    "Open here\n1",
    "Sender\n9 Station Road\nYork\nYO1 8BH",
    "Retour si non distribue\n12 Rue de la Gare\n75010 Paris",
    "Conqueror Laid 120\nDL Wallet",
)
SENDERS = (
    "{prisoner} T Vance\nHMP Ambermouth\nGaol Lane\nLS12 2TJ",
    "From: T Vance\n9 Station Road\nYork\nYO1 8BH",
    "T Vance\n9 Station Road\nYork\nYO1 8BH",
    "Sender T Vance {prisoner}\nHMP Leeds\n2 Gloucester Terrace\nLeeds LS12 2TJ",
)
KINDS = ("postage", "slogan", "back", "faint", "torn", "sender", "blank", "ruled and blank")


def unaddressed(kind: str, to: str, face: str, wear: Wear, seed: int) -> Picture:
    """One envelope of a kind; `to` is what stands on it too faintly, or torn through, if the kind has it."""
    rng = random.Random(seed)
    paper, ink = rng.choice(PAPERS), rng.choice(INKS)
    image = Image.new("RGB", SIZE, paper)
    if kind not in ("back", "blank") and rng.random() < 0.7:
        postage(image, rng)
    size = rng.choice((26, 34, 42, 54, 70))
    if kind == "postage":
        _block(image, rng.choice(POSTAGE), face, min(size, 42), ink, rng)
    elif kind == "slogan":
        _block(image, rng.choice(SLOGANS), face, size, ink, rng)
    elif kind == "back":
        _block(image, rng.choice(BACKS), face, min(size, 42), ink, rng)
    elif kind == "ruled and blank":
        ruled(image, (0, 0, *SIZE), rng)
    elif kind == "sender":
        sender = rng.choice(SENDERS).format(prisoner="X1234BC")
        _lines(image, sender, (40, 36), face, rng.choice((22, 26, 32)), ink, rng)
    elif kind == "torn":
        _lines(image, to, (rng.randint(300, 420), rng.randint(300, 360)), face, rng.randint(38, 46), ink, rng)
        _torn(image, to, face, rng)
    if kind == "faint" or (kind in ("postage", "back") and rng.random() < 0.5):
        left, top = rng.randint(300, 420), rng.randint(380, 460)
        _lines(image, to, (left, top), face, rng.randint(38, 46), _faint(paper, rng), rng)
    if kind == "faint":
        _block(image, rng.choice(POSTAGE + SLOGANS), face, 34, ink, rng, high=True)
    turned = np.rot90(worn(image, wear, rng), rng.choice((0, 0, 0, 1, 2, 3)))
    return np.ascontiguousarray(turned)


def _block(
    image: Image.Image, text: str, face: str, size: int, ink: str, rng: random.Random, *, high: bool = False
) -> None:
    """Lines somewhere on the envelope; `high` leaves room for an address beneath."""
    size = min(
        size, round(size * 700 / max(typeface(face, size).getlength(line) for line in text.split("\n")))
    )
    where = (rng.randint(60, 500), rng.randint(40, 90) if high else rng.randint(60, 420))
    _lines(image, text, where, face, size, ink, rng)


def _lines(
    image: Image.Image, text: str, where: tuple[int, int], face: str, size: int, ink: str, rng: random.Random
) -> None:
    step = round(size * rng.uniform(1.35, 1.6))
    for place, line in enumerate(text.split("\n")):
        write(image, line, (where[0], where[1] + place * step), face, size, ink, _STEADY, rng)


_STEADY = Wear("", 0, (0, 0), (0, 0), 0, 0, 0.0, 90)


def _faint(paper: str, rng: random.Random) -> str:
    """An ink that is hardly darker than its paper."""
    off = rng.randint(5, 14)
    return "#" + "".join(f"{max(0, int(paper[n : n + 2], 16) - off):02x}" for n in (1, 3, 5))


def _torn(image: Image.Image, to: str, face: str, rng: random.Random) -> None:
    """The envelope without the larger part of every line of its address: torn off to the left or right."""
    draw = ImageDraw.Draw(image)
    ink = np.asarray(image.convert("L").crop((0, 280, *SIZE)))
    columns = np.flatnonzero((ink < np.median(ink) - 60).any(axis=0))
    left, right = int(columns[0]), int(columns[-1])
    shortest = min(typeface(face, 38).getlength(line) for line in to.split("\n"))
    if rng.random() < 0.5:
        edge = left + round(shortest * 0.5)
        draw.polygon([(edge, 0), (edge + 12, 400), (edge - 6, SIZE[1]), SIZE, (SIZE[0], 0)], fill="#888888")
    else:
        edge = left + round((right - left) * 0.7)
        draw.polygon([(edge, 0), (edge + 12, 400), (edge - 6, SIZE[1]), (0, SIZE[1]), (0, 0)], fill="#888888")
