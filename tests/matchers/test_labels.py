"""A label's digit is none of the number's; what is dialled further, or completes the number, is."""

import pytest

from matchers import phone
from matchers.labels import without_labels


@pytest.mark.parametrize(
    "text",
    [
        "07700 900456 (O2)",
        "07700 900456 O2",
        "07700 900456 [home 2]",
        "Sarah 07700 900456 (mum 2)",
        "(work 1) 07700 900456",
        "(O2) 07700 900456",
        "07700 900456 (mob 1) (O2)",
        "07700 900456 " + "(a 1)" * 500,
    ],
)
def test_a_labels_digit_is_no_extra_digit(text: str) -> None:
    number = phone.read(text)
    assert (number.e164, number.tail, number.kind) == ("+447700900456", "", phone.NumberClass.MOBILE)
    assert "label dropped" in number.steps


@pytest.mark.parametrize(
    "text", ["07700 900456 (ext 2)", "07700 900456 (2)", "07700 900456 3", "07700 900456 (mum 07700 900123)"]
)
def test_what_is_no_label_is_kept(text: str) -> None:
    assert phone.read(text).tail


def test_digits_that_complete_a_number_are_no_labels() -> None:
    assert phone.read("07700 9004 (mum 56)").key == 447700900456
    assert without_labels("07700 900456") == "07700 900456"
