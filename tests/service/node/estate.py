"""An estate at random: who is in which prison, who is whom, and the restrictions as the centre says them."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import msgspec

from engine.model import Contact, Exemption, Monitoring, ProtectedPerson, Restriction
from service.node.kept import CHANGES, KeptFeed
from service.storage.sealing import Vault
from tests.service.node.centre import Centre

HOME = "LEI"
PRISONS = (HOME, "MDI", "WWI")
NUMBERS = tuple(f"A{1000 + n}BC" for n in range(8))
SCOPES: tuple[Literal["estate", "prisoner"], ...] = ("prisoner", "prisoner", "estate")
MONITORED = Monitoring(from_="2026-01-01", until="2026-12-31")
WORDS = ("Abernethy", "Brocklebank", "Cholmonde", "Dalrymple", "Etherington", "Featherston", "Gathercole",
         "Hetherley", "Inchbald", "Jellicoe", "Kilbracken", "Lethbridge", "Marchbanks", "Nettlefold",
         "Oglethorpe", "Pettigrew", "Quennell", "Ravenscroft", "Skeffing", "Thistlewood")  # fmt: skip
"""One for each restriction: her name, her street, her account."""


def named(place: int) -> str:
    """Her name."""
    return f"Una {WORDS[place]}"


def number_of(place: int) -> str:
    """Her number."""
    return f"07700 9{place:02}{(place * 37) % 1000:03}"[:12]


@dataclass
class Estate:
    """What happened so far; each act is carried to `centre`'s nodes."""

    chance: random.Random
    centre: Centre = field(default_factory=Centre)
    places: dict[str, str | None] = field(default_factory=dict)
    into: dict[str, str] = field(default_factory=dict)
    asked: dict[str, Restriction] = field(default_factory=dict)
    """As they were asked for, whoever was moved and merged since."""
    monitored: set[str] = field(default_factory=set)

    def begin(self) -> None:
        """Everybody somewhere, one restriction of the estate and some more."""
        self.places = {number: self.chance.choice((*PRISONS, None)) for number in NUMBERS}
        self.asked = {"R0": self._restriction(0, "estate")}
        for place in range(1, 9):
            self.asked[f"R{place}"] = self._restriction(place)
        self.centre.change(
            [self.today(one) for one in self.asked.values()],
            prisoners={number: (prison, None) for number, prison in self.places.items()},
            heightened={},
        )

    def act(self) -> bytes:
        """Something happens: the change that says so."""
        acts = (
            self.move,
            self.move,
            self.move,
            self.restrict,
            self.restrict,
            self.lift,
            self.merge,
            self.watch,
        )
        return self.chance.choice(acts)()

    def move(self, number: str | None = None, prison: str | None = None) -> bytes:
        """Somebody is elsewhere."""
        number = number or self.chance.choice(NUMBERS)
        prison = prison or self.chance.choice((*PRISONS, HOME, "TRN", "OUT", None))
        return self._tell(dict.fromkeys(self.group(number), prison))

    def merge(self) -> bytes:
        """Two numbers are one person's."""
        free = [one for one in NUMBERS if one not in self.into]
        if len(free) < 4:
            return self.move()
        one, other = self.chance.sample(free, 2)
        self.into[one] = other
        return self._tell(dict.fromkeys(self.group(other), self.places[other] or self.places[one]))

    def restrict(self, scope: Literal["estate", "prisoner"] | None = None) -> bytes:
        """A new restriction, or another version of one."""
        place = self.chance.randrange(1, len(WORDS))
        self.asked[f"R{place}"] = self._restriction(place, scope)
        return self.centre.change([self.today(self.asked[f"R{place}"])])

    def restrict_alone(self, prisoner: str, place: int = 19) -> bytes:
        """A restriction for this prisoner alone, in whichever prison he is."""
        one = self._restriction(place, "prisoner")
        one = msgspec.structs.replace(one, prisoner=prisoner, establishment=None, exceptions=())
        self.asked[one.id] = one
        return self.centre.change([self.today(one)])

    def lift(self) -> bytes:
        """One is no more."""
        id_ = self.chance.choice([*self.asked])
        if id_ == "R0":
            return self.restrict()
        del self.asked[id_]
        return self.centre.change(gone=[id_])

    def watch(self) -> bytes:
        """Somebody's mail is looked at, or no longer."""
        self.monitored ^= {self.chance.choice(NUMBERS)}
        return self.centre.change(heightened=self.heightened)

    @property
    def heightened(self) -> dict[str, Monitoring]:
        """By each number of a person."""
        return {number: MONITORED for one in self.monitored for number in self.group(one)}

    def group(self, number: str) -> tuple[str, ...]:
        """A person's numbers."""
        last = self.survivor(number)
        return tuple(one for one in NUMBERS if self.survivor(one) == last)

    def survivor(self, number: str) -> str:
        """The number that a person has now."""
        while number in self.into:
            number = self.into[number]
        return number

    def is_home(self, number: str) -> bool:
        """Whether he is in the node's prison."""
        return self.places[self.survivor(number)] == HOME

    def of_others(self) -> list[int]:
        """The restrictions that hold for nobody in the node's prison, by their places among the words."""
        every = map(self.today, self.asked.values())
        alone = [one for one in every if one.scope == "prisoner" and HOME not in one.establishments]
        return [int(one.id[1:]) for one in alone if not any(map(self.is_home, one.prisoners))]

    def today(self, asked: Restriction) -> Restriction:
        """As `service.registry.versions` says it."""
        numbers = tuple(dict.fromkeys(number for one in asked.prisoners for number in self.group(one)))
        prisons: dict[str, None] = {}
        for one in asked.prisoners:
            prison = self.places[self.survivor(one)]
            if prison in (None, "TRN"):
                prisons.update(dict.fromkeys(asked.establishments))
            elif prison != "OUT":
                prisons[prison] = None
        alone = {"establishment": tuple(prisons) or None} if asked.scope == "prisoner" else {}
        return msgspec.structs.replace(asked, prisoner=numbers, **alone)

    def _tell(self, moved: dict[str, str | None]) -> bytes:
        self.places |= moved
        concerned = [one for one in self.asked.values() if not {*self.today(one).prisoners}.isdisjoint(moved)]
        return self.centre.change(
            [self.today(one) for one in concerned],
            prisoners={number: (prison, self.into.get(number)) for number, prison in moved.items()},
            heightened=self.heightened,
        )

    def _restriction(self, place: int, scope: Literal["estate", "prisoner"] | None = None) -> Restriction:
        chance = self.chance
        exempt = Exemption(prisoner=chance.choice(NUMBERS), contact=number_of(place))
        return Restriction(
            id=f"R{place}",
            prisoner=tuple(chance.sample(NUMBERS, chance.choice((1, 1, 2)))),
            protected=ProtectedPerson(name=named(place)),
            contacts=(
                Contact(kind="phone", value=number_of(place)),
                Contact(kind="address", value=f"{place + 1} {WORDS[place]} Street, Ambermouth, LS1 4AB"),
                Contact(kind="email", value=f"{WORDS[place].lower()}@example.org"),
            ),
            scope=chance.choice(SCOPES if scope is None else (scope,)),
            establishment=chance.choice((None, *PRISONS)),
            exceptions=(exempt,) if chance.random() < 0.2 else (),
        )


def disk(folder: Path, vault: Vault) -> bytes:
    """All that the list's files say to whoever has the node's key, in capitals."""
    feed = KeptFeed(folder, vault)
    assert feed.read() is not None
    assert feed.memory is not None
    content = (folder / CHANGES).read_bytes() if (folder / CHANGES).exists() else b""
    plain, at = [bytes(feed.memory.content)], 0
    while (read := feed._unframed(content, at)) is not None:
        link, at = read
        plain.append(msgspec.msgpack.encode(link.change))
    assert at == len(content)
    feed.close()
    return b"\n".join(plain).upper()
