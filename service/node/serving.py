"""`nocontact node`: what answers in a prison until it is told to stop."""

from __future__ import annotations

from pathlib import Path

from service.node.app import NodeApp
from service.node.keys import read_enrolment
from service.node.system import open_node
from service.node.workers.first import FirstProcess
from service.settings import Settings
from service.web.answering import answer, listening, listening_each


def serve(settings: Settings, enrolment: Path, workers: int = 1) -> None:
    """Serve until SIGTERM or SIGINT, by one process or by several. `enrolment` is the file of
    `nocontact node-add`.

    Raises as `open_node` and `read_enrolment`, and OSError where the address cannot be had.
    """
    enrolled = read_enrolment(enrolment)
    if workers > 1:
        with listening_each(settings, workers) as doors_of_each:
            FirstProcess(settings, enrolled, doors_of_each).run()
        return
    with listening(settings) as doors, open_node(settings, enrolled) as system:
        answer(NodeApp(system), settings, doors)
