"""A letter and the record of its answer are kept together, or neither is: a crash between makes no second."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, select

from service.access.model import Principal
from service.errors import ConflictError
from service.ledger.record import Kind
from service.mail.items import MailItem
from service.mail.tables import mail_asked, mail_item
from service.review.tables import review_item
from service.storage import sealing
from service.storage.database import Database
from tests.service.console.conftest import Console, console_on
from tests.service.console.looking import records
from tests.service.databases import MASTER, sqlite_in
from tests.service.mail.mailing import ELSEWHERE, HERS, SCANNER, intake, put, run, taking, typed

OTHER = Principal("key:another-scanner", SCANNER.roles)
DOUBTED = f"?{ELSEWHERE}"


def made(console: Console) -> tuple[int, int, int, int]:
    """Records of decisions, letters, which record answered which, and items of the queue."""
    with console.system.database.read() as connection:
        tables = (mail_item, mail_asked, review_item)
        counts = [len(connection.execute(select(table)).all()) for table in tables]
    return len(records(console, kind=Kind.DECISION)), counts[0], counts[1], counts[2]


def killed_at(step: int, folder: Path, act: Callable[[Console], object]) -> bool:
    """Do it in a process that is killed before its nth statement or commit; whether it was killed."""
    child = os.fork()
    if child == 0:
        database = Database(f"sqlite:///{folder / 'nocontact.db'}")
        with console_on(database, sealing.open_vault(database, MASTER), folder) as console:
            steps = count()

            def step_on(*_: Any) -> None:
                if next(steps) == step:
                    os.kill(os.getpid(), signal.SIGKILL)

            for name in ("before_cursor_execute", "commit"):
                event.listen(database.engine, name, step_on)
            act(console)
            os._exit(0)
    return os.WIFSIGNALED(os.waitpid(child, 0)[1])


def test_a_process_that_is_killed_at_any_step_leaves_one_letter_with_one_answer(tmp_path: Path) -> None:
    step, was_killed = 0, True
    while was_killed:
        folder = tmp_path / str(step)
        folder.mkdir()
        sqlite_in(folder).close()
        was_killed = killed_at(step, folder, lambda console: put(console, "T1", DOUBTED))
        database = Database(f"sqlite:///{folder / 'nocontact.db'}")
        with console_on(database, sealing.open_vault(database, MASTER), folder) as console:
            assert made(console) in ((0, 0, 0, 0), (1, 1, 1, 1)), step
            put(console, "T1", DOUBTED, OTHER)  # another asks, so that no id keeps it from being asked twice
            assert made(console) == (1, 1, 1, 1), step
        database.close()
        step += 1
    assert step > 10


def test_two_scanners_that_send_one_picture_at_once_make_one_letter(console: Console) -> None:
    async def both() -> list[MailItem]:
        taken = intake(console)
        return await asyncio.gather(*(taking(console, taken, "T1", DOUBTED, by) for by in (SCANNER, OTHER)))

    first, second = run(both())
    assert first == second
    assert made(console) == (1, 1, 1, 1)


def test_a_correction_that_comes_too_late_is_neither_kept_nor_recorded(console: Console) -> None:
    console.restrict()
    before = put(console, "T1", DOUBTED)
    assert typed(console, before, HERS).decision == "block"
    with pytest.raises(ConflictError):
        typed(console, before, ELSEWHERE)
    assert made(console) == (2, 1, 2, 1)


def test_a_letter_of_which_the_answer_alone_was_kept_is_kept_with_that_answer(console: Console) -> None:
    item = put(console, "T1", DOUBTED)
    with console.system.database.write() as connection:
        connection.execute(mail_item.delete())
        connection.execute(mail_asked.delete())
    again = put(console, "T1", DOUBTED)
    assert (again.id, again.decision) == (item.id, item.decision)
    assert made(console) == (1, 1, 1, 1)
