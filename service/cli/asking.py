"""The command of the public form; it loads nothing of the service's own."""

from __future__ import annotations

from typing import Any

import click

from service.public.serving import serve as serve_form
from service.public.settings import public_settings


def serve(**given: Any) -> None:
    """Serve the form until told to stop."""
    try:
        serve_form(public_settings(**given))
    except (ValueError, OSError) as error:
        click.echo(f"public: {error}", err=True)
        raise click.exceptions.Exit(2) from None
