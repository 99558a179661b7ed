"""The image has what the program needs, and its PostgreSQL programs fit the server beside it."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

import yaml

from service.settings import Settings

ROOT = Path(__file__).parents[3]
DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))
PACKAGES = {"matchers", "engine", "adapters", "service"}


def test_every_package_is_copied_and_let_through() -> None:
    copied = set(re.findall(r"^COPY (\w+) \1$", DOCKERFILE, re.MULTILINE))
    let_through = set(re.findall(r"^!(\w+)$", (ROOT / ".dockerignore").read_text(), re.MULTILINE))
    assert copied == PACKAGES
    assert let_through >= PACKAGES


def test_what_is_copied_is_there() -> None:
    sources = [
        name for line in re.findall(r"^COPY (.*)$", DOCKERFILE, re.MULTILINE) for name in line.split()[:-1]
    ]
    assert sources
    assert [name for name in sources if not (ROOT / name).exists()] == []
    assert os.access(ROOT / "scripts" / "install", os.X_OK)


def test_it_does_not_run_as_root() -> None:
    assert re.findall(r"^USER (.*)$", DOCKERFILE, re.MULTILINE) == ["nocontact"]


def test_the_client_programs_are_not_older_than_the_server() -> None:
    client = re.search(r"postgresql-client-(\d+)", DOCKERFILE)
    server = re.fullmatch(r"postgres:(\d+)-\w+", COMPOSE["services"]["database"]["image"])
    assert client is not None
    assert server is not None
    assert int(client[1]) >= int(server[1])


def test_what_the_containers_are_told_are_settings() -> None:
    told = {*re.findall(r"NOCONTACT_\w+(?==)", DOCKERFILE), *COMPOSE["services"]["service"]["environment"]}
    names = {f"NOCONTACT_{name.upper()}" for name in Settings.model_fields} | {"PGPASSFILE"}
    assert told <= names


def test_secrets_are_files() -> None:
    assert all(set(secret) == {"file"} for secret in COMPOSE["secrets"].values())
    for service in COMPOSE["services"].values():
        assert set(service["secrets"]) <= set(COMPOSE["secrets"])
        assert not any("PASSWORD" in name and not name.endswith("_FILE") for name in service["environment"])
