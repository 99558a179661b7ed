"""An HTML page as a reader sees it, all else that it says, and why somebody has to look at it.

What may be hidden is read twice, without it and with it, so that it neither hides a number nor breaks one; so
is what is set apart, as struck out: each kind of it by itself.
What a page puts elsewhere than it stands, counts up itself or fetches cannot be read off its text: a doubt.
"""

from __future__ import annotations

import re
from base64 import b64decode
from binascii import Error as NoBase64
from collections.abc import Callable, Iterable, Iterator
from enum import StrEnum
from functools import partial
from html.parser import HTMLParser
from itertools import chain, combinations, zip_longest
from typing import NamedTuple
from urllib.parse import unquote_to_bytes

from adapters.messaging.looks import Apart, Colours, apart, apart_by_style, coloured


class ReplyDoubt(StrEnum):
    """Why somebody has to look at what the check cannot, in words for staff."""

    ATTACHMENT = "an attachment that is no text"
    PICTURE = "a picture"
    FETCHED = "something that is fetched when it is opened"
    UNREADABLE_TEXT = "letters that cannot be told for sure"
    UNLIKE_ITS_LOOK = "HTML that does not look as it reads"
    CODED = "a text in code"
    TOLD_TWICE = "a part that says in two ways what it is"


class ShownPage(NamedTuple):
    """What was read of a page."""

    text: str
    doubts: frozenset[ReplyDoubt]


LONGEST_CELL = 20
"""Characters of a table's cells up to which its columns are read too: a number may stand in one."""
MOST_PIECES = 3
"""Short pieces without a digit that may stand elsewhere: a smile is a letter J in another type face."""
MOST_BLANK = 20
"""Elements with a colour or a border and no text: of so many, or of shadows, a number can be drawn."""
_SPACER = 80
"""Bytes of a picture in which no number has room: one transparent pixel has 43 to 70."""


def read_page(text: str) -> ShownPage:
    """A page, or a piece of one. Takes time with its tags and its characters."""
    text = text.replace("--!>", "-->")  # to a browser both end a comment
    parser = _Parser("\n".join(_STYLE_SHEET.findall(text)))
    parser.feed(text)
    parser.close()
    return parser.page()


def once(texts: Iterable[str]) -> Iterator[str]:
    """Texts that are not empty; one that stands there already, in the same words, is left out."""
    seen = set()
    for text in texts:
        words = " ".join(text.split())
        if words and words not in seen:
            seen.add(words)
            yield text.strip().replace("\r\n", "\n")


_BLOCKS = frozenset(
    "address article blockquote body br dd div dl dt footer form h1 h2 h3 h4 h5 h6 head header hr html li"
    " main ol option p pre section table td textarea th tr ul".split()
)
_VOID = frozenset("area base br col embed hr img input link meta param source track wbr".split())
_CLOSED_BY_ITS_LIKE = frozenset("dd dt li option p td th tr".split())
_BESIDES = frozenset({"script", "style", "template", "title"})
"""Elements of which a reader does not see the text in its place."""
_FETCHING = frozenset(
    "applet audio base embed frame iframe link object portal script source track video".split()
)
_DRAWING = frozenset({"svg", "canvas", "math", "meter", "progress", "v:shape", "v:textbox"})
_HIDDEN_TAGS = frozenset("datalist dialog noembed noframes noscript rp rt".split())
_IN_PLACE = frozenset("alt label placeholder value".split())
"""Attributes that may be shown where their element stands."""
_ADDRESSES = frozenset("src srcset background poster data codebase".split())
_LAYOUT = frozenset(
    "align alink bgcolor border cellpadding cellspacing charset class clear color colspan dir face height"
    " hspace http-equiv id lang language link method name nowrap rel role rowspan size style tabindex target"
    " type valign vlink vspace width xml:lang".split()
)
"""Attributes that say where and how, not what."""

_STYLE_SHEET = re.compile(r"<style[^>]{0,500}>(.*?)(?:</style|\Z)", re.I | re.S)
_CONDITION = re.compile(r"\[[^\]]*\]?|:.*")
_NAME_IN_RULE = re.compile(r"[.#]?[a-z][\w-]*", re.I)
_HIDES = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*(?:hidden|collapse)|opacity\s*:\s*(?:0?\.0|0(?!\.?[1-9]))"
    r"|font-size\s*:\s*(?:0|1px|\.|0\.)|(?<![-\w])(?:max-)?(?:height|width)\s*:\s*(?:0(?![.\d])|[0-3]px)"
    r"|(?<![-\w])font\s*:[^;]{0,60}?(?<![\w.#%/])(?:0(?:px|pt|r?em|%)?|1p[xt]|0?\.[0-3]\d*r?em)(?=[\s/])"
    r"|(?<![-\w])(?:zoom|scale)\s*:\s*[0.]|(?:inline|block)-size\s*:\s*0|(?<![-\w])filter\s*:(?!\s*none)|mso-hide"
    r"|(?:display|visibility|opacity|font-size)\s*:[^;]{0,40}var\s*\("
    r"|text-(?:fill-color|security)|mask(?:-image)?\s*:"
    r"|(?<![-\w])color\s*:\s*(?:white|transparent|#f{3,8}\b|rgba?\(\s*255\D+255\D+255)"
    r"|text-indent\s*:\s*-|clip(?:-path)?\s*:|(?:left|top|right)\s*:\s*-\d{3}",
    re.I,
)
_LETTERS = re.compile(r"(?<![-\w])color\s*:", re.I)
_MOVES = re.compile(
    r"direction\s*:\s*rtl|unicode-bidi|(?:row|column|wrap)-reverse|(?<![-\w])order\s*:|float\s*:\s*right"
    r"|position\s*:\s*(?:absolute|fixed|relative)|transform\s*:(?!\s*none)|writing-mode|rotate\s*:"
    r"|grid-(?:area|row|column)|(?<![-\w])(?:translate|offset|inset)[-\w]{0,20}\s*:|-webkit-order"
    r"|(?<![-\w])color\s*:[^;]{0,40}(?:var|light-dark)\s*\("  # of a digit nobody knows whether it is seen
    r"|ordinal-group|box-direction|table-(?:header|footer)-group"
    r"|margin[-\w]{0,20}\s*:[^;]{0,40}-\d|letter-spacing\s*:\s*-|wingdings|webdings",
    re.I,
)
_MAKES_TEXT = re.compile(
    r"content\s*:\s*[\"']\s*[^\"'\s]|counters?\s*\(|attr\s*\(|@counter-style|list-style[-\w]{0,20}\s*:\s*[\"']",
    re.I,
)
_FETCHES = re.compile(r"@import|(?:url|image-set)\s*\([\s\"']*+(?!cid:|#|[\"']?\))", re.I)
_DRAWN = re.compile(r"(?<![-\w])(?:background|border)", re.I)
_PAINTS = re.compile(r"(?:shadow|gradient)[^;}]{0,4000}", re.I)
_BY_PLACE = re.compile(r":(?:nth|first-child|first-of|last|only|not|is|where|has|empty)", re.I)
_CSS_ESCAPE = re.compile(r"\\([0-9a-f]{1,6})\s?", re.I)
_DIGIT_OR_LETTER = re.compile(r"\d|[^\W_]")
_RIGHT_TO_LEFT = re.compile(r"[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]")
_INLINE_DATA = re.compile(r"\s*data:([^,]{0,200}),(.*)", re.I | re.S)
_NUMBER = re.compile(r"\s*([-+]?\d{1,9})")
_HIDDEN = "\ue000"
"""Stands for what may be hidden, in a line of what is shown: a letter of private use."""


def _hides(style: str) -> bool:
    return _HIDES.search(style) is not None or (
        _LETTERS.search(style) is not None and coloured(Colours(), {}, style).is_faint
    )


def _named(
    style_sheets: str, is_meant: Callable[[str], bool], by_place: bool | None = None
) -> frozenset[str]:
    """Tags, `.classes` and `#ids` of which a rule declares what is meant; `*` for one that names none.

    `by_place`: only those that a rule picks out by where they stand, or only others.
    """
    found: set[str] = set()
    for rule in style_sheets.split("}"):
        selectors, _, declared = rule.rpartition("{")
        if is_meant(declared):
            for selector in selectors.rpartition("{")[2].split(","):
                last = selector.split()[-1:] or [""]
                if by_place is not None and (_BY_PLACE.search(last[0]) is not None) != by_place:
                    continue
                found.update(map(str.lower, _NAME_IN_RULE.findall(_CONDITION.sub("", last[0])) or ["*"]))
    return frozenset(found)


def _moves(style: str) -> bool:
    return _MOVES.search(style) is not None


def _sets_apart(how: Apart, style: str) -> bool:
    return how in apart_by_style(style)


class _Element(NamedTuple):
    tag: str
    hides: bool
    moves: bool
    besides: bool
    apart: frozenset[Apart]
    colours: Colours


class _List:
    """A numbered list, and what stands before its next item."""

    def __init__(self, attributes: dict[str, str | None]) -> None:
        self.next = _whole_number(attributes.get("start"), 1)
        self.step = -1 if "reversed" in attributes else 1
        self.kind = attributes.get("type") or "1"

    def marker(self, attributes: dict[str, str | None]) -> str:
        number = _whole_number(attributes.get("value"), self.next)
        self.next = number + self.step
        kind = attributes.get("type") or self.kind
        return _lettered(number, kind) if kind in ("a", "A") and number > 0 else str(number)


class _Parser(HTMLParser):
    def __init__(self, style_sheets: str) -> None:
        super().__init__(convert_charrefs=True)
        self._hiding = _named(style_sheets, _hides, by_place=False)
        self._moving = _named(style_sheets, _moves) | _named(style_sheets, _hides, by_place=True)
        self._apart = {how: _named(style_sheets, partial(_sets_apart, how)) for how in Apart}
        self._open: list[_Element] = []
        self._shown: list[str] = []
        self._set: list[tuple[str, frozenset[Apart]]] = []
        self._all: list[str] = []
        self._numbered: list[str] = []
        self._markers: list[str] = []
        self._besides: list[str] = []
        self._lists: list[_List] = []
        self._tables: list[list[list[list[str]]]] = []
        self._columns: list[str] = []
        self._counts_oddly = False
        self._pieces = 0
        self._blank = 0
        self._is_blank = False
        self._doubts: set[ReplyDoubt] = set()

    def set_cdata_mode(self, elem: str, **options: object) -> None:
        """Scripts and styles are read as markup too: an end that only a browser sees hides nothing."""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = dict(reversed(attrs))  # of two with one name the first counts
        self._break(tag)
        if tag in _CLOSED_BY_ITS_LIKE and self._open and self._open[-1].tag == tag:
            self._open.pop()
        if tag not in _VOID:
            self._open.append(self._element(tag, attributes))
        self._list(tag, attributes)
        self._table(tag)
        self._all += (value for name, value in attrs if value and name in _IN_PLACE)
        if "bgcolor" in attributes or _DRAWN.search(attributes.get("style") or ""):
            self._blank += 1
            self._is_blank = True
        if tag in _DRAWING:
            self._doubts.add(ReplyDoubt.PICTURE)
        if tag in _FETCHING and not _is_harmless_link(tag, attributes):
            self._doubts.add(ReplyDoubt.FETCHED)
        if tag == "meta" and (attributes.get("http-equiv") or "").lower() == "refresh":
            self._doubts.add(ReplyDoubt.FETCHED)
        for name, value in attrs:
            if value and name == "style":
                self._style(value)
            elif value and (name not in _LAYOUT or tag == "font"):
                self._attribute(tag, name, value, attributes)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag in _DRAWING or ":" in tag:  # to any other element HTML takes no notice of the stroke
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        self._break(tag)
        for place in range(len(self._open) - 1, -1, -1):
            if self._open[place].tag == tag:
                del self._open[place:]
                break
        if tag == "ol" and self._lists:
            self._lists.pop()
        if tag == "table" and self._tables:
            self._read_columns(self._tables.pop())

    def handle_data(self, data: str) -> None:
        if self._is_blank and data.strip():
            self._blank -= 1
            self._is_blank = False
        if any(one.besides for one in self._open):
            self._besides.append(data)
            if any(one.tag == "style" for one in self._open):
                self._style(data)
            return
        self._all.append(data)
        self._numbered.append(data)
        if any(one.hides for one in self._open) or (self._open and self._open[-1].colours.is_faint):
            if data.strip():
                self._shown.append(_HIDDEN)
            return
        self._shown.append(data)
        self._set.append((data, self._open[-1].apart if self._open else frozenset()))
        if self._tables and self._tables[-1] and self._tables[-1][-1]:
            self._tables[-1][-1][-1].append(data)
        if any(one.moves for one in self._open) and _is_a_piece(data):
            self._pieces += 1
            if self._pieces > MOST_PIECES or any(map(str.isdigit, data)):
                self._doubts.add(ReplyDoubt.UNLIKE_ITS_LOOK)

    def handle_comment(self, data: str) -> None:
        self._besides.append(data)
        if data.lstrip().lower().startswith("[if"):  # one mail program shows what stands in it, in its place
            inner = read_page(data.partition("]>")[2].rpartition("<![")[0])
            if inner.text.strip():
                self._all.append(inner.text)
                self._shown.append(_HIDDEN)

    def handle_decl(self, decl: str) -> None:
        self._besides.append(decl)

    def handle_pi(self, data: str) -> None:
        self._besides.append(data)

    def unknown_decl(self, data: str) -> None:
        self._besides.append(data)

    def page(self) -> ShownPage:
        """All of it, first what is shown."""
        while self._tables:
            self._read_columns(self._tables.pop())
        shown = _lines("".join(self._shown))
        if any(_HIDDEN in line and line.strip(_HIDDEN + " ") for line in shown):
            self._doubts.add(ReplyDoubt.UNLIKE_ITS_LOOK)
        texts = ["\n".join(shown).replace(_HIDDEN, ""), "\n".join(_lines("".join(self._all)))]
        if self._counts_oddly:
            texts += ["\n".join(_lines("".join(self._numbered))), " ".join(self._markers)]
            texts.append("".join(self._markers))
        texts += self._without_what_is_set_apart()
        texts += [*self._columns, *self._besides]
        texts.append(" ".join(said for said in self._besides if len(said) <= LONGEST_CELL))
        if self._blank > MOST_BLANK:
            self._doubts.add(ReplyDoubt.PICTURE)
        return ShownPage("\n".join(once(texts)), frozenset(self._doubts))

    def _without_what_is_set_apart(self) -> Iterator[str]:
        """What is shown, without one kind of it, without another, and so on to none of them."""
        kinds = sorted(frozenset[Apart]().union(*(kinds for _, kinds in self._set)))
        for left_out in chain.from_iterable(combinations(kinds, most) for most in range(1, len(kinds) + 1)):
            pieces = (data for data, kinds in self._set if kinds.isdisjoint(left_out))
            yield "\n".join(_lines("".join(pieces)))

    def _break(self, tag: str) -> None:
        if tag in _BLOCKS:
            self._set.append(("\n", frozenset()))
            for stream in (self._shown, self._all, self._numbered):
                stream.append("\n")

    def _element(self, tag: str, attributes: dict[str, str | None]) -> _Element:
        style = attributes.get("style") or ""
        named = {tag, "*", f"#{(attributes.get('id') or '').lower()}"}
        named.update(f".{name}" for name in (attributes.get("class") or "").lower().split())
        around = self._open[-1].colours if self._open else Colours()
        colours = coloured(around, attributes, style)
        hides = "hidden" in attributes or _HIDES.search(style) is not None or bool(named & self._hiding)
        white = tag == "font" and _HIDES.search(f"color:{attributes.get('color')}") is not None
        kinds = apart(tag, attributes, style) | {how for how in Apart if named & self._apart[how]}
        kinds |= self._open[-1].apart if self._open else frozenset()
        moves = _moves(style) or _moves(attributes.get("face") or "") or bool(named & self._moving)
        turned = tag == "bdo" or (attributes.get("dir") or "").lower() == "rtl"
        hides = hides or white or tag in _HIDDEN_TAGS
        return _Element(tag, hides, moves or turned, tag in _BESIDES, kinds, colours)

    def _list(self, tag: str, attributes: dict[str, str | None]) -> None:
        if tag == "ol":
            self._lists.append(_List(attributes))
        if tag in ("ol", "li") and attributes.keys() & {"start", "value", "reversed", "type"}:
            self._counts_oddly = True
        if tag == "li" and self._lists:
            marker = self._lists[-1].marker(attributes)
            self._markers.append(marker)
            self._numbered.append(f"{marker}. ")

    def _table(self, tag: str) -> None:
        if tag == "table":
            self._tables.append([])
        elif tag == "tr" and self._tables:
            self._tables[-1].append([])
        elif tag in ("td", "th") and self._tables and self._tables[-1]:
            self._tables[-1][-1].append([])

    def _read_columns(self, table: list[list[list[str]]]) -> None:
        rows = [["".join(cell).strip() for cell in row] for row in table]
        if len(rows) > 1 and all(len(cell) <= LONGEST_CELL for row in rows for cell in row):
            self._columns += (" ".join(column) for column in zip_longest(*rows, fillvalue=""))

    def _style(self, style: str) -> None:
        plain = _CSS_ESCAPE.sub(lambda escape: chr(min(int(escape[1], 16), 0x10FFFF)), style)
        if plain != style:
            self._besides.append(plain)
        if _MAKES_TEXT.search(plain):
            self._besides.append(plain)
            self._doubts.add(ReplyDoubt.UNLIKE_ITS_LOOK)
        if any(painted.count(",") > MOST_BLANK for painted in _PAINTS.findall(plain)):
            self._doubts.add(ReplyDoubt.PICTURE)
        if _FETCHES.search(plain):
            self._besides.append(plain)
            self._doubts.add(ReplyDoubt.FETCHED)

    def _attribute(self, tag: str, name: str, value: str, attributes: dict[str, str | None]) -> None:
        inline = _INLINE_DATA.fullmatch(value)
        if inline is None:
            self._besides.append(value)
            if name in _ADDRESSES and not value.lower().startswith("cid:") and not _is_a_pixel(attributes):
                self._doubts.add(ReplyDoubt.FETCHED)
            return
        said = _inline(inline[1], inline[2])
        if said is None or (not inline[1].lower().startswith("text/") and len(said) > _SPACER):
            self._doubts.add(ReplyDoubt.PICTURE)
        elif inline[1].lower().startswith("text/"):
            self._besides.append(_TAG.sub("", said.decode("utf-8", "replace")))


_TAG = re.compile(r"<[^<>]*>")


def _inline(kind: str, said: str) -> bytes | None:
    """What a `data:` address holds; None where it is broken."""
    octets = unquote_to_bytes(said)
    if not kind.lower().rstrip().endswith("base64"):
        return octets
    try:
        return b64decode(b"".join(octets.split()), validate=True)
    except (NoBase64, ValueError):
        return None


def _is_harmless_link(tag: str, attributes: dict[str, str | None]) -> bool:
    return tag == "link" and (attributes.get("rel") or "").lower() in ("", "file-list", "edit-time-data")


def _is_a_pixel(attributes: dict[str, str | None]) -> bool:
    """Whether a picture is shown too small to show anything."""
    return {attributes.get("width"), attributes.get("height")} <= {"0", "1", "0px", "1px"}


def _is_a_piece(data: str) -> bool:
    """Whether a text is a piece of a number, or of a word: too little to say anything where it stands."""
    words = _DIGIT_OR_LETTER.findall(data)
    if not words or _RIGHT_TO_LEFT.search(data):
        return False
    return len(words) <= 3 or (all(map(str.isdigit, words)) and len(words) > 3)


def _lines(text: str) -> list[str]:
    return [line for line in map(str.strip, text.splitlines()) if line]


def _whole_number(given: str | None, default: int) -> int:
    read = _NUMBER.match(given or "")
    return int(read[1]) if read else default


def _lettered(number: int, kind: str) -> str:
    letters = ""
    while number > 0:
        number, rest = divmod(number - 1, 26)
        letters = chr(ord(kind) + rest) + letters
    return letters
