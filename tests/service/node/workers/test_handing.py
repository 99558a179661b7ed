"""Every worker has the list that the keeper has, whenever it began; one that has not is ended."""

from __future__ import annotations

import signal
import socket
import subprocess
import threading
from contextlib import suppress
from pathlib import Path

import pytest

from engine.policy import read_policy
from service.node import kept
from service.node.held import ListHeld
from service.node.workers import handing
from service.node.workers.handing import Handing, Taking
from tests.service.node.centre import Centre, begun, restriction, vault, version


def worker(given: Handing, pid: int) -> ListHeld:
    """One as a thread: what it answers by."""
    ours, theirs = socket.socketpair()
    held = ListHeld(read_policy())
    taking = Taking(theirs, held)

    def follow() -> None:
        with suppress(OSError):
            while True:
                taking.step()

    threading.Thread(target=follow, daemon=True).start()
    assert given.add(pid, ours)
    return held


def test_a_worker_has_what_is_in_force_whenever_it_begins(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept, "MOST_BEHIND", 3)
    given, centre = Handing(vault(100)), Centre()
    node = begun(centre, tmp_path, workers=given)
    workers = [worker(given, 1)]
    centre.change([restriction(n) for n in range(10)])
    assert node.offer(centre.snapshot())
    for n in range(10, 20):
        workers.append(worker(given, n))
        node.take([centre.change([restriction(n)], prisoners={f"A{n:04}BC": ("LEI", None)})])
        node.keep()
        for each in workers:
            assert each.followed is not None
            assert each.followed.blocklist.version == version(node)
            assert dict(each.followed.prisoners) == centre.listed.prisoners
    again = begun(centre, tmp_path, workers=given)
    assert version(again) == version(node)


@pytest.mark.parametrize("says", [b"sha256:" + b"0" * 64, b""], ids=["another list", "nothing"])
def test_a_worker_that_has_it_not_in_time_is_killed(says: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(handing, "WITHIN", 0.1)
    ours, theirs = socket.socketpair()
    with theirs, subprocess.Popen(["sleep", "60"]) as process:
        theirs.sendall(says)
        assert not Handing(vault(100)).add(process.pid, ours)
        assert process.wait(10) == -signal.SIGKILL
