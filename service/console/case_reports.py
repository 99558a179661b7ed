"""Opening a request from a report, on the report's page."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from service.access.model import Principal
from service.cases.cases import Cases
from service.cases.model import Case
from service.cases.versions import Done

ACTS: dict[str, Callable[[Cases, Principal, Case, Mapping[str, str]], Done]] = {
    "open-request": lambda cases, by, case, form: cases.open_request(by, case.id, case.version),
}
SAID: dict[str, str] = {}
