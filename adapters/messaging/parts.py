"""The parts of an e-mail: what a reader may see of each, and what of it nobody could read."""

from __future__ import annotations

import binascii
import quopri
import re
from collections.abc import Iterator
from contextlib import suppress
from email.message import EmailMessage

from adapters.messaging.pages import ReplyDoubt, once, read_page
from engine.jsonl import LONGEST_BODY

MOST_TAGS = 2_000
"""Tags in all HTML of an e-mail; what a person wrote has some hundreds."""

LONGEST_HEADER = 4 * 1024
"""Characters of a header of an e-mail that is read: the standard library takes long over hostile ones."""
_OF_THE_WHOLE = re.compile(r"from|to|cc|bcc|subject|x-prisoner-number|x-establishment", re.I).fullmatch
"""What the e-mail is about, whom it is from and whom it goes to: read by themselves."""
_KINDS = (
    r"text/(?:plain|html|csv|calendar|vcard|markdown|enriched)|image/[a-z]{3,4}|application/octet-stream"
    r"|multipart/(?:mixed|alternative|related|signed)"
)
_PARAMETERS = (
    r"charset=\"?[-\w]{4,12}\"?|format=\"?flowed\"?|delsp=\"?(?:yes|no)\"?"
    r"|method=\"?[a-z]{4,9}\"?|(?:file)?name=[^;]*"
)
_DATE = r"(?:[a-z]{3}, )?\d{1,2} [a-z]{3} 20\d\d \d\d:\d\d(?::\d\d)? (?:[-+]\d{4}|gmt)"
_SAYS_NOTHING = re.compile(
    rf"date: ?{_DATE}|mime-version: ?1\.0|content-transfer-encoding: ?[-a-z0-9]{{4,16}}"
    r"|(?:(?:x-)?priority|importance): ?(?:[1-5]|low|normal|high)"
    rf"|content-(?:disposition: ?(?:inline|attachment)|type: ?(?:{_KINDS}))(?:; *(?:{_PARAMETERS}))*",
    re.I | re.S,
).fullmatch
"""Headers that hold nothing but words of the standards; names of files are read by themselves."""

_CHARSET = re.compile(
    r"us-ascii|ascii|utf-8|utf8|iso-8859-\d{1,2}|latin-?1|windows-125\d|cp125\d|koi8-[ru]|gb2312|gbk|gb18030"
    r"|big5|euc-kr|euc-jp|shift_jis"
).fullmatch
_PLAIN = frozenset({"plain", "csv", "tab-separated-values", "markdown"})
_CARDS = frozenset({"calendar", "vcard", "x-vcard", "directory", "x-vcalendar"})
_MARKED_UP = frozenset({"html", "xml", "enriched", "richtext"})
_BY_ENDING = {
    "txt": "plain",
    "text": "plain",
    "csv": "csv",
    "md": "markdown",
    "ics": "calendar",
    "vcf": "vcard",
    "htm": "html",
    "html": "html",
}
"""What a program makes of a file by the end of its name, whatever the e-mail calls it."""
_ENDING = re.compile(r"\.([a-z0-9]{1,5})\W*$", re.I)
_CODINGS = frozenset(
    {"", "7bit", "8bit", "binary", "base64", "quoted-printable", "x-uuencode", "uuencode", "uue", "x-uue"}
)
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0e-\x1f]|\A(?:\{\\rtf|%PDF-|PK\x03|\s*<svg)")
"""What no text holds: then it is another file, whatever it is called."""
_META_CHARSET = re.compile(r"<meta[^>]{0,200}charset\s*=\s*[\"']?\s*([\w.:-]+)", re.I)
_FOLDED = re.compile(r"\r?\n[ \t]")
_QUOTED_VALUE = re.compile(
    r"(?im)^[^:\r\n]{0,99}QUOTED-PRINTABLE[^:\r\n]{0,99}:.*+(?:(?:(?<==)|(?<==\r))\n.*+)*"
)
_CARD_ESCAPE = re.compile(r"\\([\\,;nN])")
_CARD_BINARY = re.compile(
    r"(?im)^(?:[\w.-]+\.)?(?:PHOTO|LOGO|SOUND|KEY|ATTACH|IMAGE)\b|ENCODING=(?:B|BASE64)\b|\bdata:"
)
_ARMOUR = re.compile(r"-----BEGIN PGP (?:MESSAGE|PUBLIC|PRIVATE)|^=ybegin |^-----BEGIN [A-Z ]+-----", re.M)
_UUENCODED = re.compile(r"begin(?:-base64)? [0-7]{3,4} (.*)").fullmatch
_BASE64 = re.compile(
    r"^[> \t]*[A-Za-z0-9+/]{40,}[ \t\r]*\n(?:[> \t]*[A-Za-z0-9+/]{4,}={0,2}[ \t\r]*(?:\n|\Z))+", re.M
)
_BASE64_WORD = re.compile(r"(?<![\w+/=-])[\w+/-]{12,}+(?:={1,2}|(?![=]))", re.ASCII)
_HEXADECIMAL_DIGITS = re.compile(r"(?<![0-9a-f])(?:(?:=|%|0x|\\x|\\u00)?3[0-9][\s:,;-]?){9,}+", re.I)
"""The codes of so many digits one behind the other, as programs write them."""
_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff"
    "\U000e0100-\U000e01ef]{9,}"
)
LONGEST_PADDING = 8
"""Unseen signs that are repeated behind the first words of a newsletter; what repeats nothing is a code."""
_BETWEEN_LINES = re.compile(r"[>\s]+")


class PartError(ValueError):
    """A part that is broken, or too much, in words that name the field and repeat no value."""

    def __init__(self, field: str, what: str) -> None:
        super().__init__(f"{field}: {what}")
        self.field = field
        self.what = what


class ReplyText:
    """What a reader may see of an e-mail, gathered part by part, and what could not be read."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self.beside: list[str] = []
        """What goes with the e-mail though a reader has to look for it."""
        self.doubts: set[ReplyDoubt] = set()
        self._tags = 0
        self._boundaries: set[str] = set()

    def add(self, part: EmailMessage, *, is_whole: bool) -> None:
        """One part: what its headers say, its text. `is_whole` is the e-mail itself.

        Raises PartError for what is broken or too much.
        """
        if _is_told_twice(part):
            self.doubts.add(ReplyDoubt.TOLD_TWICE)
        if boundary := part.get_boundary():
            self._boundaries.add(f"--{boundary}")
        names = list(_names(part))
        self.texts += names
        for around in (part.preamble, part.epilogue):
            self.texts.append(around or "")
        if part.is_multipart():
            if part.get_content_maintype() != "multipart":  # an e-mail within it, with headers of its own
                self.doubts.add(ReplyDoubt.ATTACHMENT)
        else:
            self._add_leaf(part, names)
        self._add_headers(part, is_whole=is_whole)
        for defect in part.defects:
            raise PartError("e-mail", f"broken MIME: {type(defect).__name__}")

    def _add_headers(self, part: EmailMessage, *, is_whole: bool) -> None:
        """All that goes with the e-mail: what a program shows to nobody arrives too, whoever wrote it."""
        for name, value in part.raw_items():
            if (is_whole and _OF_THE_WHOLE(name)) or _SAYS_NOTHING(f"{name}: {value}".strip()):
                continue
            if len(value) > LONGEST_HEADER:
                self.doubts.add(ReplyDoubt.UNREADABLE_TEXT)
            else:
                said = str(part.policy.header_fetch_parse("comments", value)).strip("<> ")  # as it stands
                self.beside.append(f"{name}: {said}")

    def _add_leaf(self, part: EmailMessage, names: list[str]) -> None:
        kind, subtype = part.get_content_maintype(), part.get_content_subtype()
        endings = {match[1].lower() for name in names if (match := _ENDING.search(name))}
        by_ending = {_BY_ENDING[ending] for ending in endings if ending in _BY_ENDING}
        if kind == "text":
            for one in dict.fromkeys((subtype, *by_ending)):
                self._add_text(part, one, names)
        elif kind == "application" and len(endings) == 1 == len(by_ending):
            self._add_text(part, by_ending.pop(), names)
        else:
            self.doubts.add(ReplyDoubt.PICTURE if kind == "image" else ReplyDoubt.ATTACHMENT)

    def _add_text(self, part: EmailMessage, subtype: str, names: list[str]) -> None:
        said = part.get_payload(decode=True)
        if not isinstance(said, bytes):
            raise PartError("e-mail", "broken MIME")
        if str(part.get("content-transfer-encoding", "")).strip().lower() not in _CODINGS:
            self.doubts.add(ReplyDoubt.UNREADABLE_TEXT)
        text = self._decoded(said, str(part.get_content_charset("utf-8")))
        if len(text) > LONGEST_BODY:
            raise PartError("body", f"longer than {LONGEST_BODY:,} characters")
        if _CONTROL.search(text):
            self.doubts.add(ReplyDoubt.ATTACHMENT)
        if subtype in _CARDS:
            self._add_card(text)
        elif subtype in _PLAIN:
            self._add_plain(text, str(part.get_param("delsp", "")))
        else:
            self._add_page(text)
            if subtype not in _MARKED_UP:
                self.doubts.add(ReplyDoubt.ATTACHMENT)

    def _decoded(self, said: bytes, charset: str) -> str:
        if _CHARSET(charset.lower()):
            for one in (charset, "utf-8") if charset.lower() in ("us-ascii", "ascii") else (charset,):
                try:
                    return said.decode(one)
                except (UnicodeDecodeError, LookupError):
                    continue
        self.doubts.add(ReplyDoubt.UNREADABLE_TEXT)
        return said.decode("utf-8", "replace")

    def _add_plain(self, text: str, delsp: str) -> None:
        self.texts.append(text)
        if (
            delsp.lower() == "yes"
        ):  # RFC 3676, 4.2: a line that ends in a space goes on in the next, without it
            self.texts.append(re.sub(r" \r?\n", "", text))
        self._add_coded(text)

    def _add_coded(self, text: str) -> None:
        """What stands in a text in code: read where it is text, else a doubt."""
        if _ARMOUR.search(text):
            self.doubts.add(ReplyDoubt.CODED)
        for name, lines in _uuencoded(text):
            self.texts.append(name)
            self._add_octets(_uudecoded(lines))
        for block in _BASE64.findall(text):
            try:
                self._add_octets(binascii.a2b_base64(_BETWEEN_LINES.sub("", block)))
            except binascii.Error:
                self.doubts.add(ReplyDoubt.CODED)

    def _add_octets(self, said: bytes) -> None:
        try:
            text = said.decode()
        except UnicodeDecodeError:
            text = ""
        if not text or _CONTROL.search(text):
            self.doubts.add(ReplyDoubt.CODED)
        self.texts.append(text)

    def _add_card(self, text: str) -> None:
        if _CARD_BINARY.search(text):
            self.doubts.add(ReplyDoubt.PICTURE)
        for value in _QUOTED_VALUE.findall(text):
            self.texts.append(quopri.decodestring(value.encode()).decode("utf-8", "replace"))
        unfolded = _FOLDED.sub("", text)
        self.texts.append(_CARD_ESCAPE.sub(lambda sign: "\n" if sign[1] in "nN" else sign[1], unfolded))

    def _add_page(self, text: str) -> None:
        self._tags += text.count("<")
        if self._tags > MOST_TAGS:
            raise PartError("body", f"HTML with more than {MOST_TAGS:,} tags")
        if any(not _CHARSET(charset.lower()) for charset in _META_CHARSET.findall(text)):
            self.doubts.add(ReplyDoubt.UNREADABLE_TEXT)
        page = read_page(text)
        self.texts.append(page.text)
        self.doubts |= page.doubts
        self._add_coded(page.text)

    def text(self) -> str:
        """All of it, each once. A line that some program takes for the end of a part is a doubt."""
        text = "\n".join(once([*self.texts, *self.beside]))
        text = "\n".join(once([text, *_decoded_words(text)]))
        if not all(map(_is_padding, _INVISIBLE.findall(text))):
            self.doubts.add(ReplyDoubt.CODED)
        if self._boundaries and any(line.startswith(tuple(self._boundaries)) for line in text.splitlines()):
            self.doubts.add(ReplyDoubt.TOLD_TWICE)
        return text


_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*+"?', re.S)
_PARAMETER = re.compile(r";\s*+([^\s;=*]++)\s*+(\*\d+)?")
_WITH_PARAMETERS = frozenset({"content-type", "content-disposition"})


def _is_told_twice(part: EmailMessage) -> bool:
    """Whether a header that says what the part is, or a parameter of it, is there twice, or has a comment.

    Programs differ in which of them counts: what is one thing to us may be another to the reader.
    """
    told = [(name.strip().lower(), value) for name, value in part.raw_items()]
    told = [(name, value) for name, value in told if name.startswith("content-")]
    for name, value in told:
        plain = _QUOTED.sub('""', value)
        parameters = [(one.lower(), place) for one, place in _PARAMETER.findall(plain)]
        whole = {one for one, place in parameters if not place}
        is_twice = len(parameters) != len(set(parameters)) or any(p and one in whole for one, p in parameters)
        if name in _WITH_PARAMETERS and (is_twice or "(" in plain):
            return True
    return len(told) != len({name for name, _ in told})


_OF_THE_FORMAT = frozenset("boundary charset format delsp type start protocol micalg reply-type size".split())


def _names(part: EmailMessage) -> Iterator[str]:
    """What the headers of a part say to a reader: names of a file, each way that they are given."""
    yield part.get_filename("") or ""
    for header in ("content-type", "content-disposition"):
        for name, value in (part.get_params(header=header) or [])[1:]:
            if name.lower() not in _OF_THE_FORMAT:
                yield value if isinstance(value, str) else str(value[-1])
    for header in ("content-description", "content-location"):
        yield str(part.get(header, ""))


def _decoded_words(text: str) -> Iterator[str]:
    """What stands in one word in base64, or as the codes of digits, where it is text. Ids are none."""
    for word in _BASE64_WORD.findall(text):
        octets = word.rstrip("=").translate(_URL_SAFE)
        with suppress(binascii.Error, UnicodeDecodeError):
            said = binascii.a2b_base64(octets + "=" * (-len(octets) % 4)).decode()
            if said.isprintable() or not _CONTROL.search(said):
                yield said
    for codes in _HEXADECIMAL_DIGITS.findall(text):
        yield "".join(_CODE_OF_DIGIT.findall(codes))


_URL_SAFE = str.maketrans("-_", "+/")
_CODE_OF_DIGIT = re.compile(r"3([0-9])")


def _is_padding(unseen: str) -> bool:
    """Whether these signs are a few, over and over."""
    return any(
        unseen == (unseen[:most] * len(unseen))[: len(unseen)] for most in range(1, LONGEST_PADDING + 1)
    )


def _uuencoded(text: str) -> list[tuple[str, list[str]]]:
    """Files in a text, each with its name and its lines as far as they go."""
    files: list[tuple[str, list[str]]] = []
    found: tuple[str, list[str]] | None = None
    for line in text.splitlines():
        if begins := _UUENCODED(line):
            found = begins[1], []
            files.append(found)
        elif line.strip() in ("end", "===="):
            found = None
        elif found is not None:
            found[1].append(line)
    return files


def _uudecoded(lines: list[str]) -> bytes:
    """What they hold; nothing where a line is broken."""
    try:
        return b"".join(map(binascii.a2b_uu, lines))
    except binascii.Error:
        return b""
