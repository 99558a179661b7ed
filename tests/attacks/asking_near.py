"""Hooks of schemathesis: most requests ask near what is planted, and every answer is kept to be searched.

Loaded by the program itself, by `SCHEMATHESIS_HOOKS`.
"""

from __future__ import annotations

import itertools
import json
import os
import random
from pathlib import Path
from typing import Any

import schemathesis

from tests.attacks.learning import BOTH

KEPT = Path(os.environ["NEAR_ANSWERS"])
APPROVALS = os.environ["NEAR_APPROVALS"].split(",")
SHARE = 0.8
"""Of the requests whose fields are put near what is planted; the rest are as they were made."""
DOORS = (
    "LS1 4AB", "DN7 6BW", "T U\n29 Quernmor Terr\nDN7 6BW", "27 Quernmor Terr\nDN7 6BW", "Ambermouth",
    "R Q\n14 Larkmaed St\nLS1 4A8", "Saltholme DN7",
)  # fmt: skip
NUMBERS = ("07700 900416", "07700 900 863", "0770 0900 86", "141 07700 900461", "900862"[:4])
BODIES = ("tell T U at 29 Quernmor Terr", "ring 07700 900416 for R Q", "t underbarow at saltholm", "DN7 6BW")
FIELDS: dict[str, tuple[Any, ...]] = {
    "to": (*DOORS, *NUMBERS),
    "address": DOORS,
    "numbers": tuple([one] for one in NUMBERS),
    "emails": (["rosamund@ambermouth.example"],),
    "contact": (*DOORS, *NUMBERS),
    "body": BODIES,
    "name": ("T U", "R Q", "Underbarow"),
    "prisoner": tuple(one.prisoner for one in BOTH),
    "establishment": ("LEI",),
    "readings": (list(DOORS[:2]),),
    "also_to": ([DOORS[2]],),
    "why": ("I want to know",),
    "restriction_id": tuple(one.id for one in BOTH),
    "number": tuple(one.prisoner for one in BOTH),
    "approval_id": tuple(APPROVALS),
    "seq": tuple(range(1, 60)),
}
CHECKS = ("call", "message", "letter", "contact", "batch")
chance = random.Random(1)
_numbers = itertools.count()


def _near(given: Any) -> Any:
    """The same with its fields near what is planted."""
    if isinstance(given, list):
        return [_near(one) for one in given]
    if not isinstance(given, dict):
        return given
    return {name: chance.choice(FIELDS[name]) if name in FIELDS else value for name, value in given.items()}


def _asked(channel: str) -> Any:
    """The body of a check that is decided."""
    if channel == "batch":
        return [{**_asked(one), "channel": one} for one in CHECKS[:3]]
    body = {"id": f"near-{next(_numbers)}", "prisoner": chance.choice(BOTH).prisoner, "establishment": "LEI"}
    if channel == "contact":
        return body | {"name": "T U", "numbers": [chance.choice(NUMBERS)], "address": chance.choice(DOORS)}
    if channel == "letter":
        return body | {"to": chance.choice(DOORS)}
    said = chance.choice(BODIES) if channel == "message" else None
    return body | {"to": chance.choice(NUMBERS)} | ({"body": said} if said else {})


@schemathesis.hook
def before_call(context: Any, case: Any, kwargs: Any) -> None:
    """Ask near."""
    if chance.random() > SHARE:
        return
    case.path_parameters = _near(case.path_parameters)
    case.query = _near(case.query)
    if case.operation.path.startswith("/v1/prisoners/") and case.method != "GET":
        case.path_parameters = {
            "number": BOTH[0].prisoner
        }  # who receives somebody may note it, and sees it then
    if case.operation.path.endswith("/{restriction_id}/reveal"):
        case.path_parameters = {"restriction_id": BOTH[0].id}  # what may be seen is looked at
    checked = case.operation.path.removeprefix("/v1/check/")
    if checked in CHECKS:
        case.body = _asked(checked)
    elif isinstance(case.body, dict | list):
        case.body = _near(case.body)


@schemathesis.hook
def after_call(context: Any, case: Any, response: Any) -> None:
    """Keep the answer, headers and all, and what was asked with."""
    headers = [f"{name}: {value}" for name, values in response.headers.items() for value in values]
    kept = {
        "path": case.operation.path,
        "status": response.status_code,
        "asked": f"{case.path_parameters} {case.query} {case.body}",
        "answer": "\n".join((*headers, response.content.decode("latin-1"))),
    }
    with KEPT.open("a") as out:
        out.write(json.dumps(kept, default=str) + "\n")
