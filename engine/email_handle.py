"""The e-mail address or account name of a message's recipient against the restricted ones."""

from collections.abc import Iterator

from engine.dialled import find_inside, restricted_in_account
from engine.finding import Finding
from engine.listing import Listing
from engine.model import ReasonCode
from engine.read_attempt import Case
from matchers import email_handle
from matchers.email_handle import Account

CODES = {"email": ReasonCode.RESTRICTED_EMAIL, "handle": ReasonCode.RESTRICTED_HANDLE}


def find_account(case: Case) -> Iterator[Finding]:
    """Restrictions on the recipient's account, and on a number that stands in it: 447...@s.whatsapp.net."""
    if case.account is not None:
        yield from _matches(case, case.account)
        yield from find_inside(case, restricted_in_account(case))


def find_bare_handle(case: Case) -> Iterator[Finding]:
    """Restrictions on a recipient that could be an account name without its @."""
    account = email_handle.read_handle(case.attempt.to)
    if account is not None:
        yield from _matches(case, account)


def confidential_account(case: Case) -> str | None:
    """The register's value for the recipient's account; None when it holds none."""
    account = case.account
    if account is None:
        return None
    for reference in case.confidential.accounts(account.kind, account.canonical):
        return case.confidential.listing(reference.row).contacts[reference.place].value
    return None


def _matches(case: Case, account: Account) -> Iterator[Finding]:
    for reference in case.restricted.accounts(account.kind, account.canonical):
        listing = case.restricted.listing(reference.row)
        contact = listing.contacts[reference.place]
        yield Finding(
            code=CODES[account.kind],
            matcher=account.kind,
            given=case.attempt.to,
            listed=contact.value,
            steps=account.steps,
            listing=listing,
            contact=contact,
            exempt=_exempted(case, listing, account),
        )


def _exempted(case: Case, listing: Listing, account: Account) -> bool:
    return any(
        e.prisoner == case.attempt.prisoner
        and e.contact.kind == account.kind
        and e.contact.account == account.canonical
        for e in listing.exemptions
    )
