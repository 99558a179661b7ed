"""Who is named on an envelope, however the line is broken, and marks that are no part of an address."""

from collections.abc import Iterator
from datetime import UTC, datetime

import msgspec
import pytest

from engine.blocklist import compile_blocklist
from engine.model import Attempt, Contact, Decision, Exemption, ProtectedPerson, Restriction
from engine.policy import read_policy
from engine.screener import Screener
from matchers import address, envelope_names
from matchers.person import Person

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
RESTRICTION = Restriction(
    id="R1",
    prisoner="A1234BC",
    protected=ProtectedPerson(name="Sarah Okafor", aliases=("Sally Okafor",)),
    contacts=(Contact(kind="address", value="Flat 2, 10 Larkmead Street, Ambermouth, QB1 4AB"),),
)
SCREENER = Screener(compile_blocklist([RESTRICTION]), read_policy())


def letter(to: str, prisoner: str = "A1234BC") -> Decision:
    return SCREENER.check(Attempt(id="L1", channel="letter", to=to, prisoner=prisoner), NOW)


def codes(decision: Decision) -> list[str]:
    return [reason.code for reason in decision.reasons]


@pytest.mark.parametrize(
    "to",
    [
        "Sally Okafor\n5 Inkhorn Street\nCorvenport\nVB8 1FG",
        "Sally Okafor, 5 Inkhorn Street, Corvenport, VB8 1FG",
        "Sally Okafor 5 Inkhorn Street Corvenport VB8 1FG",
        "Okafor, Sarah\n5 Inkhorn Street\nCorvenport\nVB8 1FG",
        "OKAFOR, Sarah, 5 Inkhorn Street, Corvenport, VB8 1FG",
        "Ms S Okafor, 5 Inkhorn Street, Corvenport, VB8 1FG",
    ],
)
def test_the_person_at_another_address_is_seen_however_the_lines_are_broken(to: str) -> None:
    assert codes(letter(to)) == ["RESTRICTED_PERSON"]
    assert letter(to, prisoner="B2345CD").decision == "allow"


def test_addresses_beyond_those_that_are_read_are_a_doubt() -> None:
    several = [f"{number} Inkhorn Street, Corvenport, VB8 {number}FG" for number in range(1, 10)]
    assert letter("; ".join(several[:8])).decision == "allow"
    assert codes(letter("; ".join(several))) == ["DOUBTFUL_READING"]


@pytest.mark.parametrize(
    "to",
    [
        "Tom Blythe, 5 Inkhorn Street, Corvenport, VB8 1FG",
        "Rose Cottage, Mill Lane, Corvenport, VB8 1FG",
        "Larkmead Surgery, 5 Inkhorn Street, Corvenport, VB8 1FG",
        "Tom Blythe\nFlat 3, 10 Larkmead Street\nAmbermouth\nQB1 4AB",
    ],
)
def test_other_people_and_houses_are_not_the_person(to: str) -> None:
    assert letter(to).decision == "allow", letter(to).reasons


@pytest.mark.parametrize(
    "mark", ["RULE 39", "Rule 39\n", "PRISON RULE 39", "Legal mail", "Private & Confidential", "1st class"]
)
def test_a_mark_on_the_envelope_is_no_part_of_the_address(mark: str) -> None:
    to = f"{mark}\nTom Blythe\nFlat 2, 10 Larkmead Street\nAmbermouth\nQB1 4AB"
    assert "RESTRICTED_ADDRESS" in codes(letter(to))
    assert letter(to).decision == "block"


@pytest.mark.parametrize(
    ("listed", "given"),
    [
        ("14 Larkmead Street, Wexmoor, Derby, DE98 3TB", "14 Larkmead Street\nWexmoor\nDerby\n{}"),
        ("14 High Street, Wexmoor, Derby, DE98 3TB", "14 High Street\nWexmoor\nDerby\n{}"),
        ("Flat 2, 14 High Street, Derby, DE98 3TB", "Flat 2, 14 High Street\nDerby\n{}"),
        ("Rose Cottage, Church Lane, Derby, DE98 3TB", "Rose Cottage\nChurch Lane\nDerby\n{}"),
        ("Rose Cottage, Wexmoor, Derby, DE98 3TB", "Rose Cottage\nWexmoor\nDerby\n{}"),
        (
            "Foxglove Refuge, Towngarth, Wexmoor, Derby, DE98 3TB",
            "Foxglove Refuge\nTowngarth\nWexmoor\nDerby\n{}",
        ),
    ],
)
@pytest.mark.parametrize("code", ["", "M1 1AA", "DE4 9ZZ", "DE97 1AA", "QB1 4AB", "M1"])
def test_no_postcode_or_a_false_one_hides_no_address(listed: str, given: str, code: str) -> None:
    restriction = msgspec.structs.replace(RESTRICTION, contacts=(Contact(kind="address", value=listed),))
    screener = Screener(compile_blocklist([restriction]), read_policy())
    asked = Attempt(id="L1", channel="letter", to=given.format(code), prisoner="A1234BC")
    assert screener.check(asked, NOW).decision == "flag"
    assert (
        screener.check(msgspec.structs.replace(asked, to=given.format("DE98 3TB")), NOW).decision == "block"
    )


def test_a_town_misread_in_its_first_letter_without_a_postcode_hides_no_address() -> None:
    listed = (Contact(kind="address", value="3 Caskmead Street, Gainsborough, Lincolnshire, DN98 2DJ"),)
    restriction = msgspec.structs.replace(RESTRICTION, contacts=listed)
    screener = Screener(compile_blocklist([restriction]), read_policy())
    to = "{} Caskmead Street\nHainsborough\nLincolnshire\nON21208"
    asked = Attempt(id="L1", channel="letter", to=to.format(3), prisoner="A1234BC")
    assert codes(screener.check(asked, NOW)) == ["PROBABLE_ADDRESS"]
    assert screener.check(msgspec.structs.replace(asked, to=to.format(5)), NOW).decision == "allow"


def test_a_person_in_care_of_another_is_told_once() -> None:
    assert codes(letter("Tom Blythe\nc/o Sarah Okafor\n5 Inkhorn Street\nCorvenport\nVB8 1FG")) == ["CARE_OF"]


def test_care_of_hides_no_name_that_holds_it_and_tells_no_other() -> None:
    told = letter("Sarah Okafor\nc/o Tom Blythe\n5 Inkhorn Street\nCorvenport\nVB8 1FG")
    assert codes(told) == ["RESTRICTED_PERSON"]
    told = letter("Tom Blythe\nc/o Sarah Okafor\n5 Inkhorn Street\nCorvenport\nVB8 1FG", "B2345CD")
    assert codes(told) == []


def test_an_address_that_cannot_be_compared_says_which_part_failed_and_how(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fails(*_: object, **__: object) -> None:
        raise KeyError("lost")

    monkeypatch.setattr(address, "compare", fails)
    (reason,) = letter("Tom Blythe\nFlat 2, 10 Larkmead Street\nAmbermouth\nQB1 4AB").reasons
    assert (reason.code, reason.matcher, reason.restriction, reason.steps) == (
        "MATCHER_FAILED",
        "address",
        "R1",
        ("address failed: KeyError",),
    )


def test_how_sure_a_name_has_to_be_the_policy_says() -> None:
    to = "S Okafor\n5 Inkhorn Street\nCorvenport\nVB8 1FG"
    (reason,) = letter(to).reasons

    def under(least: float) -> list[str]:
        policy = read_policy()
        sure = msgspec.structs.replace(policy.person, own_name_score=least)
        screener = Screener(SCREENER.blocklist, msgspec.structs.replace(policy, person=sure))
        return codes(screener.check(Attempt(id="L1", channel="letter", to=to, prisoner="A1234BC"), NOW))

    assert 0 < reason.score < 1
    assert under(reason.score) == ["RESTRICTED_PERSON"]
    assert under(min(1.0, reason.score + 0.01)) == []


@pytest.mark.parametrize("broken", ["R1", "R2"])
def test_a_name_that_cannot_be_compared_flags_and_the_others_are_compared(
    broken: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = Restriction(
        id="R2",
        prisoner="A1234BC",
        protected=ProtectedPerson(name="Rhoswen Tallantyre"),
        contacts=(Contact(kind="phone", value="07700 900789"),),
    )
    screener = Screener(compile_blocklist([RESTRICTION, other]), read_policy())
    find = envelope_names.EnvelopeWords.find
    wrong = {
        listing.restriction.id: listing.people
        for listing in map(
            screener.blocklist.restricted.listing, screener.blocklist.restricted.rows_of("A1234BC")
        )
    }[broken]

    def fail_for_one(self: envelope_names.EnvelopeWords, listed: Person) -> Iterator[envelope_names.Named]:
        if listed in wrong:
            raise KeyError("lost")
        return iter(find(self, listed))

    monkeypatch.setattr(envelope_names.EnvelopeWords, "find", fail_for_one)
    to = "Sarah Okafor and Rhoswen Tallantyre\nRhoswen Tallantyre\nSarah Okafor\n5 Inkhorn Street\nVB8 1FG"
    asked = Attempt(id="L1", channel="letter", to=to, prisoner="A1234BC")
    told = {reason.restriction: reason for reason in screener.check(asked, NOW).reasons}
    assert (told[broken].code, told[broken].matcher, told[broken].steps) == (
        "MATCHER_FAILED",
        "person",
        ("person failed: KeyError",),
    )
    assert told["R2" if broken == "R1" else "R1"].code == "RESTRICTED_PERSON"


def test_an_exception_lets_him_write_to_the_very_door_and_to_no_other() -> None:
    hers = RESTRICTION.contacts[0].value
    excepted = msgspec.structs.replace(
        RESTRICTION,
        contacts=(*RESTRICTION.contacts, Contact(kind="address", value="3 Quay Street, Leeds LS2 8AA")),
        exceptions=(
            Exemption(prisoner="C3456DE", contact="07700 900123"),
            Exemption(prisoner="C3456DE", contact=hers),
        ),
    )
    screener = Screener(compile_blocklist([excepted]), read_policy())

    def told(to: str, by: str) -> list[str]:
        asked = Attempt(id="L1", channel="letter", to=f"Sarah Okafor\n{to}", prisoner=by)
        return codes(screener.check(asked, NOW))

    assert told(hers, "C3456DE") == ["EXCEPTION"]
    assert told(hers, "D4567EF") == ["RESTRICTED_ADDRESS"]
    assert told("3 Quay Street, Leeds LS2 8AA", "C3456DE") == ["RESTRICTED_ADDRESS"]
    assert "EXCEPTION" not in told("3 Quay Street, Leeds LS2 8AA", "C3456DE")


def test_the_best_of_the_names_tells_whether_it_is_hers() -> None:
    door = "Flat 2, 10 Larkmead Street\nAmbermouth\nQB1 4AB"
    for to in (
        f"Sally Okafor\n{door}",
        f"Tom Blythe\nSally Okafor\n{door}",
        f"Sally Okafor\nTom Blythe\n{door}",
    ):
        reason = letter(to, "B2345CD").reasons[0]
        assert reason.code == "RESTRICTED_ADDRESS"
        assert "addressed to the protected person" in reason.steps
    other = letter(f"Tom Blythe\n{door}", "B2345CD").reasons[0]
    assert other.code == "HOUSEHOLD"


HERS = "Tom Blythe\nFlat 2, 10 Larkmead Street\nAmbermouth\nQB1 4AB"
ELSEWHERE = "Tom Blythe\n5 Inkhorn Street\nCorvenport\nVB8 1FG"


@pytest.mark.parametrize(
    ("to", "also_to"),
    [
        (ELSEWHERE, (HERS, ELSEWHERE)),
        (ELSEWHERE, (ELSEWHERE, HERS)),
        (f"{ELSEWHERE}\n{HERS}", (ELSEWHERE,)),
        (f"{ELSEWHERE}\n{HERS}", (ELSEWHERE, ELSEWHERE)),
        (ELSEWHERE, (f"{ELSEWHERE}\n{HERS}", ELSEWHERE)),
    ],
)
def test_no_other_address_hides_one_of_the_others(to: str, also_to: tuple[str, ...]) -> None:
    attempt = Attempt(id="L1", channel="letter", to=to, prisoner="A1234BC", also_to=also_to)
    assert "RESTRICTED_ADDRESS" in codes(SCREENER.check(attempt, NOW))


def message(body: str, prisoner: str) -> Decision:
    attempt = Attempt(id="M1", channel="message", to="07700 900456", prisoner=prisoner, body=body)
    return SCREENER.check(attempt, NOW)


@pytest.mark.parametrize(
    "body",
    [
        "she lives at 10 QB1 4AB",
        "its number 10, qb14ab ok",
        "flat 2 10 larkmead st qb1 4ab",
        "meet at 10:30 at 10 Larkmead Street Ambermouth QB1 4AB",
        "QB1 4AB, that is 10 Larkmead St",
        "１０ Larkmead Street QB1 ４AB",
    ],
)
@pytest.mark.parametrize("prisoner", ["A1234BC", "B2345CD"])
def test_a_restricted_address_in_a_message_is_held_for_everybody(body: str, prisoner: str) -> None:
    assert "RESTRICTED_CONTENT" in codes(message(body, prisoner))


def test_number_and_street_without_the_postcode_count_for_the_prisoner_it_concerns() -> None:
    body = "go round to 10 larkmead st in ambermouth"
    assert codes(message(body, "A1234BC")) == ["RESTRICTED_CONTENT"]
    assert message(body, "B2345CD").decision == "allow"


@pytest.mark.parametrize(
    "body", ["number ten, larkmead", "10 Larkmeed Street", "q b one four a b", "she's at 9C5M27Q9+XX"]
)
def test_parts_of_an_address_count_for_the_prisoner_it_concerns(body: str) -> None:
    assert codes(message(body, "A1234BC")) == ["RESTRICTED_CONTENT"]
    assert message(body, "B2345CD").decision == "allow"


@pytest.mark.parametrize(
    "body",
    [
        "12 Larkmead Street QB1 4AB",
        "QB1 4AB is a nice area",
        "10 Larkmead Street is not in QB1 5AB",
        "we were 10 at the party, and the weather was fine all week, near QB1 4AB",
        "110 larkmead street",
    ],
)
def test_a_neighbouring_address_in_a_strangers_message_is_nothing(body: str) -> None:
    assert message(body, "B2345CD").decision == "allow", message(body, "B2345CD").reasons


def test_an_address_is_told_with_the_score_of_its_comparison() -> None:
    to, thresholds = "Flat 2, 10 Larkmeed Street, Ambermouth", read_policy().address
    listed = RESTRICTION.contacts[0].value
    reason = next(one for one in letter(to).reasons if one.matcher == "address")
    compared = address.compare(
        address.read(to), address.read(listed), block=thresholds.block, flag=thresholds.flag
    )
    assert reason.score == compared.score < 1


def test_a_name_that_cannot_be_compared_at_one_door_hides_no_other_restriction_of_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    same_door = RESTRICTION.contacts
    other = Restriction(
        id="R2",
        prisoner="A1234BC",
        protected=ProtectedPerson(name="Rhoswen Tallantyre"),
        contacts=same_door,
    )
    screener = Screener(compile_blocklist([RESTRICTION, other]), read_policy())
    find = envelope_names.EnvelopeWords.find

    def fail_for_one(self: envelope_names.EnvelopeWords, listed: Person) -> Iterator[envelope_names.Named]:
        if "Rhoswen" not in listed.text:
            raise KeyError("lost")
        return iter(find(self, listed))

    monkeypatch.setattr(envelope_names.EnvelopeWords, "find", fail_for_one)
    door = next(contact.value for contact in same_door if contact.kind == "address")
    asked = Attempt(id="L1", channel="letter", to=f"Mr T Blythe\n{door}", prisoner="A1234BC")
    codes = {(reason.restriction, reason.code) for reason in screener.check(asked, NOW).reasons}
    assert ("R2", "RESTRICTED_ADDRESS") in codes
    assert ("R1", "MATCHER_FAILED") in codes


@pytest.mark.parametrize(
    ("head", "prisoner", "decision"),
    [
        ("", "A1234BC", "flag"),
        ("Sally\n", "A1234BC", "flag"),
        ("Rowan Ashdown\n", "A1234BC", "allow"),
        ("Flat 4\n", "A1234BC", "allow"),
        ("", "B2345CD", "allow"),
    ],
)
def test_the_whole_block_of_her_flat_is_held_unless_another_name_is_on_the_letter(
    head: str, prisoner: str, decision: str
) -> None:
    listed = Contact(kind="address", value="Flat 3, Maple Court, Larkmead Street, Ambermouth, QB1 4AB")
    restriction = msgspec.structs.replace(RESTRICTION, contacts=(listed,))
    screener = Screener(compile_blocklist([restriction]), read_policy())
    to = f"{head}Maple Court\nLarkmead Street\nAmbermouth\nQB1 4AB"
    assert (
        screener.check(Attempt(id="L1", channel="letter", to=to, prisoner=prisoner), NOW).decision == decision
    )


@pytest.mark.parametrize("house", ["10 Larkmead Street", "Rose Cottage, Mill Lane", "Cedar Court, Mill Lane"])
def test_a_flat_that_is_made_up_hides_no_house_with_her_own_name_on_the_letter(house: str) -> None:
    contacts = (Contact(kind="address", value=f"{house}, Ambermouth, QB1 4AB"),)
    screener = Screener(
        compile_blocklist([msgspec.structs.replace(RESTRICTION, contacts=contacts)]), read_policy()
    )
    decisions = []
    for name in ("Sarah Okafor", "Tom Blythe"):
        to = f"{name}\nFlat 9\n{house}\nAmbermouth\nQB1 4AB"
        attempt = Attempt(id="L1", channel="letter", to=to, prisoner="B2345CD")
        decisions.append(screener.check(attempt, NOW).decision)
    assert decisions == ["flag", "flag" if "Cottage" in house else "allow"]  # no flats are in a cottage
