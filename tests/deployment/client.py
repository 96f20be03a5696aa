"""How a bank's systems and an analyst's page talk to the stack: HTTP and WebSocket."""

import http.client
import json
import time
import urllib.parse

import websocket


def eventually(ask, seconds=20):
    """Asks until there is an answer; None if there is none in time."""
    deadline = time.monotonic() + seconds
    while not (answer := ask()) and time.monotonic() < deadline:
        time.sleep(0.1)
    return answer or None


class Reply:
    def __init__(self, response):
        self.status, self.headers = response.status, response.headers
        text = response.read().decode()
        try:
            self.body = json.loads(text)
        except ValueError:
            self.body = text

    def __repr__(self):
        return f"{self.status} {self.body}"


class Http:
    """The HTTP API. `Host` names the API, as on AWS, but the connection goes to loopback."""

    def __init__(self, emulator, api_id: str, token: str):
        self._port, self._token = emulator.port, token
        self._host = f"{api_id}.execute-api.localhost:{emulator.port}"

    def send(self, method, path, body=None, token=None, **headers) -> Reply:
        """`token` replaces the client's own; an empty one sends none."""
        token = self._token if token is None else token
        headers = {"host": self._host} | {name.replace("_", "-"): text
                                          for name, text in headers.items()}
        if token:
            headers["authorization"] = f"Bearer {token}"
        if body is not None:
            headers.setdefault("content-type", "application/json")
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=40)
        try:
            connection.request(method, path, body, headers)
            return Reply(connection.getresponse())
        finally:
            connection.close()

    def get(self, path, **options) -> Reply:
        return self.send("GET", path, **options)

    def post(self, transaction, **options) -> Reply:
        return self.send("POST", "/api/v1/transactions", json.dumps(transaction), **options)

    def decision(self, msg_id):
        """Waits for the decision on a transaction, and for the LLM's look if there is to be one; None
        if there is none in time."""
        def ask():
            reply = self.get(f"/api/v1/transactions/{msg_id}")
            final = reply.status == 200 and reply.body.get("review") != "second_look"
            return reply.body if final else None
        return eventually(ask)


def listen(emulator, api_id: str, ticket: str) -> websocket.WebSocket:
    """Opens the live stream as a browser does, with nothing but the ticket."""
    query = urllib.parse.urlencode({"ticket": ticket})
    return websocket.create_connection(
        f"ws://127.0.0.1:{emulator.port}/live?{query}",
        host=f"{api_id}.execute-api.localhost:{emulator.port}",
        timeout=20, http_no_proxy=["*"])


def transaction(msg_id: str, **changes) -> dict:
    """A payment on which no rule alerts."""
    return {
        "msg_id": msg_id,
        "timestamp": "2026-01-05T10:00:00Z",
        "sender": {"account": f"{msg_id}-from", "bank_country": "GB"},
        "receiver": {"account": f"{msg_id}-to", "bank_country": "GB"},
        "amount": "120.50",
        "currency": "GBP",
        "payment_type": "wire",
    } | changes


def risky(msg_id: str) -> dict:
    """A payment on which a rule alone alerts."""
    receiver = {"account": f"{msg_id}-to", "bank_country": "IR"}
    return transaction(msg_id, receiver=receiver, amount="5000.00")
