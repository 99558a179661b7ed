"""E-mail addresses and account names (handles) in one canonical form, and where they stand in a text."""

import re
from collections.abc import Iterator
from typing import Literal, NamedTuple

from matchers.folding import search_form

_EMAIL = re.compile(r"[a-z0-9._%+'&=~-]{1,64}@[a-z0-9-]+(?:\.[a-z0-9-]+)+")
_HANDLE = re.compile(r"(?<![\w@.])@([a-z0-9_][a-z0-9_.\-]{1,63})")
# On text whose runs of white space have become one space each.
_AT = re.compile(r" ?[\[({<] ?(?:at|@) ?[\])}>] ?| at (?=[a-z0-9-]{1,63} ?(?:\.|[\[({]? ?dot\b))| ?@ ?")
_DOT = re.compile(r" ?[\[({<] ?(?:dot|\.) ?[\])}>] ?| dot ")
_BRACKETED = re.compile(r"[^<>]*<([^<>]+)>")
_GOOGLE = ("gmail.com", "googlemail.com")


class Account(NamedTuple):
    """An e-mail address or handle in canonical form, with the steps that made it so."""

    kind: Literal["email", "handle"]
    canonical: str
    steps: tuple[str, ...]


class FoundAccount(NamedTuple):
    """An account found in a text: the account and the words it was read from."""

    account: Account
    given: str


def read_email(text: str) -> Account | None:
    """Read one e-mail address, plain or spelled out ("sally at example dot org"); None when it is none."""
    given = search_form(text).strip()
    bracketed = _BRACKETED.fullmatch(given)
    given = (bracketed[1] if bracketed else given).removeprefix("mailto:").strip()
    spelled = _spelled_out(given)
    if _EMAIL.fullmatch(spelled) is None:
        spelled = spelled.replace(" .", ".").replace(". ", ".")
    if _EMAIL.fullmatch(spelled) is None:
        return None
    return _email(spelled, ("spelled-out address read",) if spelled != given else ())


def read_handle(text: str) -> Account | None:
    """Read one account name, with or without its @; None when it holds none."""
    name = search_form(text).strip().removeprefix("@").rstrip(".")
    if not re.fullmatch(r"[a-z0-9_][a-z0-9_.\-]{1,63}", name):
        return None
    return Account("handle", name, ())


def find(text: str) -> Iterator[FoundAccount]:
    """E-mail addresses and @handles in a text; cheap when it holds neither an @ nor a spelled-out dot."""
    folded = search_form(text)
    if "@" not in folded and "dot" not in folded and "(at" not in folded and "[at" not in folded:
        return
    seen = set()
    for form in dict.fromkeys((folded, _spelled_out(folded))):
        for match in _EMAIL.finditer(form):
            account = _email(match[0].strip("."), () if form is folded else ("spelled-out address read",))
            if account.canonical not in seen:
                seen.add(account.canonical)
                yield FoundAccount(account, match[0])
        for match in _HANDLE.finditer(folded if form is folded else ""):
            name = match[1].rstrip(".-")
            if name not in seen:
                seen.add(name)
                yield FoundAccount(Account("handle", name, ()), match[0])


def _spelled_out(folded: str) -> str:
    return _DOT.sub(".", _AT.sub("@", " ".join(folded.split())))


def _email(address: str, steps: tuple[str, ...]) -> Account:
    local, _, domain = address.rpartition("@")
    plain_local = local.split("+")[0] or local
    if plain_local != local:
        steps = (*steps, "the part behind + dropped")
    if domain in _GOOGLE:
        dotless = plain_local.replace(".", "")
        if dotless != plain_local:
            steps = (*steps, "dots dropped, which this provider ignores")
        plain_local, domain = dotless, _GOOGLE[0]
    return Account("email", f"{plain_local}@{domain}", steps)
