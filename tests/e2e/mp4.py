"""Reads from the boxes of an MP4 file what a test wants to know: order of boxes, edit lists, samples."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path


@dataclass
class Track:
    kind: str = ""                # "vide", "soun" or another handler
    codec: str = ""               # the sample entry: "avc1", "mp4a", ...
    timescale: int = 0
    duration: int = 0             # of the media, in timescale
    width: int = 0
    height: int = 0
    edits: list[tuple[int, int]] = field(default_factory=list)  # (duration in movie timescale, media time)
    stts: list[tuple[int, int]] = field(default_factory=list)   # (samples, length of each)
    fragment_samples: int = 0     # samples that lie in fragments
    identity: int = 0

    @property
    def samples(self) -> int:
        return sum(count for count, _ in self.stts) + self.fragment_samples


@dataclass
class Movie:
    top: list[str] = field(default_factory=list)  # the boxes of the file, in order
    timescale: int = 0
    tracks: list[Track] = field(default_factory=list)

    @property
    def fast_start(self) -> bool:
        """Whether a player has the index before the media."""
        return "moov" in self.top and "mdat" in self.top and self.top.index("moov") < self.top.index("mdat")

    @property
    def fragmented(self) -> bool:
        return "moof" in self.top

    def track(self, kind: str) -> Track | None:
        return next((t for t in self.tracks if t.kind == kind), None)


def read_movie(path: Path) -> Movie:
    return movie_of(path.read_bytes())


def movie_of(data: bytes) -> Movie:
    """The same of a file's content."""
    movie = Movie()
    for kind, body in boxes(data):
        movie.top.append(kind)
        if kind == "moov":
            _read_moov(movie, body)
        elif kind == "moof":
            _read_moof(movie, body)
    return movie


def boxes(data: bytes | memoryview) -> Iterator[tuple[str, memoryview]]:
    """Type and content of each box in `data`, in order."""
    data, at = memoryview(data), 0
    while at + 8 <= len(data):
        size, kind = struct.unpack_from(">I4s", data, at)
        head = 8
        if size == 1:
            size, head = struct.unpack_from(">Q", data, at + 8)[0], 16
        elif size == 0:
            size = len(data) - at
        if size < head or at + size > len(data):
            raise ValueError(f"box {kind!r} of {size} bytes at {at} of {len(data)}")
        yield kind.decode("latin-1"), data[at + head:at + size]
        at += size


def child(data: memoryview, *kinds: str) -> memoryview | None:
    """The content of the first box at this path of types."""
    for kind, body in boxes(data):
        if kind == kinds[0]:
            return body if len(kinds) == 1 else child(body, *kinds[1:])
    return None


def _read_moov(movie: Movie, moov: memoryview) -> None:
    movie.timescale, _ = _times(child(moov, "mvhd"))
    movie.tracks = [_read_track(body) for kind, body in boxes(moov) if kind == "trak"]


def _times(header: memoryview) -> tuple[int, int]:
    """Timescale and duration of an mvhd or mdhd."""
    return struct.unpack_from(">IQ", header, 20) if header[0] else struct.unpack_from(">II", header, 12)


def _read_track(trak: memoryview) -> Track:
    track = Track()
    header = child(trak, "tkhd")
    track.identity = struct.unpack_from(">I", header, 20 if header[0] else 12)[0]
    track.timescale, track.duration = _times(child(trak, "mdia", "mdhd"))
    track.kind = bytes(child(trak, "mdia", "hdlr")[8:12]).decode("latin-1")
    description = child(trak, "mdia", "minf", "stbl", "stsd")
    track.codec = bytes(description[12:16]).decode("latin-1")
    if track.kind == "vide":
        track.width, track.height = struct.unpack_from(">HH", description, 8 + 8 + 24)
    track.stts = _table(child(trak, "mdia", "minf", "stbl", "stts"), ">II")
    edits = child(trak, "edts", "elst")
    if edits is not None:
        track.edits = [(row[0], row[1]) for row in _table(edits, ">Qqi" if edits[0] else ">Iii")]
    return track


def _table(body: memoryview, row: str) -> list[tuple]:
    count = struct.unpack_from(">I", body, 4)[0]
    size = struct.calcsize(row)
    return [struct.unpack_from(row, body, 8 + i * size) for i in range(count)]


def _read_moof(movie: Movie, moof: memoryview) -> None:
    for kind, traf in boxes(moof):
        if kind != "traf":
            continue
        identity = struct.unpack_from(">I", child(traf, "tfhd"), 4)[0]
        samples = sum(struct.unpack_from(">I", run, 4)[0] for name, run in boxes(traf) if name == "trun")
        for track in movie.tracks:
            if track.identity == identity:
                track.fragment_samples += samples
