"""A bookmark is read as it was written, also as a version of before wrote it; what is none begins anew."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.feed.api_messages import LedgerPlace
from service.node.bookmark import Bookmark, read_bookmark

NUMBERS = st.integers(0, 2**63 - 1)
PLACES = st.builds(LedgerPlace, NUMBERS, st.from_regex("[0-9a-f]{64}", fullmatch=True)) | st.just(
    LedgerPlace()
)


@given(st.builds(Bookmark, NUMBERS, NUMBERS, PLACES))
def test_what_is_written_is_read(mark: Bookmark) -> None:
    with TemporaryDirectory() as folder:
        file = Path(folder) / "forwarded"
        mark.write(file)
        assert read_bookmark(file) == mark


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("72", Bookmark(72)),
        ("72 1764500000", Bookmark(72, 1764500000)),
        ("72 0 90 5f", Bookmark(72, 0, LedgerPlace(90, "5f"))),
        ("", Bookmark()),
        ("72 x", Bookmark()),
        ("72 0 90 5f more", Bookmark()),
        ("½", Bookmark()),
    ],
)
def test_forms_of_before_are_read_and_what_is_none_is_the_beginning(
    tmp_path: Path, written: str, read: Bookmark
) -> None:
    (tmp_path / "settled").write_text(written)
    assert read_bookmark(tmp_path / "settled") == read
    assert read_bookmark(tmp_path / "not there") == Bookmark()
