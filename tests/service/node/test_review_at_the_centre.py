"""What a node holds is in the centre's queue with its picture, and goes on in the prison as it is decided."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path

import httpx

from adapters.check_client.client import Client
from adapters.messaging.settled import settled
from service.review.model import Outcome
from tests.adapters.mailroom.drawing import encoded, envelope, written
from tests.service.feed.servers import RedisServer
from tests.service.node.desk import until
from tests.service.node.reviewed import Reviewed, reviewed

HERS = encoded(envelope(("Mr T Okafor", "14 Larkmead Street", "Ambermouth", "LS1 4AB")))
"""To another name at the restricted door: held, of a sender whom nobody knows."""


def blank(number: int) -> bytes:
    """One that nobody can read, and no other like it."""
    return encoded(written(envelope(()), ("?",), (100 + 40 * number, 300)))


def told_to_gateway(made: Reviewed) -> dict[str, str]:
    """What the webhook says at `/settled`."""

    async def ask() -> dict[str, str]:
        async with Client([made.node.url], made.keys["gateway"], timeout=20) as client:
            page = await settled(client, 0)
        return {} if page is None else {one.id: one.action for one in page.settled}

    return asyncio.run(ask())


def test_an_envelope_in_a_folder_and_a_message_are_held_here_decided_there_and_go_on_here(
    redis: RedisServer, tmp_path: Path
) -> None:
    with reviewed(tmp_path, redis.url, "--workers", "2") as made, ExitStack() as stack:
        scans = tmp_path / "scans"
        scans.mkdir()
        (tmp_path / "key").write_text(made.keys["mailroom"])
        program = (sys.executable, "-m", "adapters.mailroom.hot_folder", str(scans), "--node", made.node.url)
        options = ("--key-file", str(tmp_path / "key"), "--tray", "MONDAY-1", "--prison", "LEI")
        folder = subprocess.Popen([*program, *options], stdout=subprocess.DEVNULL)
        stack.callback(folder.wait)
        stack.callback(folder.terminate)
        (scans / "hers.png").write_bytes(HERS)
        assert made.message("M1") == "hold"
        until(lambda: (scans / "flag" / "hers.png").exists(), 120)
        until(lambda: [len(pictures) for _, _, pictures in made.queue()] in ([0, 1], [1, 0]), 30)
        until(lambda: made.pictures_here() == 0)
        by_channel = {channel: (seq, pictures) for seq, channel, pictures in made.queue()}
        letter, pictures = by_channel["letter"]
        assert pictures[0].startswith(b"\xff\xd8\xff")
        assert (made.todo(), told_to_gateway(made)) == (["keep"], {})
        made.decide(letter, Outcome.RELEASE)
        made.decide(by_channel["message"][0], Outcome.UPHOLD)
        until(lambda: (scans / "allow" / "hers.png").exists(), 60)
        assert json.loads((scans / "allow" / "hers.png.json").read_bytes())["reviewed"]
        assert made.todo() == ["post"]
        until(lambda: told_to_gateway(made) == {"M1": "stop"})
        assert len(made.settled_here()) == 2
        assert made.node.run("verify")
        assert made.centre.run("verify")


def test_killed_at_each_step_nothing_is_lost_or_done_twice_or_let_go(
    redis: RedisServer, tmp_path: Path
) -> None:
    with reviewed(tmp_path, redis.url) as made:
        made.centre.kill()
        for number in range(2):
            assert made.post(blank(number))["action"] == "hold"
            made.node.kill()  # the centre has neither the record nor the picture
            made.node.start()
        assert made.post(blank(0))["place"] == 1, "the same letter, once"
        ready = httpx.get(made.node.url + "/health/ready", timeout=20).json()
        assert "held for too long, and nobody has decided: letter 2" in ready["warnings"]
        assert made.pictures_here() == 2
        for file in made.node.data.rglob("*"):
            if file.is_file() and not file.is_symlink():
                assert b"\xff\xd8\xff" not in file.read_bytes(), "no picture is open on the disk"
        made.centre.start()
        until(lambda: [len(pictures) for _, _, pictures in made.queue()] == [1, 1], 60)
        made.node.kill()  # whether or not it knows that they are there
        made.node.start()
        until(lambda: made.pictures_here() == 0)
        first, second = (seq for seq, _, _ in made.queue())
        made.decide(first, Outcome.RELEASE)
        made.centre.kill()
        assert made.todo() == ["keep", "keep"], "nothing was told"
        made.centre.start()
        until(lambda: made.todo() == ["post", "keep"], 60)
        made.node.kill()
        made.decide(second, Outcome.UPHOLD)
        (made.node.data / "settled").unlink()
        made.node.start()
        until(lambda: made.todo() == ["post", "return"], 60)
        assert len(made.settled_here()) == len(set(made.settled_here())) == 2
        assert [len(pictures) for _, _, pictures in made.queue()] == [1, 1]
        assert made.node.run("verify")
        assert made.centre.run("verify")
