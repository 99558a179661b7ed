"""A switch on loopback: Kamailio with the configuration that ships, SIPp as its wing phones and its carrier.

Everything runs on free ports, in a folder of its own, and is ended by its process id.
"""

from __future__ import annotations

import csv
import hashlib
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from benchmarks import debian
from benchmarks.free_port import free_port, is_free
from benchmarks.phone import scenarios
from benchmarks.phone.scenarios import CARRIER, REALM, Within

CONFIGURATION = Path(__file__).parents[2] / "adapters" / "pin_phone" / "kamailio"
PACKAGES = (
    "kamailio",
    "kamailio-extra-modules",
    "kamailio-tls-modules",
    "kamailio-utils-modules",
    "sip-tester",
)
"""Debian's packages that this needs."""
MODULES = Path("/usr/lib/x86_64-linux-gnu/kamailio/modules")
PATIENCE = 60.0
"""Seconds until a process that does not come up is given up: others are at work on the same cores."""


class MissingError(Exception):
    """Kamailio or SIPp is not installed and cannot be."""


class Extension(NamedTuple):
    """A wing phone: its name and password, whose it is."""

    name: str
    password: str
    prisoner: str
    establishment: str


class Call(NamedTuple):
    """A call to be dialled by a wing phone. `name` finds it again in what was heard."""

    name: str
    extension: Extension
    dialled: str
    """The user part of the SIP address, as it goes over the wire."""


class Heard(NamedTuple):
    """What the phone heard: of the call (step 0) or of what came after it."""

    name: str
    step: int
    status: int
    note: str
    """The switch's own header."""
    announcement: str


class Switch(NamedTuple):
    """A running Kamailio."""

    process: subprocess.Popen[bytes]
    folder: Path
    port: int

    @property
    def log(self) -> str:
        """What it has logged."""
        return (self.folder / "kamailio.log").read_text(errors="replace")


class Carrier(NamedTuple):
    """The called side. Its log is the evidence of what rang."""

    process: subprocess.Popen[bytes]
    folder: Path
    port: int

    def rang(self) -> list[str]:
        """The user parts of the numbers that rang, in their order."""
        return [re.sub(r"^sips?:|@.*$", "", line[1]) for line in self._lines("RANG")]

    def alerted(self) -> list[str]:
        """Those of them that came with the alert."""
        return [re.sub(r"^sips?:|@.*$", "", line[1]) for line in self._lines("RANG") if "alert" in line[2]]

    def came(self) -> list[tuple[str, str]]:
        """Method, and the number or digit, of what came within calls."""
        return [(line[1], (line[2] or line[3]).strip()) for line in self._lines("CAME")]

    def _lines(self, kind: str) -> list[list[str]]:
        path = self.folder / "carrier.log"
        text = path.read_text(errors="replace") if path.exists() else ""
        return [line.split("|") for line in text.splitlines() if line.startswith(f"{kind}|")]


def install() -> None:
    """See to it that Kamailio and SIPp are there; as root, from Debian. Raises MissingError."""
    if not _is_there():
        debian.install(*PACKAGES, recommended=False)
    if not _is_there():
        raise MissingError(f"the switch is missing: apt-get install {' '.join(PACKAGES)}")


def _is_there() -> bool:
    modules = (MODULES / f"{name}.so" for name in ("http_client", "jansson", "htable", "tls"))
    return bool(shutil.which("kamailio") and shutil.which("sipp")) and all(path.exists() for path in modules)


@contextmanager
def switch_in(
    folder: Path,
    service: str,
    key: str,
    extensions: Sequence[Extension],
    carrier_port: int,
    *,
    confidential: Sequence[str] = ("116123",),
    choices: Mapping[str, str] | None = None,
    change: Callable[[str], str] = str,
) -> Iterator[Switch]:
    """Kamailio that asks `service`. `choices`: of nocontact.cfg, "": none; `change` edits the main file."""
    install()
    folder.mkdir(parents=True)
    port = free_port("127.0.0.1")
    (folder / "kamailio.cfg").write_text(change((CONFIGURATION / "kamailio.cfg").read_text()))
    for included in ("anew.cfg", "within.cfg"):
        shutil.copy(CONFIGURATION / included, folder)
    own = {
        "NC_LISTEN_UDP": f"127.0.0.1:{port}",
        "NC_CARRIER_SIDE": f"127.0.0.1:{port}",
        "NC_CARRIER_ADDRESS": CARRIER,
        "NC_CARRIER_PORT": str(carrier_port),
        "NC_TABLES": str(folder / "tables"),
        "NC_SERVICE": service,
        "NC_RUN": str(folder),
        "NC_REALM": REALM,
    }
    text = (CONFIGURATION / "nocontact.cfg").read_text()
    (folder / "nocontact.cfg").write_text(_chosen(text, own | dict(choices or {})))
    _write_tables(folder / "tables", key, extensions, confidential)
    with (folder / "kamailio.log").open("wb") as log:
        command = ["kamailio", "-f", str(folder / "kamailio.cfg"), "-DD", "-E", "-m", "256", "-M", "16"]
        process = subprocess.Popen(command, stdout=log, stderr=log, stdin=subprocess.DEVNULL, cwd=folder)
    switch = Switch(process, folder, port)
    try:
        _wait(
            lambda: (folder / "kamailio_ctl").exists() and not is_free("127.0.0.1", port, socket.SOCK_DGRAM),
            process,
            switch,
        )
        yield switch
    finally:
        _end(process)


def _chosen(text: str, choices: Mapping[str, str]) -> str:
    for name, value in choices.items():
        line = re.search(rf'^#?#!substdef "!{name}!.*!g"$', text, re.MULTILINE)
        if line is None:
            raise ValueError(f"nocontact.cfg has no choice {name}")
        text = text.replace(line[0], f'#!substdef "!{name}!{value}!g"' if value else "")
    return text


def _write_tables(
    folder: Path, key: str, extensions: Sequence[Extension], confidential: Sequence[str]
) -> None:
    shutil.copytree(CONFIGURATION / "tables", folder)
    with (folder / "extensions").open("a") as out:
        for one in extensions:
            digest = hashlib.md5(  # noqa: S324 - SIP has no other
                f"{one.name}:{REALM}:{one.password}".encode()
            ).hexdigest()
            out.write(f"{one.name}:{digest}:{one.prisoner}:{one.establishment}\n")
    head = (folder / "confidential").read_text().splitlines()[0]
    rows = [f"{number}:listed:helpline" for number in confidential]
    (folder / "confidential").write_text("\n".join([head, *rows]) + "\n")
    (folder / "key").write_text(f"owner(string) secret(string) kind(string)\nswitch:{key}:key\n")


@contextmanager
def carrier_in(folder: Path, *, hangs_up: bool = False) -> Iterator[Carrier]:
    """The called side: it answers everything that reaches it, and writes it down."""
    install()
    folder.mkdir(parents=True)
    port = free_port(CARRIER)
    (folder / "carrier.xml").write_text(scenarios.carrier(hangs_up=hangs_up))
    command = _sipp("carrier.xml", "-i", CARRIER, "-p", str(port), "-log_file", "carrier.log", "-aa")
    with (folder / "carrier.out").open("wb") as out:
        process = subprocess.Popen(command, stdout=out, stderr=out, stdin=subprocess.DEVNULL, cwd=folder)
    carrier = Carrier(process, folder, port)
    try:
        _wait(lambda: _listens(CARRIER, port), process, None)
        yield carrier
    finally:
        _end(process)


class Dialled(NamedTuple):
    """What came of some calls."""

    heard: list[Heard]
    delays: list[float]
    """Post-dial delays in milliseconds: from the INVITE with the password to the ringing."""
    failed: int
    """Calls that SIPp counts as failed: a message that did not come, or one that must not."""
    said: str
    """What SIPp said of the failed ones."""


def dial(
    switch: Switch,
    calls: Sequence[Call],
    folder: Path,
    *,
    within: Sequence[Within] = (),
    rate: float = 20,
    count: int | None = None,
    talk: int = 100,
    before_each: int = 20,
) -> Dialled:
    """Wing phones dial these calls, `rate` a second; `count` in all, from the start again when they end."""
    done = start_dialling(
        switch, calls, folder, within=within, rate=rate, count=count, talk=talk, before_each=before_each
    )
    done.wait(timeout=60 + (count or len(calls)) / rate * 3)
    return dialled(folder)


def start_dialling(
    switch: Switch,
    calls: Sequence[Call],
    folder: Path,
    *,
    within: Sequence[Within] = (),
    rate: float = 20,
    count: int | None = None,
    talk: int = 100,
    before_each: int = 20,
    scenario: str | None = None,
) -> subprocess.Popen[bytes]:
    """The same without waiting; `dialled` reads what came of it."""
    folder.mkdir(parents=True)
    text = scenario or scenarios.phone(within, talk=talk, before_each=before_each)
    (folder / "phone.xml").write_text(text)
    with (folder / "calls.csv").open("w", newline="") as out:
        out.write("SEQUENTIAL\n")
        for call in calls:
            one = call.extension
            proof = f"[authentication username={one.name} password={one.password}]"
            out.write(f"{call.name};{proof};{call.dialled}\n")
    command = _sipp(
        "phone.xml",
        *("-i", "127.0.0.1", "-p", str(free_port("127.0.0.1")), "-inf", "calls.csv"),
        *("-r", str(rate), "-m", str(count or len(calls)), "-l", "2000", "-log_file", "phone.log"),
        *(
            "-trace_shortmsg",
            "-shortmessage_file",
            "messages.csv",
            "-trace_err",
            "-error_file",
            "errors.log",
            "-recv_timeout",
            "12000",
        ),
        *("-trace_stat", "-stf", "stat.csv", "-fd", "1"),
        f"127.0.0.1:{switch.port}",
    )
    with (folder / "sipp.out").open("wb") as out:
        return subprocess.Popen(command, stdout=out, stderr=out, stdin=subprocess.DEVNULL, cwd=folder)


def dialled(folder: Path) -> Dialled:
    """What the files of a finished run say."""
    log = folder / "phone.log"
    lines = (log.read_text(errors="replace") if log.exists() else "").splitlines()
    heard = []
    for line in lines:
        name, step, status, note, alert = line.split("|")
        heard.append(Heard(name, int(step), int(status), note.strip(), alert.strip()))
    with (folder / "stat.csv").open() as rows:
        last = list(csv.DictReader(rows, delimiter=";"))[-1]
    errors = folder / "errors.log"
    said = errors.read_text(errors="replace") if errors.exists() else ""
    return Dialled(heard, _delays(folder / "messages.csv"), int(last["FailedCall(C)"]), said)


def _delays(messages: Path) -> list[float]:
    """Milliseconds from each INVITE with a password to its ringing. SIPp's own clock counts in fours."""
    asked: dict[str, float] = {}
    delays = []
    for line in messages.read_text(errors="replace").splitlines() if messages.exists() else ():
        _, _, at, _, call, cseq, what = line.split("\t")
        if cseq == "CSeq:2 INVITE" and what.startswith("INVITE"):
            asked.setdefault(call, float(at))
        elif what.startswith("SIP/2.0 180"):
            delays.append((float(at) - asked[call]) * 1000)
    return delays


def _sipp(scenario: str, *options: str) -> list[str]:
    return ["sipp", "-sf", scenario, "-nostdin", "-trace_logs", *options]


def _wait(until: Callable[[], bool], process: subprocess.Popen[bytes], switch: Switch | None) -> None:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end and process.poll() is None:
        if until():
            return
        time.sleep(0.02)
    if switch is not None:
        sys.stderr.write(switch.log[-2000:])
    raise AssertionError(f"{process.args!r} does not come up")


def _end(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _listens(address: str, port: int) -> bool:
    return not is_free(address, port, socket.SOCK_DGRAM)
