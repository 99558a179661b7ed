"""Typefaces to write envelopes with, fetched from the npm registry; they are not kept in the repository.

Five that look like handwriting and three of print, each pinned by version and hash (SIL Open Font License).
"""

from __future__ import annotations

from functools import cache
from io import BytesIO

from PIL import ImageFont

from benchmarks.npm import VAR, kept

VERSION = "5.3.0"
HANDWRITING = {
    "caveat": "eHTfzQxFSW9ABERRLNruHoNJmKed2J7pqTUc5lp4a4POMgXGKpxmWj3d9Hz10kmAg6iuTTLe6UagbA4bnsmfQw==",
    "caveat-brush": "BHSP/9EKNUtnSj7h4TXuYKOrQWgnkCGm7QMHYiie0xSx"
    "tlWKbND6wLkhAgwUtUpbz5k8XL8CWPRrL6tDV+JC8w==",
    "homemade-apple": "awJSYTbSY3SroC8nirEhDauHvERVvm0LI3FpUHsPZXl9"
    "Tht1xrqhiI8ro4yf3ROcvQ7CfFJ/2+DLcOHBOXhJKw==",
    "indie-flower": "Wo5eN/ruEQcyC3+ArzhlpqWQgph3VuCNbJlEkVw17LUd"
    "0uyTHOb9bTec4g9njQzjiL/ijACF27sSwy90L6kZBg==",
    "reenie-beanie": "PgEiqKdPCLlvdY2IMWMBdYyMdr1mo1zxVBRNFlo3gcln"
    "Cz560iiyTTt0dU4/VIGnjhyAb3gSWIQL0qXnn5oaYw==",
}
PRINT = {
    "courier-prime": "KIi1k4VG1Wv+/CGpb1AUpLkUuOAQA6zmvthqxOZGN0AV"
    "8BEgQgbK7qAtquv14zsBJAY1bb5BHIEbWVFLgENh0w==",
    "lora": "OK1g1z01rHVPqO5aw/FOIoDqc46KKYZdgL3NOLkxLWDk6QhDHhdr/h2BV1cke6gTvR1tzpDfdKyUkGsC+sQLeQ==",
    "open-sans": "V1bdMlGNyZrJwzrdusshMOw2YR0aqYDL7kOo9dkxUEKl8dFv66A9HLckOOXl572sG/7ohhDQrCrTFGSn9LZcSw==",
}


@cache
def data(name: str) -> bytes:
    """The typeface's file, fetched the first time. Raises AssetsError."""
    sha512 = (HANDWRITING | PRINT)[name]
    member = f"files/{name}-latin-400-normal.woff2"
    return kept(f"@fontsource/{name}@{VERSION}", sha512, member, VAR / "fonts" / f"{name}-{VERSION}.woff2")


@cache
def typeface(name: str, size: int) -> ImageFont.FreeTypeFont:
    """The typeface at a height of letters in pixels; small faces are made larger, so that all look alike."""
    return ImageFont.truetype(BytesIO(data(name)), round(size * _LARGER.get(name, 1.0)))


_LARGER = {"caveat": 1.35, "caveat-brush": 1.25, "reenie-beanie": 1.45, "homemade-apple": 0.85}
