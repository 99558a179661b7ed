"""Restricted numbers hidden in running text: split, spelled out, disguised, reversed, shifted.

A text is read as a stream of digit pieces with gaps between them. Windows over the stream are offered to
`listed`, and only an exact hit is reported, so that dates, sums and order numbers cost nothing. A window
over several separate pieces must start and end where pieces do; inside one written group it may lie
anywhere, because digits can be put before and behind a number. What one reading cannot make a number of,
another may: number words of any spelling, pieces left out, codes. The cost is linear in the text.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

from matchers import ciphers, long_texts, number_words, spoken, strays, sums, windows
from matchers.folding import CONFUSABLE_DIGITS, CONFUSABLE_MAP, digit_runs, in_ascii, plain, search_form
from matchers.inside import national_abroad
from matchers.look import Look, digits_held
from matchers.phone import LONGEST_E164, PLAN_LENGTH, local_part
from matchers.windows import MOST_PIECES_WITH_SKIPS, SHORTEST_NUMBER, Piece, Window, key_of

SHORTEST_LOCAL = 6
"""Digits of the shortest number without its area code."""
GROUP_GAP = 3
"""Characters, none of them letters or digits, that may stand inside one written number."""
MOST_CODED_GROUPS = 200
"""Written numbers of a text that are also tried turned round, moved and swapped."""
MOST_CODED_PIECES = 24
"""Pieces of a written number of which each run is tried so: in more they are a table or a list."""


class FoundNumber(NamedTuple):
    """A listed number in a text: its key, the words it was read from, how, and whether it was hidden."""

    key: int
    given: str
    steps: tuple[str, ...]
    hidden: bool


Listed = Callable[[int], bool]


def find(
    text: str,
    listed: Listed,
    earlier: Sequence[str] = (),
    own: Sequence[int] = (),
    look: Look | None = None,
) -> list[FoundNumber]:
    """The listed numbers in `text`, each once.

    `listed` says whether a number's key (E.164 digits as an integer) is looked for. `earlier` are the
    last messages to the same recipient, oldest first: a number begun there and ended here is found too.
    Of the keys in `own` the local part alone, without the area code, is enough.
    `look` is the text as it was looked at before, where it was.
    """
    look = look or Look(text)
    folded, folds = look.plain
    decoded = folded if look.plain_words and text.isascii() else ciphers.decoded(folded)
    if decoded != folded:
        folded, folds = decoded, (*folds, "coded characters decoded")
    as_looked_at = decoded == text and text.isascii()
    as_written = as_looked_at and look.plain_words
    search = _Search(folded, folds, listed)
    full = long_texts.is_full_of_digits(folded)
    pieces = _plain_pieces(folded, look.digits if as_looked_at else None) if not full else []
    before = _pieces_before(earlier) if earlier else []
    groups = list(_groups(folded, pieces)) if pieces else []
    if full:
        search.all_of(long_texts.keys_in_digits(folded), "digits joined across other words")
    elif pieces:
        search.groups(groups)
        search.stream(pieces, before)
    loose = sum([n for group in groups if (n := _length(group)) <= PLAN_LENGTH]) + _length(before)
    shortest = SHORTEST_LOCAL if own else SHORTEST_NUMBER
    said = spoken.said(look.digits_held if as_looked_at else digits_held(_words(folded.lower())))
    if sums.may_be_told(pieces, said.properly > 0):
        for key, changed in sums.changed(folded, groups, said.properly > 0):
            search.keys([(key, ("read as a sum",))], changed)
    if full or said.in_all > long_texts.MOST_PIECES < len(folded) // 10:
        search.all_of(long_texts.keys_in_words(folded), "number words read")
    else:
        if worth_reading_words(folded, groups, loose, said.properly, shortest):
            spelled = _spelled_pieces(folded)
            if spelled != pieces:
                as_written = False
                groups = list(_groups(folded, spelled))
                search.groups(groups)
                search.stream(spelled, before)
        if may_be_said(said, loose, shortest) or (loose and _may_repeat(folded, pieces)):
            search.spoken(before)
    beside = not as_written and any(_beside_letter(folded, piece) for group in groups for piece in group)
    if beside or said.in_code or ciphers.may_be_signs(folded, look.encoded if as_looked_at else None):
        search.coded()
    if own:
        search.local(groups, own)
    return list(search.found.values())


class _Search:
    """One text on its way through its readings; what was found so far."""

    def __init__(self, text: str, folds: tuple[str, ...], listed: Listed) -> None:
        self.text, self.folds, self.listed = text, folds, listed
        self.found: dict[int, FoundNumber] = {}
        self._asked: set[int] = set()

    def groups(self, groups: list[list[Piece]]) -> None:
        """Numbers within what is written as one."""
        for n, group in enumerate(groups):
            digits = group[0].digits if len(group) == 1 else "".join([piece.digits for piece in group])
            if len(digits) < SHORTEST_NUMBER - 1:
                continue
            for key, step in keys_in_group(group, digits, coded=n < MOST_CODED_GROUPS):
                if key not in self.found and self.listed(key):
                    steps = (*self.folds, *_piece_steps(group), *step)
                    hidden = bool(steps)
                    given = self.text[group[0].start : group[-1].end]
                    self.found[key] = FoundNumber(key, given, steps, hidden)

    def stream(self, pieces: list[Piece], before: list[Piece]) -> None:
        """Numbers over several groups, and over this and earlier messages."""
        if not pieces or len(pieces) + len(before) < 2:
            return
        stream = [*before, *pieces]
        if _length(stream) < SHORTEST_NUMBER - 1:
            return
        self.offer(windows.in_order(stream, dense=False), stream, "")
        if len(stream) <= MOST_PIECES_WITH_SKIPS:
            for kept, what in strays.without(self.text, stream):
                self.offer(windows.in_order(kept, dense=False), kept, what)
                self.offer(windows.backwards(kept), kept, what)
                own = [piece for piece in kept if not piece.earlier]
                self.offer(windows.swapped(own), own, what)
            self.offer(windows.with_gaps(stream), stream, "")
            self.offer(windows.backwards(stream), stream, "")
            # Messages follow each other as they were sent: only within one are parts put in order.
            self.offer(windows.swapped(pieces), pieces, "")
            backwards = pieces[::-1]
            self.offer(windows.in_order(backwards, dense=False), backwards, "its parts put in order")
        everything = "".join([piece.digits for piece in pieces])
        if len(pieces) > 1 and len(everything) <= windows.LONGEST_CODED:
            self.keys(
                (
                    (key, ("digits joined across other words", moved))
                    for key, moved in _transformed(everything)
                ),
                pieces,
            )

    def offer(self, offered: Iterable[Window], stream: list[Piece], what: str) -> None:
        """Keep the windows that are listed and hold something of this message."""
        for key, first, stop, step in offered:
            if key in self.found or not self.listed(key):
                continue
            here = [piece for piece in stream[first:stop] if not piece.earlier]
            if not here:
                continue
            steps = [*self.folds, *_piece_steps(stream[first:stop])]
            joined = "joined with digits of earlier messages"
            steps.append(joined if len(here) < stop - first else "digits joined across other words")
            steps.extend(dict.fromkeys(s for s in (what, step) if s))
            begin, end = min(p.start for p in here), max(p.end for p in here)
            self.found[key] = FoundNumber(key, self.text[begin:end], tuple(steps), True)

    def all_of(self, keys: Iterable[int], step: str) -> None:
        """Keep the keys that are listed, read from the whole of a long text."""
        for key in keys:
            if key in self._asked or key in self.found:
                continue
            self._asked.add(key)
            if self.listed(key):
                self.found[key] = FoundNumber(key, f"+{key}", (*self.folds, step), True)

    def keys(self, offered: Iterable[tuple[int, tuple[str, ...]]], pieces: Sequence[Piece]) -> None:
        """Keep the keys that are listed, read from all of these pieces."""
        for key, steps in offered:
            if key not in self.found and self.listed(key):
                given = self.text[pieces[0].start : pieces[-1].end]
                self.found[key] = FoundNumber(key, given, (*self.folds, *steps), True)

    def spoken(self, before: list[Piece]) -> None:
        """Number words of any language and spelling: each run alone, and all with the digits around them."""
        text, self.text = self.text, search_form(self.text)
        if len(self.text) != len(text):
            text = self.text
        main: list[Piece] = []
        for run in spoken.runs(self.text):
            pieces = [Piece(digits, start, end, step=run.step) for digits, start, end in run.pieces]
            if not pieces:
                continue
            self.offer(windows.in_order(pieces, dense=True), pieces, "")
            if len(pieces) <= spoken.LONGEST_NUMBER:
                self.offer(windows.swapped(pieces), pieces, "")
            if not main or pieces[0].start >= main[-1].end:
                main.extend(pieces)
        covered = {at for piece in main for at in (piece.start, piece.end - 1)}
        loose = [p for p in _plain_pieces(self.text) if p.start not in covered and p.end - 1 not in covered]
        if main and (loose or before):
            self.stream(sorted([*main, *loose], key=lambda piece: piece.start), before)
        self.text = text

    def coded(self) -> None:
        """Words that are a number in another writing: look-alike letters, keys of a keyboard, hexadecimal."""
        tried: set[str] = set()
        for digits, start, end, step in ciphers.readings(self.text):
            if digits in tried:
                continue
            tried.add(digits)
            piece = Piece(digits, start, end)
            self.keys(((key, (step,)) for key in _whole_keys(digits)), [piece])

    def local(self, groups: list[list[Piece]], own: Sequence[int]) -> None:
        """Numbers of his own restrictions without their area or country code."""
        wanted: dict[str, int] = {}
        for key in own:
            for form in local_forms(key) if key not in self.found else ():
                wanted.setdefault(form, key)
        lengths = {len(form) for form in wanted}
        for form, key in wanted.items() if not groups else ():
            if form in self.text and (alone := re.search(rf"(?<![0-9]){form}(?![0-9])", self.text)):
                self.found[key] = FoundNumber(key, alone[0], (*self.folds, "area code left out"), True)
        for group in groups if wanted else ():
            for first in range(len(group)):
                if first and _is_area_code(group[first - 1].digits):
                    continue
                digits = ""
                for last in range(first, min(first + windows.MOST_PARTS, len(group))):
                    digits += group[last].digits
                    if len(digits) in lengths and (found := wanted.get(digits)) is not None:
                        given = self.text[group[first].start : group[last].end]
                        steps = (*self.folds, "area code left out")
                        self.found.setdefault(found, FoundNumber(found, given, steps, True))


@lru_cache(maxsize=1 << 14)
def local_forms(key: int) -> tuple[str, ...]:
    """A number without its area code, and a foreign one without its country's, where enough is left."""
    abroad = national_abroad(key)
    return tuple(form for form in (local_part(key), abroad, "0" + abroad) if len(form) >= SHORTEST_LOCAL)


def _length(pieces: Sequence[Piece]) -> int:
    """How many digits the pieces hold together."""
    return sum([len(piece.digits) for piece in pieces])


def _is_area_code(digits: str) -> bool:
    return digits[0] == "0" and len(digits) > 2


def _whole_keys(digits: str) -> Iterator[int]:
    if key := key_of(digits):
        yield key
    if windows.SHORTEST_ABROAD <= len(digits) <= LONGEST_E164 and digits[0] != "0":
        yield int(digits)
    if digits.startswith("00"):
        bare = digits.lstrip("0")
        yield from filter(None, (key_of("0" + bare),))
        if windows.SHORTEST_ABROAD <= len(bare) <= LONGEST_E164:
            yield int(bare)


# ── written groups ──────────────────────────────────────────────────────────────────────────────────────

_LEFT_OUT = "digits before or behind the number left out"
_ONLY_SIGNS = re.compile(r"[\W_]*").fullmatch
_NATIONAL_INSIDE = re.compile(r"(?=(?:00440?|440?|0)([1-35789]\d{8}))", re.ASCII)
_SHIFTS = [str.maketrans("0123456789", "".join(str((d + by) % 10) for d in range(10))) for by in range(10)]
_NINES = str.maketrans("0123456789", "9876543210")
_TENS = str.maketrans("0123456789", "0987654321")


def _plain_pieces(text: str, runs: list[tuple[str, int]] | None = None) -> list[Piece]:
    """The digits of a text as pieces; `runs` are its `digit_runs`, where they are known."""
    plus = "+" in text
    return [
        Piece(run, at, at + len(run), plus and "+" in text[max(at - 2, 0) : at])
        for run, at in (digit_runs(in_ascii(text)) if runs is None else runs)
    ]


def _groups(text: str, pieces: list[Piece]) -> Iterator[list[Piece]]:
    """Pieces with nothing but a few signs between them: one number as somebody would write it."""
    group: list[Piece] = []
    for piece in pieces:
        if group:
            gap = text[group[-1].end : piece.start]
            if len(gap) > GROUP_GAP or not _ONLY_SIGNS(gap):
                yield group
                group = []
        group.append(piece)
    if group:
        yield group


def keys_in_group(group: list[Piece], digits: str, coded: bool) -> Iterator[tuple[int, tuple[str, ...]]]:
    """Keys of the numbers that one written group can be: (key, steps; none when it is plainly written)."""
    whole = key_of(digits)
    if whole:
        yield whole, ()
    if (
        whole
        and len(group) == 1
        and digits[0] == "0"
        and len(digits) <= PLAN_LENGTH + 1
        and not group[0].plus
    ):
        # What most numbers are: one written plainly, in which no other can begin.
        if len(digits) > PLAN_LENGTH:
            yield int("44" + digits[1:PLAN_LENGTH]), (_LEFT_OUT,)
        if coded:
            for key, step in _transformed(digits):
                yield key, (step,)
        return
    for key in _keys_inside(digits):
        if key != whole:
            yield key, (_LEFT_OUT,)
    if len(group) > 1 or digits[0] != "0" or digits[1] == "0":
        for key, _, _, step in windows.in_order(group, dense=True):
            plain_abroad = group[0].plus or digits.startswith("00")
            yield key, (step,) if step else () if plain_abroad else ("country code or leading 0 added",)
    starts = 0
    for piece in group[:MOST_PIECES_WITH_SKIPS]:
        if piece.plus or piece.digits.startswith("00"):
            abroad = digits[starts : starts + 20].lstrip("0")
            for length in range(7, min(len(abroad), 15) + 1):
                yield int(abroad[:length]), ()
        starts += len(piece.digits)
    if not coded:
        return
    if len(digits) <= windows.LONGEST_CODED:
        for key, step in _transformed(digits):
            yield key, (step,)
    for key in _keys_inside(digits[::-1]):
        yield key, ("digits reversed", _LEFT_OUT)
    if len(group) <= MOST_CODED_PIECES:
        for part in windows.within(group):
            for key, step in _decoded(part):
                yield key, (step, _LEFT_OUT)


def _keys_inside(digits: str) -> Iterator[int]:
    """UK numbers with their 0 or 44 that begin anywhere within these digits."""
    for match in _NATIONAL_INSIDE.finditer(digits):
        at = match.start(1)
        for length in (PLAN_LENGTH, PLAN_LENGTH - 1):
            stem = digits[at : at + length]
            if len(stem) == length:
                yield int("44" + stem)


def _transformed(digits: str) -> list[tuple[int, str]]:
    """Whole numbers that these digits are in code, with their halves changed or another digit first."""
    keys = _decoded(digits)
    at = digits.find("0", 2)
    while at > 0:
        if key := key_of(digits[at:] + digits[:at]):
            keys.append((key, "its halves put in order"))
        at = digits.find("0", at + 1)
    if digits[0] != "0" and (key := key_of("0" + digits[1:])):
        keys.append((key, "the first digit read as 0"))
    return keys


def _decoded(digits: str) -> list[tuple[int, str]]:
    """Whole numbers that these digits are when turned round, moved, swapped or taken from nine or ten."""
    # What the first digits become is looked at first: most numbers are none of these.
    keys: list[tuple[int, str]] = []
    first, second = digits[0], digits[1]
    if (digits[-1] in "04" or len(digits) == PLAN_LENGTH) and (key := key_of(digits[::-1])):
        keys.append((key, "digits reversed"))
    if second in "04" and (key := key_of(_pairs_swapped(digits))):
        keys.append((key, "each two digits swapped"))
    if first in "95" and (key := key_of(digits.translate(_NINES))):
        keys.append((key, "each digit taken from nine"))
    if first in "06" and (key := key_of(digits.translate(_TENS))):
        keys.append((key, "each digit taken from ten"))
    for shown in "04":  # what a whole number begins with decides how far the digits were moved
        by = (int(shown) - int(first)) % 10
        if by and (shown == "0" or second == first) and (key := key_of(digits.translate(_SHIFTS[by]))):
            keys.append((key, f"each digit moved by {by}"))
    return keys


def _pairs_swapped(digits: str) -> str:
    return "".join(digits[n + 1 : n + 2] + digits[n] for n in range(0, len(digits), 2))


def _piece_steps(pieces: Sequence[Piece]) -> tuple[str, ...]:
    return tuple(dict.fromkeys([piece.step for piece in pieces if piece.step]))


def _pieces_before(earlier: Sequence[str]) -> list[Piece]:
    """The last pieces of earlier messages, in words or digits; enough of them to hold one number."""
    pieces: list[Piece] = []
    for message in earlier:
        folded, _ = plain(message)
        pieces.extend([piece._replace(earlier=True) for piece in _spelled_pieces(folded)])
    return pieces[-14:]


# ── digits in words and look-alike letters ──────────────────────────────────────────────────────────────

_WORDS_OR_DIGITS = re.compile(r"\d+|[^\W\d_]+|[|!$]+")
_SPACED_OUT = re.compile(r"\b\w\W{1,2}\w\b\W{1,2}\w\b\W{1,2}\w\b")  # "O 7 7 O"
_LETTERS = re.compile(r"[^\W\d_]+")
_ASCII_LETTERS_ALONE = bytes(code if chr(code).isalpha() and code < 128 else 32 for code in range(256))


def worth_reading_words(text: str, groups: list[list[Piece]], loose: int, said: int, shortest: int) -> bool:
    """Whether words and letters could complete a number that the digits alone do not."""
    if loose and any(_beside_letter(text, piece) for group in groups for piece in group):
        return True
    if loose and _may_be_spaced_out(text) and _SPACED_OUT.search(text):
        return True
    return said > 0 and loose + said >= shortest


def may_be_said(said: spoken.DigitsHeld, loose: int, shortest: int) -> bool:
    """Whether a run of words of any kind could complete a number."""
    return said.in_a_run > 1 and said.in_a_run + loose >= shortest


def _may_repeat(text: str, pieces: list[Piece]) -> bool:
    """Whether it is said behind a digit how often it is meant: only there it needs to be looked for."""
    return any(spoken.repeats_at(text, piece.end - 1) for piece in pieces)


def _may_be_spaced_out(text: str) -> bool:
    """Whether two single letters or digits follow each other; bytes, as every text is asked."""
    if not text.isascii():
        return True
    shape = text.encode().translate(_SHAPE)
    return b" a a " in shape or b" a  a " in shape


_SHAPE = bytes(
    ord("a") if code < 128 and (chr(code).isalnum() or chr(code) == "_") else 32 for code in range(256)
)


def _words(lowered: str) -> list[str]:
    if lowered.isascii():  # bytes are translated several times as fast
        return lowered.encode().translate(_ASCII_LETTERS_ALONE).decode().split()
    return _LETTERS.findall(lowered)


def _beside_letter(text: str, piece: Piece) -> bool:
    before, behind = text[piece.start - 1 : piece.start], text[piece.end : piece.end + 1]
    return before.isalpha() or behind.isalpha()


def _spelled_pieces(text: str) -> list[Piece]:
    """Digit pieces with number words and look-alike letters read as digits too."""
    pieces: list[Piece] = []
    run: list[tuple[str, int, int]] = []

    def finish_run() -> None:
        at = 0
        for digits, used in number_words.read([word for word, _, _ in run]):
            _, start, _ = run[at]
            _, _, end = run[at + used - 1]
            at += used
            if digits:
                plain_digits = used == 1 and run[at - 1][0].isdigit()
                pieces.append(Piece(digits, start, end, step="" if plain_digits else "number words read"))
        run.clear()

    previous_end = -10
    for match in _WORDS_OR_DIGITS.finditer(text):
        token = match[0]
        word = token.lower()
        if word in number_words.WORDS or token.isdigit():
            run.append((word, match.start(), match.end()))
        elif token[0] in CONFUSABLE_DIGITS and _reads_as_digits(text, match, previous_end):
            finish_run()
            digits = token.translate(CONFUSABLE_MAP)
            pieces.append(Piece(digits, *match.span(), step="look-alike letters read as digits"))
        elif len(word) > 5 and (words := number_words.split_joined(word)):
            run.extend((part, match.start(), match.end()) for part in words)
        else:
            if run:
                finish_run()
            continue
        previous_end = match.end()
    finish_run()
    return pieces


def _reads_as_digits(text: str, match: re.Match[str], previous_end: int) -> bool:
    """Letters that look like digits, and stand against digits or close behind some."""
    start, end = match.span()
    if not all(char in CONFUSABLE_DIGITS for char in match[0]):
        return False
    beside = text[start - 1 : start].isdigit() or text[end : end + 1].isdigit()
    return beside or (start - previous_end <= 2 and end - start <= 3)
