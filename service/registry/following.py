"""What changed since one last looked, for whoever keeps in memory what stands in the database."""

from __future__ import annotations

from collections.abc import Iterator

from service.registry.registry import Registry

MOST_CHANGES = 10_000


class Following:
    """Reads the outbox behind the last change that was seen; also what other processes wrote."""

    def __init__(self, registry: Registry, seq: int | None = None) -> None:
        """Begins behind a change, or with what is there now: then call it before all is read, so that nothing
        is missed between."""
        self._registry = registry
        self.seq = registry.last_change() if seq is None else seq
        """The last change that was seen."""

    def changed(self) -> Iterator[dict[str, set[str]]]:
        """Ids by their kind, some at a time; seen once the caller comes for the next."""
        while changes := self._registry.changes_since(self.seq, MOST_CHANGES):
            ids: dict[str, set[str]] = {}
            for one in changes:
                ids.setdefault(one.kind, set()).add(one.id)
            yield ids
            self.seq = changes[-1].seq
