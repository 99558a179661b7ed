"""A key that stands twice is refused wherever it stands; what is no JSON is left to the decoder."""

import pytest

from engine.repeated_keys import RepeatedKeyError, refuse_repeated_keys


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ('{"until": null, "id": "R1", "until": "2020-01-01"}', "until"),
        ('{"id": "R1", "protected": {"name": "A", "name": "B"}}', "name"),
        ('[{"a": 1}, {"a": 1, "a": 1}]', "a"),
        ('{"a": 1, "\\u0061": 2}', "a"),
        ('{"a": ' + "1" * 5_000 + ', "b": 1, "b": 2}', "b"),
    ],
)
def test_a_key_that_stands_twice_is_named(text: str, key: str) -> None:
    with pytest.raises(RepeatedKeyError) as refused:
        refuse_repeated_keys(text.encode())

    assert refused.value.key == key


@pytest.mark.parametrize(
    "text", ['{"a": {"b": 1}, "b": {"a": 1}}', "[[[", "no JSON", "[" * 100_000, "[]", "1"]
)
def test_all_else_is_left_to_the_decoder(text: str) -> None:
    refuse_repeated_keys(text)
