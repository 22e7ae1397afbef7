"""Makes one HLS rendition from its recipe with the real ffmpeg, and writes down the truth about it."""

import bisect
import json
import re
import subprocess
from fractions import Fraction
from pathlib import Path

import signals
import transport
from recipes import Recipe

CLOCK = 90000
WRAP = 2**33
PLAYLIST = "index.m3u8"
LIKENESSES = "likenesses.gray"  # beside the playlist: what each frame looks like, in order of display
_AAC_WARM_UP = 1024 / 48000  # what a decoder needs before it sounds right


def make_rendition(recipe: Recipe, folder: Path, scratch: Path, playlist: str = PLAYLIST,
                   segment_names: str = "seg%03d.ts") -> dict:
    """Makes playlist and segments in `folder` and returns the truth about them (see truth_of)."""
    folder.mkdir(parents=True)
    _encode(recipe, folder, scratch, playlist, segment_names)
    names = segment_files(folder / playlist)
    for name in names[:recipe.silent_segments]:
        (folder / name).write_bytes(transport.without_audio((folder / name).read_bytes()))
    if recipe.listed is not None:
        _list_lengths_as(recipe.listed, folder / playlist)
    return truth_of(recipe, folder, names, scratch)


def segment_files(playlist: Path) -> list[str]:
    """The segments that a playlist lists, in order."""
    return [line for line in playlist.read_text().splitlines() if line and not line.startswith("#")]


def frame_ticks(recipe: Recipe) -> dict[int, int]:
    """When each frame is to be shown, by its number: ticks of CLOCK after the first."""
    rate = Fraction(recipe.fps)
    ticks = {}
    for n in range(round(recipe.seconds * rate)):
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


def _encode(recipe: Recipe, folder: Path, scratch: Path, playlist: str, segment_names: str) -> None:
    count = round(recipe.seconds * Fraction(recipe.fps))
    marks, noise = scratch / "marks.gray", scratch / "noise.s16"
    marks.write_bytes(b"".join(map(signals.number_cells, range(count))))
    noise.write_bytes(signals.noise_bytes())
    width, height = recipe.size
    command = ["ffmpeg", "-v", "error", "-nostdin", "-y",
               "-f", "lavfi", "-i", f"testsrc2=size={width}x{height}:rate={recipe.fps}",
               "-f", "rawvideo", "-pix_fmt", "gray", "-video_size", f"{signals.COLUMNS}x{signals.ROWS}",
               "-framerate", recipe.fps, "-i", str(marks),
               "-f", "s16le", "-ar", str(signals.RATE), "-ac", "1", "-i", str(noise),
               "-filter_complex", _graph(recipe), "-map", "[v]"]
    if recipe.audio is not None:
        command += ["-map", "[a]", "-c:a", "aac", "-b:a", "96k", *recipe.audio_options]
    parameters = f"keyint={recipe.gop}:min-keyint=1" + (f":{recipe.x264}" if recipe.x264 else "")
    command += ["-fps_mode", "passthrough", "-c:v", "libx264", "-preset", recipe.preset, "-crf", str(recipe.crf),
                "-g", str(recipe.gop), "-x264-params", parameters, *recipe.video]
    if recipe.milliseconds:
        command += ["-enc_time_base:v", "1:1000"]
    if recipe.offset:
        command += ["-output_ts_offset", f"{recipe.offset:.6f}"]
    subprocess.run([*command, "-f", "hls", "-hls_time", str(recipe.segment), "-hls_list_size", "0",
                    "-hls_playlist_type", "vod", *recipe.hls,
                    "-hls_segment_filename", str(folder / segment_names), str(folder / playlist)], check=True)


def _graph(recipe: Recipe) -> str:
    """Picture with the numbers in its corner, and the noise from when the audio starts."""
    side = signals.cell_size(recipe.size[0])
    video = (f"[1:v]scale={signals.COLUMNS * side}:{signals.ROWS * side}:flags=neighbor,format=yuv420p[marks];"
             f"[0:v]format=yuv420p[picture];[picture][marks]overlay=shortest=1:format=yuv420")
    if recipe.dropped:
        video += f",select='not({recipe.dropped})'"
    if recipe.milliseconds:
        video += ",settb=1/1000"
    if recipe.audio is None:
        return video + "[v]"
    lead, start, end = signals.LEAD, signals.LEAD + recipe.audio, signals.LEAD + recipe.seconds
    return (f"{video}[v];[2:a]aresample=48000,atrim=start={start}:end={end},asetpts=PTS-{lead}/TB,"
            f"volume=0.9[a]")


def _list_lengths_as(seconds: float, playlist: Path) -> None:
    text = re.sub(r"(?m)^#EXTINF:.*$", f"#EXTINF:{seconds:.3f},", playlist.read_text())
    playlist.write_text(re.sub(r"(?m)^#EXT-X-TARGETDURATION:.*$", f"#EXT-X-TARGETDURATION:{round(seconds)}", text))


def truth_of(recipe: Recipe, folder: Path, names: list[str], scratch: Path) -> dict:
    """What a test must know: frames, where segments and key frames are, where there is audio.

    Frame times are those of the segments' packets, which a muxer may have rounded: they may differ
    from the recipe's by a tick.
    """
    ticks = frame_ticks(recipe)
    sizes = [(folder / name).stat().st_size for name in names]
    ends = [sum(sizes[:i + 1]) for i in range(len(sizes))]
    joined = scratch / "joined.ts"
    with joined.open("wb") as out:
        for name in names:
            out.write((folder / name).read_bytes())
    _draw_likenesses(joined, folder / LIKENESSES)
    packets = sorted(probe_packets(joined, "v:0"), key=lambda p: p["pts"])
    first = packets[0]["pts"]
    shown = [p["pts"] - first for p in packets]
    if len(shown) != len(ticks) or any(abs(a - b) > 1 for a, b in zip(shown, ticks.values())):
        raise RuntimeError(f"{folder}: the segments' timestamps are not those of the recipe")
    segment_of = [bisect.bisect_right(ends, p["pos"]) for p in packets]
    return {
        "width": recipe.size[0], "height": recipe.size[1], "fps": recipe.fps,
        "numbers": list(ticks), "ticks": shown, "first_pts": first % WRAP,
        "keyframes": [i for i, p in enumerate(packets) if p["key"]],
        "segments": [{"name": name, "first_frame": segment_of.index(k)} for k, name in enumerate(names)],
        "audio": _audio_spans(recipe, joined, first),
    }


def _draw_likenesses(joined: Path, likenesses: Path) -> None:
    subprocess.run(["ffmpeg", "-v", "error", "-nostdin", "-i", str(joined), "-map", "0:v:0", "-vf",
                    signals.likeness_filter(), "-fps_mode", "passthrough", "-f", "rawvideo", str(likenesses)],
                   check=True)


def _audio_spans(recipe: Recipe, joined: Path, first_video_pts: int) -> list[tuple[float, float]]:
    """The spans of time, in seconds after the first video frame, in which the noise is heard."""
    if recipe.audio is None:
        return []
    start = recipe.audio
    if recipe.silent_segments:
        heard = min(p["pts"] for p in probe_packets(joined, "a:0"))
        start = (heard - first_video_pts) / CLOCK + _AAC_WARM_UP
    return [(start, recipe.seconds)]


def probe_packets(path: Path, stream: str) -> list[dict]:
    """A stream's packets that have a pts: that, the position in bytes (-1: unknown), whether ffprobe says key."""
    done = subprocess.run(["ffprobe", "-v", "error", "-select_streams", stream, "-show_entries",
                           "packet=pts,pos,flags", "-of", "json", str(path)], check=True, capture_output=True)
    return [{"pts": p["pts"], "pos": int(p.get("pos", -1)), "key": p["flags"].startswith("K")}
            for p in json.loads(done.stdout)["packets"] if "pts" in p]
