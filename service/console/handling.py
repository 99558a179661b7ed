"""Who may open the pages of cases, and how a case is named in their addresses."""

from __future__ import annotations

import re
from typing import Annotated

from fastapi import Depends, Path

from service.access.model import Principal, Right
from service.console.page import page_needs

_CASE_ID = "C-[2-9A-Z]{8}"
is_case_id = re.compile(_CASE_ID).fullmatch

Officer = Annotated[Principal, Depends(page_needs(Right.HANDLE_CASES))]
CaseId = Annotated[str, Path(pattern=f"^{_CASE_ID}$")]
