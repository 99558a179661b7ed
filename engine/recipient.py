"""One spelling of whom an attempt goes to: however a number or an account is written, it is one recipient."""

from matchers import address, email_handle, phone
from matchers.phone import NumberClass


def recipient(channel: str, to: str, establishment: str | None = None) -> str:
    """The canonical recipient of an attempt; a local number is what it reaches at that prison.

    A number's key, an account's canonical form, an address's postcode or street with its number; the folded
    text of anything else.
    """
    if channel == "letter":
        read = address.read(to)
        where = read.postcode or read.street
        return f"{where} {' '.join(read.numbers)}" if where else _folded(to)
    if channel == "message" and (account := _account(to)) is not None:
        number = phone.read(account.canonical.partition("@")[0]) if account.kind == "email" else None
        if number is None or not number.e164 or number.tail or number.kind is NumberClass.INCOMPLETE:
            return account.canonical
        return str(number.key)  # 447700900123@s.whatsapp.net is the telephone
    number = phone.read(to, area_codes=phone.area_codes_near(establishment))
    if number.usable and number.key:
        return str(number.key)
    return _folded(to)


def _account(to: str) -> email_handle.Account | None:
    is_handle = to.lstrip().startswith("@")
    return email_handle.read_handle(to) if is_handle else email_handle.read_email(to)


def _folded(text: str) -> str:
    return " ".join(text.casefold().split())
