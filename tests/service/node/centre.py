"""A centre of the tests' own: makes the feed as the true one does, and knows what each list was."""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from engine import saved
from engine.blocklist import FORMAT, Blocklist, compile_blocklist
from engine.model import ConfidentialEntry, Contact, Monitoring, ProtectedPerson, Restriction
from engine.policy import Policy, read_policy
from service.feed.messages import (
    START,
    Beat,
    Change,
    Signed,
    SnapshotHead,
    encode,
    make_beat,
    make_change,
    make_snapshot,
)
from service.node.kept import KeptFeed
from service.node.list_in_force import FollowedList
from service.registry.prisoners import Whereabouts
from service.storage.sealing import Vault


def vault(seed: int = 0) -> Vault:
    """The keys of a centre, or a node."""
    return Vault({1: bytes([seed]) * 32}, bytes([seed + 1]) * 32, bytes([seed + 2]) * 32)


def restriction(number: int, *, version: int = 0) -> Restriction:
    """An invented one, by its number; another version has another contact point."""
    return Restriction(
        id=f"R{number}",
        prisoner=f"A{1000 + number:04}BC",
        protected=ProtectedPerson(name=f"Rhoswen Tallantyre {number}"),
        contacts=(
            Contact(kind="phone", value=f"07700 900{(number + 37 * version) % 1000:03}"),
            Contact(kind="address", value=f"{number + 1} Larkmead Street, Ambermouth, LS1 4AB"),
        ),
    )


@dataclass
class Listed:
    """All that a list is made of."""

    restrictions: dict[str, Restriction] = field(default_factory=dict)
    register: tuple[ConfidentialEntry, ...] = ()
    heightened: dict[str, Monitoring] = field(default_factory=dict)
    prisoners: Whereabouts = field(default_factory=dict)

    def copy(self) -> Listed:
        return Listed(dict(self.restrictions), self.register, dict(self.heightened), dict(self.prisoners))

    def compiled(self) -> Blocklist:
        return compile_blocklist(self.restrictions.values(), self.register, heightened=self.heightened)


@dataclass
class Centre:
    """Makes changes, each on the last one."""

    vault: Vault = field(default_factory=vault)
    feed_key: bytes = field(default_factory=lambda: secrets.token_bytes(32))
    listed: Listed = field(default_factory=Listed)
    number: int = 0
    hash: str = START
    tick: int = 0
    at_number: dict[int, Listed] = field(default_factory=dict)
    carried: dict[int, bytes] = field(default_factory=dict)
    policy: Policy = field(default_factory=read_policy)
    era: int = 0
    ahead: float = 0.0
    """Seconds of its clock, in its beats."""

    def change(
        self,
        put: Iterable[Restriction] = (),
        gone: Sequence[str] = (),
        *,
        fewer_is_right: bool = True,
        more: int = 0,
        **others: Any,
    ) -> bytes:
        """The next change, carried. `more` makes its count wrong."""
        put = tuple(put)
        for id_ in gone:
            self.listed.restrictions.pop(id_, None)
        self.listed.restrictions |= {one.id: one for one in put}
        for name in ("register", "heightened"):
            if others.get(name) is not None:
                setattr(self.listed, name, others[name])
        self.listed.prisoners |= others.get("prisoners") or {}
        self.number += 1
        change = Change(
            era=self.era,
            number=self.number,
            before=self.hash,
            reaches=self.number * 10,
            at=1.0 * self.number,
            put=put,
            gone=tuple(gone),
            restrictions=len(self.listed.restrictions) + more,
            fewer_is_right=fewer_is_right,
            **others,
        )
        return self._carry(make_change(self.vault, self.feed_key, change))

    def snapshot(self, *, fewer_is_right: bool = True, **others: Any) -> bytes:
        """The list as it is, carried."""
        head = SnapshotHead(
            era=self.era,
            links=others.pop("links", {}),
            number=self.number,
            hash=self.hash,
            reaches=self.number * 10,
            at=others.pop("at", 1.0 * self.number),
            restrictions=others.pop("restrictions", len(self.listed.restrictions)),
            prisoners=self.listed.prisoners,
            policy=self.policy,
            fewer_is_right=fewer_is_right,
            index_format=others.pop("index_format", FORMAT),
        )
        content = others.pop("content", None) or saved.save(self.listed.compiled())
        self.at_number[self.number] = self.listed.copy()
        return encode(make_snapshot(self.vault, self.feed_key, head, content))

    def beat(self, *, term: int = 1, tick: int | None = None, at: float | None = None) -> bytes:
        """That it is there, at this time by its clock."""
        self.tick = self.tick + 1 if tick is None else tick
        beat = Beat(
            era=self.era,
            number=self.number,
            hash=self.hash,
            reaches=self.number * 10,
            term=term,
            tick=self.tick,
            at=time.time() + self.ahead if at is None else at,
        )
        return encode(make_beat(self.vault, self.feed_key, beat))

    def _carry(self, signed: Signed) -> bytes:
        self.hash = signed.hash
        self.at_number[self.number] = self.listed.copy()
        self.carried[self.number] = encode(signed)
        return self.carried[self.number]


def begun(centre: Centre, folder: Path, **others: Any) -> FollowedList:
    """The list of a node of this centre, with what its folder holds."""
    kept = KeptFeed(folder, vault(100))
    followed = FollowedList(centre.vault.public_key, centre.feed_key, kept, read_policy(), **others)
    followed.start()
    return followed


def version(followed: FollowedList) -> str | None:
    """Of the list that answers."""
    return followed.screener.blocklist.version if followed.screener else None
