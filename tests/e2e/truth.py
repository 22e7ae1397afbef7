"""Finds out the truth about a source: what a test must know of the plain segments that ffmpeg made.

The truth of a run and of all that is made of runs:
  width, height, fps   of the first run
  numbers              what each frame carries, in order of display
  ticks                when each is shown: 1/90000 s after the first frame of the source
  first_pts            the first frame's timestamp as its segment has it: 1/90000 s, 33 bits
  keyframes            the indices of the frames that ffprobe calls key frames
  segments             of each: "name" and "first_frame"
  audio                the spans, in seconds after the first frame, in which the reference is heard
  runs                 of each: "first_frame", "first_segment", "width", "height", "fps", "first_pts"
"""

import bisect
import itertools
import json
import subprocess
from fractions import Fraction
from pathlib import Path

import playlists
import signals
from playlists import Playlist
from recipes import Recipe

CLOCK = 90000
WRAP = 2**33
LIKENESSES = "likenesses.gray"  # beside the playlist: what each frame looks like, in order of display
_AAC_WARM_UP = 1024 / 48000  # what a decoder needs before it sounds right
_TOUCH = 0.001  # spans this near to each other, in seconds, are one


def frame_count(recipe: Recipe) -> int:
    """How many frames are numbered, also those that are left out."""
    return round(recipe.seconds * Fraction(recipe.fps))


def frame_ticks(recipe: Recipe) -> dict[int, int]:
    """When each frame of a run is to be shown, by its number from 0: ticks of CLOCK after the first."""
    rate = Fraction(recipe.fps)
    ticks = {}
    for n in range(frame_count(recipe)):
        if recipe.dropped and _evaluate(recipe.dropped, n):
            continue
        milliseconds = round(n * 1000 / rate)
        ticks[n] = milliseconds * 90 if recipe.milliseconds else round(n * CLOCK / rate)
    return ticks


def _evaluate(expression: str, n: int) -> bool:
    """The value of an ffmpeg expression of n, for the functions that the recipes use."""
    known = {"n": n, "mod": lambda a, b: a % b, "eq": lambda a, b: a == b,
             "between": lambda x, low, high: low <= x <= high}
    return bool(eval(expression, {"__builtins__": {}}, known))


def of_run(recipe: Recipe, folder: Path, made: Playlist, scratch: Path, first_number: int = 0) -> dict:
    """The truth about one run as ffmpeg made it: neither encrypted nor otherwise changed.

    Frame times are those of the segments' packets, which a muxer may have rounded: they may differ
    from the recipe's by a tick.
    """
    ticks = frame_ticks(recipe)
    start = playlists.map_bytes(made, folder)
    pieces = [playlists.segment_bytes(entry, folder) for entry in made.entries]
    ends = list(itertools.accumulate(map(len, pieces), initial=len(start)))[1:]
    joined = scratch / f"joined.{recipe.container}"
    joined.write_bytes(start + b"".join(pieces))
    _draw_likenesses(joined, folder / LIKENESSES)
    packets = sorted(probe_packets(joined, "v:0"), key=lambda p: p["time"])
    first = packets[0]["time"]
    shown = [round((p["time"] - first) * CLOCK) for p in packets]
    if len(shown) != len(ticks) or any(abs(a - b) > 1 for a, b in zip(shown, ticks.values())):
        raise RuntimeError(f"{folder}: the segments' timestamps are not those of the recipe")
    segment_of = [bisect.bisect_right(ends, p["pos"]) for p in packets]
    facts = {"width": recipe.size[0], "height": recipe.size[1], "fps": recipe.fps,
             "first_pts": round(first * CLOCK) % WRAP}
    return {**facts, "numbers": [first_number + n for n in ticks], "ticks": shown,
            "keyframes": [i for i, p in enumerate(packets) if p["key"]],
            "segments": [{"name": entry.uri, "first_frame": segment_of.index(k)}
                         for k, entry in enumerate(made.entries)],
            "audio": _audio_spans(recipe, joined, first),
            "runs": [{"first_frame": 0, "first_segment": 0, **facts}]}


def of_runs(runs: list[dict]) -> dict:
    """The truth about runs that follow one another: each starts a frame after the last of the one before it."""
    whole = {**runs[0], "numbers": [], "ticks": [], "keyframes": [], "segments": [], "audio": [], "runs": []}
    for run in runs:
        frames, segments, origin = len(whole["ticks"]), len(whole["segments"]), end_of(whole)
        whole["runs"].append({**run["runs"][0], "first_frame": frames, "first_segment": segments})
        whole["numbers"] += run["numbers"]
        whole["ticks"] += [origin + tick for tick in run["ticks"]]
        whole["keyframes"] += [frames + frame for frame in run["keyframes"]]
        whole["segments"] += [{**s, "first_frame": frames + s["first_frame"]} for s in run["segments"]]
        for start, end in ((origin / CLOCK + start, origin / CLOCK + end) for start, end in run["audio"]):
            if whole["audio"] and start - whole["audio"][-1][1] < _TOUCH:
                start, _ = whole["audio"].pop()
            whole["audio"].append((start, end))
    return whole


def end_of(facts: dict) -> int:
    """When the last frame of a source or of a beginning of it is over, ticks."""
    return facts["ticks"][-1] + round(CLOCK / Fraction(facts["runs"][-1]["fps"])) if facts["ticks"] else 0


def _draw_likenesses(joined: Path, likenesses: Path) -> None:
    subprocess.run(["ffmpeg", "-v", "error", "-nostdin", "-y", "-i", str(joined), "-map", "0:v:0", "-vf",
                    signals.likeness_filter(), "-fps_mode", "passthrough", "-f", "rawvideo", str(likenesses)],
                   check=True)


def _audio_spans(recipe: Recipe, joined: Path, first_frame: Fraction) -> list[tuple[float, float]]:
    """The spans of time, in seconds after the first video frame, in which the noise is heard."""
    if recipe.audio is None:
        return []
    start = recipe.audio
    if recipe.silent_segments:
        start = float(min(p["time"] for p in probe_packets(joined, "a:0")) - first_frame) + _AAC_WARM_UP
    return [(start, recipe.seconds)]


def probe_packets(path: Path, stream: str) -> list[dict]:
    """A stream's packets that have a pts, in order of decoding.

    Of each: "time", seconds as a Fraction; "pts", the same in ticks of CLOCK; "pos", its position in
    bytes (-1: unknown); "key", whether ffprobe says key.
    """
    done = subprocess.run(["ffprobe", "-v", "error", "-select_streams", stream, "-show_entries",
                           "packet=pts,pos,flags:stream=time_base", "-of", "json", str(path)],
                          check=True, capture_output=True)
    found = json.loads(done.stdout)
    base = Fraction(found["streams"][0]["time_base"]) if found["streams"] else Fraction(0)
    return [{"time": p["pts"] * base, "pts": round(p["pts"] * base * CLOCK), "pos": int(p.get("pos", -1)),
             "key": p["flags"].startswith("K")} for p in found["packets"] if "pts" in p]
