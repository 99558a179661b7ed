"""A message that is answered at once is answered as the matchers would answer it."""

from __future__ import annotations

import ast
import inspect
import random
import re
import textwrap
from collections.abc import Iterator
from contextlib import suppress
from functools import cache
from typing import Any, NamedTuple

import pytest

import engine.plain_message
from benchmarks import estate, everyday
from engine.blocklist import Blocklist, compile_blocklist
from engine.model import Attempt, ConfidentialEntry, Contact, Monitoring, ProtectedPerson, Restriction
from engine.plain_message import PlainMessages
from engine.policy import read_policy
from engine.screener import Screener
from matchers import content, plain_numbers, plain_text
from matchers.address import mentioned
from tests.engine.asking import ANOTHER, ELSEWHERE, HIS, NOW
from tests.repeating import times

MONITORED, UNREAD = "C3456DE", "D4567EF"
MADE = ["0" + 5 * "12", "0" + 3 * "7" + 3 * "0" + 4 * "1"]
"""Numbers of no range that is kept for drama: told by signs, and by how often each digit is meant."""
HERS = Restriction(
    id="R1",
    prisoner=HIS,
    protected=ProtectedPerson(name="Sarah Jane Larkmead", aliases=("Sazza Tolle", "Nia O'Hanrahan")),
    contacts=(
        Contact(kind="phone", value="07700 900123"),
        Contact(kind="phone", value="0113 496 0123"),
        Contact(kind="phone", value="+1 212 555 0123"),
        *(Contact(kind="phone", value=value) for value in MADE),
        Contact(kind="address", value="121 Quillet Street, Leeds LS1 4AB"),
        Contact(kind="address", value="Alder Lodge, Mill Lane, Leeds LS1 5AC"),
        Contact(kind="email", value="sal.lark@mail.example"),
        Contact(kind="handle", value="@lark_jay"),
        Contact(kind="handle", value="@sally_j58"),
        Contact(kind="handle", value="@86lark.mead"),
        Contact(kind="handle", value="@instaname"),
        Contact(kind="handle", value="@tern.owl"),
        Contact(kind="email", value="zedkay77@post.example"),
        Contact(kind="email", value="wren@mail.org"),
    ),
)
NOT_WHOLE = Restriction(
    id="R2",
    prisoner=UNREAD,
    protected=ProtectedPerson(name="Bronwen Pell"),
    contacts=(Contact(kind="phone", value="07700 900777"),),
    unread=("contacts[1].value: no number",),
)
REGISTER = ConfidentialEntry(
    name="Larch & Fir", kind="legal", contacts=(Contact(kind="phone", value="0113 496 0777"),)
)


class Sent(NamedTuple):
    """A message, and those before it."""

    attempt: Attempt
    earlier: tuple[str, ...] = ()


@cache
def a_list() -> Blocklist:
    monitored = {MONITORED: Monitoring(from_="2026-01-01", until="2026-12-31")}
    return compile_blocklist([HERS, NOT_WHOLE], [REGISTER], heightened=monitored)


def sent(body: str, *earlier: str, **other: Any) -> Sent:
    fields = {"id": "M", "channel": "message", "prisoner": HIS, "to": ELSEWHERE, "body": body, **other}
    return Sent(Attempt(**fields), earlier)


OF_NUMBERS = """
ring 07700900123 about it|it is 03300100987|it is 077-00900123|07700'900123|07700 too 900 too 123|!"!"!"!"!"
oh double seven double oh nine double oh one two three|double seven double oh nine double oh one two three
ring 07700 nine double oh one two three mate|0 7 7 0 o nine o o one two three|puuppoppqwe
oh you seven you seven you oh you oh you nine you oh you oh you one you two you three
owe sevan sevan owe owe nien owe owe won too free|it is oh one one three for nine six oh one too three
one one three four nine six nought one two three|the end is 900123 mate|4960123 is it|call 02125550123 there
at 0 or 900123 or 1234|it was 07700900122 plus one|15401800246 halved
0 and 7 thrice and 0 thrice and 1 times 4|0 and 7 times 3 and 0 times 3 and 1 times 4
"""
OF_ACCOUNTS = """
find lark jay on there|sal lark on mail|sal at lark mail|sal underscore lark mail|wren at mail org
wren@mail.org|wren at mail dot org|wren at mail. org|wren at mail full stop org|see wren (at) mail.org
@instaname|insta instaname|snap instaname|telegram instaname|see t.me/instaname|find tern.owl there
find tern owl there|tern'owl|sally j 58 is it|it is 86 lark mead|zedkay 77 post|hi'zedkay 77 post
zed'kay 77 post
"""
OF_PLACES = """
go to one hundred and twenty one quillet street|at 121 quillet street|one two one quillet street
121'quillet street|at 12'1 quillet street|121 the street quillet|she is at alder lodge
121 quillet street.. leeds ls 1 4 ab|l s 1 4 a b is it|ls one four ab|ls one 4ab|ls 14 ab
"""
OF_PEOPLE = """
sarah larkmead was there|lark mead sarah|sarah jane was here|sar'ah larkmead|daemkral haras|miss larkmead
mrs larkmead|sazza tolle|nia o'hanrahan|nia ohanrahan|tell sarah i love her|tell sal i love her
tell sazza i am sorry|tell sarha i love her|tell saraah i love her|tell saarrrah i love her
tell saraaahh hello|tell haras hello|tell sa rah i am sorry|tell s'arah i love her|tell''sarah i love her
tell.sarah i love her|tell n!a i love her|tell larkmead i love her|tell sarah's mum i love her
msg sarah for me|tell lark jay i am coming|tell the missus i am coming|tell ur mum i am coming for her
i know where she lives|she better drop it|she betta drop it|make her drop the charges
get him to withdraw the statement
"""
OF_HER = [
    text
    for some in (OF_NUMBERS, OF_ACCOUNTS, OF_PLACES, OF_PEOPLE)
    for text in re.split("[|\n]", some)
    if text
]
AROUND = ("{}", "hi mum. {} see you soon", 'he said "{}"!', "don't know. {}..")
EARLIER = (
    sent("nine double oh one two three", "it is 07700"),
    sent("nine double oh one two three", "it is 07700", prisoner=ANOTHER),
    sent("one two three", "it is 07700", "then 900"),
    sent("900123", "it is 07700"),
    sent("then 123", "it is 07700900", prisoner=ANOTHER),
    sent("o l 2 3", "it is 07700900"),
)
WHOEVER = (
    sent("hello", prisoner=MONITORED),
    sent("hello", prisoner=UNREAD),
    sent("hello", prisoner=None),
    sent("hello", to="07700 900123", prisoner=ANOTHER),
    sent("hello", to="07700 900133"),
    sent("hello", to="0113 496 0777", prisoner=ANOTHER),
    sent("hello", to="0909 879 0123"),
    sent("hello", to="07700 900999, sally_j92@mail.example"),
    sent("hello", doubts=("a picture",)),
    sent("hello", privileged=True),
    sent("hello", channel="letter"),
    sent("hello", channel="letter"),
)


def texts(chance: random.Random, count: int) -> Iterator[Sent]:
    """Messages that name her or hers in each way, nearly, and with other words between."""
    for text in OF_HER:
        yield from (sent(around.format(text), prisoner=who) for around in AROUND for who in (HIS, ANOTHER))
    yield from (*EARLIER, *WHOEVER)
    words = sorted({word for text in OF_HER for word in text.split()})
    chats = list(everyday.chats(50, chance))
    for _ in range(count):
        parts = chance.choice(OF_HER).split()
        for _ in range(chance.randrange(3)):
            parts.insert(chance.randrange(len(parts) + 1), chance.choice(words))
        if chance.random() < 0.3:
            at = chance.randrange(len(parts))
            cut = chance.randrange(len(parts[at]) + 1)
            parts[at] = (
                parts[at][:cut] + chance.choice((" ", "'", "", ". ", ", ", "'s ", "!")) + parts[at][cut:]
            )
        body = chance.choice((" ", " ", " ", ". ", ", ")).join(parts)
        if chance.random() < 0.2:
            body = f"{chance.choice(chats)} {body}"
        earlier = tuple(chance.sample(OF_HER, 2)) if chance.random() < 0.1 else ()
        prisoner = ANOTHER if chance.random() < 0.3 else HIS
        yield sent(chance.choice((body, body.capitalize(), body.upper())), *earlier, prisoner=prisoner)


@cache
def telling() -> list[Sent]:
    """Messages of which the matchers say something."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(PlainMessages, "nothing_to_say", lambda *_: False)
        by = Screener(a_list(), read_policy())
        return [
            one
            for one in texts(random.Random(26), times(600))
            if (answer := by.check(one.attempt, NOW, one.earlier)).decision != "allow" or answer.reasons
        ]


def missed() -> Iterator[Sent]:
    """Messages of which nothing is said at once, and something by the matchers."""
    plain_text.forget()
    first, again = PlainMessages(a_list()), PlainMessages(a_list())
    for one in telling():
        first._own.update((who, own and own._replace(heads=None)) for who, own in first._own.items())
        if first.nothing_to_say(*one) or again.nothing_to_say(*one):
            yield one


def test_where_the_matchers_say_something_nothing_is_answered_at_once() -> None:
    assert list(missed()) == []


def test_of_each_way_there_is_something_to_say() -> None:
    bodies = {one.attempt.body for one in telling()}
    assert [text for text in OF_HER if text not in bodies] == []


def test_most_messages_are_answered_at_once() -> None:
    quick = PlainMessages(compile_blocklist(estate.full_restrictions(2_000)))
    drawn = estate.messages(200)
    assert sum(quick.nothing_to_say(one, ()) for one in drawn) > 0.7 * len(drawn)


# ── each rule taken out ─────────────────────────────────────────────────────────────────────────────────

RULES: dict[str, tuple[object, str]] = {
    "nothing_to_say": (PlainMessages, "nothing_to_say"),
    "_may_name": (engine.plain_message, "_may_name"),
    "is_to_nobody": (engine.plain_message, "is_to_nobody"),
    "read": (plain_text, "read"),
    "_divides_words": (plain_text, "_divides_words"),
    "facts_in": (plain_text, "facts_in"),
    "facts_of": (plain_text, "facts_of"),
    "made_of": (plain_text, "made_of"),
    "may_stand_in": (plain_text.Forms, "may_stand_in"),
    "may_hold_number": (plain_numbers, "may_hold_number"),
    "_is_listed": (plain_numbers, "_is_listed"),
    "may_be_misspelt": (content, "may_be_misspelt"),
    "digits_of": (mentioned, "digits_of"),
}
"""Functions that rule something out, and where they are looked up."""
SAFE = {
    "nothing_to_say": {
        "attempt.at is not None",  # an error leaves a message to the matchers
        "text is None",
        "not attempt.body",
        "prisoner is None",  # `is_to_nobody` asks too
        "own is None",
    },
    "is_to_nobody": {"attempt.prisoner is None"},
    "read": {  # other characters are no plain ones anyway, and a longer text only takes longer
        "not text.isascii() or len(text) > LONGEST_MESSAGE",
        "not text.isascii()",
        "len(text) > LONGEST_MESSAGE",
    },
    "_divides_words": {"not digits"},
    "facts_in": {"word.isalpha()", "len(word) > _SHORT"},
    "may_hold_number": {"count == WHOLE"},
    "may_be_misspelt": {  # what is forgotten is asked again
        "far is None or len(far) > _MOST_FAR",
        "far is None",
        "len(far) > _MOST_FAR",
        "len(_FAR) >= _MOST_FIRST_NAMES",
    },
}
"""Conditions that save time: whatever is answered, no message is missed."""


def conditions(function: ast.AST) -> list[ast.expr]:
    """Everything in a function that is asked, parts of a question too, in its order."""
    asked: list[ast.expr] = []
    for node in ast.walk(function):
        if isinstance(node, ast.If | ast.IfExp):
            asked.append(node.test)
        elif isinstance(node, ast.BoolOp):
            asked += node.values
    return asked


class Answered(ast.NodeTransformer):
    """One condition answered without asking."""

    def __init__(self, at: ast.expr, answer: bool) -> None:
        self.at, self.answer = at, answer

    def visit(self, node: ast.AST) -> ast.AST:
        if node is self.at:
            return ast.copy_location(ast.Constant(self.answer), node)
        return self.generic_visit(node)


def sabotages() -> Iterator[tuple[str, int, str]]:
    """Every condition of every rule: its function, its number there, how it is written."""
    for name, (owner, attribute) in RULES.items():
        source = ast.parse(textwrap.dedent(inspect.getsource(getattr(owner, attribute))))
        for number, condition in enumerate(conditions(source)):
            yield name, number, ast.unparse(condition)


def sabotaged(name: str, number: int, answer: bool, patched: pytest.MonkeyPatch) -> None:
    """Put the function in place with one condition answered."""
    owner, attribute = RULES[name]
    function = inspect.unwrap(getattr(owner, attribute))
    source = ast.parse(textwrap.dedent(inspect.getsource(function)))
    Answered(conditions(source)[number], answer).visit(source)
    made: dict[str, Any] = {}
    exec(compile(ast.fix_missing_locations(source), name, "exec"), function.__globals__, made)  # noqa: S102
    patched.setattr(owner, attribute, made[function.__name__])


@pytest.mark.parametrize(("name", "number", "condition"), list(sabotages()))
def test_no_rule_can_be_taken_out_unseen(
    name: str, number: int, condition: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = False
    for answer in (False, True):
        with monkeypatch.context() as patched, suppress(Exception):  # which leaves it to the matchers
            sabotaged(name, number, answer, patched)
            seen = seen or next(missed(), None) is not None
    assert seen or condition in SAFE.get(name, ())


@pytest.mark.parametrize("field", [one for one in engine.plain_message._Own._fields if one != "heads"])
def test_nothing_of_his_own_restrictions_can_be_left_out_unseen(
    field: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = engine.plain_message._of

    def without(*given: Any) -> Any:
        own: Any = whole(*given)
        kept = getattr(own, field)
        empty = plain_text.Forms(()) if isinstance(kept, plain_text.Forms) else type(kept)()
        return own._replace(**{field: empty})

    monkeypatch.setattr(engine.plain_message, "_of", without)
    assert next(missed(), None) is not None
