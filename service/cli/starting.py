"""What every command begins with, and `nocontact node`, which loads nothing else: a prison waits for it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NoReturn

import click
from pydantic import ValidationError
from sqlalchemy.exc import SQLAlchemyError

from engine.policy import PolicyError
from service.errors import ServiceError
from service.ledger.rollback import RollbackError
from service.migrations.schema import SchemaError
from service.operations import logs
from service.settings import Settings
from service.storage.database import HeldError
from service.storage.private import keep_private
from service.storage.sealing import SealError

ROLLED_BACK = 3
"""Exit status where an older database was put back: no restart helps."""


def node(data: Path | None, enrolment: Path, workers: int | None) -> None:
    """Serve in a prison until told to stop, by so many processes."""
    from service.node.serving import serve as serve_until_stopped

    with clear_errors():
        settings = settings_to_serve(data)
        serve_until_stopped(settings, enrolment, workers or settings.node_workers)


def settings_of(data: Path | None) -> Settings:
    """The settings, with this data folder where one is given."""
    given: dict[str, Any] = {} if data is None else {"data": data}
    try:
        settings = Settings(**given)
    except ValidationError as error:
        first = error.errors(include_input=False)[0]
        fail(f"NOCONTACT_{'_'.join(map(str, first['loc'])).upper()}: {first['msg']}")
    keep_private(settings.data)
    return settings


def settings_to_serve(data: Path | None) -> Settings:
    """The settings, the log written by them."""
    settings = settings_of(data)
    try:
        logs.configure(settings.log_level)
    except ValueError as error:
        raise ValueError(f"NOCONTACT_LOG_LEVEL: {error}") from None
    return settings


@contextmanager
def clear_errors(*others: type[Exception]) -> Iterator[None]:
    """One line for what can go wrong, no traceback; `others` are a command's own errors."""
    told: tuple[type[Exception], ...] = (SealError, SchemaError, HeldError, ServiceError, ValueError, *others)
    try:
        yield
    except PolicyError as error:
        fail(f"policy: {error}")
    except RollbackError as error:
        fail(str(error), ROLLED_BACK)
    except told as error:
        fail(str(error))
    except OSError as error:
        fail(f"{error.filename}: {error.strerror}" if error.filename else error.strerror or str(error))
    except SQLAlchemyError as error:
        fail(f"the database cannot be used: {type(getattr(error, 'orig', None) or error).__name__}")


def fail(text: str, status: int = 2) -> NoReturn:
    """Say what is wrong, and end. Raises click's Exit."""
    click.echo(f"nocontact: {text}", err=True)
    raise click.exceptions.Exit(status)
