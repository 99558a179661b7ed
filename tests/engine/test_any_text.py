"""Whatever an attempt holds, it is answered, no part fails, and nothing unreadable is allowed."""

from datetime import UTC, datetime

from hypothesis import given, settings
from hypothesis import strategies as st

from engine.blocklist import compile_blocklist
from engine.model import Attempt, Channel, Contact, ProtectedPerson, ReasonCode, Restriction
from engine.policy import read_policy
from engine.screener import Screener
from tests.repeating import times

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
SCREENER = Screener(
    compile_blocklist(
        [
            Restriction(
                id="R1",
                prisoner="A1234BC",
                protected=ProtectedPerson(name="Sarah Jane Jones", aliases=("Sally Jones",)),
                contacts=(
                    Contact(kind="phone", value="07700 900123"),
                    Contact(kind="phone", value="0113 496 0123"),
                    Contact(kind="address", value="Flat 2, 10 Alderbirch Street, Leeds LS1 4AB"),
                    Contact(kind="email", value="sally@example.org"),
                    Contact(kind="handle", value="@sallyj"),
                ),
            )
        ]
    ),
    read_policy(),
)

# Pieces that the readers look for, so that random text reaches deep into them.
PIECES = [
    *"0123456789+#*,;.()/-@&'\n\t ",
    *(
        "07700",
        "900123",
        "141",
        "00",
        "44",
        "(0)",
        "ext",
        "x",
        "tel:",
        "sip:",
        ";ext=",
        "oh",
        "double",
        "seven",
    ),
    *(
        "dim",
        "saith",
        "hundred",
        "twenty",
        "O",
        "l",
        "Z",
        "٠٧",
        "７",
        "\u200b",
        "\ud800",
        "\udc80",
        "⑦",
        "½",
        "Ⅳ",
        "é",
        "ß",
        "İ",
        "ﬁ",
    ),
    *("Flat", "10", "12A", "1l9", "Street", "Leeds", "LS1 4AB", "LS1 4A8", "PO Box", "c/o", "FAO", "BFPO"),
    *(
        "Sarah",
        "Jones",
        "Ms",
        "The Jones family",
        "tell",
        "her",
        "sally",
        " at ",
        " dot ",
        "example",
        "org",
        "USA",
    ),
]
channels: st.SearchStrategy[Channel] = st.sampled_from(["call", "message", "letter"])
texts = st.one_of(
    st.text(max_size=60),
    st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=3)), max_size=25).map("".join),
)


@settings(max_examples=times(1500), deadline=None)
@given(channels, texts, texts, st.sampled_from(["A1234BC", "B2345CD"]))
def test_any_attempt_is_answered_and_no_part_fails(
    channel: Channel, to: str, body: str, prisoner: str
) -> None:
    attempt = Attempt(id="A", channel=channel, to=to, body=body, prisoner=prisoner)
    decision = SCREENER.check(attempt, NOW, earlier=(body, to))
    assert ReasonCode.MATCHER_FAILED not in {reason.code for reason in decision.reasons}, decision.reasons
    assert decision == SCREENER.check(attempt, NOW, earlier=(body, to))


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet=st.characters(exclude_categories=["N", "L"]), max_size=30))
def test_what_holds_no_number_and_no_letter_is_never_allowed(to: str) -> None:
    every: tuple[Channel, ...] = ("call", "message", "letter")
    for channel in every:
        attempt = Attempt(id="A", channel=channel, to=to, prisoner="B2345CD")
        assert SCREENER.check(attempt, NOW).decision != "allow"
