"""A question and its fields: what was typed in them, and whether that can be taken."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

import msgspec

from service.public.answers import LONGEST_LINE, MOST, Answers
from service.public.words import _

NAMELESS = _("Enter each name with at least one letter")
Fields = Mapping[str, Sequence[str]]
"""A form as it came: each name with all its values."""


class ByAsker(NamedTuple):
    """A text that is another one for who asks for herself."""

    herself: str
    others: str


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a question, under its name in `Answers`."""

    name: str
    label: str | ByAsker
    kind: Literal["line", "text", "choice", "choices", "date", "lines", "texts"] = "line"
    hint: str | ByAsker = ""
    needed: str = ""
    """What is said where it is empty; it may be where this is."""
    options: tuple[tuple[str, str], ...] = ()
    longest: int = LONGEST_LINE
    another: str = ""
    """On the button that gives one more of several."""
    is_name: bool = False
    """Whether it is somebody's name: what shows nothing is none."""
    keyboard: Literal["text", "tel", "email"] = "text"


class Wrong(NamedTuple):
    """What is wrong with a field."""

    field: str
    text: str
    most: int = 0


def _always(answers: Answers) -> bool:
    return True


def _nothing(answers: Answers) -> Iterable[Wrong]:
    return ()


@dataclass(frozen=True, slots=True)
class Question:
    """One page."""

    name: str
    title: str | ByAsker
    fields: tuple[Field, ...]
    is_asked: Callable[[Answers], bool] = _always
    says: tuple[str | ByAsker, ...] = ()
    """Paragraphs under the title."""
    wrong: Callable[[Answers], Iterable[Wrong]] = _nothing
    """What is wrong with the answers together."""


def typed(one: Question, form: Fields) -> dict[str, Any]:
    """What stands in a question's fields, by the names in `Answers`; not checked yet."""
    return {field.name: _value(field, form.get(field.name, ())) for field in one.fields}


def answered(one: Question, answers: Answers, values: dict[str, Any]) -> tuple[Answers, list[Wrong]]:
    """The answers with these; unchanged, and what is wrong with them, where they cannot be taken."""
    taken = msgspec.structs.replace(answers, **values)
    wrong = [fault for field in one.fields for fault in _too_long(field, values[field.name])]
    wrong += wrong_with(one, taken)
    return (answers if wrong else taken), wrong


def with_typed(one: Question, answers: Answers, values: dict[str, Any]) -> Answers:
    """The answers with these, even where they are wrong; without those that are too long to be carried."""
    short = {field.name for field in one.fields if not any(_too_long(field, values[field.name]))}
    return msgspec.structs.replace(answers, **{name: values[name] for name in short})


def wrong_with(one: Question, answers: Answers) -> list[Wrong]:
    """All that is wrong with the answers to a question."""
    missing = [
        Wrong(field.name, field.needed or NAMELESS)
        for field in one.fields
        if (field.needed or field.is_name) and not _is_given(field, getattr(answers, field.name))
    ]
    return [*missing, *one.wrong(answers)]


def _is_given(field: Field, value: str | tuple[str, ...]) -> bool:
    if field.is_name:  # of several that may be there, each that is
        return all(map(has_letter, (value,) if isinstance(value, str) else value))
    return bool(value.strip()) if isinstance(value, str) else any(part.strip() for part in value)


def _value(field: Field, values: Sequence[str]) -> str | tuple[str, ...]:
    """Browsers send the end of a line as CR and LF; what was typed is one sign."""
    given = [one.replace("\r\n", "\n") for one in values]
    allowed = {value for value, _words in field.options}
    match field.kind:
        case "choice":
            return given[-1] if given and given[-1] in allowed else ""
        case "choices":
            return tuple(dict.fromkeys(one for one in given if one in allowed))
        case "date":
            return tuple([*given, "", "", ""][:3])
        case "lines" | "texts":
            return tuple(one for one in given if one.strip())
        case _:
            return given[-1] if given else ""


def _too_long(field: Field, value: str | tuple[str, ...]) -> Iterable[Wrong]:
    parts = (value,) if isinstance(value, str) else value
    if any(len(part) > field.longest for part in parts):
        yield Wrong(field.name, _("Use %(most)d characters or fewer"), field.longest)
    if field.kind in ("lines", "texts") and len(parts) > MOST:
        yield Wrong(field.name, _("Give %(most)d or fewer, and the rest in a second request"), MOST)


def has_letter(name: str) -> bool:
    """Whether a name has a letter. Whether that shows is asked when the request is considered: what reads
    names is not loaded here."""
    return any(map(str.isalpha, name))
