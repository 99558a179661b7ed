"""The image has what the program needs, its PostgreSQL programs fit the server beside it, and what is told to
containers, to systemd and to Kubernetes is what the program takes."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml

from benchmarks import debian
from service.settings import Settings

ROOT = Path(__file__).parents[3]
DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))
PRISONS: dict[str, Any] = yaml.safe_load((ROOT / "compose.prisons.yaml").read_text(encoding="utf-8"))
UNIT = ROOT / "deploy" / "systemd" / "nocontact-node.service"
MANIFESTS: list[dict[str, Any]] = [
    manifest
    for file in sorted((ROOT / "deploy" / "kubernetes").glob("*.yaml"))
    for manifest in yaml.safe_load_all(file.read_text(encoding="utf-8"))
]
KUBERNETES = "1.32"
SETTINGS = {f"NOCONTACT_{name.upper()}" for name in Settings.model_fields}
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
    prisons = [one["environment"] for one in PRISONS["services"].values() if "environment" in one]
    assert {*told, *(name for environment in prisons for name in environment)} <= SETTINGS | {"PGPASSFILE"}
    assert {*re.findall(r"^Environment=(\w+)=", UNIT.read_text(), re.MULTILINE)} <= SETTINGS
    of_pods = {one["name"] for pod in pods() for box in pod["containers"] for one in box.get("env", ())}
    assert of_pods <= SETTINGS | {"PGPASSWORD"}


def test_secrets_are_files() -> None:
    for one in (COMPOSE, PRISONS):
        assert all(set(secret) == {"file"} for secret in one["secrets"].values())
    for service in COMPOSE["services"].values():
        assert set(service["secrets"]) <= set(COMPOSE["secrets"])
        assert not any("PASSWORD" in name and not name.endswith("_FILE") for name in service["environment"])


def pods() -> list[dict[str, Any]]:
    """Of what runs always, and of what runs by the clock."""
    whole = [one["spec"].get("jobTemplate", one)["spec"] for one in MANIFESTS]
    return [one["template"]["spec"] for one in whole if "template" in one]


@pytest.mark.parametrize("manifest", MANIFESTS, ids=lambda one: f"{one['kind']}-{one['metadata']['name']}")
def test_kubernetes_takes_the_manifests(manifest: dict[str, Any]) -> None:
    kubernetes_validate.validate(manifest, KUBERNETES, strict=True)


def test_a_manifest_with_a_misspelt_field_is_not_taken() -> None:
    wrong = {**MANIFESTS[0], "spec": {**MANIFESTS[0]["spec"], "replica": 2}}
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(wrong, KUBERNETES, strict=True)


def test_pods_do_not_run_as_root_and_write_nothing_but_their_volumes() -> None:
    assert len(pods()) == 3
    for pod in pods():
        assert pod["securityContext"]["runAsNonRoot"] is True
        for box in pod["containers"]:
            assert box["securityContext"]["readOnlyRootFilesystem"] is True
            assert box["securityContext"]["capabilities"] == {"drop": ["ALL"]}


def test_the_keys_of_a_node_lie_in_memory() -> None:
    """So that a stolen disk opens nothing."""
    pod = next(one for one in pods() if one["containers"][0]["name"] == "node")
    box = pod["containers"][0]
    keys = next(one["value"] for one in box["env"] if one["name"] == "NOCONTACT_NODE_KEYS")
    mounted = next(one["name"] for one in box["volumeMounts"] if keys.startswith(f"{one['mountPath']}/"))
    volume = next(one for one in pod["volumes"] if one["name"] == mounted)
    assert volume["emptyDir"]["medium"] == "Memory"
    for name in ("node-leeds", "node-moorland"):
        node = PRISONS["services"][name]
        folder = str(Path(node["environment"]["NOCONTACT_NODE_KEYS"]).parent)
        assert not any(one.split(":")[0] == folder for one in node["tmpfs"]), "empty after a restart"
        bound = next(one for one in node["volumes"] if isinstance(one, dict) and one["target"] == folder)
        assert bound["source"] == f"/run/nocontact-{name}"
        assert bound["bind"] == {"create_host_path": False}, (
            "root's, and of nobody's choice, where it is made"
        )
    assert "Environment=NOCONTACT_NODE_KEYS=%t/" in UNIT.read_text()


def test_who_stands_before_them_is_told_where_it_can_be_known_and_asked_for_where_not() -> None:
    """Else the lock-out of a sign-in counts all who come through a proxy as one address."""
    told = ("NOCONTACT_PROXIES", "NOCONTACT_CONNECTIONS_PER_PEER")
    (network,) = COMPOSE["networks"]["default"]["ipam"]["config"]
    published = [
        one["environment"]
        for services in (COMPOSE, PRISONS)
        for one in services["services"].values()
        if "ports" in one
    ]
    assert [one.get(told[0]) for one in published] == [network["gateway"]] * 3
    assert all(told[1] in one for one in published)
    for pod in pods():
        for box in pod["containers"]:
            if "ports" in box:
                assert {*told} <= {one["name"] for one in box["env"]}


def test_systemd_takes_the_units(tmp_path: Path) -> None:
    program = debian.program("systemd-analyze", "systemd")
    if program is None:
        pytest.skip("no systemd-analyze: apt-get install systemd")
    units = [tmp_path / file.name for file in sorted(UNIT.parent.iterdir())]
    for unit in units:
        text = (UNIT.parent / unit.name).read_text()
        unit.write_text(text.replace("/opt/nocontact/bin/nocontact", sys.executable))
    command = [program, "--man=no", "verify", *map(str, units)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout + done.stderr) == (0, "")
