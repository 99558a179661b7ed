"""Which digits a text is, where letters, words or pauses stand among them.

    >>> [digits for digits, _ in ways("O77OO 900123")]
    ['07700900123']

Nothing is decided here: whoever asks takes the first of them that is a number, and keeps the others.
"""

import re
from collections.abc import Iterator

import phonenumbers

from matchers import number_words
from matchers.folding import CONFUSABLE_DIGITS, CONFUSABLE_MAP

_TOKEN = re.compile(r"[^\W_]+|[|!$]+")
_NON_DIGIT = re.compile(r"\D", re.ASCII)
_TRUNK_IN_BRACKETS = re.compile(r"(?<=[\d\s])[(\[]\s*0\s*[)\]]")
_PAUSES = re.compile(r"(?<=\d)\s*[pw,;]+\s*(?=[\d*#])", re.IGNORECASE)


def ways(stem: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The ways in which `stem` can be digits: (digits with a leading + where there is one, steps taken).

    From the plainest to the boldest: words around the number dropped; look-alike letters beside digits;
    look-alike letters alone; number words; the letters of a telephone keypad.
    """
    spread = _PAUSES.sub(" ", stem)
    tokens = _TOKEN.findall(spread)
    plus = "+" if re.match(r"[^\d]*\+", spread) else ""
    without_trunk = _TRUNK_IN_BRACKETS.sub(" ", spread)
    steps_so_far: tuple[str, ...] = ()
    if without_trunk != spread:
        tokens = _TOKEN.findall(without_trunk)
        steps_so_far = ("trunk 0 in brackets dropped",)
    has_letters = any(not token.isdigit() for token in tokens)
    if not has_letters:
        yield plus + "".join(tokens), steps_so_far
        return

    words = [t for t in tokens if not any(map(str.isdigit, t))]
    mixed = [t for t in tokens if t not in words and not t.isdigit()]
    if all(_is_confusable(t) for t in mixed):
        digits = "".join(t.translate(CONFUSABLE_MAP) for t in tokens if t not in words)
        taken = (
            *_if(mixed, "look-alike letters read as digits"),
            *_if(words, "words around the number dropped"),
        )
        yield plus + digits, (*steps_so_far, *taken)
    else:
        only = "".join(_NON_DIGIT.sub("", t) for t in tokens)
        yield plus + only, (*steps_so_far, "letters among the digits dropped")
    if words and all(_is_confusable(t) for t in tokens):
        yield (
            plus + "".join(t.translate(CONFUSABLE_MAP) for t in tokens),
            (*steps_so_far, "look-alike letters read as digits"),
        )
    spoken = _spoken(tokens)
    if spoken:
        yield plus + spoken, (*steps_so_far, "number words read as digits")
    keypad = "".join(str(phonenumbers.convert_alpha_characters_in_number(t)) for t in tokens if t.isascii())
    if keypad[:1].isdigit() and any(len(t) > 2 for t in words) and tokens[0].isdigit():
        yield plus + _NON_DIGIT.sub("", keypad), (*steps_so_far, "letters read as keypad digits")


def _if(condition: object, step: str) -> tuple[str, ...]:
    return (step,) if condition else ()


def _is_confusable(token: str) -> bool:
    return all(char.isdigit() or char in CONFUSABLE_DIGITS for char in token)


def _spoken(tokens: list[str]) -> str:
    words: list[str] = []
    for token in tokens:
        word = token.lower()
        if word.isdigit() or word in number_words.WORDS:
            words.append(word)
        else:
            words.extend(number_words.split_joined(word))
    if not any(word in number_words.WORDS for word in words):
        return ""
    return "".join(digits for digits, _ in number_words.read(words))
