"""Edits media playlists line by line, so that all that ffmpeg wrote stays as it was."""

import re
from dataclasses import dataclass, field
from pathlib import Path

_OF_A_SEGMENT = ("#EXTINF", "#EXT-X-BYTERANGE", "#EXT-X-MAP", "#EXT-X-KEY", "#EXT-X-DISCONTINUITY",
                 "#EXT-X-PROGRAM-DATE-TIME")


@dataclass
class Entry:
    """A segment: the tags that stand before its URI, in order."""
    tags: list[str]
    uri: str

    def value(self, tag: str) -> str | None:
        """What stands behind the colon of its tag of this name."""
        return next((line.partition(":")[2] for line in self.tags if line.partition(":")[0] == tag), None)

    def replace(self, tag: str, line: str) -> None:
        self.tags = [line if old.partition(":")[0] == tag else old for old in self.tags]

    @property
    def seconds(self) -> float:
        """Its EXTINF."""
        return float(self.value("#EXTINF").split(",")[0])


@dataclass
class Playlist:
    head: list[str]
    entries: list[Entry]
    tail: list[str] = field(default_factory=lambda: ["#EXT-X-ENDLIST"])

    def header(self, tag: str) -> int:
        """The number that a tag of the head says; 0 without the tag."""
        return next((int(line.partition(":")[2]) for line in self.head if line.startswith(f"{tag}:")), 0)

    def set_header(self, tag: str, number: int) -> None:
        """Says a number in a tag that the head has."""
        self.head = [f"{tag}:{number}" if line.startswith(f"{tag}:") else line for line in self.head]

    def text(self) -> str:
        lines = [*self.head, *(line for entry in self.entries for line in (*entry.tags, entry.uri)), *self.tail]
        return "\n".join(lines) + "\n"


def read(path: Path) -> Playlist:
    """A playlist of ffmpeg's making."""
    head, entries, tags = [], [], []
    for line in path.read_text().splitlines():
        if line and not line.startswith("#"):
            entries.append(Entry(tags, line))
            tags = []
        elif entries or tags or line.startswith(_OF_A_SEGMENT):
            tags.append(line)
        else:
            head.append(line)
    return Playlist(head, entries, tags)


def map_bytes(playlist: Playlist, folder: Path) -> bytes:
    """The content of the EXT-X-MAP before the first segment; nothing if there is none."""
    said = playlist.entries[0].value("#EXT-X-MAP")
    if said is None:
        return b""
    uri, span = re.search(r'URI="(.*?)"', said)[1], re.search(r'BYTERANGE="(\d+@\d+)"', said)
    return _slice((folder / uri).read_bytes(), span and span[1])


def segment_bytes(entry: Entry, folder: Path) -> bytes:
    """The content of a segment whose byte range, if it has one, says its offset."""
    return _slice((folder / entry.uri).read_bytes(), entry.value("#EXT-X-BYTERANGE"))


def _slice(data: bytes, span: str | None) -> bytes:
    if span is None:
        return data
    length, offset = map(int, span.split("@"))
    return data[offset:offset + length]


def leave_out_offsets(playlist: Playlist) -> None:
    """Takes the offset from two of three byte ranges; each continues the one before it."""
    for k, entry in enumerate(playlist.entries):
        if k % 3:
            entry.replace("#EXT-X-BYTERANGE", f"#EXT-X-BYTERANGE:{entry.value('#EXT-X-BYTERANGE').split('@')[0]}")


def round_lengths(playlist: Playlist) -> None:
    """Says every EXTINF in whole seconds."""
    for entry in playlist.entries:
        entry.replace("#EXTINF", f"#EXTINF:{round(entry.seconds):.3f},")
    playlist.set_header("#EXT-X-TARGETDURATION", max(round(entry.seconds) for entry in playlist.entries))


def join(parts: list[Playlist]) -> Playlist:
    """One playlist of several, with a discontinuity before each but the first."""
    whole = Playlist(parts[0].head, [entry for part in parts for entry in part.entries], parts[0].tail)
    for part in parts[1:]:
        part.entries[0].tags.insert(0, "#EXT-X-DISCONTINUITY")
    for tag in ("#EXT-X-VERSION", "#EXT-X-TARGETDURATION"):
        whole.set_header(tag, max(part.header(tag) for part in parts))
    return whole
