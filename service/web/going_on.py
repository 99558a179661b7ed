"""Where a sign-in leads on to: a page of ours, and nowhere else."""

from __future__ import annotations

import re

LONGEST_ADDRESS = 500
"""Of a page that the sign-in leads on to."""
_page_of_ours = re.compile(r"/(?:[\w.~%?=&;:@+,-][\w.~%?=&;:@+,/-]*)?", re.ASCII).fullmatch


def ours(address: str) -> str:
    """An address of a page of ours to go on to: the beginning in the place of any other."""
    is_ours = _page_of_ours(address) is not None and len(address) <= LONGEST_ADDRESS
    return address if is_ours and not address.startswith(("/sign-in", "/sign-out")) else "/"
