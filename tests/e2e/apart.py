"""Makes a source whose audio lies in playlists of its own, and the multivariant playlist that groups them."""

import subprocess
from fractions import Fraction
from pathlib import Path

import adts
import studio
import truth
from playlists import Entry, Playlist
from recipes import Group, Sound

_MULTIVARIANT = "multivariant.m3u8"
_GROUP = "sound"
_NAMES = {"en": "English", "de": "Deutsch"}
_OPTIONS = ("-c:a", "aac", "-b:a", "96k", "-ar", "48000", "-ac", "2")
_ADTS_FRAME = Fraction(1024, 48000)  # seconds
_TIMESTAMP_OWNER = b"com.apple.streaming.transportStreamTimestamp"


def make_group(group: Group, folder: Path, scratch: Path, prefix: str) -> dict:
    """Makes all renditions below `folder` and returns the truth about them (see truth.py); paths get the prefix.

    It has "sounds" too, of each audio rendition its "language", its "playlist" and the "shift" by
    which it is ahead of the reference, in seconds; "audio" is that of the first.
    """
    folder.mkdir(parents=True)
    facts = studio.make_rendition(group.video, folder / "video", scratch)
    sounds = []
    for sound in group.sounds:
        below = f"audio-{sound.language}"
        _make_sound(sound, group, folder / below, scratch, facts["first_pts"])
        sounds.append({"language": sound.language, "playlist": f"{prefix}/{below}/{studio.PLAYLIST}",
                       "shift": sound.shift})
    (folder / _MULTIVARIANT).write_text(_multivariant(group))
    return {"path": f"{prefix}/{_MULTIVARIANT}", "playlist": f"{prefix}/video/{studio.PLAYLIST}", **facts,
            "audio": [(0.0, group.video.seconds)], "sounds": sounds}


def _multivariant(group: Group) -> str:
    lines = ["#EXTM3U", "#EXT-X-VERSION:6", "#EXT-X-INDEPENDENT-SEGMENTS"]
    for k, sound in enumerate(group.sounds):
        lines.append(f'#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="{_GROUP}",NAME="{_NAMES[sound.language]}",'
                     f'LANGUAGE="{sound.language}",DEFAULT={"NO" if k else "YES"},AUTOSELECT=YES,'
                     f'URI="audio-{sound.language}/{studio.PLAYLIST}"')
    width, height = group.video.size
    lines += [f'#EXT-X-STREAM-INF:BANDWIDTH=700000,RESOLUTION={width}x{height},FRAME-RATE='
              f'{float(Fraction(group.video.fps)):.3f},CODECS="avc1.64000d,mp4a.40.2",AUDIO="{_GROUP}"',
              f"video/{studio.PLAYLIST}"]
    return "\n".join(lines) + "\n"


def _make_sound(sound: Sound, group: Group, folder: Path, scratch: Path, first_pts: int) -> None:
    """Makes the playlist and the segments; the audio begins with the video, at its timestamp."""
    folder.mkdir()
    packed = sound.container == "packed"
    whole = scratch / "whole.aac"
    out = ["-f", "adts", str(whole)] if packed else [
        "-output_ts_offset", f"{group.video.offset:.6f}",
        *studio.segmenter(sound.container, sound.segment, folder / studio.PLAYLIST, "seg%03d", *group.video.hls)]
    noise = studio.noise_filter(sound.shift, sound.shift + group.video.seconds, sound.shift)
    subprocess.run(["ffmpeg", "-v", "error", "-nostdin", "-y", *studio.noise_input(scratch), "-filter_complex",
                    f"[0:a]{noise}[a]", "-map", "[a]", *_OPTIONS, *out], check=True)
    if packed:
        _pack(adts.frames(whole.read_bytes()), sound.segment, folder, first_pts)


def _pack(frames: list[bytes], seconds: float, folder: Path, first_pts: int) -> None:
    """Writes segments of so many seconds that each begin with their timestamp, and their playlist.

    The first frame is the encoder's priming: it belongs before the first frame of the video.
    """
    segments: dict[int, list[int]] = {}
    for k in range(len(frames)):
        segments.setdefault(int(k * _ADTS_FRAME / Fraction(str(seconds))), []).append(k)
    entries = []
    for number, members in segments.items():
        timestamp = (first_pts + round((members[0] - 1) * _ADTS_FRAME * truth.CLOCK)) % truth.WRAP
        name = f"seg{number:03d}.aac"
        (folder / name).write_bytes(_timestamp_tag(timestamp) + b"".join(frames[k] for k in members))
        entries.append(Entry([f"#EXTINF:{float(len(members) * _ADTS_FRAME):.6f},"], name))
    head = ["#EXTM3U", "#EXT-X-VERSION:3", f"#EXT-X-TARGETDURATION:{max(round(e.seconds) for e in entries)}",
            "#EXT-X-MEDIA-SEQUENCE:0", "#EXT-X-PLAYLIST-TYPE:VOD"]
    (folder / studio.PLAYLIST).write_text(Playlist(head, entries).text())


def _timestamp_tag(timestamp: int) -> bytes:
    """An ID3 v2.4 tag with one PRIV frame that says a timestamp of 33 bits (RFC 8216 §3.4)."""
    content = _TIMESTAMP_OWNER + b"\0" + timestamp.to_bytes(8, "big")
    frame = b"PRIV" + _syncsafe(len(content)) + b"\0\0" + content
    return b"ID3\x04\0\0" + _syncsafe(len(frame)) + frame


def _syncsafe(size: int) -> bytes:
    """A size as four bytes of seven bits."""
    return bytes(size >> shift & 0x7F for shift in (21, 14, 7, 0))
