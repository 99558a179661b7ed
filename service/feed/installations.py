"""What each installation of a node said last; and of several that answer under one name, the less of all.

A node's folder draws an **installation** anew, by which its reports are counted: a machine that was set up
again is heard at once, and what an earlier installation said is never taken a second time. Where two of one
name speak in turn, or one of them fell silent while the other was there, each answers somebody in a prison:
that is trouble, and what is in force under that name is what all of them have.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select, update

from service.feed import canaries
from service.feed.messages import Report
from service.feed.tables import node_installation, node_reached, node_report

MOST = 100
"""Of one node: whoever has a node's keys makes no table grow without end."""

Key = tuple[str, str]
"""A node's name and its installation."""
BEFORE = ""
"""The installation of a node of the version before, which says none."""


class SaidLast:
    """The last words of installations, as the database has them."""

    def __init__(self, connection: Connection, name: str | None = None) -> None:
        """Reads them: of all nodes where none is named."""
        of_one = () if name is None else (node_installation.c.node == name,)
        found = connection.execute(select(node_installation).where(*of_one))
        self._rows = {(row.node, row.instance): row for row in found}

    def of(self, key: Key) -> Any:
        """The row of one; None of one that was never heard."""
        return self._rows.get(key)

    def of_node(self, name: str) -> list[Any]:
        """The rows of all under one name."""
        return [row for (node, _), row in self._rows.items() if node == name]


def keep(connection: Connection, heard: Sequence[Key], told: Iterable[Report], now: datetime) -> None:
    """Write down what installations said: `told` has one report of each, `heard` who spoke, in order."""
    said = SaidLast(connection)
    turn = connection.execute(select(func.max(node_installation.c.spoke))).scalar() or 0
    began: dict[Key, int] = {}
    spoke: dict[Key, int] = {}
    for key in heard:
        turn += 1
        began.setdefault(key, turn)
        spoke[key] = turn
    for report in told:
        key = (report.node, report.instance)
        values = {
            "spoke": spoke[key],
            "at": now,
            "counter": report.counter,
            "number": report.number,
            "hash": report.hash,
            "reaches": report.reaches,
            "ended": report.ended,
            "canaries": report.canaries or None,
        }
        if said.of(key) is None:
            row = {"node": report.node, "instance": report.instance, "began": began[key], **values}
            connection.execute(insert(node_installation), row)
        else:
            this = (node_installation.c.node == key[0], node_installation.c.instance == key[1])
            connection.execute(update(node_installation).where(*this).values(values))


def alive(rows: Sequence[Any]) -> list[Any]:
    """Those that have to be reckoned with, the last that spoke first.

    One counts no more once another began behind its last word, or when it said that it ended while another
    goes on. One that spoke while another did, and then no more, may be cut off and answer by what it has.
    """
    in_turn = sorted(rows, key=lambda row: -row.spoke)
    there = [
        row
        for row in in_turn
        if not any(other.began > row.spoke for other in in_turn)
        and not (row.instance == BEFORE and row is not in_turn[0])
    ]
    going_on = [row for row in there if not row.ended]
    return going_on or there[:1]


def summed_up(connection: Connection, report: Report) -> dict[str, Any]:
    """What its node is known to have now, by this report and its other installations' last words: values of
    `node_report`. Notes since when all of them have it."""
    rows = alive(SaidLast(connection, report.node).of_node(report.node))
    least = min(rows, key=lambda row: (row.reaches, row.number))
    _note_reached(connection, report.node, least.reaches, max(row.at for row in rows))
    return {
        "at": min(row.at for row in rows),
        "number": min(row.number for row in rows),
        "reaches": least.reaches,
        "installations": len(rows),
        "canaries": canaries.pack(one for row in rows for one in canaries.unpack(row.canaries))
        if any(row.canaries for row in rows)
        else None,
    }


def forget_places(connection: Connection) -> None:
    """The feed begins anew: every node lacks every change until it has taken that."""
    connection.execute(delete(node_reached))
    nothing = {"number": 0, "reaches": 0}
    connection.execute(update(node_installation).values(hash="", **nothing))
    connection.execute(update(node_report).values(nothing))


def _note_reached(connection: Connection, name: str, reaches: int, at: datetime) -> None:
    """Since when is known of what it has alone: what it has no more was another list's."""
    of_node = node_reached.c.node == name
    connection.execute(delete(node_reached).where(of_node, node_reached.c.reaches > reaches))
    this = select(node_reached.c.at).where(of_node, node_reached.c.reaches == reaches)
    if reaches and connection.execute(this).one_or_none() is None:
        connection.execute(insert(node_reached), {"node": name, "reaches": reaches, "at": at})
