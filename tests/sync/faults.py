"""A proxy on loopback that stands before a real server and fails as told."""

import http.client
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import NamedTuple
from urllib.parse import urlsplit


class Seen(NamedTuple):
    """A request that arrived."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


class Reply(NamedTuple):
    """An answer, whole or cut after `cut` octets of its body."""

    status: int
    headers: dict[str, str]
    body: bytes
    cut: int | None = None


Fault = Callable[[Seen, Callable[[Seen], Reply]], Reply | None]
"""Given a request and the way to the server, the answer; None closes the connection."""


def passed_on(seen: Seen, server: Callable[[Seen], Reply]) -> Reply | None:
    """No fault at all."""
    return server(seen)


@dataclass
class Proxy:
    """Where it listens, what it has seen, and how it fails next."""

    url: str = ""
    fault: Fault = passed_on
    seen: list[Seen] = field(default_factory=list)

    def logged_in(self, *methods: str) -> list[Seen]:
        """Return the requests that carried a login, of these methods or of all."""
        return [
            each
            for each in self.seen
            if "authorization" in each.headers and (not methods or each.method in methods)
        ]


@contextmanager
def proxy(target: str = "") -> Iterator[Proxy]:
    """Run a proxy before the server at `target`; without one every request needs a fault."""
    state = Proxy()

    def server(seen: Seen) -> Reply:
        connection = http.client.HTTPConnection(urlsplit(target).netloc, timeout=30)
        own = ("host", "content-length", "accept-encoding", "connection")
        headers = {name: value for name, value in seen.headers.items() if name not in own}
        headers["host"] = urlsplit(state.url).netloc
        connection.request(seen.method, seen.path, seen.body, headers)
        answer = connection.getresponse()
        body = answer.read()
        connection.close()
        return Reply(answer.status, {name.lower(): v for name, v in answer.getheaders()}, body)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1  # head and body in one piece: the other end waits for neither

        def handle_one_request(self) -> None:
            self.raw_requestline = self.rfile.readline(65_537)
            if not self.raw_requestline or not self.parse_request():
                self.close_connection = True
                return
            body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
            headers = {name.lower(): value for name, value in self.headers.items()}
            seen = Seen(self.command, self.path, headers, body)
            state.seen.append(seen)
            reply = state.fault(seen, server)
            if reply is None:
                self.close_connection = True
                return
            self.send_response(reply.status)
            for name, value in reply.headers.items():
                if name not in (
                    "content-length",
                    "transfer-encoding",
                    "connection",
                    "date",
                    "server",
                ):
                    self.send_header(name, value)
            self.send_header("Content-Length", str(len(reply.body)))
            self.end_headers()
            self.wfile.write(reply.body[: reply.cut])
            self.wfile.flush()
            self.close_connection = self.close_connection or reply.cut is not None

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    listening = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    listening.daemon_threads = True
    thread = threading.Thread(target=listening.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    state.url = f"http://127.0.0.1:{listening.server_address[1]}/"
    try:
        yield state
    finally:
        listening.shutdown()
        thread.join()
        listening.server_close()
