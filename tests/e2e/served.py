"""A place to work at whose source lies on a server that can be told to do wrong."""

import ssl
import subprocess
from pathlib import Path

import certificates
import fault_server
import faults
import measure
from workplace import MOMENT, QUICK, Workplace

# Seconds without a byte until a server hangs; the real programs are never silent for so long.
PATIENT = ("--stall-timeout", "3")
RETRY = ("--retries", "2")
ONCE = ("--retries", "0")
VICTIM = "seg001.ts"  # of the source, holds the moment's frames
HEAD = 256 * 1024  # bytes of the first segment that are looked at, when it is not in the cut


class ServedCase(Workplace):
    """A test with `self.server`, which serves the source's folder, until serve_copy() is called."""

    playlist = "index.m3u8"

    def setUp(self) -> None:
        super().setUp()
        self.server = self.serve(self.source.playlist.parent)

    def serve(self, folder: Path, tls: ssl.SSLContext | None = None, etags: str = "strong") -> fault_server.Server:
        return fault_server.serve(self, fault_server.Folder(folder, etags), tls)

    def serve_copy(self, etags: str = "strong") -> Path:
        """From now on `self.server` serves a copy of the source's folder, which may be changed."""
        copy = self.copied_source()
        self.server = self.serve(copy, etags=etags)
        return copy

    def command(self, *args: object, url: str = "") -> list[object]:
        return [url or self.server.url(self.playlist), *super().command(*args)[1:]]

    def cut(self, *args: object, url: str = "", **options) -> subprocess.CompletedProcess:
        return self.run_here(*self.command(*args, url=url), **options)

    def run_here(self, *args: object, env: dict[str, str] | None = None, **options) -> subprocess.CompletedProcess:
        return super().run_here(*args, env={"no_proxy": "*", "NO_PROXY": "*", **(env or {})}, **options)

    def start(self, *args: object, env: dict[str, str] | None = None, **options) -> subprocess.Popen:
        return super().start(*args, env={"no_proxy": "*", "NO_PROXY": "*", **(env or {})}, **options)

    def cut_right(self, *args: object, start: str = MOMENT[1], end: str = MOMENT[3], url: str = "",
                  **options) -> subprocess.CompletedProcess:
        """A cut that succeeds; the clip is measured, and gone afterwards."""
        done = self.run_here(url or self.server.url(self.playlist), "--start", start, "--end", end, *QUICK, "-o",
                             self.clip, *args, **options)
        self.assert_done(done)
        measure.check_exact(self, measure.measure(self.clip), self.source, float(start), float(end))
        self.clip.unlink()
        return done

    def cut_refused(self, code: int, pattern: str, *args: object, **options) -> str:
        """A cut that fails with that code, in one line of that form, and leaves nothing."""
        done = self.cut(*args, **options)
        self.assert_refused(done, code, pattern)
        return done.stderr

    def write(self, folder: Path, text: str, name: str = "index.m3u8") -> Path:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
        return folder / name


class FaultCase(ServedCase):
    """Tests of one fault at a time."""

    def tries(self, pattern: str = VICTIM) -> int:
        return len(self.server.asked(pattern))

    def hit(self, fault: faults.Fault, pattern: str = VICTIM, **when) -> None:
        """Switches one fault on, and those before it off."""
        self.server.begin_anew()
        self.server.when(pattern, fault, **when)


class TlsCase(ServedCase):
    """The same with TLS: `self.server` is https, its authority is trusted by who has `self.trusting`."""

    def setUp(self) -> None:
        super().setUp()
        self.tls, self.trusting = self.context()
        self.plain, self.server = self.server, self.serve(self.source.playlist.parent, self.tls)

    def context(self) -> tuple[ssl.SSLContext, dict[str, str]]:
        """A server's side of TLS, and the environment of a client that trusts it."""
        place = self.folder / "certificates"
        place.mkdir()
        made = certificates.make(place)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(made.server, made.server_key)
        return context, {"AWS_CA_BUNDLE": str(made.authority)}
