"""Every page of the console. A new module of pages is one more name here."""

from service.console import (
    approvals,
<<<<<<< HEAD
    case_figures,
=======
    case_email,
>>>>>>> 8f1dde0 (Whose prisoner is meant is shown: candidates from a sealed directory, with what speaks for each and against)
    case_keying,
    cases,
    contacts,
    ledger,
    mail,
    people,
    phone_lists,
    pictures,
    policy,
    prisoners,
    queue,
    restriction_lists,
    restrictions,
    signing_in,
    try_attempt,
    try_policy,
)

PAGES = (
    signing_in,
    queue,
<<<<<<< HEAD
    case_figures,
=======
    case_email,
>>>>>>> 8f1dde0 (Whose prisoner is meant is shown: candidates from a sealed directory, with what speaks for each and against)
    case_keying,
    cases,
    restriction_lists,
    restrictions,
    prisoners,
    contacts,
    approvals,
    phone_lists,
    mail,
    ledger,
    people,
    policy,
    try_attempt,
    pictures,
    try_policy,
)
"""Modules with a `router`, in the order in which their paths are tried."""
