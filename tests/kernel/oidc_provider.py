"""A tiny OpenID Connect provider on loopback, for the tests of single sign-on: authorization code flow with PKCE left
to the client, unsigned token over the direct connection as the specification allows.
"""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class Provider:
    """`claims` is what the signed-in citizen's user info says; `token_claims` what the ID token adds or changes."""

    def __init__(self, port: int):
        self.url = f"http://127.0.0.1:{port}"
        self.claims: dict[str, Any] = {}
        self.token_claims: dict[str, Any] = {}
        self.asked: list[str] = []

    def configuration(self) -> dict[str, Any]:
        return {
            "issuer": self.url,
            "authorization_endpoint": f"{self.url}/authorize",
            "token_endpoint": f"{self.url}/token",
            "userinfo_endpoint": f"{self.url}/userinfo",
            "jwks_uri": f"{self.url}/jwks",
            "token_endpoint_auth_methods_supported": ["client_secret_post"],
        }

    def token(self) -> dict[str, Any]:
        import time

        body = {"iss": self.url, "aud": "portal", "exp": int(time.time()) + 600, "iat": int(time.time())}
        body |= {"sub": self.claims["sub"], **self.token_claims}
        parts = [json.dumps(part).encode() for part in ({"alg": "RS256", "typ": "JWT"}, body)]
        token = ".".join(base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in (*parts, b"unsigned"))
        return {"access_token": "citizen", "token_type": "Bearer", "expires_in": 600, "id_token": token}


@contextmanager
def provider() -> Iterator[Provider]:
    """The provider, answering until the block ends."""

    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            path = self.path.partition("?")[0]
            here.asked.append(path)
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            body = {
                "/.well-known/openid-configuration": here.configuration,
                "/token": here.token,
                "/userinfo": lambda: here.claims,
            }[path]()
            text = json.dumps(body).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        do_GET = do_POST = answer  # noqa: N815  names of the standard library

        def log_message(self, *args: Any) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    here = Provider(server.server_port)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield here
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)
