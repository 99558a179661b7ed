"""Addresses of which much was misread: what still agrees argues, and a neighbour's agrees in less."""

from __future__ import annotations

import pytest

from matchers.address import compare, readings

READ = [  # as read, as listed
    ("Meadow View, Morganstown, CF15 sZZ", "Meadow View, Heol Berry, Morganstown, CF15 9ZZ"),
    ("Ashdown Ct, Hillcrest, N6 qZZ", "Ashdown Court, 4 Hillcrest, London, N6 9ZZ"),
    (
        "Flat 6, Holly Hodse, u1, Worcester, WR5 SZZ",
        "Flat 6, Holly House, 41 Ransome Way, Worcester, WR5 3ZZ",
    ),
    ("Lane End, London, NM7 2ZZ", "Lane End, Colenso Way, London, NW7 2ZZ"),
    ("106, Sau Terraee, Grindleton, BB7 4ZA", "106 Shaw Terrace, Grindleton, Clitheroe, BB7 4ZB"),
    ("Flat 1, Tennyson Court,dTQ12a9ZZ", "Flat 1, Tennyson Court, Newton Abbot, TQ12 9ZZ"),
    ("8, Elmet Close, Glastonbury,JBA6J9ZZ", "8 Elmet Close, Glastonbury, BA6 9ZZ"),
    ("Thf Oldforge, Keysoe Row, Bedford, MK44 2ZZ", "The Old Forge, Keysoe Row, Bedford, MK44 2ZZ"),
    ("TheuBarn, Stoke-On-Trent, ST3 6ZZ", "The Barn, Silsden Grove, Stoke-On-Trent, ST3 6ZZ"),
    (
        "BrookHse, Altamira Way, Topsham, Exeter, EX3 0ZZ",
        "Brook House, Altamira Way, Topsham, Exeter, EX3 0ZZ",
    ),
    ("Flat ?, Maple Court, 23, Dagenham, RM8 2ZZ", "Flat 7, Maple Court, 23 Elmet Road, Dagenham, RM8 2ZZ"),
    ("1q, Elmet Row, Stafford, ST16 2ZZ", "14 Elmet Row, Stafford, ST16 2ZZ"),
    ("1,24 Elmet Row, Stafford, ST16 2ZZ", "124 Elmet Row, Stafford, ST16 2ZZ"),
    ("Flat 2, @2O, Elmet Green, Leeds, LS6 4ZZ", "Flat 2, 20 Elmet Green, Leeds, LS6 4ZZ"),
    ("Flat 3, Elmet Lane, Crediton, EX17 9Z€", "Flat 3, 17 Elmet Lane, Crediton, EX17 9ZZ"),
    (
        "6, Holly House, Elm Cottages, Haughley, IP1u 9ZZ",
        "Flat 6, Elm Cottages, Holly House, Haughley, IP14 9ZZ",
    ),
]
NEIGHBOURS = [
    ("16 Elmet Row, Stafford, ST16 2ZZ", "14 Elmet Row, Stafford, ST16 2ZZ"),
    ("2O, Elmet Row, Stafford, ST16 2ZB", "24 Elmet Row, Stafford, ST16 2ZZ"),
    ("1,26 Elmet Row, Stafford, ST16 2ZZ", "124 Elmet Row, Stafford, ST16 2ZZ"),
    ("Flat 7, 12 Regency Square, Brighton BN1 2ZZ", "Basement Flat, 12 Regency Square, Brighton, BN1 2ZZ"),
    ("The Barn, Silsden Grove, Stoke-On-Trent, ST3 6ZZ", "The Bank, Silsden Grove, Stoke-On-Trent, ST3 6ZZ"),
    ("106 Oak Terrace, Grindleton, BB7 4ZA", "106 Elm Terrace, Grindleton, BB7 4ZB"),
    ("The Milton, Kentish Road, Belvedere, DA17 9ZA", "Rowan Lodge, Kentish Road, Belvedere, DA17 9ZB"),
]


def best(given: str, listed: str) -> str:
    pairs = (compare(one, other, flag=0.01) for one in readings(given) for other in readings(listed))
    return max(pairs, key=lambda found: found.rank).level


@pytest.mark.parametrize(("given", "listed"), READ)
def test_what_agrees_argues_for_the_door(given: str, listed: str) -> None:
    assert best(given, listed) != "different"


@pytest.mark.parametrize(("given", "listed"), NEIGHBOURS)
def test_a_neighbours_agrees_in_less(given: str, listed: str) -> None:
    assert best(given, listed) == "different"
