"""A live stream: a playlist that grows by a segment every so often, and the server's answers to it."""

import math
import re
import threading
import time
from dataclasses import dataclass, field

from fault_server import Answer, Folder, Request
from sources import Source

_EXTINF = re.compile(r"^#EXTINF:([0-9.]+)", re.MULTILINE)


@dataclass
class Live:
    """Publishes a source's segments, `begun` of them at first and then one every `every` seconds."""
    source: Source
    begun: int = 4
    every: float = 2.0
    window: int = 1000            # so many segments are listed at once, and served
    ends_at: int | None = None    # ENDLIST once so many are published; none follow
    first_sequence: int = 100
    stands: bool = False          # no more is published
    loads: list[tuple[int, int]] = field(default_factory=list)  # the first and the last segment of each load
    lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self.since = time.monotonic()
        self.folder = Folder(self.source.playlist.parent)
        self.lengths = _EXTINF.findall(self.source.playlist.read_text())

    @property
    def published(self) -> int:
        grown = 0 if self.stands else int((time.monotonic() - self.since) / self.every)
        return min(self.begun + grown, self.ends_at or len(self.lengths))

    def __call__(self, request: Request) -> Answer:
        count = self.published
        first = max(0, count - self.window)
        if request.name.endswith(".m3u8"):
            with self.lock:
                self.loads.append((first, count))
            return Answer(200, self.playlist(first, count).encode(), {"Content-Type": "application/vnd.apple.mpegurl"})
        names = [segment["name"] for segment in self.source.segments]
        # One more than is listed may still be there (RFC 8216 §6.2.2).
        if request.name in names and not first - 1 <= names.index(request.name) < count:
            return Answer(404, b"gone\n")
        return self.folder(request)

    def playlist(self, first: int, count: int) -> str:
        target = max(math.ceil(float(length)) for length in self.lengths)
        lines = ["#EXTM3U", "#EXT-X-VERSION:3", f"#EXT-X-TARGETDURATION:{target}",
                 f"#EXT-X-MEDIA-SEQUENCE:{self.first_sequence + first}"]
        for index in range(first, count):
            lines += [f"#EXTINF:{self.lengths[index]},", self.source.segments[index]["name"]]
        if self.ends_at is not None and count >= self.ends_at:
            lines.append("#EXT-X-ENDLIST")
        return "\n".join([*lines, ""])

    def start_of(self, segment: int) -> float:
        """When a segment's first frame is shown, on the source's own timeline."""
        return self.source.time(self.source.segments[segment]["first_frame"])
