"""`nocontact read`: what a field of a restriction's form is read as, before it is put into a list."""

import sys

import click

from engine import entry
from engine.listing import guess_kind
from engine.model import Contact, ContactKind
from matchers import phone


def read(value: str, kind: ContactKind | None, establishment: str | None, register: bool) -> None:
    """Print each contact point with what it stops, what to know of it, and what is refused.

    Exits with 1 where anything is refused.
    """
    contact = Contact(kind=kind, value=value) if kind else guess_kind(value)
    entered = entry.read(contact, phone.area_codes_near(establishment), for_register=register)
    for point in entered.points:
        click.echo(f"{point.contact.kind}: {point.contact.value}")
        click.echo(f"  read as {point.read_as}" if register else f"  stops {point.stops}")
        for note in point.notes:
            click.echo(f"  {note}")
    for what in entered.told:
        click.echo(f"note: {what}")
    for what in entered.refused:
        click.echo(f"refused: {what}")
    if entered.refused:
        sys.exit(1)
