"""A small OpenID Connect provider, a process of its own, that can be told to misbehave.

`python provider.py` prints its port; whoever comes is let through at once. POST /behave takes JSON:
"claims" replace those of the ID token (null leaves one out), "forged" signs it with another key,
"state" replaces the state, "error" refuses, "broken" makes the token's address answer 500, "issuer"
and "methods" stand in its description.
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey

CLIENT, SECRET = "exoplanet-site", "a secret of the two"
KEY = RSAKey.generate_key(2048, {"kid": "one", "alg": "RS256", "use": "sig"})
FORGED = RSAKey.generate_key(2048, {"kid": "one", "alg": "RS256", "use": "sig"})
BEHAVIOUR: dict[str, Any] = {}
CODES: dict[str, dict[str, str]] = {}


def id_token(issuer: str, nonce: str) -> str:
    now = int(time.time())
    claims = {"iss": issuer, "sub": "s-1", "aud": CLIENT, "iat": now, "exp": now + 300}
    claims |= {"nonce": nonce} | BEHAVIOUR.get("claims", {})
    told = {name: value for name, value in claims.items() if value is not None}
    key = FORGED if BEHAVIOUR.get("forged") else KEY
    return str(jwt.encode({"alg": "RS256", "kid": "one"}, told, key))


def fits(code: dict[str, str], form: dict[str, str], header: str) -> bool:
    digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
    challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
    basic = "Basic " + base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
    known = header == basic or (form.get("client_id"), form.get("client_secret")) == (
        CLIENT,
        SECRET,
    )
    same = form.get("redirect_uri") == code["redirect_uri"]
    return known and same and challenge == code["code_challenge"]


class Provider(BaseHTTPRequestHandler):
    @property
    def issuer(self) -> str:
        return f"http://{self.headers['Host']}"

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        if parts.path == "/authorize":
            self.authorize({name: values[0] for name, values in parse_qs(parts.query).items()})
        elif parts.path == "/jwks":
            self.say({"keys": [KEY.as_dict(private=False)]})
        else:
            self.say(self.description())

    def description(self) -> dict[str, Any]:
        return {
            "issuer": BEHAVIOUR.get("issuer", self.issuer),
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/jwks",
            "id_token_signing_alg_values_supported": ["RS256"],
            "token_endpoint_auth_methods_supported": BEHAVIOUR.get("methods"),
        }

    def authorize(self, asked: dict[str, str]) -> None:
        code = secrets.token_urlsafe(8)
        CODES[code] = asked
        answer = {"code": code} if "error" not in BEHAVIOUR else {"error": BEHAVIOUR["error"]}
        answer["state"] = BEHAVIOUR.get("state", asked["state"])
        self.send_response(302)
        self.send_header("Location", f"{asked['redirect_uri']}?{urlencode(answer)}")
        self.end_headers()

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
        if self.path == "/behave":
            BEHAVIOUR.clear()
            BEHAVIOUR.update(json.loads(body))
            return self.say({})
        form = {name: values[0] for name, values in parse_qs(body).items()}
        code = CODES.pop(form.get("code", ""), None)
        if BEHAVIOUR.get("broken"):
            return self.say({"oh": "no"}, 500)
        if not code or not fits(code, form, self.headers.get("Authorization", "")):
            return self.say({"error": "invalid_grant"}, 400)
        token = id_token(self.issuer, code["nonce"])
        return self.say({"access_token": "a", "token_type": "Bearer", "id_token": token})

    def say(self, what: dict[str, Any], status: int = 200) -> None:
        body = json.dumps(what).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: Any) -> None:
        pass


if __name__ == "__main__":
    server = ThreadingHTTPServer(("127.0.0.1", 0), Provider)
    print(server.server_address[1], flush=True)
    server.serve_forever()
