"""Typefaces to write envelopes with, fetched from the npm registry; they are not kept in the repository.

Five that look like handwriting and three of print, on which rules were made; twelve more hands, on which none
was. Each is pinned by version and hash (SIL Open Font License; Apache License 2.0).
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
FURTHER = {
    "architects-daughter": "uezOgAlbhmf9nDW69VYq31lXNA+0uRFWXBGCSFWLXVcr"
    "NESFHpNjvu11kJss1PMsfH/YKz1hnnYB+JSNI/t+ew==",
    "bad-script": "7MElotXA5LHyvyElVXnwPpT71wYSKLmpvm7TV0e4ahaRP6D1vXocyfHOgENi9MHgRmGxhmz7Gr1fDuji0MNvkQ==",
    "cedarville-cursive": "wHP/LV0JvHoZRpfNAnDa9p9dAjIqB0gaG44MLs4+MsuQ"
    "hL3i6+zGDTmxvxMx4bRe6r/HkChxIaMxjWOfjfSdGg==",
    "covered-by-your-grace": "QurmStAERGPv2vbl1Lxe76IWsYzXiZXz7lkxbw5x9OT8"
    "4EAih8PmBkdWxatO7dj37UsInic30MA/EKpJ58bmtw==",
    "gochi-hand": "IW6Xo3wbZuTLyx7hZzIr7+VSQwQ3oEiLZRphBnuNVaK+dhdxwYw57/r1NVi8x1ubX4OYyCG2S04mH6tLhanIsQ==",
    "handlee": "bginDzMq4WhtYCcCR5O/WUh6mjXgZ17miwY4mSCR6+Z5iXaUGc71GuFHdFKsZBTO+9CZqRRfXaGtTSz4IIf29Q==",
    "kalam": "FDkVoDfPDCSN/eO81FOYtUI67eMgpVBJmjBtAqSL0PmEhJyeFY2biC+CR+yEttksgXR9+swpFdYmQTyjwBq80Q==",
    "nanum-pen-script": "at9MFL8ga0A3Xce1+CO6/56F/SHIlf++D4vVKw3yCNRP"
    "Kh6JU0UgZ3r9un0qHPVxx0Miq2bGZ35RRRlu/4BIDg==",
    "patrick-hand": "V8C38IlIFfdWg0Xtri3F7sLCVpm069rUwn6w4n+oyn38"
    "gt7H4arOJmuReg3tAw1Q6jHqZp89wTnAAJagq4Atxw==",
    "rock-salt": "3Zy0QtrDbq5jrAoMz1I3fXSitSpD46m6S+5W/+hfTZtpbxq9YAC1QoXkwUYDQxtfc8O0k8Qtl76gULQ+uCMznQ==",
    "schoolbell": "7AWeUHHTiLIKz2V8d0fuG7mw8tlEoQ8Z8dtTpXTEs9hE2z6YFe1RjCCFtYuaSuPLZqYNVqzQ7owG/xJpTyY55w==",
    "shadows-into-light": "3dvv0i8/ZwLMY08AAlTLivHUdNQYB6Fxe92d7BZiGbHY"
    "2GQnCxEd8JC9CBzxTiP4iyWNa6OZn9LXF+xjc9LaGw==",
}
"""Hands on which no rule was made."""
PRINT = {
    "courier-prime": "KIi1k4VG1Wv+/CGpb1AUpLkUuOAQA6zmvthqxOZGN0AV"
    "8BEgQgbK7qAtquv14zsBJAY1bb5BHIEbWVFLgENh0w==",
    "lora": "OK1g1z01rHVPqO5aw/FOIoDqc46KKYZdgL3NOLkxLWDk6QhDHhdr/h2BV1cke6gTvR1tzpDfdKyUkGsC+sQLeQ==",
    "open-sans": "V1bdMlGNyZrJwzrdusshMOw2YR0aqYDL7kOo9dkxUEKl8dFv66A9HLckOOXl572sG/7ohhDQrCrTFGSn9LZcSw==",
}


@cache
def data(name: str) -> bytes:
    """The typeface's file, fetched the first time. Raises AssetsError."""
    sha512 = (HANDWRITING | FURTHER | PRINT)[name]
    member = f"files/{name}-latin-400-normal.woff2"
    return kept(f"@fontsource/{name}@{VERSION}", sha512, member, VAR / "fonts" / f"{name}-{VERSION}.woff2")


@cache
def typeface(name: str, size: int) -> ImageFont.FreeTypeFont:
    """The typeface at a height of letters in pixels; small faces are made larger, so that all look alike."""
    return ImageFont.truetype(BytesIO(data(name)), round(size * _LARGER.get(name, 1.0)))


_LARGER = {
    "caveat": 1.35,
    "caveat-brush": 1.25,
    "reenie-beanie": 1.45,
    "homemade-apple": 0.85,
    "covered-by-your-grace": 1.2,
    "nanum-pen-script": 1.35,
    "rock-salt": 0.7,
    "shadows-into-light": 1.15,
}
