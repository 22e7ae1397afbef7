"""Makes a recording as Amazon IVS leaves it in a bucket: renditions, master playlist, events."""

import json
from datetime import datetime, timedelta, timezone
from pathlib import Path

import studio
import truth
from recipes import IVS_RENDITIONS

RECORDING_ID = "EyEKX6dRDP81"
STARTED_AT = datetime(2020, 8, 3, 16, 21, 25, tzinfo=timezone.utc)
FIRST_FRAME_AT = STARTED_AT + timedelta(milliseconds=2412)  # wall-clock time of time 0
_PLAYLIST = "playlist.m3u8"
_BANDWIDTH = {"720p60": 3422999, "480p30": 1427999, "160p30": 230000}


def make_recording(folder: Path, scratch: Path) -> dict:
    """Makes the recording in folder/RECORDING_ID and returns its truth, with one for each rendition."""
    root = folder / RECORDING_ID
    renditions = {}
    for name, recipe in IVS_RENDITIONS.items():
        below = root / "media" / "hls" / name
        facts = studio.make_rendition(recipe, below, scratch, _PLAYLIST, "%d")
        _add_wall_clock(below / _PLAYLIST, facts)
        path = f"{RECORDING_ID}/media/hls/{name}/{_PLAYLIST}"
        renditions[name] = {"path": path, "playlist": path, **facts}
    (root / "media" / "hls" / "master.m3u8").write_text(_master())
    duration = round(next(iter(IVS_RENDITIONS.values())).seconds * 1000)
    _write_events(root / "events", duration)
    return {**next(iter(renditions.values())), "path": RECORDING_ID, "renditions": renditions}


def wall_clock(moment: datetime) -> str:
    """As the playlists and events write it: 2020-08-03T16:21:25.146Z, without zero milliseconds."""
    milliseconds = f".{moment.microsecond // 1000:03d}" if moment.microsecond else ""
    return moment.strftime("%Y-%m-%dT%H:%M:%S") + milliseconds + "Z"


def _add_wall_clock(playlist: Path, facts: dict) -> None:
    """Puts EXT-X-PROGRAM-DATE-TIME before every segment."""
    starts = iter(facts["ticks"][segment["first_frame"]] for segment in facts["segments"])
    lines = []
    for line in playlist.read_text().splitlines():
        if line.startswith("#EXTINF"):
            moment = FIRST_FRAME_AT + timedelta(seconds=next(starts) / truth.CLOCK)
            lines.append(f"#EXT-X-PROGRAM-DATE-TIME:{wall_clock(moment)}")
        lines.append(line)
    playlist.write_text("\n".join(lines) + "\n")


def _master() -> str:
    lines = ["#EXTM3U", "#EXT-X-VERSION:4"]
    for name, recipe in IVS_RENDITIONS.items():
        width, height = recipe.size
        rate = f"{float(recipe.fps):.3f}"
        lines += [f'#EXT-X-MEDIA:TYPE=VIDEO,GROUP-ID="{name}",NAME="{name}",AUTOSELECT=YES,DEFAULT=YES',
                  f'#EXT-X-STREAM-INF:BANDWIDTH={_BANDWIDTH[name]},RESOLUTION={width}x{height},'
                  f'CODECS="avc1.4D401F,mp4a.40.2",VIDEO="{name}",FRAME-RATE={rate}',
                  f"{name}/{_PLAYLIST}"]
    return "\n".join(lines) + "\n"


def _write_events(folder: Path, duration_ms: int) -> None:
    """recording-started.json and recording-ended.json in the form that the IVS guide documents."""
    folder.mkdir()
    renditions = [{"path": name, "playlist": _PLAYLIST, "byte_range_playlist": "byte-range-variant.m3u8",
                   "resolution_width": recipe.size[0], "resolution_height": recipe.size[1]}
                  for name, recipe in IVS_RENDITIONS.items()]
    hls = {"path": "media/hls", "playlist": "master.m3u8", "byte_range_playlist": "byte-range-multivariant.m3u8",
           "renditions": renditions}
    event = {"version": "v1", "recording_started_at": wall_clock(STARTED_AT),
             "channel_arn": "arn:aws:ivs:us-west-2:081957680644:channel/W2qj91sl5VDK",
             "recording_status": "RECORDING_STARTED",
             "media": {"hls": hls, "thumbnails": {"path": "media/thumbnails"}}}
    (folder / "recording-started.json").write_text(json.dumps(event, indent=2) + "\n")
    ended = STARTED_AT + timedelta(milliseconds=2412 + duration_ms)
    event.update(recording_ended_at=wall_clock(ended), recording_status="RECORDING_ENDED",
                 media={"hls": {"duration_ms": duration_ms, **hls}, "thumbnails": {"path": "media/thumbnails"}})
    (folder / "recording-ended.json").write_text(json.dumps(event, indent=2) + "\n")
