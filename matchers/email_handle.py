"""E-mail addresses and account names (handles) in one canonical form, and where they stand in a text."""

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import chain
from typing import Literal, NamedTuple

from matchers import tables
from matchers.folding import search_form
from matchers.look import PLATFORM_WORDS, Look

_EMAIL = re.compile(r"[a-z0-9._%+'&=~-]{1,64}@[a-z0-9-]+(?:\.[a-z0-9-]+)+")
_HANDLE = re.compile(r"(?<![\w@.])@([a-z0-9_][a-z0-9_.\-]{1,63})")
# On text whose runs of white space have become one space each.
_AT = re.compile(
    r" ?[\[({<*_-] ?(?:at|a|@) ?[\])}>*_-] ?"
    r"| at (?=[a-z0-9-]{1,63} ?(?:\.|[\[({]? ?(?:dot|full stop)\b))"
    r"| ?@ ?"
)
_DOT = re.compile(r" ?[\[({<*_-] ?(?:dot|\.) ?[\])}>*_-] ?| (?:dot|full stop|period) ")
_LOOSE_DOT = re.compile(r"(?<=[a-z0-9]) ?\. ?(?=[a-z]{2,10}\b)")
_SIGN_OF_SPELLING = re.compile(r"[\[({<*_-](?:(?<=[\[({]) ?|)a").search
_AT_A_DOMAIN = re.compile(r" at [a-z0-9-]+ ?\.").search
# A word with a digit, an underscore or a full stop inside: sally_j92, sally.j92.
_NAME_SHAPE = re.compile(
    r"(?<![\w@./-])(?=[a-z0-9._-]*[a-z])(?=[a-z.-]*[0-9_]|[a-z0-9_-]*\.[a-z0-9])"
    r"[a-z0-9_][a-z0-9_.-]{3,63}(?![\w@.-])"
)
_PLATFORM = (
    r"(?:insta(?:gram)?|ig|snap(?:chat)?|sc|fb|face ?book|tik ?tok|tt|twitter|x|telegram|tg|discord|kik"
    r"|threads|linkedin|reddit|twitch|youtube|whats ?app|messenger|skype|signal|vk|bluesky|onlyfans)"
)
_HAS_PLATFORM = re.compile(rf"\b{_PLATFORM}\b").search
_ON_PLATFORM = re.compile(
    rf"\b{_PLATFORM}(?:\.[a-z.]{{2,6}}/(?:@|add/|in/|u/|user/)?"
    r"|\W{0,3} (?:is |name |handle |me |her |@ ?)?| ?[:@=-]+ ?@?)"
    r"([a-z0-9_][a-z0-9_.-]{2,63})(?!@)"
)
_THEN_PLATFORM = re.compile(
    rf"(?<![\w@.-])([a-z0-9_][a-z0-9_.-]{{2,63}})[ ,]{{1,2}}(?:is her |her |on |\()? ?{_PLATFORM}\b"
)
_PAGES = [f"{site}/{before}" for site, before, _ in tables.rows("profile_links")]
_ANY_PART = "[^/\\s]+"
_LINKED = re.compile(
    r"(?<![\w@.-])(?:https?://)?(?:(?:www|m|mobile|web|en-gb|uk)\.)?(?:"
    + "|".join(re.escape(page).replace(r"\*", _ANY_PART) for page in sorted(_PAGES, key=len, reverse=True))
    + r")@?([a-z0-9_](?:[a-z0-9_.\-]{0,62}[a-z0-9_\-])?)(?=[/?#&\s,;:)!'\".]|$)"
)
"""A link to a person's page, with the account's name; the longest way to it first."""
_NAMED_BY_SITE = re.compile(r"(?<![\w@.-])(?:https?://)?([a-z][a-z0-9_]{3,31})\.t\.me(?![\w-]|\.\w)")
"""The same with the name before the site. Source: core.telegram.org/api/links."""
_BLUESKY = ".bsky.social"
"""What stands behind most names of a network, and is left out by who says them."""
_NO_NAMES = frozenset(
    "p reel reels watch share groups events hashtag status explore intent send stories login home search"
    " pages people profile.php add in u user c channel users invite profile id profiles joinchat"
    " addstickers i".split()
)
"""What stands in the place of a name and is none: a post, a group, a search."""
_BRACKETED = re.compile(r"[^<>]*<([^<>]+)>")
_QUOTED = re.compile(r'^"([^"@\s]+)"@')
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


@lru_cache(maxsize=16)  # what a field holds, how it is found and how it is compared are asked for in turn
def read_email(text: str) -> Account | None:
    """Read one e-mail address, plain or spelled out ("sally at example dot org"); None when it is none."""
    given = search_form(text).strip()
    bracketed = _BRACKETED.fullmatch(given)
    given = (bracketed[1] if bracketed else given).removeprefix("mailto:").strip().rstrip(".")
    given = _QUOTED.sub(r"\1@", given)
    spelled = _spelled_out(given)
    if _EMAIL.fullmatch(spelled) is None:
        spelled = spelled.replace(" .", ".").replace(". ", ".")
    if _EMAIL.fullmatch(spelled) is None:
        return None
    return _email(spelled, ("spelled-out address read",) if spelled != given else ())


@lru_cache(maxsize=16)
def read_handle(text: str) -> Account | None:
    """Read one account name, with or without its @; None when it holds none."""
    name = search_form(text).strip().removeprefix("@").rstrip(".")
    if not re.fullmatch(r"[a-z0-9_][a-z0-9_.\-]{1,63}", name):
        return None
    return Account("handle", name, ())


def find(text: str, look: Look | None = None) -> Iterator[FoundAccount]:
    """E-mail addresses and account names in a text: with an @, in a link, beside the name of a platform.

    A word that only an account name looks like ("sally_j92") is one too. Cheap where a text holds no such
    thing. Each is to be looked up; none means anything by itself. `look` is the text as it was looked at
    before, where it was.
    """
    look = look or Look(text)
    folded = look.searched
    seen: set[str] = set()
    if _may_be_spelled_out(look):
        spelled = _spelled_out(folded)
        for form in dict.fromkeys((folded, spelled, _LOOSE_DOT.sub(".", spelled))):
            steps = () if form is folded else ("spelled-out address read",)
            for given in dict.fromkeys(_EMAIL.findall(form)):
                account = _email(given.strip("."), steps)
                if account.canonical not in seen:
                    seen.add(account.canonical)
                    yield FoundAccount(account, given)
        for name in dict.fromkeys(_HANDLE.findall(folded)):
            yield from _handle(name, f"@{name}", seen)
    if not _may_name_an_account(look):
        return
    words = dict.fromkeys(folded.split())
    for word in words:
        if "/" in word or ".t.me" in word:
            yield from _linked(word, seen)
    odd = [word for word in words if not word.isalpha() and not _plain(word.strip(".,!?"))]
    for word in odd:
        for match in _NAME_SHAPE.finditer(word):
            yield from _handle(match[0], match[0], seen)
    if not words.keys().isdisjoint(PLATFORM_WORDS) or any(map(_HAS_PLATFORM, odd)):
        named = chain(_ON_PLATFORM.finditer(folded), _THEN_PLATFORM.finditer(folded))
        for name, given in dict.fromkeys((match[1], match[0]) for match in named):
            yield from _handle(name, given, seen)


def linked(text: str) -> Iterator[FoundAccount]:
    """The accounts whose pages a text links to: `t.me/sallyj`, `facebook.com/profile.php?id=1000123`."""
    return _linked(search_form(text), set())


def _linked(folded: str, seen: set[str]) -> Iterator[FoundAccount]:
    for match in chain(_LINKED.finditer(folded), _NAMED_BY_SITE.finditer(folded)):
        for name in dict.fromkeys((match[1], match[1].removesuffix(_BLUESKY))):
            if name not in _NO_NAMES and len(name) > 1 and name not in seen:
                seen.add(name)
                yield FoundAccount(Account("handle", name, ("link to a page read",)), match[0])


def _may_name_an_account(look: Look) -> bool:
    """Whether a word has signs or digits inside, or is a platform's name."""
    if not look.searched.isascii():
        return True
    if not look.plain_words and _INSIDE_A_WORD(look.searched):
        return True
    return look.names_a_platform


def _may_be_spelled_out(look: Look) -> bool:
    """Whether a text holds an @, or what may stand for one or for the full stop behind it."""
    folded = look.searched
    return (
        "dot" in folded
        or "full stop" in folded
        or (b"@" in look.odd_signs)
        or (look.odd_signs != b"" and _SIGN_OF_SPELLING(folded) is not None)
        or (" at " in folded and follows_at(folded))
    )


def may_spell_out(word: str) -> bool:
    """Whether a word may stand for the full stop of an address, by itself or with the next one."""
    return "dot" in word or word.endswith("full")


def follows_at(folded: str) -> bool:
    """Whether behind "at" stands what may be a domain."""
    return _AT_A_DOMAIN(folded) is not None


_LETTERS_AND_DIGITS = b"abcdefghijklmnopqrstuvwxyz0123456789"
_SPACED = bytes(code if code in _LETTERS_AND_DIGITS else 32 for code in range(256))
# Begins with what is rare in prose: an underscore; a digit beside a letter; a full stop or dash inside.
_INSIDE_A_WORD = re.compile(
    r"[_0-9.-](?:(?<=_)|(?<=[a-z][0-9])|(?<=[0-9])(?:[a-z]|[.-][a-z.-])|(?<=[a-z][.-])[a-z0-9.-])"
).search


def _plain(word: str) -> bool:
    return word.isalpha() or word.isdigit()


def _handle(name: str, given: str, seen: set[str]) -> Iterator[FoundAccount]:
    name = name.rstrip(".-")
    for form in dict.fromkeys((name, name.strip("_"))):
        if len(form) > 1 and form not in seen:
            seen.add(form)
            yield FoundAccount(Account("handle", form, () if "@" in given else ("the account name",)), given)


@lru_cache(maxsize=1 << 14)
def squeezed_forms(kind: str, canonical: str) -> tuple[str, ...]:
    """An account without its signs, as it is still known when others or none stand in it.

    `sal.jones@gmail.com` is saljonesgmail (whatever is behind), `sally_jones92` sallyjones92; () when too
    little is left to be told from words.
    """
    if kind == "email":
        local, _, domain = canonical.partition("@")
        form = _SIGNS.sub("", local) + _SIGNS.sub("", domain.split(".")[0])
        return (form,) if len(form) >= _SHORTEST_SQUEEZED + 2 else ()
    form = _SIGNS.sub("", canonical)
    enough = _SHORTEST_SQUEEZED if any(map(str.isdigit, form)) else _SHORTEST_SQUEEZED + 2
    return (form,) if len(form) >= enough else ()


_SIGNS = re.compile(r"[^a-z0-9]+")
_SIGNS_AND_DIGITS = re.compile(r"[^a-z]")
_SAID_SIGNS = re.compile(r"\b(?:at|dot|full ?stop|period|underscore|under ?score|dash|hyphen|hash|on)\b")
_SAID_SIGN_WORDS = tuple(
    f" {word} ".encode()
    for word in "at|dot|full stop|fullstop|period|underscore|under score|dash|hyphen|hash|on".split("|")
)
_SHORTEST_SQUEEZED = 6
"""Letters and digits of the shortest account that is known without its signs."""


def find_squeezed(text: str, forms: Iterable[str], look: Look | None = None) -> Iterator[tuple[str, str]]:
    """Squeezed accounts in a text with any signs, or words for signs, between: (form, the words).

    `look` is the text as it was looked at before, where it was.
    """
    look = look or Look(text)
    folded = look.searched
    plain = look.squeezed
    without_said: str | None = None
    for form in forms:
        match = _spread(form).search(folded) if form in plain else None
        if match is None and (form in plain or _may_begin(form, look.distinct)):
            if without_said is None:
                without_said = _without_said_signs(look.encoded.translate(_SPACED))
            if form not in without_said:
                continue
            match = _spread(form).search(_SAID_SIGNS.sub(" ", folded))
        if match is not None:
            yield form, match[0]


def _without_said_signs(spaced: bytes) -> str:
    words = b" " + spaced + b" "
    for sign in _SAID_SIGN_WORDS:
        words = words.replace(sign, b" ")
    return words.replace(b" ", b"").decode()


def begins(form: str) -> frozenset[str]:
    """Words of which a text of plain words has one if it holds a squeezed account; a digit is any number."""
    return _beginnings(form) or frozenset(form[0])


def _may_begin(form: str, words: frozenset[str]) -> bool:
    """Whether one of a text's runs of letters can be the beginning of a form."""
    return form[0].isdigit() or not _beginnings(form).isdisjoint(words)


@lru_cache(maxsize=1 << 12)
def _beginnings(form: str) -> frozenset[str]:
    """What the first letters of a form can be, which signs or words for signs divide from the rest."""
    letters = _SIGNS_AND_DIGITS.split(form, maxsplit=1)[0]
    return frozenset(letters[:stop] for stop in range(1, len(letters) + 1))


@lru_cache(maxsize=1 << 12)
def _spread(form: str) -> re.Pattern[str]:
    """The form with up to five signs between any two of its characters, as whole words."""
    return re.compile(r"(?<![a-z0-9])" + r"[^a-z0-9]{0,5}".join(form) + r"(?![a-z])")


def _spelled_out(folded: str) -> str:
    return _DOT.sub(".", _AT.sub("@", " ".join(folded.split())))


def _email(address: str, steps: tuple[str, ...]) -> Account:
    local, _, domain = address.rpartition("@")
    if "xn--" in domain:
        domain, given = _in_plain_letters(domain), domain
        if domain != given:
            steps = (*steps, "domain decoded from its ASCII form")
    plain_local = local.split("+")[0] or local
    if plain_local != local:
        steps = (*steps, "the part behind + dropped")
    if domain in _GOOGLE:
        dotless = plain_local.replace(".", "")
        if dotless != plain_local:
            steps = (*steps, "dots dropped, which this provider ignores")
        plain_local, domain = dotless, _GOOGLE[0]
    return Account("email", f"{plain_local}@{domain}", steps)


def _in_plain_letters(domain: str) -> str:
    """An internationalised domain as it is read, without accents; as given where it is none (RFC 3492)."""
    try:
        return search_form(domain.encode("ascii").decode("idna"))
    except UnicodeError:
        return domain
