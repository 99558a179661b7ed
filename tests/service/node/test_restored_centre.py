"""A centre comes back from a back-up while its nodes run: what it lost comes again, or is told as lacking."""

from __future__ import annotations

import shutil
from pathlib import Path

import httpx

from service.review.model import Outcome
from tests.service.feed.servers import RedisServer
from tests.service.node.desk import until
from tests.service.node.reviewed import Reviewed, reviewed
from tests.service.node.test_review_at_the_centre import blank


def restore(made: Reviewed, archive: Path) -> None:
    """A killed centre's folder is lost; all that is left is the key and the archive."""
    made.centre.kill()
    key = made.centre.data / "master.key"
    kept = key.read_bytes()
    shutil.rmtree(made.centre.data)
    made.centre.data.mkdir()
    key.write_bytes(kept)
    key.chmod(0o600)
    made.centre.run("restore", str(archive))


def warnings(made: Reviewed) -> str:
    """What the centre says of itself."""
    return " ".join(httpx.get(made.centre.url + "/health/ready", timeout=20).json()["warnings"])


def decide(made: Reviewed, *outcomes: Outcome) -> None:
    """Of the first ones in the queue."""
    for (seq, _, _), outcome in zip(made.queue(), outcomes, strict=False):
        made.decide(seq, outcome)


def test_where_the_list_did_not_change_all_that_the_node_has_comes_again_and_it_is_told_what_is_decided(
    redis: RedisServer, tmp_path: Path
) -> None:
    with reviewed(tmp_path, redis.url) as made:
        for number in range(2):
            assert made.post(blank(number))["action"] == "hold"
        until(lambda: [len(pictures) for _, _, pictures in made.queue()] == [1, 1], 60)
        archive = tmp_path / "archive"
        made.centre.run("backup", str(archive))
        decide(made, Outcome.RELEASE, Outcome.UPHOLD)
        until(lambda: made.todo() == ["post", "return"], 60)
        for number in (2, 3):
            made.post(blank(number))
        until(lambda: [len(pictures) for _, _, pictures in made.queue()] == [1] * 4, 60)
        until(lambda: made.pictures_here() == 0)
        restore(made, archive)
        made.centre.start()
        assert len(made.queue()) <= 4
        until(lambda: len(made.queue()) == 4, 60)
        assert [len(pictures) for _, _, pictures in made.queue()] == [1, 1, 0, 0], (
            "what the centre had is gone"
        )
        until(lambda: "this centre was restored" in warnings(made))
        assert "A1234BC" not in warnings(made)
        assert made.post(blank(4))["action"] == "hold"
        until(lambda: [len(pictures) for _, _, pictures in made.queue()][4:] == [1], 60)
        decide(made, Outcome.UPHOLD, Outcome.RELEASE, Outcome.RELEASE, Outcome.UPHOLD, Outcome.RELEASE)
        until(lambda: made.todo() == ["post", "return", "post", "return", "post"], 60)
        assert len(made.settled_here()) == len(set(made.settled_here())) == 5
        made.centre.run("feed-anew", "--why", "restored from the morning's back-up")
        until(lambda: "this centre was restored" not in warnings(made))
        assert len(made.queue()) == 5, "once in effect"
        assert made.node.run("verify")
        assert made.centre.run("verify")
