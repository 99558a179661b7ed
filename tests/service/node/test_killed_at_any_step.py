"""A node that is killed before any statement or commit holds what it held, and lets go but once."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import Any

from sqlalchemy import event, func, select

from service.mail.tables import mail_item, mail_picture
from service.node.centre_line import CentreLine
from service.node.decisions_back import DecisionsBack
from service.node.pictures import PictureForwarder
from tests.service.node.centre import Centre
from tests.service.node.desk import NODE_KEY, Desk, desk
from tests.service.node.held_here import JPEG, Here, decided, here, here_again

DOUBTED = "?Mr J Brown\n7 Quarry Lane\nOtherstead\nLS9 9ZZ"


def killed_at(step: int, folder: Path, act: Callable[[Here], object]) -> bool:
    """Do it in a process that is killed before its nth statement or commit; whether it was killed."""
    child = os.fork()
    if child == 0:
        with here_again(folder) as node:
            steps = count()

            def step_on(*_: Any) -> None:
                if next(steps) == step:
                    os.kill(os.getpid(), signal.SIGKILL)

            for name in ("before_cursor_execute", "commit"):
                event.listen(node.journal.database.engine, name, step_on)
            act(node)
            os._exit(0)
    return os.WIFSIGNALED(os.waitpid(child, 0)[1])


def kept(node: Here) -> tuple[int, int]:
    """Letters, and pages of them."""
    with node.journal.database.read() as connection:
        counts = [
            int(connection.execute(select(func.count()).select_from(table)).scalar_one())
            for table in (mail_item, mail_picture)
        ]
    return counts[0], counts[1]


def at_each_step(
    folder: Path, prepare: Callable[[Here], object], act: Callable[[Here], object]
) -> list[Path]:
    """Folders in which it was prepared and killed at each step in turn; in the last it was not."""
    folders: list[Path] = []
    was_killed = True
    while was_killed:
        made = folder / str(len(folders))
        made.mkdir()
        with here(made) as node:
            prepare(node)
        was_killed = killed_at(len(folders), made, act)
        folders.append(made)
    assert len(folders) > 5
    return folders


def test_a_letter_is_there_with_its_pictures_or_not_at_all(tmp_path: Path) -> None:
    for folder in at_each_step(tmp_path, lambda _: None, lambda node: node.letter(DOUBTED)):
        with here_again(folder) as node:
            assert kept(node) in ((0, 0), (1, 2)), folder
            assert node.letter(DOUBTED).todo == "keep"
            assert kept(node) == (1, 2), folder


def test_a_picture_is_here_until_it_is_there(tmp_path: Path) -> None:
    with desk(Centre()) as open_desk:

        def send(node: Here) -> int:
            return PictureForwarder(
                CentreLine(open_desk.enrolment), NODE_KEY, node.items, lambda: 1_000_000
            ).step()

        for folder in at_each_step(tmp_path, lambda node: node.letter(DOUBTED), send):
            with here_again(folder) as node:
                send(node)
                assert kept(node) == (1, 0), folder
        pages = {page for _, page in open_desk.pictures}
        assert pages == {1, 2}
        assert {one for sent in open_desk.pictures.values() for one in sent} == {
            JPEG + DOUBTED.encode(),
            JPEG + b"its back",
        }


def test_a_decision_takes_effect_whole_and_once(tmp_path: Path) -> None:
    with desk(Centre()) as open_desk:
        open_desk.settled = [decided("M1"), decided("M2", released=False)]
        for folder in at_each_step(tmp_path, two_messages, lambda node: ask(node, open_desk)):
            with here_again(folder) as node:
                before = node.standings()
                assert before in (
                    {"M1": "held", "M2": "held"},
                    {"M1": "released", "M2": "stopped"},
                ), folder
                assert len(node.settled()) == (0 if before["M1"] == "held" else 2)
                ask(node, open_desk)
                assert node.standings() == {"M1": "released", "M2": "stopped"}, folder
                assert len(node.settled()) == 2, folder


def two_messages(node: Here) -> None:
    assert [node.message(name) for name in ("M1", "M2")] == ["hold", "hold"]


def ask(node: Here, open_desk: Desk) -> int:
    folder = Path(str(node.journal.database.url.database)).parent
    return DecisionsBack(CentreLine(open_desk.enrolment), NODE_KEY, node.journal, folder).step()
