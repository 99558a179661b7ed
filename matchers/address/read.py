"""Reading an address, whatever its country."""

from __future__ import annotations

from matchers.address.model import Address
from matchers.address.uk import read_uk
from matchers.address.us import country_of, read_other, read_us
from matchers.address.words import fold


def read(text: str) -> Address:
    """Read an address from an envelope or a list; separated by lines, commas or nothing. Never raises."""
    folded = fold(text[:_LONGEST])
    country = country_of(folded)
    if country == "GB":
        return read_uk(text, folded)
    if country == "US":
        return read_us(text, folded)
    return read_other(text, folded)


_LONGEST = 1000  # characters: an envelope holds fewer; a longer text is somebody's letter
