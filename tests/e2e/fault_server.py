"""A real HTTP server on a loopback port that notes what it is asked, and does wrong what a test wants done wrong.

serve(test, Folder(path)) serves a folder; server.when("*.ts", faults.dropped(1000), times=1) switches a fault on.
"""

import contextlib
import fnmatch
import hashlib
import http.server
import itertools
import os
import re
import socket
import ssl
import struct
import sys
import threading
import time
import unittest
from collections.abc import Callable
from dataclasses import dataclass, field
from email.utils import formatdate
from pathlib import Path
from urllib.parse import unquote

_PIECE = 16 * 1024
_LONGEST = 300.0  # seconds that a stalled answer stays open, should nobody end the server
_TYPES = {".m3u8": "application/vnd.apple.mpegurl", ".ts": "video/mp2t"}


@dataclass
class Request:
    """What was asked, and what became of it."""
    method: str
    target: str               # as it was sent: path and query
    fields: dict[str, str]    # names in lower case
    body: bytes
    connection: int           # which of the server's connections it came on
    at: float                 # time.monotonic()
    status: int = 0           # of the answer; 0: none was sent
    sent: int = 0             # bytes of the answer's body
    ended: float | None = None

    @property
    def path(self) -> str:
        return self.target.partition("?")[0]

    @property
    def query(self) -> str:
        return self.target.partition("?")[2]

    @property
    def name(self) -> str:
        """The last part of the path."""
        return self.path.rpartition("/")[2]

    @property
    def range(self) -> tuple[int, int | None] | None:
        """First and last byte asked for; no last one: to the end."""
        match = re.fullmatch(r"bytes=(\d+)-(\d*)", self.fields.get("range", ""))
        return (int(match[1]), int(match[2]) if match[2] else None) if match else None


@dataclass
class Answer:
    """What is sent, and how. Faults change it before it goes."""
    status: int = 200
    body: bytes = b""
    fields: dict[str, str] = field(default_factory=dict)
    whole: bytes = b""            # all of the resource, of which `body` may be a part
    raw: bytes | None = None      # sent instead of HTTP
    delay: float = 0.0            # seconds before the first byte
    piece: int = _PIECE           # bytes sent at once
    pause: float = 0.0            # seconds after each piece
    drop_at: int | None = None    # the connection ends after so many bytes of the body
    reset: bool = False           # it ends by RST rather than FIN
    stall_at: int | None = None   # after so many bytes of the body nothing happens any more
    chunked: bool = False
    endless: bool = False         # the body begins anew whenever it is over


Respond = Callable[[Request], Answer]
Fault = Callable[[Request, Answer], None]


@dataclass
class Folder:
    """Answers with files as a well-behaved server does: single ranges, ETag, If-Match, If-Range."""
    path: Path
    etags: str = "strong"  # or "weak" or "none"

    def __call__(self, request: Request) -> Answer:
        parts = unquote(request.path).split("/")
        file = self.path.joinpath(*filter(None, parts))
        if ".." in parts or not file.is_file():
            return Answer(404, b"not found\n")
        if request.method not in ("GET", "HEAD"):
            return Answer(405, b"not allowed\n")
        content = file.read_bytes()
        etag = self.etag(content)
        fields = {"Content-Type": _TYPES.get(file.suffix, "application/octet-stream"), "Accept-Ranges": "bytes",
                  "Last-Modified": formatdate(file.stat().st_mtime, usegmt=True), **({"ETag": etag} if etag else {})}
        asked = request.fields.get("if-match")
        strong = not etag.startswith("W/") and etag in (asked or "").split(", ")  # a weak one never matches
        if asked and asked != "*" and not strong:
            return Answer(412, b"changed\n", {"ETag": etag} if etag else {}, content)
        if request.fields.get("if-range", etag) != etag:
            return Answer(200, content, fields, content)
        return _part(Answer(200, content, fields, content), request)

    def etag(self, content: bytes) -> str:
        digest = f'"{hashlib.sha256(content).hexdigest()[:16]}"'
        return {"strong": digest, "weak": f"W/{digest}", "none": ""}[self.etags]


def _part(answer: Answer, request: Request) -> Answer:
    """What the request's Range leaves of the whole."""
    asked, size = request.fields.get("range", ""), len(answer.whole)
    match = re.fullmatch(r"bytes=(?:(\d+)-(\d*)|-(\d+))", asked)
    if not match or match[2] and int(match[2]) < int(match[1]):
        return answer
    first = max(0, size - int(match[3])) if match[3] else int(match[1])
    last = min(size, int(match[2]) + 1 if match[2] else size) - 1
    if first >= size:
        return Answer(416, b"", {"Content-Range": f"bytes */{size}"}, answer.whole)
    answer.status, answer.body = 206, answer.whole[first:last + 1]
    answer.fields["Content-Range"] = f"bytes {first}-{last}/{size}"
    return answer


@dataclass
class _Rule:
    pattern: str
    fault: Fault
    after: int            # so many requests for each path pass first
    times: int | None     # and so many are hit
    seen: dict[str, int] = field(default_factory=dict)

    def hits(self, path: str) -> bool:
        if not fnmatch.fnmatchcase(path.lstrip("/"), self.pattern):
            return False
        count = self.seen[path] = self.seen.get(path, 0) + 1
        return self.after < count and (self.times is None or count <= self.after + self.times)


class Server(http.server.ThreadingHTTPServer):
    """Answers what `respond` says, changed by the faults that are switched on. Ends with close()."""
    daemon_threads = True
    block_on_close = False
    request_queue_size = 64

    def __init__(self, respond: Respond, tls: ssl.SSLContext | None = None) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.respond, self.tls = respond, tls
        self.log: list[Request] = []
        self.mistakes: list[str] = []         # of this server, not of its client
        self.connections, self.most_open = 0, 0    # ever, and at once
        self.busy, self.most_busy = 0, 0           # requests under way
        self.lock, self.ending = threading.Lock(), threading.Event()
        self.open: set[socket.socket] = set()
        self._rules: list[_Rule] = []
        self._thread = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        self._thread.start()

    @property
    def origin(self) -> str:
        return f"{'https' if self.tls else 'http'}://127.0.0.1:{self.server_port}"

    def url(self, path: str = "index.m3u8") -> str:
        return f"{self.origin}/{path}"

    def when(self, pattern: str, fault: Fault, times: int | None = None, after: int = 0) -> None:
        """A fault for paths that match, from the request after the first `after` of each path on, `times` times."""
        self._rules.append(_Rule(pattern, fault, after, times))

    def begin_anew(self) -> None:
        """Switches all faults off and forgets what was asked."""
        with self.lock:
            self._rules.clear()
            self.log.clear()

    def answer(self, request: Request) -> Answer:
        answer = self.respond(request)
        with self.lock:
            faults = [rule.fault for rule in self._rules if rule.hits(request.path)]
        for fault in faults:
            fault(request, answer)
        return answer

    def asked(self, pattern: str = "*") -> list[Request]:
        """The requests so far whose path matches, first to last."""
        with self.lock:
            return [r for r in self.log if fnmatch.fnmatchcase(r.path.lstrip("/"), pattern)]

    def names(self, pattern: str = "*") -> list[str]:
        """The last parts of the paths asked for, sorted."""
        return sorted(request.name for request in self.asked(pattern))

    def sent(self, pattern: str = "*") -> int:
        """How many bytes of bodies it sent."""
        return sum(request.sent for request in self.asked(pattern))

    def get_request(self):
        connection, address = super().get_request()
        if self.tls:
            connection = self.tls.wrap_socket(connection, server_side=True, do_handshake_on_connect=False)
        return connection, address

    def handle_error(self, request, client_address) -> None:
        error = sys.exc_info()[1]
        if not isinstance(error, OSError) and not self.ending.is_set():  # OSError: the client went away
            self.mistakes.append(repr(error))

    def close(self) -> None:
        """Ends it with all its connections."""
        self.ending.set()
        self.shutdown()
        self._thread.join()
        self.server_close()
        with self.lock:
            connections = list(self.open)
        for connection in connections:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)


def serve(test: unittest.TestCase, respond: Respond, tls: ssl.SSLContext | None = None) -> Server:
    """A server that lives as long as the test, which fails if the server itself did wrong unasked."""
    server = Server(respond, tls)

    def end() -> None:
        server.close()
        test.assertEqual(server.mistakes, [], "the server of the test made mistakes")

    test.addCleanup(end)
    return server


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: Server

    def setup(self) -> None:
        super().setup()
        with self.server.lock:
            self.server.connections += 1
            self.number = self.server.connections
            self.server.open.add(self.connection)
            self.server.most_open = max(self.server.most_open, len(self.server.open))

    def finish(self) -> None:
        with self.server.lock:
            self.server.open.discard(self.connection)
        with contextlib.suppress(OSError):
            super().finish()

    def handle(self) -> None:
        with contextlib.suppress(OSError):
            super().handle()

    def log_message(self, *args) -> None:
        pass

    def _serve(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        request = Request(self.command, self.requestline.split(" ")[1],
                          {name.lower(): value for name, value in self.headers.items()}, body, self.number,
                          time.monotonic())
        with self.server.lock:
            self.server.log.append(request)
            self.server.busy += 1
            self.server.most_busy = max(self.server.most_busy, self.server.busy)
        try:
            answer = self.server.answer(request)
            self.server.ending.wait(answer.delay)
            self._send(request, answer)
        finally:
            with self.server.lock:
                self.server.busy -= 1
            request.ended = time.monotonic()

    do_GET = do_HEAD = do_PUT = do_POST = do_DELETE = _serve

    def _send(self, request: Request, answer: Answer) -> None:
        if answer.raw is not None:
            self.wfile.write(answer.raw)
            self.close_connection = True
            return
        request.status = answer.status
        self.wfile.write(self._head(answer))
        if request.method != "HEAD" and answer.status not in (204, 304):
            self._send_body(request, answer)
        self.wfile.flush()

    def _head(self, answer: Answer) -> bytes:
        fields = {"Date": formatdate(usegmt=True), **answer.fields}
        if answer.chunked:
            fields["Transfer-Encoding"] = "chunked"
        elif answer.endless:
            self.close_connection = True
        else:
            fields.setdefault("Content-Length", str(len(answer.body)))
        if fields.get("Content-Length", str(len(answer.body))) != str(len(answer.body)):
            self.close_connection = True
        lines = [f"HTTP/1.1 {answer.status} {self.responses.get(answer.status, ('Odd',))[0]}",
                 *(f"{name}: {value}" for name, value in fields.items()), "", ""]
        return "\r\n".join(lines).encode()

    def _send_body(self, request: Request, answer: Answer) -> None:
        limits = [n for n in (answer.drop_at, answer.stall_at, None if answer.endless else len(answer.body))
                  if n is not None]
        left = min(limits) if limits else None
        for start in itertools.cycle(range(0, len(answer.body), answer.piece)):
            piece = answer.body[start:start + answer.piece][:left]
            if not piece or self.server.ending.is_set():
                break
            request.sent += len(piece)  # before its reader can know of it
            self.wfile.write(b"%x\r\n%b\r\n" % (len(piece), piece) if answer.chunked else piece)
            left = None if left is None else left - len(piece)
            if answer.pause:
                self.server.ending.wait(answer.pause)
        self._end_body(answer)

    def _end_body(self, answer: Answer) -> None:
        """As it was wanted: at a drop or a stall the body remains incomplete."""
        whole = len(answer.body)
        if answer.stall_at is not None and (answer.endless or answer.stall_at < whole):
            self.server.ending.wait(_LONGEST)
            self.close_connection = True
        elif answer.drop_at is not None and (answer.endless or answer.drop_at < whole):
            self.close_connection = True
            if answer.reset:
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                os.close(self.connection.detach())  # at once: an orderly end would send FIN first
        elif answer.chunked:
            self.wfile.write(b"0\r\n\r\n")
