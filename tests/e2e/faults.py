"""What a server can do wrong, by what it makes of an answer; see fault_server.Server.when()."""

import gzip
from collections.abc import Callable

from fault_server import Answer, Fault, Request


def status(code: int, body: bytes = b"as the test wants it\n", fields: dict[str, str] | None = None) -> Fault:
    def fault(_: Request, answer: Answer) -> None:
        answer.status, answer.body, answer.fields = code, body, dict(fields or {})
    return fault


def redirected(to: str, code: int = 302) -> Fault:
    return status(code, b"elsewhere\n", {"Location": to})


def altered(**members: object) -> Fault:
    """Members of the answer as they are given."""
    def fault(_: Request, answer: Answer) -> None:
        for name, value in members.items():
            setattr(answer, name, value)
    return fault


def dropped(at: int, reset: bool = False) -> Fault:
    return altered(drop_at=at, reset=reset)


def stalled(at: int) -> Fault:
    return altered(stall_at=at)


def delayed(seconds: float) -> Fault:
    return altered(delay=seconds)


def slowed(bytes_per_second: float) -> Fault:
    return altered(piece=4096, pause=4096 / bytes_per_second)


def trickling(piece: int = 1, every: float = 1.0) -> Fault:
    return altered(piece=piece, pause=every)


def garbled(raw: bytes = b"\x16\x03\x01 this is no HTTP\r\n\r\n" * 50) -> Fault:
    return altered(raw=raw)


def ignoring_ranges(_: Request, answer: Answer) -> None:
    answer.status, answer.body = 200, answer.whole
    answer.fields.pop("Content-Range", None)


def misplaced(by: int) -> Fault:
    """206 with what lies `by` bytes after what was asked for, and says so."""
    def fault(request: Request, answer: Answer) -> None:
        if request.range:
            first, length = request.range[0] + by, len(answer.body)
            answer.status, answer.body = 206, answer.whole[first:first + length]
            answer.fields["Content-Range"] = f"bytes {first}-{first + len(answer.body) - 1}/{len(answer.whole)}"
    return fault


def announcing(change: Callable[[int], int]) -> Fault:
    """A Content-Length other than the body's; the connection ends after the body."""
    def fault(_: Request, answer: Answer) -> None:
        answer.fields["Content-Length"] = str(change(len(answer.body)))
    return fault


def gzipped(_: Request, answer: Answer) -> None:
    answer.body = gzip.compress(answer.body)
    answer.fields["Content-Encoding"] = "gzip"


def also(action: Callable[[], object]) -> Fault:
    """The right answer; and then something happens."""
    return lambda request, answer: action() and None
