"""What a report leads to, on its page: a request opened from it, another prisoner, another
look into it."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from service.access.model import Principal
from service.cases.cases import Cases
from service.cases.model import Case
from service.cases.versions import Done

ACTS: dict[str, Callable[[Cases, Principal, Case, Mapping[str, str]], Done]] = {
    "open-request": lambda cases, by, case, form: cases.open_request(by, case.id, case.version),
    "again": lambda cases, by, case, form: cases.look_into_again(
        by, case.id, case.version, form.get("again_because", "")
    ),
    "not-he": lambda cases, by, case, form: cases.take_prisoner_back(
        by, case.id, case.version, form.get("not_he_because", "")
    ),
}
SAID = {
    "again": "The report is looked into again.",
    "not-he": "Noted that it is not he. Say who the prisoner is.",
}
