"""The stack's neighbours on loopback: an OIDC issuer that mints RS256 tokens, and an LLM."""

import base64
import http.server
import json
import threading
import time

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

AUDIENCE = "fincrime-sentinel"


def _base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


class _Server:
    """`answer(method, path, headers, body)` returns the JSON for a GET or POST; None means 404."""

    def __enter__(self):
        answer = self.answer

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                self._send(answer("GET", self.path, self.headers, b""))

            def do_POST(self):
                body = self.rfile.read(int(self.headers.get("content-length", "0")))
                self._send(answer("POST", self.path, self.headers, body))

            def _send(self, document):
                text = json.dumps(document).encode()
                self.send_response(404 if document is None else 200)
                self.send_header("content-type", "application/json")
                self.send_header("content-length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)

            def log_message(self, *_):
                pass

        self._http = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._http.server_address[1]}"
        threading.Thread(target=self._http.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self._http.shutdown()
        self._http.server_close()


class Issuer(_Server):
    """Discovery, keys, and tokens as an identity provider issues them."""

    def __init__(self):
        self._key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self._stranger = rsa.generate_private_key(public_exponent=65537, key_size=2048)

    def answer(self, method, path, headers, body):
        if path == "/.well-known/openid-configuration":
            return {"issuer": self.url, "jwks_uri": f"{self.url}/keys"}
        if path == "/keys":
            public = self._key.public_key().public_numbers()
            modulus = public.n.to_bytes(256, "big")
            return {"keys": [{"kty": "RSA", "use": "sig", "alg": "RS256", "kid": "one",
                              "n": _base64url(modulus), "e": "AQAB"}]}
        return None

    def token(self, scope="transactions:write alerts:read", forged=False, **claims) -> str:
        """A token of tenant `main` for an hour; `claims` replace its own."""
        now = int(time.time())
        claims = {"iss": self.url, "aud": AUDIENCE, "sub": "analyst", "tenant": "main",
                  "scope": scope, "iat": now, "exp": now + 3600} | claims
        header = {"alg": "RS256", "typ": "JWT", "kid": "one"}
        signed = ".".join(_base64url(json.dumps(part).encode()) for part in (header, claims))
        key = self._stranger if forged else self._key
        signature = key.sign(signed.encode(), padding.PKCS1v15(), hashes.SHA256())
        return f"{signed}.{_base64url(signature)}"


class Llm(_Server):
    """OpenAI-compatible; finds everything suspicious. Keeps the API keys it received."""

    def __init__(self):
        self.keys_seen = []

    def answer(self, method, path, headers, body):
        if (method, path) != ("POST", "/v1/chat/completions"):
            return None
        self.keys_seen.append(headers.get("authorization"))
        content = {"assessment": "suspicious", "risk": 0.9, "findings": [],
                   "narrative": "The payment of ACCOUNT_1 looks unusual."}
        return {
            "id": "completion", "object": "chat.completion", "created": int(time.time()),
            "model": json.loads(body).get("model", "test"),
            "choices": [{"index": 0, "finish_reason": "stop",
                         "message": {"role": "assistant", "content": json.dumps(content)}}],
            "usage": {"prompt_tokens": 400, "completion_tokens": 60, "total_tokens": 460},
        }
