"""The gate as a process: how it is started, and that it ends when it is told to."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import smpp34

from adapters.messaging import smpp
from adapters.messaging.smpp import OK, Gate
from benchmarks.free_port import free_port
from benchmarks.load import serving
from tests.adapters.messaging.conftest import (
    PLAIN,
    PRISONER,
    Carrier,
    Check,
    played,
    submit,
    tlv,
)

DOWN = "http://127.0.0.1:9"


class _Awkward:
    """In place of the library's client and session: at one step it waits, and makes its own of the end."""

    def __init__(self, waits: str, ends: str, here: asyncio.Event) -> None:
        self.waits, self.ends, self.here = waits, ends, here

    async def _step(self, name: str) -> bool:
        if name == self.waits:
            self.here.set()
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                if self.ends == "as another error":
                    raise smpp34.SmppError("the session is closed") from None
                if self.ends == "as cancelled":
                    raise
        return name != "unbind"

    async def connect(self) -> _Awkward:
        await self._step("connect")
        return self

    async def is_alive(self) -> bool:
        return await self._step("is_alive") and self.waits != "unbind"

    async def next(self) -> None:
        await asyncio.Event().wait()

    async def unbind(self) -> None:
        await self._step("unbind")
        if self.waits == "is_alive":
            raise smpp34.SmppError("the session is closed")


@pytest.mark.parametrize("waits", ["connect", "is_alive", "unbind"])
@pytest.mark.parametrize("ends", ["as cancelled", "as another error", "as if nothing was"])
@played
async def test_whatever_the_library_makes_of_it_a_gate_that_is_to_end_ends(
    waits: str, ends: str, check: Check, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    here = asyncio.Event()
    monkeypatch.setattr(smpp, "SETTLING", 60)
    monkeypatch.setattr(smpp34, "Client", lambda *_, **__: _Awkward(waits, ends, here))
    gate = Gate(check.client(), smpp.Carrier(host="127.0.0.1", port=9, system_id="prison", password="p"))  # noqa: S106
    keeping = asyncio.create_task(gate._keep_bound())
    await asyncio.wait_for(here.wait(), 10)
    keeping.cancel()
    assert await asyncio.wait({keeping}, timeout=5) == ({keeping}, set())
    assert "cannot bind" not in capsys.readouterr().out


def arguments(folder: Path, node: str, carrier: int, *more: str) -> list[str]:
    for name in ("key", "password"):
        (folder / name).write_text("a-secret\n")
    options = ["--node", node, "--key-file", str(folder / "key"), "--carrier", f"127.0.0.1:{carrier}"]
    return [*options, "--carrier-id", "prison", "--carrier-password-file", str(folder / "password"), *more]


def _heed_interrupts() -> None:
    """As at a terminal: where the tests run in the background, what they start would not heed Ctrl-C."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@played
async def test_the_command_as_an_operator_starts_it(tmp_path: Path, check: Check) -> None:
    carrier, port = Carrier(), free_port()
    await carrier.open()
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "adapters.messaging.smpp",
        *arguments(tmp_path, check.url, carrier.port, "--port", str(port), "--prisoner-tag", "0x1500"),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env=serving.environment(tmp_path),
        preexec_fn=_heed_interrupts,
    )
    assert process.stdout is not None
    lines = [await process.stdout.readline() for _ in range(2)]
    session = await smpp34.Client("127.0.0.1", port, "platform", "").connect()
    assert (await submit(session, prisoner=None, tlvs=(tlv(0x1500, PRISONER),)))[0] == OK
    assert (await submit(session, b"hold", prisoner=None, tlvs=(tlv(0x1500, PRISONER),)))[0] != OK
    await session.unbind()
    process.send_signal(signal.SIGINT)
    rest = await process.stdout.read()
    assert [await process.wait(), len(check.asked), carrier.texts] == [0, 2, [PLAIN]]
    assert (b"".join(lines) + rest).decode().splitlines() == [
        f"listening on smpp://127.0.0.1:{port}",
        "carrier: bound",
        "carrier: gone",
    ]
    await carrier.shut()


@pytest.mark.parametrize(
    ("more", "what"),
    [
        (("--host", "0.0.0.0"), "--behind-proxy"),  # noqa: S104
        (("--host", "::"), "--behind-proxy"),
        (("--host", "192.0.2.1"), "--behind-proxy"),
        (("--host", "localhost"), "no IP address"),
        (("--host", "localhost", "--behind-proxy"), "no IP address"),
        (("--carrier", "2775"), "--carrier"),
        (("--prisoner-tag", "0x0424"), "--prisoner-tag"),
    ],
)
def test_a_command_that_would_be_open_to_anybody_is_refused(
    more: tuple[str, ...],
    what: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(sys, "argv", ["smpp", *arguments(tmp_path, DOWN, 9), *more])
    with pytest.raises(SystemExit, match="2"):
        smpp.main()
    assert what in capsys.readouterr().err.splitlines()[-1]


@pytest.mark.parametrize("host", ["0.0.0.0", "127.0.0.1", "127.0.0.2", "::1"])  # noqa: S104
def test_behind_a_proxy_or_on_a_loopback_address_it_listens(
    host: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    listened: list[tuple[str, int]] = []

    async def serve(self: Gate, host: str, port: int) -> None:
        listened.append((host, port))

    monkeypatch.setattr(Gate, "serve", serve)
    proxy = ["--behind-proxy"] if host == "0.0.0.0" else []  # noqa: S104
    monkeypatch.setattr(sys, "argv", ["smpp", *arguments(tmp_path, DOWN, 9), "--host", host, *proxy])
    smpp.main()
    assert listened == [(host, 2775)]
