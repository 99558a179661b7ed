"""A real issuer, for the tests: a process that publishes keys and gives out tokens, good ones and bad ones.

    python -m tests.service.access.issuer PORT

`POST /control` sets how it misbehaves: `{"keys": 2}` publishes another key, `{"slow": 5}` answers late,
`{"down": true}` answers 500, `{"nonce": "x"}` and `{"azp": "x"}` put something else into identities.
`POST /mint` makes any token; `alg`, `kid`, and each claim can be given.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import sys
import time
from typing import Any

import uvicorn
from fastapi import FastAPI, Form, HTTPException, Request
from fastapi.responses import RedirectResponse
from joserfc import jws
from joserfc.jwk import ECKey, RSAKey

AUDIENCE, CLIENT, SECRET = "nocontact", "console", "a client's secret"


def make(port: int) -> FastAPI:
    """The issuer's application."""
    app = FastAPI()
    url = f"http://127.0.0.1:{port}"
    keys: list[RSAKey | ECKey] = [
        RSAKey.generate_key(2048, {"kid": "rsa-1", "use": "sig"}),
        ECKey.generate_key("P-256", {"kid": "ec-1"}),
    ]
    strangers: dict[str, RSAKey | ECKey] = {  # never published, whatever they are called
        "RS256": RSAKey.generate_key(2048),
        "ES256": ECKey.generate_key("P-256"),
    }
    state: dict[str, Any] = {}
    codes: dict[str, dict[str, str]] = {}
    counts: dict[str, int] = {"jwks": 0}

    def signed(claims: dict[str, Any], alg: str, kid: str) -> str:
        header = {"alg": alg, "kid": kid, "typ": "JWT"}
        payload = json.dumps(claims).encode()
        if alg in ("none", "HS256"):
            text = f"{_encoded(json.dumps(header).encode())}.{_encoded(payload)}"
            # The trick: the public key, which anybody has, as the secret of an HMAC.
            mac = hmac.digest(keys[0].as_pem(private=False), text.encode(), "sha256")
            return f"{text}.{_encoded(mac) if alg == 'HS256' else ''}"
        chosen = next(
            (key for key in keys if key.kid == kid), strangers["ES256" if alg == "ES256" else "RS256"]
        )
        return jws.serialize_compact(header, payload, chosen, algorithms=[alg])

    def check() -> None:
        time.sleep(state.get("slow", 0))
        if state.get("down"):
            raise HTTPException(500)

    @app.get("/.well-known/openid-configuration")
    def describe() -> dict[str, str]:
        check()
        return {
            "issuer": state.get("issuer", url),
            "jwks_uri": f"{url}/jwks",
            "authorization_endpoint": f"{url}/authorize",
            "token_endpoint": f"{url}/token",
        }

    @app.get("/jwks")
    def publish() -> dict[str, Any]:
        check()
        counts["jwks"] += 1
        return {"keys": [key.as_dict(private=False) for key in keys]}

    @app.get("/authorize")
    def authorize(request: Request) -> RedirectResponse:
        asked = dict(request.query_params)
        code = hashlib.sha256(asked["state"].encode()).hexdigest()
        codes[code] = asked
        return RedirectResponse(f"{asked['redirect_uri']}?code={code}&state={asked['state']}", 303)

    @app.post("/token")
    def exchange(
        request: Request,
        code: str = Form(),
        code_verifier: str = Form(),
        redirect_uri: str = Form(),
        grant_type: str = Form(),
    ) -> dict[str, str]:
        check()
        basic = base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
        asked = codes.pop(code, None)
        challenge = (
            base64.urlsafe_b64encode(hashlib.sha256(code_verifier.encode()).digest()).rstrip(b"=").decode()
        )
        good = (
            asked is not None
            and asked["code_challenge"] == challenge
            and asked["redirect_uri"] == redirect_uri
        )
        if not good or asked is None or request.headers.get("authorization") != f"Basic {basic}":
            raise HTTPException(400)
        claims = {
            "iss": url,
            "aud": CLIENT,
            "sub": "rita",
            "name": "Rita Review",
            "exp": int(time.time()) + 300,
            "nonce": state.get("nonce", asked["nonce"]),
            "authorities": state.get("roles", ["ROLE_NOCONTACT_REVIEWER"]),
            "caseloads": ["LEI"],
        }
        if "azp" in state:
            claims["azp"] = state["azp"]
        return {"id_token": signed(claims, "RS256", "rsa-1")}

    @app.post("/mint")
    def mint(asked: dict[str, Any]) -> str:
        alg, kid = asked.pop("alg", "RS256"), asked.pop("kid", "rsa-1")
        claims: dict[str, Any] = {
            "iss": url,
            "aud": AUDIENCE,
            "sub": "switch",
            "exp": int(time.time()) + 300,
            "authorities": ["ROLE_NOCONTACT_PHONE_SYSTEM"],
            "caseloads": ["LEI"],
        }
        return signed(
            {name: value for name, value in (claims | asked).items() if value is not None}, alg, kid
        )

    @app.post("/control")
    def control(asked: dict[str, Any]) -> dict[str, int]:
        state.clear()
        state.update(asked)
        wanted = range(2, asked.get("keys", 0) + 1)
        keys.extend(RSAKey.generate_key(2048, {"kid": f"rsa-{number}", "use": "sig"}) for number in wanted)
        return counts

    return app


def _encoded(part: bytes) -> str:
    return base64.urlsafe_b64encode(part).rstrip(b"=").decode()


if __name__ == "__main__":
    uvicorn.run(make(int(sys.argv[1])), port=int(sys.argv[1]), log_level="error")
