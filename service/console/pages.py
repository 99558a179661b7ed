"""Every page of the console. A new module of pages is one more name here."""

from service.console import (
    approvals,
    contacts,
    learning,
    ledger,
    mail,
    people,
    phone_lists,
    pictures,
    policy,
    prisoners,
    queue,
    restrictions,
    signing_in,
    trying,
)

PAGES = (
    signing_in,
    queue,
    restrictions,
    prisoners,
    contacts,
    approvals,
    phone_lists,
    mail,
    ledger,
    people,
    policy,
    trying,
    pictures,
    learning,
)
"""Modules with a `router`, in the order in which their paths are tried."""
