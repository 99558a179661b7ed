"""Restricted numbers hidden in running text: split, spelled out, disguised, reversed, shifted.

A text is read as a stream of digit pieces with gaps between them. Windows over the stream are offered to
`listed`, and only an exact hit is reported, so that dates, sums and order numbers cost nothing. A window
over several separate pieces must start and end where pieces do; inside one written group it may lie
anywhere, because digits can be put before and behind a number.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from matchers import number_words
from matchers.folding import CONFUSABLE_DIGITS, CONFUSABLE_MAP, may_hold_digits, plain
from matchers.phone import PLAN_LENGTH, local_part

SHORTEST_NUMBER = 9
"""Digits below which a text cannot hold a whole number (nine, without the leading 0)."""
SHORTEST_LOCAL = 6
"""Digits of the shortest number without its area code."""
MOST_BARE_PIECES = 4
"""Pieces that ten digits without a leading 0 may be split into; in more, they are dates and counts."""
LONGEST_FORM = 15
"""Digits of the longest written form of a UK number: 0044, a trunk 0 and ten digits."""
MOST_PIECES_WITH_SKIPS = 200
"""Pieces of a text above which stray numbers are not looked across: that costs with the square."""
GROUP_GAP = 3
"""Characters, none of them letters or digits, that may stand inside one written number."""
LONGEST_SKIP = 2
"""Digits of a stray piece ("i'm 25") that a split number may be read across."""


class FoundNumber(NamedTuple):
    """A listed number in a text: its key, the words it was read from, how, and whether it was hidden."""

    key: int
    given: str
    steps: tuple[str, ...]
    hidden: bool


class _Piece(NamedTuple):
    digits: str
    start: int
    end: int
    plus: bool = False
    step: str = ""
    earlier: bool = False


Listed = Callable[[int], bool]


def find(
    text: str, listed: Listed, earlier: Sequence[str] = (), own: Sequence[int] = ()
) -> list[FoundNumber]:
    """The listed numbers in `text`, each once.

    `listed` says whether a number's key (E.164 digits as an integer) is looked for. `earlier` are the
    last messages to the same recipient, oldest first: a number begun there and ended here is found too.
    Of the keys in `own` the local part alone, without the area code, is enough.
    """
    folded, folds = plain(text)
    pieces = _plain_pieces(folded) if may_hold_digits(folded) else []
    found: dict[int, FoundNumber] = {}
    before = _pieces_before(earlier)
    groups = list(_groups(folded, pieces))
    _search(folded, groups, pieces, before, listed, folds, found)
    if _worth_reading_words(folded, groups, before, SHORTEST_LOCAL if own else SHORTEST_NUMBER):
        spelled = _spelled_pieces(folded)
        if spelled != pieces:
            groups = list(_groups(folded, spelled))
            _search(folded, groups, spelled, before, listed, folds, found)
    for group in groups if own else ():
        digits = "".join(piece.digits for piece in group)
        for key in own:
            if key not in found and digits == local_part(key):
                given = folded[group[0].start : group[-1].end]
                found[key] = FoundNumber(key, given, (*folds, "area code left out"), True)
    return list(found.values())


# ── windows ─────────────────────────────────────────────────────────────────────────────────────────────

_DIGITS = re.compile(r"\d+", re.ASCII)
_ONLY_SIGNS = re.compile(r"[\W_]*").fullmatch
_NATIONAL = re.compile(r"(?:00440?|\+?440?|0)([1-35789]\d{8,9})", re.ASCII).fullmatch
_NATIONAL_INSIDE = re.compile(r"(?=(?:00440?|440?|0)([1-35789]\d{8}))", re.ASCII)
_BARE = re.compile(r"[1-35789]\d{9}", re.ASCII).fullmatch
_SHIFTS = [str.maketrans("0123456789", "".join(str((d + by) % 10) for d in range(10))) for by in range(10)]


def _plain_pieces(text: str) -> list[_Piece]:
    return [
        _Piece(m[0], m.start(), m.end(), "+" in text[max(m.start() - 2, 0) : m.start()])
        for m in _DIGITS.finditer(text)
    ]


def _groups(text: str, pieces: list[_Piece]) -> Iterator[list[_Piece]]:
    """Pieces with nothing but a few signs between them: one number as somebody would write it."""
    group: list[_Piece] = []
    for piece in pieces:
        if group:
            gap = text[group[-1].end : piece.start]
            if len(gap) > GROUP_GAP or not _ONLY_SIGNS(gap):
                yield group
                group = []
        group.append(piece)
    if group:
        yield group


def _search(
    text: str,
    groups: list[list[_Piece]],
    pieces: list[_Piece],
    before: list[_Piece],
    listed: Listed,
    folds: tuple[str, ...],
    found: dict[int, FoundNumber],
) -> None:
    for group in groups:
        digits = "".join(piece.digits for piece in group)
        if len(digits) < SHORTEST_NUMBER:
            continue
        for key, step in _keys_in_group(group, digits):
            if key not in found and listed(key):
                steps = (*folds, *_piece_steps(group), *step)
                given = text[group[0].start : group[-1].end]
                found[key] = FoundNumber(key, given, steps, bool(folds or step or _piece_steps(group)))
    stream = [*before, *pieces]
    if len(stream) < 2 or sum(len(p.digits) for p in stream) < SHORTEST_NUMBER:
        return
    unnumbered = [piece for piece in stream if piece.earlier or not _is_list_number(text, piece)]
    for pieces_in_order in (stream, unnumbered) if len(unnumbered) < len(stream) else (stream,):
        for window, skipped in _split_windows(pieces_in_order):
            key = _key_of("".join([piece.digits for piece in window]))
            if key and key not in found and listed(key):
                skipped = skipped or pieces_in_order is unnumbered
                found[key] = _found_split(text, key, window, skipped, folds)
    everything = "".join(piece.digits for piece in pieces)
    if len(groups) > 1 and len(everything) <= 14:
        for key, moved in _transformed(everything):
            if key not in found and listed(key):
                given = text[pieces[0].start : pieces[-1].end]
                found[key] = FoundNumber(
                    key, given, (*folds, "digits joined across other words", moved), True
                )


def _is_list_number(text: str, piece: _Piece) -> bool:
    """Whether a piece numbers the lines or points of a list: "2) …", "3. …"."""
    return len(piece.digits) <= LONGEST_SKIP and text[piece.end : piece.end + 2] in (") ", ". ", ": ", "- ")


def _keys_in_group(group: list[_Piece], digits: str) -> Iterator[tuple[int, tuple[str, ...]]]:
    """Keys of the numbers that one written group can be: (key, steps; none when it is plainly written)."""
    whole = _key_of(digits)
    if whole:
        yield whole, ()
    for match in _NATIONAL_INSIDE.finditer(digits):
        at = match.start(1)
        for length in (10, 9):
            stem = digits[at : at + length]
            if len(stem) == length and int("44" + stem) != whole:
                yield int("44" + stem), ("digits before or behind the number left out",)
    starts = 0
    for n, piece in enumerate(group):
        bare = digits[starts : starts + 10]
        if _BARE(bare) and bare != digits and _ends_on_piece(group, n, 10):
            yield int("44" + bare), ("leading 0 added",)
        if piece.plus or piece.digits.startswith("00"):
            abroad = digits[starts : starts + 20].lstrip("0")
            for length in range(8, min(len(abroad), 15) + 1):
                yield int(abroad[:length]), ()
        starts += len(piece.digits)
    if len(digits) <= 14:
        for key, step in _transformed(digits):
            yield key, (step,)


def _ends_on_piece(group: list[_Piece], first: int, length: int) -> bool:
    total = 0
    for piece in group[first : first + length]:
        total += len(piece.digits)
        if total >= length:
            return total == length
    return False


def _key_of(digits: str) -> int:
    """The key of digits that are one whole UK number, with or without its leading 0; else 0."""
    match = _NATIONAL(digits)
    if match is not None:
        return int("44" + match[1])
    return int("44" + digits) if _BARE(digits) else 0


def _transformed(digits: str) -> Iterator[tuple[int, str]]:
    """Reversed digits, and each digit moved by the same amount; only whole numbers with a leading 0 or 44."""
    if match := _NATIONAL(digits[::-1]):
        yield int("44" + match[1]), "digits reversed"
    for first in "04":  # what a whole number begins with decides how far the digits were moved
        by = (int(first) - int(digits[0])) % 10
        if by and (match := _NATIONAL(digits.translate(_SHIFTS[by]))):
            yield int("44" + match[1]), f"each digit moved by {by}"


def _split_windows(stream: list[_Piece]) -> Iterator[tuple[list[_Piece], bool]]:
    """Runs of pieces that could be one number split up: (pieces, whether a stray piece was left out).

    A number that shows itself by a leading 0 or 44 may come in any pieces, with a stray one among them;
    ten digits without either, only in a few.
    """
    may_skip = len(stream) <= MOST_PIECES_WITH_SKIPS
    for first, piece in enumerate(stream):
        if piece.digits[0] not in "04":
            if piece.digits[0] != "6":
                for window in _prefixes(stream[first : first + MOST_BARE_PIECES], PLAN_LENGTH):
                    yield window, False
            continue
        reach = stream[first : first + LONGEST_FORM + 1]
        for window in _prefixes(reach, LONGEST_FORM):
            yield window, False
        for stray in range(1, len(reach) - 1) if may_skip else ():
            if _is_stray(reach, stray):
                for window in _prefixes([*reach[:stray], *reach[stray + 1 :]], LONGEST_FORM):
                    if len(window) > stray:
                        yield window, True


def _is_stray(pieces: list[_Piece], place: int) -> bool:
    """Whether a piece may be no part of a number around it: short, no digit of a spaced-out run."""
    piece, before, behind = pieces[place], pieces[place - 1], pieces[place + 1]
    if len(piece.digits) > LONGEST_SKIP or piece.earlier:
        return False
    spaced_out = len(piece.digits) == len(before.digits) == len(behind.digits) == 1
    return not spaced_out


def _prefixes(pieces: list[_Piece], longest: int) -> Iterator[list[_Piece]]:
    """The first two pieces, the first three and so on, that hold from ten to `longest` digits."""
    length = 0
    for count, piece in enumerate(pieces, 1):
        length += len(piece.digits)
        if length > longest:
            return
        if length >= PLAN_LENGTH and count > 1 and not piece.earlier:
            yield pieces[:count]


def _found_split(
    text: str, key: int, window: list[_Piece], skipped: bool, folds: tuple[str, ...]
) -> FoundNumber:
    steps = [*folds, *_piece_steps(window)]
    here = [piece for piece in window if not piece.earlier]
    if len(here) < len(window):
        steps.append("joined with digits of earlier messages")
    else:
        steps.append("digits joined across other words")
    if skipped:
        steps.append("a stray number in between left out")
    return FoundNumber(key, text[here[0].start : here[-1].end], tuple(steps), True)


def _piece_steps(pieces: list[_Piece]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(piece.step for piece in pieces if piece.step))


def _pieces_before(earlier: Sequence[str]) -> list[_Piece]:
    """The last pieces of earlier messages, in words or digits; enough of them to hold one number."""
    pieces: list[_Piece] = []
    for message in earlier:
        folded, _ = plain(message)
        pieces.extend(piece._replace(earlier=True) for piece in _spelled_pieces(folded))
    return pieces[-14:]


# ── digits in words and look-alike letters ──────────────────────────────────────────────────────────────

_WORDS_OR_DIGITS = re.compile(r"\d+|[^\W\d_]+|[|!$]+")
_SPACED_OUT = re.compile(r"\b\w\W{1,2}\w\b\W{1,2}\w\b\W{1,2}\w\b")  # "O 7 7 O"
_LETTERS = re.compile(r"[^\W\d_]+")
_ASCII_LETTERS_ALONE = bytes(code if chr(code).isalpha() and code < 128 else 32 for code in range(256))


def _worth_reading_words(
    text: str, groups: list[list[_Piece]], before: list[_Piece], shortest: int = SHORTEST_NUMBER
) -> bool:
    """Whether words and letters could complete a number that the digits alone do not."""
    loose = sum(n for group in groups if (n := sum(len(p.digits) for p in group)) <= PLAN_LENGTH)
    loose += sum(len(p.digits) for p in before)
    if loose and any(_beside_letter(text, piece) for group in groups for piece in group):
        return True
    if loose and _SPACED_OUT.search(text):
        return True
    words = _words(text.lower())
    spoken = number_words.most_digits(words)
    return spoken > 0 and loose + spoken >= shortest


def _words(lowered: str) -> list[str]:
    if lowered.isascii():  # bytes are translated several times as fast
        return lowered.encode().translate(_ASCII_LETTERS_ALONE).decode().split()
    return _LETTERS.findall(lowered)


def _beside_letter(text: str, piece: _Piece) -> bool:
    before, behind = text[piece.start - 1 : piece.start], text[piece.end : piece.end + 1]
    return before.isalpha() or behind.isalpha()


def _spelled_pieces(text: str) -> list[_Piece]:
    """Digit pieces with number words and look-alike letters read as digits too."""
    pieces: list[_Piece] = []
    run: list[tuple[str, int, int]] = []

    def finish_run() -> None:
        at = 0
        for digits, used in number_words.read([word for word, _, _ in run]):
            _, start, _ = run[at]
            _, _, end = run[at + used - 1]
            at += used
            if digits:
                plain_digits = used == 1 and run[at - 1][0].isdigit()
                pieces.append(_Piece(digits, start, end, step="" if plain_digits else "number words read"))
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
            pieces.append(_Piece(digits, *match.span(), step="look-alike letters read as digits"))
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
