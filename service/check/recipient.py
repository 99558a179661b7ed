"""One spelling of whom an attempt goes to: however a number is written, it is one recipient."""

from matchers import address, phone


def recipient(channel: str, to: str) -> str:
    """The canonical recipient, to be hashed: a number's key, an address's postcode or street with its number,
    or the folded text."""
    if channel == "letter":
        read = address.read(to)
        where = read.postcode or read.street
        return f"{where} {' '.join(read.numbers)}" if where else _folded(to)
    if "@" not in to:
        number = phone.read(to)
        if number.usable and number.key:
            return str(number.key)
    return _folded(to)


def _folded(text: str) -> str:
    return " ".join(text.casefold().split())
