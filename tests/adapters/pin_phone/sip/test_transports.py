"""Phones over TCP, over TLS, behind a registrar; and listeners that cannot work, which are refused."""

from __future__ import annotations

import re
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from benchmarks.free_port import free_port
from benchmarks.phone.scenarios import CARRIER
from benchmarks.phone.switch import Switch, switch_in
from tests.adapters.pin_phone.sip.exchange import EXTENSIONS, FREE, NAMED, RESTRICTED, answer_of, stand_in
from tests.adapters.pin_phone.sip.wing import Wing
from tests.adapters.pin_phone.sip.wire import SDP, Carrier, Message, Phone, Request, carrier_by_hand

PAGE = Path(__file__).parents[4] / "docs" / "pin-phone.md"
TCP, TLS = "NC_LISTEN_TCP", "NC_LISTEN_TLS"


@pytest.fixture(scope="module")
def ports() -> dict[str, int]:
    return {TCP: free_port("127.0.0.1"), TLS: free_port("127.0.0.1")}


@pytest.fixture(scope="module")
def without_udp(
    tmp_path_factory: pytest.TempPathFactory, ports: dict[str, int]
) -> Iterator[tuple[Switch, Carrier]]:
    """A switch that phones reach over TCP and TLS alone."""
    folder = tmp_path_factory.mktemp("transports")
    pair = folder / "pair.pem"
    pair.write_bytes(key_and_certificate())
    choices = {
        "NC_TIMEOUT": "3000",
        "NC_LISTEN_UDP": "",
        "NC_CERTIFICATE": str(pair),
        "NC_PRIVATE_KEY": str(pair),
    }
    choices |= {name: f"127.0.0.1:{port}" for name, port in ports.items()}
    with (
        stand_in(lambda body: (200, answer_of(body))) as (url, _),
        carrier_by_hand() as carrier,
        switch_in(folder / "switch", url, "a-key", EXTENSIONS, carrier.port, choices=choices) as switch,
    ):
        yield switch, carrier


@pytest.mark.parametrize("transport", [TCP, TLS])
def test_a_phone_over_tcp_or_tls_calls_and_is_reached(
    without_udp: tuple[Switch, Carrier], ports: dict[str, int], transport: str
) -> None:
    _, carrier = without_udp
    with connected(ports[transport]) as plain:
        stream = plain
        if transport == TLS:
            context = ssl.create_default_context()
            context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
            stream = context.wrap_socket(plain)
        phone = Phone(("127.0.0.1", ports[transport]), NAMED, stream)
        call = phone.dial(f"sip:{FREE}@wing.example;transport=tcp")
        assert carrier.last("INVITE").uri == f"sip:{FREE}@{CARRIER}:{carrier.port}"
        assert call.ask("INVITE", body=SDP, kind="application/sdp") == 200
        carrier.say(carrier.request("UPDATE", call))
        came = phone.hear_request()
        assert came is not None
        assert came.method == "UPDATE"
        assert call.ask("BYE") == 200
        assert carrier.last("BYE").one("call-id") == carrier.invite(call).one("call-id")


def connected(port: int) -> socket.socket:
    """The switch opens its streams last."""
    end = time.monotonic() + 20
    while True:
        try:
            return socket.create_connection(("127.0.0.1", port), 5)
        except ConnectionRefusedError:
            assert time.monotonic() < end
            time.sleep(0.05)


def test_the_registrar_in_front_that_the_page_shows(wing: Wing, tmp_path: Path) -> None:
    """A phone registers there, calls through it and is reached through it."""
    (recipe,) = re.findall(r"^```\n(listen=.*?)^```$", PAGE.read_text(), re.MULTILINE | re.DOTALL)
    port = free_port("127.0.0.1")
    places = {
        "192.0.2.10:5060": f"127.0.0.1:{port}",
        "192.0.2.20:5060": f"127.0.0.1:{wing.switch.port}",
        "/etc/kamailio/nocontact": str(wing.switch.folder / "tables"),
    }
    for shown, here in places.items():
        assert shown in recipe
        recipe = recipe.replace(shown, here)
    (tmp_path / "front.cfg").write_text(recipe)
    command = ["kamailio", "-f", str(tmp_path / "front.cfg"), "-DD", "-E", "-Y", str(tmp_path)]
    with running(command):
        phone = Phone(("127.0.0.1", port), NAMED)
        register = Request("REGISTER", "sip:wing.example")
        assert patiently(phone, register).status == 200
        assert phone.ask(register, proves=False).status == 401
        call = phone.dial(f"sip:{FREE}@wing.example")
        assert phone.ask(Request("INVITE", f"sip:{RESTRICTED}@wing.example")).status == 603
        wing.carrier.say(wing.carrier.request("UPDATE", call))
        came = phone.hear_request()
        assert came is not None
        assert came.method == "UPDATE"
        assert call.ask("INVITE", body=SDP, kind="application/sdp") == 200
        assert call.ask("BYE") == 200
        assert wing.carrier.last("BYE").one("call-id") == wing.carrier.invite(call).one("call-id")


def patiently(phone: Phone, request: Request) -> Message:
    """Its answer, once somebody is there to give one."""
    end = time.monotonic() + 20
    while True:
        try:
            return phone.ask(request, seconds=0.5)
        except (TimeoutError, ConnectionRefusedError):
            assert time.monotonic() < end


@contextmanager
def running(command: list[str]) -> Iterator[None]:
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield
    finally:
        process.terminate()
        process.wait()


WRONG = {
    "a transport before the address": ('"!NC_LISTEN_TCP!', '"!NC_LISTEN_TCP!tcp:'),
    "the carrier over another transport": ('"!NC_CARRIER_SIDE!', '"!NC_CARRIER_SIDE!tcp:'),
    "no address": ('"!NC_CARRIER_SIDE!127.0.0.1', '"!NC_CARRIER_SIDE!'),
    "nothing that a phone could reach": ('#!substdef "!NC_LISTEN_', '##!substdef "!NC_LISTEN_'),
}


@pytest.mark.parametrize("change", WRONG.values(), ids=WRONG.keys())
def test_listeners_that_cannot_work_are_refused(
    without_udp: tuple[Switch, Carrier], tmp_path: Path, change: tuple[str, str]
) -> None:
    folder = without_udp[0].folder
    assert checked(folder, tmp_path / "as it is", ("", ""))
    assert not checked(folder, tmp_path / "changed", change)


def checked(running: Path, folder: Path, change: tuple[str, str]) -> bool:
    """Whether `kamailio -c` takes a running switch's configuration with that change."""
    folder.mkdir()
    for file in running.glob("*.cfg"):
        text = file.read_text()
        (folder / file.name).write_text(text.replace(*change) if file.name == "nocontact.cfg" else text)
    command = ["kamailio", "-c", "-f", str(folder / "kamailio.cfg")]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def key_and_certificate() -> bytes:
    """A key and a certificate that it signed itself, as PEM."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "switch.example")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    plain = serialization.NoEncryption()
    form = serialization.PrivateFormat.PKCS8
    return key.private_bytes(serialization.Encoding.PEM, form, plain) + made.public_bytes(
        serialization.Encoding.PEM
    )
