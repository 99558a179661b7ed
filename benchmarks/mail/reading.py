"""Readers side by side: RapidOCR, which the product uses, and Debian's Tesseract as its peer."""

from __future__ import annotations

import csv
import subprocess
import time
from collections import defaultdict
from io import BytesIO, StringIO

from PIL import Image

from adapters.mailroom.envelope import Envelope
from adapters.mailroom.images import Picture
from adapters.mailroom.lines import Line, Reader
from adapters.mailroom.orientation import look


class Tesseract:
    """Debian's `tesseract-ocr`, as a user would run it: sparse text, one line of output a word."""

    def read(self, picture: Picture) -> tuple[Line, ...]:
        """Its lines from top to bottom; a tilted picture is read as it is."""
        png = BytesIO()
        Image.fromarray(picture).save(png, "PNG", compress_level=1)
        done = subprocess.run(
            ["tesseract", "-", "-", "--psm", "11", "-l", "eng", "tsv"],
            input=png.getvalue(),
            capture_output=True,
            check=True,
            env={"OMP_THREAD_LIMIT": "1", "PATH": "/usr/bin:/usr/local/bin"},
        )
        words: defaultdict[tuple[str, str, str], list[dict[str, str]]] = defaultdict(list)
        for row in csv.DictReader(StringIO(done.stdout.decode()), delimiter="\t", quoting=csv.QUOTE_NONE):
            if row["level"] == "5" and row["text"].strip():
                words[row["block_num"], row["par_num"], row["line_num"]].append(row)
        lines = []
        for found in words.values():
            left, top = (min(float(word[side]) for word in found) for side in ("left", "top"))
            right, bottom = (
                max(float(word[side]) + float(word[length]) for word in found)
                for side, length in (("left", "width"), ("top", "height"))
            )
            confidence = sum(float(word["conf"]) for word in found) / len(found) / 100
            text = " ".join(word["text"] for word in found)
            lines.append(Line(text, confidence, left, top, right - left, bottom - top))
        return tuple(sorted(lines, key=lambda line: (line.top, line.left)))


def timed(reader: Reader, picture: Picture) -> tuple[Envelope, float]:
    """What an envelope says, and the seconds of one core that it took."""
    began = time.perf_counter()
    return look(reader, picture), time.perf_counter() - began
