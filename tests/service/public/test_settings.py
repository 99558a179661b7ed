"""What an operator may set of the form, and what its page says of it."""

from __future__ import annotations

import re
from pathlib import Path

import msgspec
import pytest

from service.public.settings import PublicSettings, public_settings

PAGE = Path(__file__).parents[3] / "docs/public-form.md"
SET = {"NOCONTACT_PUBLIC_INTAKE": "in", "NOCONTACT_PUBLIC_KEY_FILE": "key"}


def test_settings_come_from_the_environment_and_options_go_first() -> None:
    found = public_settings({**SET, "NOCONTACT_PUBLIC_PORT": "9000", "OTHER": "x"}, host="::1", port=None)
    assert (found.intake, found.key_file, found.port, found.host) == ("in", "key", 9000, "::1")
    assert public_settings(SET, port=0).port == 0


@pytest.mark.parametrize("given", [{"PORT": "many"}, {"PORT": "70000"}, {"EXIT_URL": "javascript:1"}])
def test_what_cannot_be_is_refused(given: dict[str, str]) -> None:
    with pytest.raises(ValueError, match=r"\$\.(port|exit_url)"):
        public_settings(SET | {f"NOCONTACT_PUBLIC_{name}": value for name, value in given.items()})
    with pytest.raises(ValueError, match="INTAKE is not set"):
        public_settings({})


@pytest.mark.parametrize(
    "name",
    ["KEY", "KEY_FILE", "DATABASE_URL", "OIDC_CLIENT_SECRET", "PHONE_SYSTEM_CLIENT_SECRET"],
)
def test_it_does_not_start_beside_a_secret_of_the_service(name: str) -> None:
    with pytest.raises(ValueError, match=f"NOCONTACT_{name} is a secret") as refused:
        public_settings({**SET, f"NOCONTACT_{name}": "hush"})
    assert "hush" not in str(refused.value)


def test_the_page_tells_every_setting_with_its_default_in_their_order() -> None:
    rows = re.findall(r"^\| `NOCONTACT_PUBLIC_(\w+)` \| (.*?) \|", PAGE.read_text("utf-8"), re.MULTILINE)
    fields = msgspec.structs.fields(PublicSettings)
    assert rows == [(one.name.upper(), f"`{one.default}`" if one.default != "" else "none") for one in fields]
