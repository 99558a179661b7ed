"""The e-mail address or account name of a message's recipient against the restricted ones."""

from collections.abc import Iterator

from engine.dialled import find_inside, restricted_in_account
from engine.finding import Finding
from engine.listing import Listing
from engine.model import ReasonCode
from engine.read_attempt import ReadAttempt
from matchers import email_handle
from matchers.email_handle import Account

CODES = {"email": ReasonCode.RESTRICTED_EMAIL, "handle": ReasonCode.RESTRICTED_HANDLE}


def find_account(read: ReadAttempt) -> Iterator[Finding]:
    """Restrictions on the recipient's account, and on a number that stands in it: 447...@s.whatsapp.net."""
    if read.account is not None:
        yield from _matches(read, read.account)
        yield from find_inside(read, restricted_in_account(read))


def other_accounts(read: ReadAttempt) -> list[Account]:
    """Accounts in a recipient beside the one that it was read as: `07700 900789, sally@example.org`."""
    to = read.attempt.to
    if "@" not in to:
        return []
    return [found.account for found in email_handle.find(to) if found.account[:2] != (read.account or ())[:2]]


def find_other_accounts(read: ReadAttempt) -> Iterator[Finding]:
    """Restrictions on a second recipient's account, which nobody asked about."""
    for account in other_accounts(read):
        yield from _matches(read, account)


def find_bare_handle(read: ReadAttempt) -> Iterator[Finding]:
    """Restrictions on a recipient that could be an account name without its @."""
    account = email_handle.read_handle(read.attempt.to)
    if account is not None:
        yield from _matches(read, account)


def confidential_account(read: ReadAttempt) -> str | None:
    """The register's value for the recipient's account; None when it holds none."""
    account = read.account
    if account is None:
        return None
    for reference in read.confidential.accounts(account.kind, account.canonical):
        return read.confidential.listing(reference.row).contacts[reference.place].value
    return None


def _matches(read: ReadAttempt, account: Account) -> Iterator[Finding]:
    for reference in read.restricted.accounts(account.kind, account.canonical):
        listing = read.restricted.listing(reference.row)
        contact = listing.contacts[reference.place]
        yield Finding(
            code=CODES[account.kind],
            matcher=account.kind,
            given=read.attempt.to,
            listed=contact.value,
            exact=True,
            steps=account.steps,
            listing=listing,
            exempt=_exempted(read, listing, account),
        )


def _exempted(read: ReadAttempt, listing: Listing, account: Account) -> bool:
    return any(
        e.prisoner == read.attempt.prisoner
        and e.contact.kind == account.kind
        and e.contact.account == account.canonical
        for e in listing.exemptions
    )
