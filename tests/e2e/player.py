"""Reads a media playlist as a player does: the plain bytes of each segment, byte ranges cut out and deciphered.

Written apart from what makes the playlists, so that one notices when the other is wrong.
"""

import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

_ATTRIBUTE = re.compile(r'([A-Z0-9-]+)=("[^"]*"|[^,]*)')


@dataclass
class Segment:
    name: str
    length: float              # its EXTINF
    start: bytes               # the media initialization section that it needs, b"" for none
    data: bytes
    encrypted: bool            # as the file is
    starts_run: bool           # a discontinuity before it, or the first
    wall_clock: str | None


def read(playlist: Path) -> list[Segment]:
    """The segments that a playlist lists, in order (RFC 8216 §4.3)."""
    folder, segments = playlist.parent, []
    length, span, key, start, wall_clock, starts_run, sequence = 0.0, None, {}, b"", None, True, 0
    ends: dict[str, int] = {}  # of the last range of each file
    for line in playlist.read_text().splitlines():
        tag, _, value = line.partition(":")
        if tag == "#EXTINF":
            length = float(value.split(",")[0])
        elif tag == "#EXT-X-BYTERANGE":
            span = value
        elif tag == "#EXT-X-MEDIA-SEQUENCE":
            sequence = int(value)
        elif tag == "#EXT-X-DISCONTINUITY":
            starts_run = True
        elif tag == "#EXT-X-PROGRAM-DATE-TIME":
            wall_clock = value
        elif tag == "#EXT-X-KEY":
            key = _attributes(value)
        elif tag == "#EXT-X-MAP":
            said = _attributes(value)
            data, _ = _range((folder / said["URI"]).read_bytes(), said.get("BYTERANGE"), 0)
            start = _decipher(data, key, None, folder)
        elif line and not line.startswith("#"):
            data, ends[line] = _range((folder / line).read_bytes(), span, ends.get(line))
            plain = _decipher(data, key, sequence, folder)
            segments.append(Segment(line, length, start, plain, plain != data, starts_run, wall_clock))
            span, wall_clock, starts_run, sequence = None, None, False, sequence + 1
    return segments


def runs(segments: list[Segment]) -> list[list[Segment]]:
    """The segments from discontinuity to discontinuity."""
    found = []
    for segment in segments:
        if segment.starts_run:
            found.append([])
        found[-1].append(segment)
    return found


def join(run: list[Segment]) -> bytes:
    """What a demuxer is given of segments that share an initialization section."""
    if any(segment.start != run[0].start for segment in run):
        raise ValueError("another EXT-X-MAP inside a run")
    return run[0].start + b"".join(segment.data for segment in run)


def _attributes(text: str) -> dict[str, str]:
    return {name: value.strip('"') for name, value in _ATTRIBUTE.findall(text)}


def _range(data: bytes, span: str | None, end_of_previous: int | None) -> tuple[bytes, int]:
    """The bytes of a range that may leave out its offset (§4.3.2.2), and where it ends."""
    if span is None:
        return data, len(data)
    length, _, offset = span.partition("@")
    if not offset and end_of_previous is None:
        raise ValueError(f"the range {span} has no offset and none before it to continue")
    first = int(offset) if offset else end_of_previous
    end = first + int(length)
    if end > len(data):
        raise ValueError(f"the range {span} ends at {end} of {len(data)} bytes")
    return data[first:end], end


def _decipher(data: bytes, key: dict[str, str], sequence: int | None, folder: Path) -> bytes:
    """What AES-128 hid (§5.2): with the IV that the tag says, or the sequence number."""
    if key.get("METHOD", "NONE") == "NONE":
        return data
    iv = key["IV"][2:] if "IV" in key else f"{sequence:032x}"
    secret = (folder / key["URI"]).read_bytes()
    return subprocess.run(["openssl", "enc", "-d", "-aes-128-cbc", "-K", secret.hex(), "-iv", iv],
                          input=data, check=True, capture_output=True).stdout


def packed_audio(data: bytes) -> tuple[int, bytes]:
    """The timestamp of a segment of packed audio and the audio behind its ID3 tag (§3.4)."""
    if data[:4] != b"ID3\x04" or data[10:14] != b"PRIV":
        raise ValueError("packed audio that does not begin with an ID3 tag of one PRIV frame")
    size = _syncsafe(data[6:10])
    owner, _, stamp = data[20:10 + size].partition(b"\0")
    if (owner, _syncsafe(data[14:18]), len(stamp)) != (b"com.apple.streaming.transportStreamTimestamp", size - 10, 8):
        raise ValueError(f"an ID3 tag of {owner!r} that says {stamp!r}")
    return int.from_bytes(stamp, "big"), data[10 + size:]


def _syncsafe(size: bytes) -> int:
    return size[0] << 21 | size[1] << 14 | size[2] << 7 | size[3]
