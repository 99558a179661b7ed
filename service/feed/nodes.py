"""The nodes: who is one, and which key the feed has.

A node is a machine key of the role `node` and a row beside it. Withdrawing one ends both, and gives the feed
another key: whoever has the old one opens nothing that is published from then on.
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Select, select
from sqlalchemy.exc import IntegrityError

from matchers.prison import PRISON_CODE
from service.access.access import Access
from service.access.keys import MOST_DAYS
from service.access.model import Principal, Role
from service.errors import ConflictError, InvalidError, NotAllowedError, NotFoundError
from service.feed.api_messages import Enrolment, NodeKeys
from service.feed.tables import NAME, node
from service.registry.journal import Journal
from service.storage import rows

SUBJECT = "node"
"""Of the ledger's records about one."""

_name = re.compile(rf"[a-z0-9][a-z0-9-]{{1,{NAME - 1}}}")


class EnrolledNode(msgspec.Struct, frozen=True, kw_only=True):
    """One node of the table."""

    name: str
    prison: str
    added: datetime
    withdrawn: datetime | None = None


class Nodes:
    """Adds and withdraws nodes, and knows them. Safe to share between threads."""

    def __init__(self, journal: Journal) -> None:
        """The tables are in the journal's database."""
        self._journal = journal

    def add(self, by: Principal, access: Access, name: str, prison: str, centre: str) -> Enrolment:
        """A new node, with all that it needs to begin: its token is told this once.

        Raises InvalidError, ConflictError where the name was ever a node's or a key's, NotAllowedError.
        """
        if not _name.fullmatch(name):
            raise InvalidError(f"2 to {NAME} of a-z, 0-9 and -", "name")
        if not re.fullmatch(PRISON_CODE, prison):
            raise InvalidError("a prison's code, three capital letters", "prison")
        made = access.keys.create(by, name, [Role.NODE], [prison], label=f"node {name}", days=MOST_DAYS)
        row = {"name": name, "prison": prison, "added": self._journal.clock(), "added_by": by.id}
        try:
            with self._journal.write() as connection:
                rows.insert(connection, self._journal.vault, node, [row])
                record = self._journal.record(by.id, f"{SUBJECT}/{name}", "added", establishment=prison)
                self._journal.append(connection, [record])
        except IntegrityError:
            raise ConflictError("there is, or was, a node of this name") from None
        public_key = self._journal.vault.public_key_pem.decode()
        return Enrolment(name=name, prison=prison, centre=centre, public_key=public_key, token=made.secret)

    def withdraw(self, by: Principal, access: Access, name: str) -> None:
        """End it. Raises NotFoundError, NotAllowedError. Twice is once."""
        if all(one.name != name for one in self.all()):
            raise NotFoundError("no such node")
        access.revoke_key(by, name)
        with self._journal.write() as connection:
            this = (node.c.name == name, node.c.withdrawn.is_(None))
            now = {"withdrawn": self._journal.clock()}
            if rows.update(connection, self._journal.vault, node, this, now):
                record = self._journal.record(by.id, f"{SUBJECT}/{name}", "withdrawn")
                self._journal.append(connection, [record])

    def all(self) -> list[EnrolledNode]:
        """Every node by name, withdrawn ones too; one whose row was changed in the database counts as one."""
        return self._read(select(node).order_by(node.c.name))

    def standing(self) -> list[EnrolledNode]:
        """Those that are not withdrawn."""
        return [one for one in self.all() if one.withdrawn is None]

    def of(self, principal: Principal) -> EnrolledNode:
        """The node that asks. Raises NotFoundError for a key that is no node's, NotAllowedError once it is
        withdrawn."""
        name = principal.id.removeprefix("key:")
        found = self._read(select(node).where(node.c.name == name))
        if not found:
            raise NotFoundError("no node is enrolled under this key")
        if found[0].withdrawn is not None:
            raise NotAllowedError("this node is withdrawn")
        return found[0]

    def epoch(self) -> int:
        """How often the feed got another key: once for each node that was withdrawn."""
        return sum(one.withdrawn is not None for one in self.all())

    def keys(self, principal: Principal) -> NodeKeys:
        """What the node that asks may open and seal with. Raises as `of`."""
        one, vault, epoch = self.of(principal), self._journal.vault, self.epoch()
        return NodeKeys(feed_key=vault.feed_key(epoch), node_key=vault.node_key(one.name), epoch=epoch)

    def _read(self, wanted: Select[Any]) -> list[EnrolledNode]:
        with self._journal.database.read() as connection:
            found = connection.execute(wanted).all()
        return [
            EnrolledNode(
                name=row.name,
                prison=row.prison,
                added=row.added,
                withdrawn=row.withdrawn if rows.holds(self._journal.vault, node, row) else row.added,
            )
            for row in found
        ]
