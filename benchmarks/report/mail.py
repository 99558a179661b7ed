"""An envelope from its picture to the answer about it, beside one look of the library that reads it."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import numpy as np
from rapidocr import RapidOCR

from adapters.mailroom.images import Picture
from adapters.mailroom.ocr import RapidReader
from adapters.mailroom.orientation import look
from benchmarks import estate
from benchmarks.mail.envelopes import MODERATE, drawn
from benchmarks.mail.fonts import HANDWRITING, PRINT
from benchmarks.report.row import Row, at, interleaved, timed
from engine.blocklist import compile_blocklist
from engine.jsonl import check_attempt
from engine.policy import read_policy
from engine.screener import Screener
from service.mail.attempt import attempt_of, machine_read
from service.mail.reading import Read

ENVELOPES = 48
SENDER = "A1234BC T Vance\nHMP Ambermouth\nGaol Lane\nZZ2 7XY"
ONE_CORE = {"EngineConfig.onnxruntime.intra_op_num_threads": 1}
NOW = datetime(2026, 1, 1, tzinfo=UTC)
MS = 1e3


def rows(size: float) -> Iterator[Row]:
    """`size` 1 is 100,000 addresses; the envelopes are drawn with moderate wear, in print and by hand."""
    screener = Screener(compile_blocklist(estate.address_restrictions(int(100_000 * size))), read_policy())
    reader, library = RapidReader(), RapidOCR(params=ONE_CORE)

    def answer(picture: Picture) -> object:
        reading = machine_read("", Read(look(reader, picture), "", ()))
        asked = check_attempt(attempt_of("A" * 16, 1, reading, None, False))
        return screener.check(asked, NOW)

    def one_look(picture: Picture) -> Any:
        return library(np.ascontiguousarray(picture[:, :, ::-1]))

    pictures = list(_pictures())
    both: list[Callable[[], float]] = [timed(answer, pictures), timed(one_look, pictures)]
    interleaved(both, 2)
    ours, theirs = interleaved(both, ENVELOPES)
    peer = "RapidOCR, one look"
    yield Row(
        "envelope, from its picture to the answer", at(0.5, ours) * MS, peer, at(0.5, theirs) * MS, "ms", 1.5
    )
    mean = sum(ours) / len(ours) * MS, sum(theirs) / len(theirs) * MS
    yield Row("the same, mean", mean[0], peer, mean[1], "ms", None)


def _pictures() -> Iterator[Picture]:
    """Half in print, half in handwriting."""
    rng = random.Random(11)
    faces = [face for pair in zip(PRINT, HANDWRITING, strict=False) for face in pair]
    for n in range(ENVELOPES):
        to = estate.address(rng).replace(", ", "\n")
        yield drawn(to, faces[n % len(faces)], MODERATE, rng.randrange(2**31), sender=SENDER)
