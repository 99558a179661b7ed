"""One round: each entrance of a prison is asked once about its canary, and the node hears what came of it."""

from __future__ import annotations

import random
import secrets
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import httpx
import msgspec

from adapters.canaries.canary import Canary, CanaryTrace, Draw, Outcome
from adapters.canaries.probes import ANSWERED_WITHIN, CHECKS, CheckProbe, FolderProbe, GateProbe, Probe
from adapters.canaries.switch import DECLINED, Phone, SwitchProbe
from adapters.messaging.short_messages import PRISONER_TAG


class CheckSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The node."""

    address: str
    """`http://127.0.0.1:8085`."""
    key_file: Path
    """An API key that may ask about calls, messages and letters."""
    reports: bool = True
    """Whether it takes what was seen and tells the centre: false of a service that is no node."""


class SwitchSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The telephone switch."""

    address: str
    """`192.0.2.20:5060`, an address of IPv4."""
    realm: str
    extension: str
    """One of its own, which is the imaginary prisoner's."""
    password_file: Path
    declined: int = DECLINED
    """The status with which it refuses."""


class GateSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The gate of texts."""

    address: str
    prisoner_tag: int = PRISONER_TAG


class FolderSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The mailroom's folder."""

    path: Path


class CanarySettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The file that `nocontact canary-add` began, and somebody in the prison went on with."""

    canary: Canary
    node: CheckSettings
    switch: SwitchSettings | None = None
    gate: GateSettings | None = None
    folder: FolderSettings | None = None


def read_settings(file: Path) -> CanarySettings:
    """Raises OSError; ValueError that names what is wrong, and no value."""
    try:
        return msgspec.toml.decode(file.read_bytes(), type=CanarySettings, dec_hook=_read_path)
    except msgspec.DecodeError as error:
        raise ValueError(f"{file.name}: {error}") from None


def probes(settings: CanarySettings) -> Iterator[Probe]:
    """Of each entrance that the file names. Raises OSError for a secret's file, ValueError for an address."""
    key = settings.node.key_file.read_text().strip()
    for channel in CHECKS:
        yield CheckProbe(settings.node.address, key, channel)
    if settings.switch is not None:
        host, port = _place(settings.switch.address)
        password = settings.switch.password_file.read_text().strip()
        phone = Phone(host, port, settings.switch.realm, settings.switch.extension, password)
        yield SwitchProbe(phone, settings.switch.declined)
    if settings.gate is not None:
        yield GateProbe(*_place(settings.gate.address), settings.gate.prisoner_tag)
    if settings.folder is not None:
        yield FolderProbe(settings.folder.path)


async def ask(
    settings: CanarySettings,
    at: list[Probe],
    told: Callable[[CanaryTrace], None] = lambda tried: None,
    chance: random.Random | None = None,
) -> list[CanaryTrace]:
    """Ask at each in turn. Whatever goes wrong at one is no answer, and keeps no other from being asked."""
    draw = Draw(settings.canary, chance or random.Random(secrets.randbits(64)))  # noqa: S311 - no secret
    done = []
    for probe in at:
        done.append(await _asked(probe, draw))
        told(done[-1])
    return done


async def _asked(probe: Probe, draw: Draw) -> CanaryTrace:
    now = datetime.now(UTC)
    draw.last = None
    outcome: Outcome = "unanswered"
    try:
        _, outcome, words = await probe.ask(draw)
    except Exception as error:  # whatever an entrance does is told; its text could hold what was asked
        words = type(error).__name__
    form = draw.last.form if draw.last is not None else ""
    return CanaryTrace(entrance=probe.entrance, at=now, outcome=outcome, form=form, answer=words)


def hand_in(settings: CanarySettings, tried: list[CanaryTrace]) -> str | None:
    """Tell the node, which tells the centre. Gives why not, where it did not take it."""
    if not settings.node.reports:
        return None
    key = settings.node.key_file.read_text().strip()
    try:
        said = httpx.post(
            f"{settings.node.address.rstrip('/')}/v1/canaries",
            content=msgspec.json.encode({"tried": tried}),
            headers={"authorization": f"Bearer {key}", "content-type": "application/json"},
            timeout=ANSWERED_WITHIN,
        )
    except httpx.HTTPError as error:
        return type(error).__name__
    return None if said.status_code == 204 else f"HTTP {said.status_code}"


def _read_path(kind: type, value: object) -> Path:
    """A file's or folder's name, the one type that TOML does not know."""
    if kind is not Path or not isinstance(value, str):
        raise ValueError("not the name of a file")
    return Path(value)


def _place(address: str) -> tuple[str, int]:
    host, _, port = address.rpartition(":")
    if not host or not port.isdecimal():
        raise ValueError("an address is given as HOST:PORT")
    return host, int(port)
