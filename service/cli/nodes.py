"""The commands about nodes: enrol one for a prison, withdraw it, and see how all of them are."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import msgspec

from service.cli.operator import at_work
from service.feed.eras import Chain
from service.feed.nodes import Nodes
from service.feed.reports import NodeReports, NodeState


def add(data: Path | None, name: str, prison: str, centre: str | None) -> None:
    """Enrol a node; print all that it needs to begin, this once."""
    with at_work(data) as at:
        centre = centre or at.settings.public_url
        if not centre:
            raise ValueError("--centre: the address of this service; or set NOCONTACT_PUBLIC_URL")
        made = Nodes(at.journal).add(at.by, at.access, name, prison, centre.rstrip("/"))
    print(msgspec.json.format(msgspec.json.encode(made)).decode())


def withdraw(data: Path | None, name: str) -> None:
    """End a node: its token, and the key of the feed that it had."""
    with at_work(data) as at:
        Nodes(at.journal).withdraw(at.by, at.access, name)


def begin_anew(data: Path | None, why: str) -> None:
    """Let nodes take this centre's list whatever they have."""
    with at_work(data) as at:
        link = Chain(at.journal, Nodes(at.journal).epoch).begin_anew(at.by, why)
    print(f"nodes take the list as it is here, {link.restrictions:,} restrictions at the last change, and")
    print("hand in their decisions again. Restrictions that were made after the back-up are not in it.")


def show(data: Path | None) -> bool:
    """Print each node, one JSON object a line. Gives whether all of them are well."""
    with at_work(data) as at:
        silent = timedelta(seconds=at.settings.node_silent)
        within, now = timedelta(hours=at.settings.canary_hours), at.journal.clock()
        states = NodeReports(at.journal, Nodes(at.journal), silent, within).now()
        troubles = [(one.trouble(now, silent), one.canary_troubles(now, within)) for one in states]
    for state, (trouble, canaries) in zip(states, troubles, strict=True):
        print(_line(state, trouble, canaries))
    return not any(trouble or canaries for trouble, canaries in troubles)


def _line(state: NodeState, trouble: str | None, canaries: tuple[str, ...]) -> str:
    told = {**msgspec.structs.asdict(state), "trouble": trouble, "canary_troubles": canaries}
    return msgspec.json.encode(told).decode()
