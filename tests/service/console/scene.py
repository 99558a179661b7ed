"""A console with something on every page: what the browser tests and the screenshots look at."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import Browser

from service.access.model import Role
from service.storage import sealing
from tests.service.console.browser import People, listening
from tests.service.console.conftest import Console, console_on
from tests.service.console.filling import fill
from tests.service.console.places import MAY, NOT_A_PAGE, filled
from tests.service.databases import MASTER, sqlite_in


@dataclass
class Scene:
    """The console, people at it, and the addresses of what is in it."""

    console: Console
    people: People
    values: dict[str, str]

    def pages(self) -> Iterator[tuple[str, str, Role]]:
        """Every page: its pattern, an address, and a role that may see it."""
        for place, may in MAY.items():
            method, _, pattern = place.partition(" ")
            if method != "GET" or place in NOT_A_PAGE:
                continue
            role = next(
                (one for one in Role if isinstance(may, (set, frozenset)) and one in may), Role.REVIEWER
            )
            yield pattern, filled(pattern, self.values), role


@contextmanager
def scene(browser: Browser) -> Iterator[Scene]:
    """On SQLite, in a temporary folder."""
    with TemporaryDirectory(prefix="nocontact-scene-") as name:
        folder = Path(name)
        database = sqlite_in(folder)
        vault = sealing.open_vault(database, MASTER)
        with console_on(database, vault, folder) as console, listening(console.app) as url:
            yield Scene(console, People(browser, console, url), fill(console))
        database.close()
