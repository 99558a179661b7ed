"""E-mail addresses and account names of a prisoner's own restrictions, spaced out or with other signs."""

from collections.abc import Iterator

from engine.finding import Finding
from engine.listing import ListedContact, Listing
from engine.model import ReasonCode
from engine.read_attempt import ReadAttempt
from matchers import email_handle


def find_own_accounts(read: ReadAttempt) -> Iterator[Finding]:
    """Accounts of his own restrictions in the text, whatever stands between their letters and digits."""
    listed: dict[str, tuple[Listing, ListedContact]] = {}
    for listing in read.own_listings():
        for contact in listing.contacts:
            if contact.kind in ("email", "handle"):
                for form in email_handle.squeezed_forms(contact.kind, contact.account):
                    listed.setdefault(form, (listing, contact))
    if not listed:
        return
    for form, given in email_handle.find_squeezed(read.attempt.body or "", listed, read.look):
        listing, contact = listed[form]
        yield Finding(
            code=ReasonCode.RESTRICTED_CONTENT,
            matcher=contact.kind,
            given=given,
            listed=contact.value,
            score=0.9,
            steps=("read without the signs between its letters",),
            place="content",
            listing=listing,
        )
