"""Makes one run of one HLS rendition from its recipe with the real ffmpeg."""

import subprocess
from pathlib import Path

import encryption
import playlists
import signals
import transport
import truth
from playlists import Playlist
from recipes import Recipe

PLAYLIST = "index.m3u8"
_SUFFIX = {"ts": ".ts", "fmp4": ".m4s"}


def make_rendition(recipe: Recipe, folder: Path, scratch: Path, playlist: str = PLAYLIST,
                   segment_names: str = "seg%03d") -> dict:
    """Makes playlist and segments in `folder` and returns the truth about them (see truth.py)."""
    folder.mkdir(parents=True)
    made = record(recipe, folder, scratch, playlist, segment_names)
    facts = truth.of_run(recipe, folder, made, scratch)
    dress(recipe, folder, made)
    (folder / playlist).write_text(made.text())
    return facts


def record(recipe: Recipe, folder: Path, scratch: Path, playlist: str, segment_names: str,
           first_number: int = 0, origin: float = 0.0) -> Playlist:
    """Encodes the run, whose first frame has this number and is shown when `origin` seconds of noise are over.

    Returns the playlist as ffmpeg wrote it.
    """
    _encode(recipe, folder, scratch, playlist, segment_names, first_number, origin)
    made = playlists.read(folder / playlist)
    for entry in made.entries[:recipe.silent_segments]:
        segment = folder / entry.uri
        segment.write_bytes(transport.without_audio(segment.read_bytes()))
    return made


def dress(recipe: Recipe, folder: Path, made: Playlist) -> None:
    """Changes playlist and files in all that does not change the media."""
    if recipe.ranges:
        playlists.leave_out_offsets(made)
    if recipe.rounded:
        playlists.round_lengths(made)
    if recipe.encryption:
        encryption.encrypt(made, folder, recipe.encryption)


def noise_input(scratch: Path) -> list[str]:
    """The options of ffmpeg that make the reference audio an input."""
    noise = scratch / "noise.s16"
    noise.write_bytes(signals.noise_bytes())
    return ["-f", "s16le", "-ar", str(signals.RATE), "-ac", "1", "-i", str(noise)]


def noise_filter(start: float, end: float, zero: float) -> str:
    """ffmpeg filters that play the reference audio of [start, end) seconds so that `zero` is at time 0."""
    lead = signals.LEAD
    return (f"aresample=48000,atrim=start={lead + start:.6f}:end={lead + end:.6f},asetpts=PTS-{lead + zero:.6f}/TB,"
            f"volume=0.9")


def segmenter(container: str, seconds: float, playlist: Path, segment_names: str, *options: str) -> list[str]:
    """The options of ffmpeg that write an HLS playlist and its segments beside it."""
    command = ["-f", "hls", "-hls_time", str(seconds), "-hls_list_size", "0", "-hls_playlist_type", "vod", *options]
    if container == "fmp4":
        command += ["-hls_segment_type", "fmp4", "-hls_fmp4_init_filename", f"{playlist.stem}.mp4"]
    return [*command, "-hls_segment_filename", str(playlist.parent / (segment_names + _SUFFIX[container])),
            str(playlist)]


def _encode(recipe: Recipe, folder: Path, scratch: Path, playlist: str, segment_names: str, first_number: int,
            origin: float) -> None:
    marks = scratch / "marks.gray"
    count = truth.frame_count(recipe)
    marks.write_bytes(b"".join(map(signals.number_cells, range(first_number, first_number + count))))
    width, height = recipe.size
    command = ["ffmpeg", "-v", "error", "-nostdin", "-y",
               "-f", "lavfi", "-i", f"testsrc2=size={width}x{height}:rate={recipe.fps}",
               "-f", "rawvideo", "-pix_fmt", "gray", "-video_size", f"{signals.COLUMNS}x{signals.ROWS}",
               "-framerate", recipe.fps, "-i", str(marks), *noise_input(scratch),
               "-filter_complex", _graph(recipe, origin), "-map", "[v]"]
    if recipe.audio is not None:
        command += ["-map", "[a]", "-c:a", recipe.audio_encoder, "-b:a", "96k", *recipe.audio_options]
    command += ["-fps_mode", "passthrough", "-c:v", recipe.encoder, "-pix_fmt", recipe.pixels, "-g", str(recipe.gop),
                *_x264_options(recipe), *recipe.video]
    if recipe.milliseconds:
        command += ["-enc_time_base:v", "1:1000"]
    if recipe.offset:
        command += ["-output_ts_offset", f"{recipe.offset:.6f}"]
    if recipe.ranges:
        command += ["-hls_flags", "single_file"]
    subprocess.run([*command, *segmenter(recipe.container, recipe.segment, folder / playlist,
                                         "all" if recipe.ranges else segment_names, *recipe.hls)], check=True)


def _x264_options(recipe: Recipe) -> list[str]:
    if recipe.encoder != "libx264":
        return []
    parameters = f"keyint={recipe.gop}:min-keyint=1" + (f":{recipe.x264}" if recipe.x264 else "")
    return ["-preset", recipe.preset, "-crf", str(recipe.crf), "-x264-params", parameters]


def _graph(recipe: Recipe, origin: float) -> str:
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
    return f"{video}[v];[2:a]{noise_filter(origin + recipe.audio, origin + recipe.seconds, origin)}[a]"
