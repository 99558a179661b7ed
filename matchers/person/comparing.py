"""Decide whether two names can be one person's: same, compatible, one household, or different."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Literal, NamedTuple

import msgspec
from rapidfuzz.distance import OSA

from matchers.person.facts import GENDERS, PARTICLES, SHARED, TITLES
from matchers.person.reading import Person, fold
from matchers.person.scores import SCORES
from matchers.person.scripts import heard_alike, in_latin, is_latin, read_alike
from matchers.person.speaking import is_rare
from matchers.person.tokens import EXACT, NONE, Agreement, agree_given, agree_surname

Level = Literal["same", "compatible", "household", "different"]


class NameMatch(msgspec.Struct, frozen=True):
    """How two names compare."""

    level: Level
    score: float
    """0 to 1, comparable across levels; below 0.5 for different names."""
    steps: tuple[str, ...] = ()
    """What made them agree, readable: "Sally is a short form of Sarah"."""


class _FirstNames(NamedTuple):
    """How the given names agree; `full` when the first name is written out on both sides."""

    score: float
    full: bool
    steps: tuple[str, ...]


_SAME: Final = NameMatch("same", 1.0)
_DIFFERENT: Final = NameMatch("different", 0.0)
_FAMILY_ONLY: Final = NameMatch("different", SCORES.family_alone)
_NOTHING_SURE: Final = NameMatch("different", SCORES.nothing_sure)
_RANK: Final[dict[Level, int]] = {"same": 3, "compatible": 2, "household": 1, "different": 0}
_PART_ORDER: Final = Agreement(SCORES.family_order, "part", "parts of the family name in another order")
_WRITTEN_OUT: Final = ("exact", "slip", "short")
_FEW_LEFT_OUT: Final = 2  # names, beside one that many share, that may be left out
_TELLING: Final = (
    4  # letters of a first or family name that tell beside a name more on each side: not Yon Nam
)
_RUN_TOGETHER: Final = 8  # letters from which one slip in a whole name leaves it this name


def compare(given: Person, listed: Person) -> NameMatch:
    """Compare the name on an attempt with a listed one.

    Same: first name and family name agree; a middle name may be missing, a slip in a long word costs score.
    Compatible: initials, short forms, order, a part missing, another romanisation. Household: the family name
    alone. Different: everything else, so the same family name with another first name as well.
    """
    if given.others or listed.others:
        return _best_of(given, listed)
    if (
        given.given == listed.given
        and given.surname == listed.surname
        and listed.given
        and len(listed.given[0]) > 1
    ):
        return _with_accents(given, listed, _SAME)
    match = _one_with_one(given, listed)
    if (given.surname and len(given.surname[-1]) == 1) or (listed.surname and len(listed.surname[-1]) == 1):
        match = _better(match, _better(_by_a_letter(given, listed), _by_a_letter(listed, given)))
    if match.level == "different" and not (given.text.isascii() and listed.text.isascii()):
        return _in_another_script(given, listed, match)
    return _with_accents(given, listed, match)


def compare_any(given: Person, listed: Sequence[Person]) -> NameMatch:
    """Return the best comparison over a listed name and its aliases; different when there are none."""
    best = _DIFFERENT
    for person in listed:
        best = _better(best, compare(given, person))
    return best


def _better(a: NameMatch, b: NameMatch) -> NameMatch:
    return b if (_RANK[b.level], b.score) > (_RANK[a.level], a.score) else a


def _best_of(given: Person, listed: Person) -> NameMatch:
    """Compare everybody named on one side with everybody named on the other."""
    best = _DIFFERENT
    for one in (msgspec.structs.replace(given, others=()), *given.others):
        for other in (msgspec.structs.replace(listed, others=()), *listed.others):
            best = _better(best, compare(one, other))
    return best


def _with_accents(given: Person, listed: Person, match: NameMatch) -> NameMatch:
    a, b = given.text, listed.text
    if (a.isascii() and b.isascii()) or match.level == "different" or a == b:
        return match
    latin = all(char < "\u0250" or not char.isalpha() for char in a + b)
    step = "accents removed" if latin else "written in the Latin alphabet"
    level: Level = "compatible" if match.level == "same" and not latin else match.level
    return NameMatch(
        level, match.score if latin else round(match.score * SCORES.other_alphabet, 4), (*match.steps, step)
    )


def _by_a_letter(person: Person, other: Person) -> NameMatch:
    """Sarah J for Sarah Jones, and initials behind the family name: Jones S."""
    if not person.given or person.title or len("".join(person.surname)) != 1:
        return _DIFFERENT
    letter, first = person.surname[0], person.given[0]
    if len(first) == 1 or not other.given or not other.surname or len(other.surname[0]) == 1:
        return _DIFFERENT
    if other.surname[0][0] == letter and agree_given(first, other.given[0]).kind in _WRITTEN_OUT:
        names = _first_names(person, other)
        if names is not None:
            step = f"initial {letter.upper()} fits {other.surname[0].title()}"
            return NameMatch(
                "compatible", round(SCORES.family_initial * names.score, 4), (*names.steps, step)
            )
    if all(len(name) == 1 for name in person.given[1:]) and agree_surname(first, other.surname[-1]).score:
        turned = msgspec.structs.replace(person, given=(*person.given[1:], letter), surname=(first,))
        match = _one_with_one(turned, other)
        if match.level == "compatible":
            return NameMatch(match.level, match.score, (*match.steps, "the family name first"))
    return _DIFFERENT


def _in_another_script(given: Person, listed: Person, match: NameMatch) -> NameMatch:
    """Compare names of which one is, or both are, in a script that shares no letters with the Latin one."""
    if is_latin(given) != is_latin(listed):
        a, b = in_latin(given), in_latin(listed)
        match = _one_with_one(a, b)
        if match.level not in ("same", "compatible") and heard_alike(a, b):
            match = NameMatch("compatible", SCORES.heard_alike, ("the names have the same consonants",))
    elif read_alike(given, listed):
        match = NameMatch("compatible", SCORES.spelling, ("read aloud, the names are one",))
    return _with_accents(given, listed, match)


def _one_with_one(given: Person, listed: Person) -> NameMatch:
    if given.organisation or listed.organisation:
        return _organisations(given, listed)
    family = _families(given.surname, listed.surname)
    if family is None and (given.particles or listed.particles):
        family = _particles_joined(given, listed)
    if family is None and (listed.former or given.former):
        family = _former(given, listed)
    if not given.given or not listed.given or given.household or listed.household:
        if _nobody_by_name(given) or _nobody_by_name(listed):
            return _household(given, listed, family)
        if not given.given or not listed.given:
            return _part_missing(given, listed, family)
    names = _first_names(given, listed) if family is not None else None
    if family is not None and names is not None and not _each_has_more(given, listed):
        return _by_both(given, listed, family, names)
    match = _in_any_order(given, listed, family)
    if match.level == "different" and (len(given.given) > 1 or len(listed.given) > 1):
        match = _better(match, _divided_otherwise(given, listed))
        if match.level == "different" and family is not None and names is not None:
            first = min(given.given[0], listed.given[0], key=len)
            shared = min(given.surname, listed.surname, key=len)
            if max(len(first), *map(len, shared)) >= _TELLING:
                return _better(match, _by_both(given, listed, family, names))
    return match


def _by_both(given: Person, listed: Person, family: Agreement, names: _FirstNames) -> NameMatch:
    """Decide where the family names agree and the first names do too."""
    if family.kind == "near" and not names.full:
        return _NOTHING_SURE
    if not names.full and _titles_clash(given, listed):
        return NameMatch("different", SCORES.titles_clash)
    return _together(family, names)


def _families(a: tuple[str, ...], b: tuple[str, ...]) -> Agreement | None:
    """Compare family names of any number of words; None where they differ."""
    if a == b:
        return EXACT if a else None
    if len(a) == 1 and len(b) == 1:
        found = agree_surname(a[0], b[0])
        return found if found.score else None
    if not a or not b:
        return None
    joined = agree_surname("".join(a), "".join(b))
    if joined.score:
        return joined if joined.step else Agreement(1.0, "exact", "parts of the family name joined")
    if len(a) == len(b):
        pairs = [agree_surname(x, y) for x, y in zip(a, b, strict=True)]
        if all(pair.score for pair in pairs):
            return min(pairs)
        return _PART_ORDER if sorted(a) == sorted(b) else None
    shorter, longer = (a, b) if len(a) < len(b) else (b, a)
    nearest = [max(agree_surname(x, y) for y in longer) for x in shorter]
    if all(pair.score for pair in nearest):
        return Agreement(min(nearest).score * SCORES.family_part, "part", "one part of a double family name")
    return None


def _particles_joined(given: Person, listed: Person) -> Agreement | None:
    """Compare Aljabouri with al-Jabouri, Vanderberg with van der Berg."""
    a, b = "".join(given.surname), "".join(listed.surname)
    with_a, with_b = "".join((*given.particles, a)), "".join((*listed.particles, b))
    found = max(agree_surname(with_a, b), agree_surname(a, with_b)) if a and b else NONE
    if found.kind not in ("exact", "slip", "spelling"):
        return None
    return Agreement(found.score, found.kind, found.step or "a particle joined to the family name")


def _each_has_more(given: Person, listed: Person) -> bool:
    """Tell whether one side has more given names and the other more parts of the family name."""
    more_given = len(given.given) - len(listed.given)
    more_family = len(given.surname) - len(listed.surname)
    return more_given * more_family < 0


def _former(given: Person, listed: Person) -> Agreement | None:
    for a in (given.surname, given.former):
        for b in (listed.surname, listed.former):
            family = _families(a, b)
            if family is not None:
                return Agreement(family.score * SCORES.family_former, "alias", "a former family name")
    return None


def _first_names(given: Person, listed: Person) -> _FirstNames | None:
    """Compare given names in order; None where they differ."""
    a, b = given.given, listed.given
    first = agree_given(a[0], b[0])
    for known in listed.known_as:
        first = max(first, agree_given(a[0], known))
    for known in given.known_as:
        first = max(first, agree_given(known, b[0]))
    if not first.score:
        return _first_left_out(a, b) or _one_word(a, b)
    full = first.kind in ("exact", "slip") and len(a[0]) > 1
    middle = _middle_names(a[1:], b[1:])
    if middle is None:
        return _one_word(a, b)
    score, steps = middle.score * first.score, ((first.step,) if first.step else ()) + middle.steps
    if len(a) != len(b) and (len(a) == 1 or len(b) == 1) and (a[0] in SHARED or b[0] in SHARED):
        if abs(len(a) - len(b)) > _FEW_LEFT_OUT:
            return None
        return _FirstNames(
            score * SCORES.shared_alone,
            False,
            (*steps, f"only {a[0].title()}, a name shared by many"),
        )
    return _FirstNames(score, full, steps)


def _middle_names(a: tuple[str, ...], b: tuple[str, ...]) -> _FirstNames | None:
    """Compare middle names in order; any may be missing on one side, none may contradict."""
    if not a and not b:
        return _FirstNames(1.0, True, ())
    if not a or not b:
        return _FirstNames(SCORES.middle_missing, True, ("a middle name is missing",))
    shorter, longer = (a, b) if len(a) <= len(b) else (b, a)
    rest = iter(longer)
    score = 1.0 if len(a) == len(b) else SCORES.middle_missing
    steps: list[str] = []
    for name in shorter:
        found = next((agreed for other in rest if (agreed := agree_given(name, other)).score), None)
        if found is None:
            if sorted(shorter) == sorted(longer):
                return _FirstNames(SCORES.middle_order, True, ("middle names in another order",))
            return None
        score *= SCORES.middle_initial if found.kind == "initial" else found.score
        if found.step:
            steps.append(found.step)
    return _FirstNames(score, True, tuple(steps))


def _first_left_out(a: tuple[str, ...], b: tuple[str, ...]) -> _FirstNames | None:
    """One side leaves out the other's first name: Jane Jones for Sarah Jane Jones."""
    shorter, longer = (a, b) if len(a) < len(b) else (b, a)
    if len(shorter) == len(longer) or len(shorter[0]) == 1:
        return None
    found = agree_given(shorter[0], longer[1])
    if found.kind not in ("exact", "slip", "spelling") or _middle_names(shorter[1:], longer[2:]) is None:
        return None
    score = found.score * (SCORES.shared_left_out if longer[0] in SHARED else SCORES.first_left_out)
    return _FirstNames(
        score, False, (f"{longer[0].title()} left out", *((found.step,) if found.step else ()))
    )


def _one_word(a: tuple[str, ...], b: tuple[str, ...]) -> _FirstNames | None:
    """Given names written together: Marie Therese and Marietherese, and SJ or AJ for two initials."""
    if len(a) == len(b) == 1:
        for letters, names in ((a[0], b), (b[0], a)):
            if len(letters) == 2 and names[0][0] == letters[0] and not set(letters) & set("aeiouy"):
                return _FirstNames(SCORES.two_initials, False, (f"{letters.upper()} read as initials",))
        return None
    for one, several in ((a, b), (b, a)):
        if (
            len(one) == 1
            and 1 < len(one[0]) == len(several) < 4
            and all(map(str.startswith, several, one[0]))
        ):
            return _FirstNames(SCORES.each_initial, False, (f"{one[0].upper()} read as initials",))
    if len(a) != len(b) and agree_given("".join(a), "".join(b)).kind in ("exact", "slip", "spelling"):
        return _FirstNames(SCORES.given_joined, False, ("given names joined",))
    return None


def _together(family: Agreement, names: _FirstNames) -> NameMatch:
    steps = (*names.steps, family.step) if family.step else names.steps
    level: Level = "same" if names.full and family.kind in ("exact", "slip") else "compatible"
    return NameMatch(level, round(names.score * family.score, 4), steps)


def _in_any_order(given: Person, listed: Person, family: Agreement | None) -> NameMatch:
    """Compare all words in whatever order: every word of the shorter name has to be found in the longer.

    Two names with patronymics are left alone: Salman bin Mohammed is not Mohammed bin Salman.
    """
    a, b = given.given + given.surname, listed.given + listed.surname
    different = _NOTHING_SURE if family is None else _FAMILY_ONLY
    if a == b:
        return _SAME
    if len(a) != len(b) and _run_together(given, listed):
        return NameMatch("compatible", SCORES.words_joined, ("words joined or split",))
    shorter, longer = (a, b) if len(a) <= len(b) else (b, a)
    if len(shorter) < 2 or (_patronymic(given) and _patronymic(listed)):
        return different
    left = list(longer)
    score, whole = 1.0, 0
    steps: list[str] = []
    for word in shorter:
        if word in left:
            best, at = EXACT, left.index(word)
        elif left:
            best, at = max((agree_given(word, other), index) for index, other in enumerate(left))
        else:
            return different
        if not best.score or best.kind == "near":
            return different
        if best.kind == "short" and word in given.surname + listed.surname and left[at] not in listed.given:
            return different
        score *= best.score
        whole += len(word) > 1 and len(left[at]) > 1
        if best.step:
            steps.append(best.step)
        del left[at]
    telling = sum(word not in SHARED and word not in PARTICLES for word in shorter)
    if whole < 2 or (left and not telling) or (len(left) > _FEW_LEFT_OUT and telling < 2):
        return different
    if not left and fold(given.text) == fold(listed.text):
        return _SAME
    step = "some names are left out, the order may differ" if left else "the names are in another order"
    return NameMatch(
        "compatible", round(score * (SCORES.some_left_out if left else SCORES.any_order), 4), (step, *steps)
    )


def _run_together(given: Person, listed: Person) -> bool:
    """Tell whether the names are equal, but for one letter, once their words are run together."""
    a, b = "".join(given.given + given.surname), "".join(listed.given + listed.surname)
    if a == b or min(len(a), len(b)) < _RUN_TOGETHER or abs(len(a) - len(b)) > 1:
        return a == b
    return bool(OSA.distance(a, b, score_cutoff=1) <= 1)


def _parted_as(person: Person, other: Person) -> NameMatch:
    """Compare with the family name begun where the other's begins: Sally Marsh Thornley, Marsh-Thornley."""
    words, at = person.given + person.surname, len(other.given)
    match = _one_with_one(msgspec.structs.replace(person, given=words[:at], surname=words[at:]), other)
    if match.level not in ("same", "compatible"):
        return _DIFFERENT
    step = "a given name is part of the family name"
    return NameMatch("compatible", round(match.score * SCORES.given_joined, 4), (*match.steps, step))


def _divided_otherwise(given: Person, listed: Person) -> NameMatch:
    """Compare with the words divided otherwise: another family name begun, two words as one."""
    a, b = given.given + given.surname, listed.given + listed.surname
    if len(a) == len(b) and _each_has_more(given, listed):
        match = _better(_parted_as(given, listed), _parted_as(listed, given))
        if match.level != "different":
            return match
    x, y = "".join(a), "".join(b)
    if len(x) == len(y) >= _RUN_TOGETHER and x in y + y:
        step = "words joined or split, in another order"
        return NameMatch("compatible", round(SCORES.words_joined * SCORES.any_order, 4), (step,))
    return _better(_last_joined(given, listed), _last_joined(listed, given))


def _last_joined(person: Person, other: Person) -> NameMatch:
    if len(person.given) < 2 or not person.surname or not other.surname:
        return _DIFFERENT
    front, back, family = person.given[-1], person.surname[0], "".join(other.surname)
    if (
        min(len(front), len(back)) < 2
        or abs(len(front) + len(back) - len(family)) > 1
        or front[0] != family[0]
    ):
        return _DIFFERENT
    if agree_surname(front + back, family).kind not in ("exact", "slip", "spelling"):
        return _DIFFERENT
    joined = msgspec.structs.replace(
        person, given=person.given[:-1], surname=(front + back, *person.surname[1:])
    )
    match = _one_with_one(joined, other)
    if match.level not in ("same", "compatible"):
        return _DIFFERENT
    score = round(match.score * SCORES.words_joined, 4)
    return NameMatch("compatible", score, (*match.steps, "words joined or split"))


def _patronymic(person: Person) -> bool:
    return any(PARTICLES.get(particle) == "patronymic" for particle in person.particles)


def _titles_clash(given: Person, listed: Person) -> bool:
    if not given.title or not listed.title:
        return False
    a, b = TITLES.get(given.title, "-"), TITLES.get(listed.title, "-")
    return a != b and a != "-" and b != "-"


def _is_not_she(titled: Person, named: Person) -> bool:
    """Tell whether a title contradicts a first name: Mr Jones is not Emma Jones."""
    if TITLES.get(named.title, "-") != "-":
        return False
    return {TITLES.get(titled.title, "-"), GENDERS.get(named.given[0], "-")} == {"m", "f"}


def _nobody_by_name(person: Person) -> bool:
    """Tell whether a household gives no first name in full: "The Jones family", "Mr & Mrs S Jones"."""
    return person.household and all(len(name) == 1 for name in person.given)


def _household(given: Person, listed: Person, family: Agreement | None) -> NameMatch:
    if family is not EXACT and given.surname and listed.surname:
        plural, single = sorted((given.surname[-1], listed.surname[-1]), key=len, reverse=True)
        if plural in (single + "s", single + "es"):
            family = Agreement(SCORES.family_plural, "exact", "plural of the family name")
    if family is None or family.kind == "near":
        return _DIFFERENT
    score, steps = _by_family_alone(given, listed, family), ["the family name alone"]
    if given.given and listed.given:
        first = agree_given(given.given[0], listed.given[0])
        steps = [first.step or "the initial agrees"] if first.score else ["the family name, another initial"]
        score *= SCORES.household_initial if first.score else SCORES.household_other
    return NameMatch("household", round(score, 4), (*steps, *((family.step,) if family.step else ())))


def _by_family_alone(given: Person, listed: Person, family: Agreement) -> float:
    if not (is_rare(given.surname) and is_rare(listed.surname)):
        return SCORES.household * family.score
    couple = any(person.household and person.title for person in (given, listed))
    if couple and not _titles_clash(given, listed):  # Mr & Mrs Thornley
        return SCORES.title_and_family * family.score
    return SCORES.household * SCORES.household_rare * family.score


def _part_missing(given: Person, listed: Person, family: Agreement | None) -> NameMatch:
    """One side, or each, has a family name only, or a single word that may be either name."""
    if not given.given and not listed.given:
        if family is None or _titles_clash(given, listed):
            return _DIFFERENT
        return NameMatch("same", family.score, (family.step,) if family.step else ())
    single, whole = (listed, given) if given.given else (given, listed)
    if not single.title and _run_together(single, whole):
        return NameMatch("compatible", SCORES.words_joined, ("words joined or split",))
    if family is not None:
        if family.kind == "near" or _titles_clash(given, listed) or _is_not_she(single, whole):
            return NameMatch("different", SCORES.title_clashes_alone)
        if single.title:
            return NameMatch(
                "compatible",
                round(SCORES.title_and_family * family.score, 4),
                ("title and family name only",),
            )
        return NameMatch(
            "household", round(_by_family_alone(given, listed, family), 4), ("the family name alone",)
        )
    if single.surname and agree_given(single.surname[0], whole.given[0]).score:
        return NameMatch("different", SCORES.first_alone, ("the first name alone",))
    return _DIFFERENT


def _organisations(given: Person, listed: Person) -> NameMatch:
    """Two organisations are the same when they have the same words, in any order."""
    if not (given.organisation and listed.organisation):
        return _DIFFERENT
    a, b = frozenset(given.surname), frozenset(listed.surname)
    return (
        _SAME if a == b else NameMatch("different", round(SCORES.organisation * len(a & b) / len(a | b), 4))
    )
