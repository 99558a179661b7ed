"""`nocontact serve`: one process that answers until it is told to stop."""

from __future__ import annotations

from service.app import App
from service.settings import Settings
from service.system import open_system
from service.web.answering import answer, listening


def serve(settings: Settings) -> None:
    """Serve until SIGTERM or SIGINT, then answer what is under way and write what waits.

    Raises as `open_system`, and before that OSError where the address cannot be had.
    """
    with listening(settings) as doors, open_system(settings) as system:
        answer(App(system), settings, doors)
