"""What `docs/operations.md` says of settings, metrics and states is so."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

from prometheus_client.parser import text_string_to_metric_families

from service.operations.metrics import Metrics, ServiceState
from service.phone_lists.figures import PrisonFigures
from service.settings import Settings

PAGE = (Path(__file__).parents[3] / "docs" / "operations.md").read_text(encoding="utf-8")


def shown(default: object) -> str:
    if default is None:
        return "none"
    return f"`{str(default).lower() if isinstance(default, bool) else default}`"


def test_every_setting_is_there_with_its_default() -> None:
    rows = re.findall(r"^\| `NOCONTACT_(\w+)` \| (.*?) \|", PAGE, re.MULTILINE)
    expected = [(name.upper(), shown(field.default)) for name, field in Settings.model_fields.items()]
    assert rows == expected


def test_every_metric_is_there_and_no_other() -> None:
    prison = PrisonFigures(establishment="LEI", oldest_read=datetime.now(UTC), drift={"restricted": 1})
    metrics = Metrics(lambda: ServiceState(confirmed_seconds=1.0), lambda: [prison])
    text, _ = metrics.exposition()
    families = text_string_to_metric_families(text.decode())
    told = {family.name for family in families if family.name.startswith("nocontact_")}
    written = {re.sub(r"_(total|info)$", "", name) for name in re.findall(r"`(nocontact_\w+)", PAGE)}
    assert written == {re.sub(r"_(total|info)$", "", name) for name in told}
