"""Prisoners from a CSV file: a bad line is named and nothing else is lost; nobody goes by not being in it."""

from __future__ import annotations

from io import BytesIO

import pytest

from service.errors import InvalidError
from service.registry.directory import Particulars
from service.registry.directory_import import MERGED, import_prisoners
from service.registry.importing import Imported
from service.registry.registry import Registry
from tests.service.registry.listings import ANOTHER, ASKER, HIS, THIRD

HEAD = "number,name,aliases,born,prison"


def take(registry: Registry, *lines: str | bytes, head: str = HEAD) -> Imported:
    text = b"\n".join(line if isinstance(line, bytes) else line.encode() for line in (head, *lines))
    return import_prisoners(registry, "operator:test", BytesIO(text))


def test_a_file_is_taken_and_taken_again_changes_nothing(registry: Registry) -> None:
    lines = (f'{HIS},"BLACKMERE, Corin",Cory Marsh; C B,3/5/1981,lei', f"{ANOTHER},Osric Venn,,,")
    assert take(registry, *lines)[:4] == (2, 2, 0, 0)
    assert registry.directory.get([HIS])[HIS] == Particulars(
        name="BLACKMERE, Corin", aliases=("Cory Marsh", "C B"), born="1981-05-03"
    )
    assert (registry.where_is(HIS), registry.where_is(ANOTHER)) == ("LEI", None)
    before = registry.last_change()
    assert take(registry, *lines)[:4] == (2, 0, 0, 2)
    assert registry.last_change() == before
    assert take(registry, f"{HIS},Corin Blackmere,,1981-05-03,MRI")[:4] == (1, 0, 1, 0)
    assert registry.where_is(HIS) == "MRI"
    assert set(registry.directory.get([HIS, ANOTHER])) == {HIS, ANOTHER}


def test_each_bad_line_is_named_repeats_nothing_and_the_others_are_taken(registry: Registry) -> None:
    done = take(
        registry,
        "A12,Plantedname,,,",
        f"{HIS},,,,",
        f"{HIS},Plantedname,,1981-13-01,",
        f"{HIS},Plantedname,,,Leeds",
        f"{HIS},Plantedname",
        f'{HIS},"Plantedname,,,',
        b"\xff,Plantedname,,,",
        "",
        f"{HIS},Plantedname\x07,,,",
        f"{ANOTHER},Osric Venn,,,",
        f"{ANOTHER},Plantedname,,,",
    )
    assert [error.partition(":")[0] for error in done.errors] == [
        f"line {number}" for number in (2, 3, 4, 5, 6, 7, 8, 9, 10, 12)
    ]
    assert "Planted" not in "".join(done.errors)
    assert (done.lines, done.added) == (11, 1)
    assert registry.directory.get([ANOTHER])[ANOTHER].name == "Osric Venn"


@pytest.mark.parametrize("head", ["", "number,born", "number,name,shoe size", "number,name,name", '"number'])
def test_a_file_that_does_not_name_its_columns_is_refused_whole(registry: Registry, head: str) -> None:
    with pytest.raises(InvalidError, match="name the columns"):
        take(registry, f"{HIS},Corin Blackmere", head=head)
    assert registry.directory.get([HIS]) == {}


def test_a_merged_number_keeps_its_name_and_moves_nobody(registry: Registry) -> None:
    registry.prisoners.move(ASKER, HIS, "LEI")
    registry.prisoners.merge(ASKER, ANOTHER, HIS)
    done = take(registry, f"{ANOTHER},Cory Marsh,,,MRI", f"{THIRD},Osric Venn,,,MRI")
    assert done.notes == (f"line 2: {MERGED}",)
    assert (registry.where_is(ANOTHER), registry.where_is(THIRD)) == ("LEI", "MRI")
    assert registry.directory.get([ANOTHER])[ANOTHER].name == "Cory Marsh"
    take(registry, f"{HIS},Corin Blackmere,,,BMI")
    assert registry.prisoners.get(ANOTHER).establishment == "BMI"
