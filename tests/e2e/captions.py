"""Gives a source WebVTT subtitles that say when they are shown, and reads those of a clip."""

import json
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

from sources import Source

PLAYLIST = "captions.m3u8"
MULTIVARIANT = "with_captions.m3u8"
SHOWN = 0.8      # seconds that the cue of every second is shown
_SEGMENT = 4     # seconds
_LOCAL = 3600.0  # where each segment's own clock begins
_TURN = 1 << 33  # of MPEG-TS timestamps, in ticks of 90 kHz

_TIMES = re.compile(r"(?:(\d+):)?(\d\d):(\d\d\.\d{3}) --> (?:(\d+):)?(\d\d):(\d\d\.\d{3})")


@dataclass(frozen=True)
class Cue:
    start: float  # seconds
    end: float
    text: str


def text_of(second: int) -> str:
    return f"second {second}"


def cues_of(source: Source) -> list[Cue]:
    """One for every second of the source, none across the border of two runs."""
    borders = [source.time(run["first_frame"]) for run in source.runs][1:] + [source.duration]
    cues = [Cue(k, k + SHOWN, text_of(k)) for k in range(int(source.duration))]
    return [cue for cue in cues if not any(cue.start < border < cue.end for border in borders)]


def add_to(folder: Path, source: Source, mapped: bool = True) -> Path:
    """Writes the subtitles beside a copy of the source, and a multivariant playlist of both, which it returns.

    Each run's clock is told by its X-TIMESTAMP-MAP, or is the media's own if not `mapped`. As packagers
    do it, each segment has all cues that reach into it, so that some are in two.
    """
    lines = ["#EXTM3U", "#EXT-X-VERSION:3", f"#EXT-X-TARGETDURATION:{_SEGMENT}", "#EXT-X-PLAYLIST-TYPE:VOD"]
    cues, number = cues_of(source), 0
    for k, run in enumerate(source.runs):
        start = source.time(run["first_frame"])
        end = source.time(source.runs[k + 1]["first_frame"]) if k + 1 < len(source.runs) else source.duration
        if k:
            lines.append("#EXT-X-DISCONTINUITY")
        at = start
        while at < end - 0.001:
            until = min(at + _SEGMENT, end)
            shown = [cue for cue in cues if cue.start < until + 1 and cue.end > at - 1 and start <= cue.start < end]
            zero = _LOCAL if mapped else run["first_pts"] / 90000
            text = "WEBVTT\n"
            if mapped:
                text += f"X-TIMESTAMP-MAP=LOCAL:{_stamp(_LOCAL)},MPEGTS:{run['first_pts'] % _TURN}\n"
            text += "\nNOTE made by a test\n"
            for cue in shown:
                text += f"\n{_stamp(zero + cue.start - start)} --> {_stamp(zero + cue.end - start)} align:start\n{cue.text}\n"
            (folder / f"captions{number}.vtt").write_text(text)
            lines += [f"#EXTINF:{until - at:.6f},", f"captions{number}.vtt"]
            number, at = number + 1, until
    (folder / PLAYLIST).write_text("\n".join([*lines, "#EXT-X-ENDLIST"]) + "\n")
    multivariant = folder / MULTIVARIANT
    multivariant.write_text(
        "#EXTM3U\n"
        '#EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID="text",NAME="English",LANGUAGE="en",DEFAULT=YES,AUTOSELECT=YES,'
        f'URI="{PLAYLIST}"\n'
        '#EXT-X-STREAM-INF:BANDWIDTH=700000,SUBTITLES="text"\n'
        f"{source.playlist.name}\n")
    return multivariant


def read(clip: Path) -> list[Cue]:
    """The subtitles of a clip, as ffmpeg reads them."""
    text = subprocess.run(["ffmpeg", "-v", "error", "-i", str(clip), "-map", "0:s:0", "-f", "webvtt", "-"],
                          check=True, capture_output=True, text=True).stdout
    cues = []
    for block in text.split("\n\n"):
        if found := _TIMES.search(block):
            h, m, s, h2, m2, s2 = found.groups()
            cues.append(Cue(int(h or 0) * 3600 + int(m) * 60 + float(s), int(h2 or 0) * 3600 + int(m2) * 60 + float(s2),
                            block[found.end():].strip()))
    return cues


def starts(clip: Path) -> list[float]:
    """When the track of a clip begins to show something, as it is stored."""
    text = subprocess.run(["ffprobe", "-v", "error", "-select_streams", "s", "-show_entries", "packet=pts_time,size",
                           "-of", "json", str(clip)], check=True, capture_output=True).stdout
    empty = 2  # bytes: the length of no text
    return [float(packet["pts_time"]) for packet in json.loads(text)["packets"] if int(packet["size"]) > empty]


def languages(clip: Path) -> list[str]:
    """The language of each subtitle track."""
    text = subprocess.run(["ffprobe", "-v", "error", "-select_streams", "s", "-show_entries", "stream_tags=language",
                           "-of", "json", str(clip)], check=True, capture_output=True).stdout
    return [stream.get("tags", {}).get("language", "") for stream in json.loads(text)["streams"]]


def _stamp(seconds: float) -> str:
    ms = round(seconds * 1000)
    return f"{ms // 3600000:02}:{ms // 60000 % 60:02}:{ms // 1000 % 60:02}.{ms % 1000:03}"
