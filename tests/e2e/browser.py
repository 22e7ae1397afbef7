"""Plays clips in a real browser, Chromium without a window, and tells which frames it presented and when.

One start() serves many clips. The page (browser.html) and the clips come from a server on loopback,
which the page asks what to play and tells what it saw.
"""

import contextlib
import http.server
import json
import math
import os
import queue
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import unittest
from dataclasses import dataclass
from pathlib import Path

import momentcut
import signals
from measure import AAC_FRAME, difference
from mp4 import read_movie
from sources import Source
from truth import CLOCK

PATIENCE = 60.0   # seconds until a browser that has not asked for its page has failed to start
_LONGEST = 300.0  # seconds that a clip may take; the page gives up much earlier where nothing moves
_GRACE = 5.0      # seconds that it gets to end by itself
# As a viewer plays, then slower and slower; 1/16 is the least that the browser knows.
_RATES = (1, 1 / 2, 1 / 4, 1 / 8, 1 / 16)
_WITHIN = 0.002   # seconds by which a frame may be shown early or late
_PAGE = Path(__file__).with_name("browser.html")
_WORDS = (
    "--headless=new",
    "--disable-gpu",
    # Its sandbox needs rights that containers lack, and refuses root. It shows nothing but our page.
    "--no-sandbox",
    # A container's /dev/shm may be too small for a picture.
    "--disable-dev-shm-usage",
    "--mute-audio",
    "--autoplay-policy=no-user-gesture-required",
    # Nothing leaves this machine, whatever else the browser would like to look up.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
    "--no-proxy-server",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--no-default-browser-check",
    # Its crash handlers are daemons of their own, which would outlive it.
    "--disable-breakpad",
    "--disable-crash-reporter",
)


class PlayFailed(Exception):
    """The browser or the clip does not play; the message has what they said."""


@dataclass(frozen=True)
class Frame:
    """A presented frame."""
    time: float          # of the clip, seconds
    number: int | None   # that it carries, None where it is unreadable


@dataclass(frozen=True)
class Playback:
    """What a browser presented of a clip."""
    clip: Path
    frames: list[Frame]  # the one shown before it plays, and then all until the end, in order
    jumped: list[Frame]  # what is shown after a jump to the middle of each of these
    duration: float      # seconds, as the browser says it


class Browser:
    """A running Chromium. End it with stop()."""

    def __init__(self) -> None:
        self._server = _Server()
        self._folder = Path(tempfile.mkdtemp(prefix="momentcut-browser-"))
        self._output = self._folder / "output"
        self._process: subprocess.Popen | None = None
        self._failed = ""    # what is wrong with it, so that not every clip waits in vain
        try:
            self._start()
        except BaseException:
            self.stop()
            raise

    def _start(self) -> None:
        program = shutil.which("chromium")
        if not program:
            raise PlayFailed("no chromium on PATH; scripts/install-packages test installs it")
        home = self._folder / "home"
        home.mkdir()
        # It ends with this process, however that ends.
        command = ["setpriv", "--pdeathsig", "KILL", program, *_WORDS, f"--user-data-dir={self._folder / 'profile'}",
                   self._server.origin + "/"]
        with self._output.open("wb") as output:
            self._process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True,
                env=momentcut.environment(home, {"TMPDIR": str(home), "XDG_CACHE_HOME": str(home)}))
        end = time.monotonic() + PATIENCE
        while not self._server.page_is_here.wait(0.2):
            self._check(end, f"did not open its page within {PATIENCE:.0f} s")

    def play(self, clip: Path) -> Playback:
        """Plays a clip from beginning to end, then jumps to each of its frames."""
        video = read_movie(clip).track("vide")
        if self._failed:
            raise PlayFailed(self._failed)
        if not video:
            raise PlayFailed(f"{clip.name} has no video")
        answer = self._server.put_on(clip, {"columns": signals.COLUMNS, "rows": signals.ROWS, "rates": _RATES,
                                            "side": signals.cell_size(video.width)})
        end = time.monotonic() + _LONGEST
        while (told := self._server.told(answer)) is None:
            self._check(end, f"was not done with {clip.name} after {_LONGEST:.0f} s")
        if "error" in told:
            raise PlayFailed(f"{clip.name} does not play: {told['error']}")
        frames = _frames(told["frames"])
        if told["lost"]:
            raise PlayFailed(f"Chromium lost frames of {clip.name} by its own account, even at {told['rate']} of its "
                             f"speed; it showed {[frame.number for frame in frames]}")
        # JSON has no infinity.
        duration = math.inf if told["duration"] is None else told["duration"]
        return Playback(clip, frames, _frames(told["jumped"]), duration)

    def _check(self, end: float, otherwise: str) -> None:
        """Fails if Chromium has ended, or if it is past `end`."""
        ended = self._process.poll()
        if ended is None and time.monotonic() < end:
            return
        what = otherwise if ended is None else f"ended with {ended}"
        self._failed = f"Chromium {what}; it said: {self._output.read_text(errors='replace').strip()[-2000:]}"
        raise PlayFailed(self._failed)

    def stop(self) -> None:
        if self._process:
            self._end(signal.SIGTERM)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(_GRACE)
            # Children that are left without it have had their time.
            self._end(signal.SIGKILL)
            self._process.wait()
        self._server.close()
        end = time.monotonic() + _GRACE
        while self._folder.exists() and time.monotonic() < end:
            # What ends just now may still write.
            shutil.rmtree(self._folder, ignore_errors=True)

    def _end(self, number: signal.Signals) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, number)


def start() -> Browser:
    """A browser that waits for clips. End it with stop(), best by addClassCleanup."""
    return Browser()


def _frames(told: list[dict]) -> list[Frame]:
    return [Frame(frame["time"], signals.read_number(bytes(frame["cells"]))) for frame in told]


class _Server(http.server.ThreadingHTTPServer):
    """Serves the page, what it is to do, and clips by range, as a player that jumps asks for them."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.page_is_here = threading.Event()
        self.clips: dict[str, Path] = {}
        self.tasks: queue.SimpleQueue[dict | None] = queue.SimpleQueue()
        self.answers: queue.SimpleQueue[tuple[str, dict]] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        self._thread.start()

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def put_on(self, clip: Path, task: dict) -> str:
        """Has the page play a clip; returns by which name it will answer."""
        url, answer = f"/clip{len(self.clips)}.mp4", f"/answer{len(self.clips)}"
        self.clips[url] = clip
        self.tasks.put({**task, "url": url, "answer": answer})
        return answer

    def told(self, answer: str) -> dict | None:
        """What the page answered by this name, if it comes soon."""
        with contextlib.suppress(queue.Empty):
            name, told = self.answers.get(timeout=0.2)
            # Another is about a clip that was given up.
            return told if name == answer else None
        return None

    def handle_error(self, request, client_address) -> None:
        # A browser hangs up on what it needs no more.
        if not isinstance(sys.exc_info()[1], OSError):
            super().handle_error(request, client_address)

    def close(self) -> None:
        self.tasks.put(None)
        self.shutdown()
        self._thread.join()
        self.server_close()


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def do_GET(self) -> None:
        if self.path == "/":
            self._send(200, _PAGE.read_bytes(), "text/html")
        elif self.path == "/task":
            self.server.page_is_here.set()
            task = self.server.tasks.get()
            self._send(200 if task else 410, json.dumps(task).encode(), "application/json")
        elif self.path in self.server.clips:
            self._send_part(self.server.clips[self.path].read_bytes())
        else:
            self._send(404)

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.answers.put((self.path, json.loads(body)))
        self._send(204)

    def _send_part(self, data: bytes) -> None:
        """All, or the range that is asked for (RFC 9110 §14)."""
        match = re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers.get("Range", ""))
        if not match:
            self._send(200, data, "video/mp4", {"Accept-Ranges": "bytes"})
            return
        first = int(match[1])
        part = data[first:int(match[2]) + 1 if match[2] else None]
        if part:
            self._send(206, part, "video/mp4",
                       {"Content-Range": f"bytes {first}-{first + len(part) - 1}/{len(data)}"})
        else:
            self._send(416, fields={"Content-Range": f"bytes */{len(data)}"})

    def _send(self, status: int, body: bytes = b"", kind: str = "text/plain",
              fields: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in {"Content-Type": kind, "Cache-Control": "no-store", **(fields or {})}.items():
            self.send_header(name, value)
        if status != 204:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args) -> None:
        """A test's output is its own."""


def check_playback(test: unittest.TestCase, playback: Playback, source: Source, start: float, end: float) -> None:
    """Asserts that each frame of [start, end) of the source was shown, once, in order and in time, and jumped to."""
    wanted = source.frames_between(start, end)
    test.assertGreater(len(wanted), 0, f"the test is wrong: {source.name} has no frame in [{start}, {end})")
    numbers = [source.numbers[i] for i in wanted]
    times = [(source.ticks[i] - source.ticks[wanted[0]]) / CLOCK for i in wanted]
    for how, frames in (("played", playback.frames), ("jumped to", playback.jumped)):
        seen = [frame.number for frame in frames]
        if seen != numbers:
            test.fail(f"{playback.clip.name} of {source.name}, {how}: {difference(seen, numbers)}")
        for frame, due in zip(frames, times):
            test.assertAlmostEqual(frame.time, due, delta=_WITHIN,
                                   msg=f"frame {frame.number} of {playback.clip.name}, {how}, is not shown when due")
    _check_duration(test, playback, source, wanted)


def _check_duration(test: unittest.TestCase, playback: Playback, source: Source, wanted: range) -> None:
    """The clip lasts until its last frame is over, which it may be a frame later where the source has a hole."""
    start, last, after = source.time(wanted[0]), source.time(wanted[-1]), source.time(wanted[-1] + 1)
    frame = source.frame_ticks(wanted[-1]) / CLOCK
    shortest, longest = last + frame - start, max(after, last + 2 * frame) - start
    test.assertTrue(shortest - _WITHIN <= playback.duration <= longest + AAC_FRAME,
                    f"the browser says that {playback.clip.name} lasts {playback.duration:.4f} s, not {shortest:.4f} "
                    f"to {longest:.4f} s")
