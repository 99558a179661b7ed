"""`nocontact node`: one process that answers in a prison until it is told to stop."""

from __future__ import annotations

from pathlib import Path

from service.node.app import NodeApp
from service.node.keys import read_enrolment
from service.node.system import open_node
from service.settings import Settings
from service.web.answering import answer, listening


def serve(settings: Settings, enrolment: Path) -> None:
    """Serve until SIGTERM or SIGINT. `enrolment` is the file of `nocontact node-add`.

    Raises as `open_node` and `read_enrolment`, and OSError where the address cannot be had.
    """
    with listening(settings) as doors, open_node(settings, read_enrolment(enrolment)) as system:
        answer(NodeApp(system), settings, doors)
