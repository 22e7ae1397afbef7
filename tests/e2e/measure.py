"""Measures a clip as a player would show it: which frames, when, and which piece of audio is heard when.

measure() finds out; check_exact() asserts the contract of a cut. As a command: measure.py CLIP...
"""

import json
import subprocess
import sys
import tempfile
import unittest
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import signals
from mp4 import Movie, Track, read_movie
from sources import Source
from truth import CLOCK

SYNC_BOUND_MS = 5.0
UNLIKE = 20                # levels of 256 by which a part of an encoded picture may differ from the source's
AAC_FRAME = 0.025          # seconds: an AAC frame at 48 kHz and a little
_WINDOW = 0.25             # seconds of audio that are compared at a point
_SHORTEST_WINDOW = 0.012   # below that a correlation says nothing
_AUDIBLE, _INAUDIBLE = 600.0, 300.0  # RMS: the noise has about 5000
_EDGE = 0.060              # an encoder smears the border of noise and silence by this much
_PRIMING = 2 * 2048        # samples that an edit list may hide from the front of an AAC track


@dataclass
class Clip:
    """What a clip shows and plays. Times are Fractions of a second, with edit lists applied."""
    path: Path
    movie: Movie
    numbers: list[int | None]   # of each displayed frame, None where it is unreadable
    times: list[Fraction]       # when each is shown
    likenesses: list[bytes]     # what each looks like
    audio_start: Fraction | None
    audio_end: Fraction | None
    audio_gap: str              # where audio timestamps leap, "" when nowhere
    samples: list[int]          # the audio, mono at signals.RATE, from audio_start
    messages: str               # what ffmpeg complained about

    def audio_at(self, start: float, length: float) -> list[int]:
        """The samples heard in [start, start + length) of the clip."""
        first = round((start - float(self.audio_start)) * signals.RATE)
        return self.samples[max(0, first):first + round(length * signals.RATE)] if self.samples else []

    def audio_error(self, at: float, expected: float, length: float = _WINDOW) -> float | None:
        """By how many ms the audio at `at` of the clip is late for time `expected` of the source."""
        late = max(0.0, float(self.audio_start) - at)
        match = signals.locate(self.audio_at(at + late, length - late), expected + late)
        return match.error if match else None


def measure(path: Path | str) -> Clip:
    """Decodes a clip and reads all that it carries."""
    return decode(Path(path), read_movie(Path(path)))


def decode(path: Path, movie: Movie, *options: str) -> Clip:
    """The same for any input of ffmpeg, with options, whose first streams are those that `movie` describes."""
    with tempfile.TemporaryDirectory(prefix="momentcut-measure-") as scratch:
        messages = _decode(path, movie, Path(scratch), options)
        cells = _content(Path(scratch) / "cells.gray")
        likenesses = _content(Path(scratch) / "likenesses.gray")
        frames = _timestamps(Path(scratch) / "video.crc")
        sound = _timestamps(Path(scratch) / "audio.crc")
        samples = list(memoryview(_content(Path(scratch) / "audio.s16")).cast("h"))
    numbers = [signals.read_number(cells[i:i + signals.CELLS]) for i in range(0, len(cells), signals.CELLS)]
    if len(numbers) != len(frames):
        raise RuntimeError(f"{path}: {len(numbers)} pictures but {len(frames)} timestamps")
    hidden = _hidden_priming(movie, sound)
    return Clip(path, movie, numbers, [time for time, _ in frames],
                [likenesses[i:i + signals.LIKENESS] for i in range(0, len(likenesses), signals.LIKENESS)],
                sound[0][0] + hidden if sound else None, sum(sound[-1]) if sound else None, _first_gap(sound),
                samples[round(hidden * signals.RATE):], messages)


def _decode(path: Path, movie: Movie, scratch: Path, options: tuple[str, ...]) -> str:
    """Decodes all into files in `scratch`; returns what ffmpeg said. Fails where it fails."""
    graph, maps = [], []
    video, audio = movie.track("vide"), movie.track("soun")
    if video:
        graph.append(f"[0:v:0]split[one][other];[one]{signals.number_filter(video.width)},split[cells][when];"
                     f"[other]{signals.likeness_filter()}[likeness]")
        maps += ["-map", "[cells]", "-fps_mode", "passthrough", "-f", "rawvideo", str(scratch / "cells.gray"),
                 "-map", "[likeness]", "-fps_mode", "passthrough", "-f", "rawvideo",
                 str(scratch / "likenesses.gray"),
                 "-map", "[when]", "-fps_mode", "passthrough", "-enc_time_base:v", f"1:{video.timescale}",
                 "-c:v", "rawvideo", "-f", "framecrc", str(scratch / "video.crc")]
    if audio:
        graph.append(f"[0:a:0]asplit[heard][when_heard];[heard]pan=mono|c0=c0,aresample={signals.RATE}[low]")
        maps += ["-map", "[low]", "-f", "s16le", str(scratch / "audio.s16"),
                 "-map", "[when_heard]", "-c:a", "pcm_s16le", "-f", "framecrc", str(scratch / "audio.crc")]
    if not graph:
        raise RuntimeError(f"{path}: neither video nor audio")
    done = subprocess.run(["ffmpeg", "-v", "warning", "-nostdin", "-copyts", *options, "-i", str(path),
                           "-filter_complex", ";".join(graph), *maps], capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"ffmpeg cannot decode {path}: {done.stderr}")
    return done.stderr


def _content(path: Path) -> bytes:
    return path.read_bytes() if path.exists() else b""


def _timestamps(path: Path) -> list[tuple[Fraction, Fraction]]:
    """Start and length of each frame in the output of ffmpeg's framecrc muxer, seconds."""
    base, frames = Fraction(1), []
    for line in path.read_text().splitlines() if path.exists() else []:
        if line.startswith("#tb"):
            base = Fraction(line.split(":")[1].strip())
        elif not line.startswith("#"):
            columns = line.split(",")
            frames.append((int(columns[2]) * base, int(columns[3]) * base))
    return frames


def _hidden_priming(movie: Movie, sound: list[tuple[Fraction, Fraction]]) -> Fraction:
    """How much of the decoded audio an edit list hides that ffmpeg does not apply: that of a fragmented file.

    ffmpeg only shifts by it and plays the encoder's priming before time 0; players don't.
    """
    audio = movie.track("soun")
    if not (movie.fragmented and sound and audio.edits):
        return Fraction(0)
    hidden = Fraction(max(0, audio.edits[0][1]), audio.timescale)
    return hidden if sound[0][0] == -hidden else Fraction(0)


def _first_gap(frames: list[tuple[Fraction, Fraction]]) -> str:
    for (start, length), (following, _) in zip(frames, frames[1:]):
        if abs(following - start - length) > Fraction(1, 4000):
            return f"audio at {float(start):.4f} s lasts {float(length):.4f} s, the next is at {float(following):.4f} s"
    return ""


def check_exact(test: unittest.TestCase, clip: Clip, source: Source, start: float, end: float) -> None:
    """Asserts that a clip is [start, end) of its source, by the contract of a cut."""
    wanted = source.frames_between(start, end)
    test.assertGreater(len(wanted), 0, f"the test is wrong: {source.name} has no frame in [{start}, {end})")
    check_frames(test, clip, source, wanted)
    check_container(test, clip, source, wanted)
    check_audio(test, clip, source, wanted)


def check_frames(test: unittest.TestCase, clip: Clip, source: Source, wanted: range) -> None:
    """Asserts that exactly the wanted frames are shown, undamaged, and when.

    Runs of one source have pictures of one shape (recipes.Runs), so a frame that was scaled to the
    size of the clip must look like the source's as much as any other.
    """
    expected = [source.numbers[i] for i in wanted]
    if clip.numbers != expected:
        test.fail(f"{clip.path.name} of {source.name}: {difference(clip.numbers, expected)}")
    test.assertEqual(clip.times[0], 0, f"the first frame is shown at {float(clip.times[0]):.6f} s, not at 0")
    # The truth and the clip may each be rounded to whole ticks, one up and one down.
    tick = max(Fraction(1, clip.movie.track("vide").timescale), Fraction(1, CLOCK))
    for i, shown in enumerate(clip.times):
        due = Fraction(source.ticks[wanted[i]] - source.ticks[wanted[0]], CLOCK)
        if abs(shown - due) > tick:
            test.fail(f"frame {expected[i]} (the clip's {i}) is shown at {float(shown):.6f} s, due at "
                      f"{float(due):.6f} s")
    for i, likeness in enumerate(clip.likenesses):
        unlike = signals.unlikeness(likeness, source.likeness(wanted[i]))
        if unlike > UNLIKE:
            test.fail(f"frame {expected[i]} (the clip's {i}) does not look like the source's: {unlike} levels off")


def difference(seen: list[int | None], expected: list[int]) -> str:
    """Where two lists of frame numbers begin to differ, in words."""
    at = next((i for i, (a, b) in enumerate(zip(seen, expected)) if a != b), min(len(seen), len(expected)))
    unreadable = f", {seen.count(None)} unreadable" if None in seen else ""
    return (f"expected {len(expected)} frames {expected[0]} to {expected[-1]}, seen {len(seen)}"
            f"{f' {seen[0]} to {seen[-1]}' if seen else ''}{unreadable}; first difference at the clip's frame {at}: "
            f"expected {expected[at:at + 5]}, seen {seen[at:at + 5]}")


def check_container(test: unittest.TestCase, clip: Clip, source: Source, wanted: range) -> None:
    """Asserts size, that the file can be played while it loads, and that no edit list hides frames."""
    movie, video = clip.movie, clip.movie.track("vide")
    test.assertTrue(movie.fast_start, f"moov is not before mdat: {movie.top}")
    test.assertEqual([t.kind for t in movie.tracks].count("vide"), 1, "not one video track")
    run = source.run_of(wanted[0])
    test.assertEqual((video.width, video.height), (run["width"], run["height"]),
                     "not the size of the first frame's run")
    test.assertEqual(video.samples, len(wanted), f"the file holds {video.samples} video frames to show {len(wanted)}: "
                     f"an edit list hides some ({video.edits})")
    for track in movie.tracks:
        test.assertLessEqual(len(track.edits), 1, f"edit list of the {track.kind} track: {track.edits}")
    audio = movie.track("soun")
    if audio and audio.edits:
        test.assertLessEqual(audio.edits[0][1], _PRIMING, f"an edit list hides audio: {audio.edits}")
    if not movie.fragmented:
        _check_length(test, video, source, wanted)


def _check_length(test: unittest.TestCase, video: Track, source: Source, wanted: range) -> None:
    """The video track lasts from its first frame to the end of the last, as long as that may be."""
    start, last, after = source.time(wanted[0]), source.time(wanted[-1]), source.time(wanted[-1] + 1)
    frame = source.frame_ticks(wanted[-1]) / CLOCK
    shortest, longest = last - start, max(after, last + 2 * frame) - start
    length = video.duration / video.timescale
    test.assertTrue(shortest < length <= longest + 0.002,
                    f"the video track lasts {length:.4f} s, not {shortest:.4f} to {longest:.4f} s")


def check_audio(test: unittest.TestCase, clip: Clip, source: Source, wanted: range) -> None:
    """Asserts that the source's audio is heard where it belongs, for as long as the video lasts."""
    start, length = source.time(wanted[0]), source.time(wanted[-1] + 1) - source.time(wanted[0])
    if clip.audio_start is None:
        test.assertTrue(source.is_silent(start + _EDGE, start + length - _EDGE), "the clip has no audio")
        return
    test.assertEqual(clip.audio_gap, "", "audio with a gap")
    test.assertLess(abs(float(clip.audio_start)), SYNC_BOUND_MS / 1000,
                    f"audio starts at {float(clip.audio_start):.4f} s, not with the first frame")
    shown = source.time(wanted[-1]) + source.frame_ticks(wanted[-1]) / CLOCK - start
    test.assertTrue(shown - AAC_FRAME <= float(clip.audio_end) <= max(shown, length) + AAC_FRAME,
                    f"audio lasts to {float(clip.audio_end):.4f} s, video to {shown:.4f} s")
    for at, window in audio_windows(length):
        due, window = _within_a_run(source, start + at, window)
        _check_audio_at(test, clip, source, due - start, due, window)


def _within_a_run(source: Source, due: float, window: float) -> tuple[float, float]:
    """The longer part of a window that a run's border divides.

    Each run's audio may be off by its own fraction of a millisecond, and noise that is 0.3 ms off the
    rest of its window resembles nothing.
    """
    for run in source.runs[1:]:
        border = source.time(run["first_frame"])
        before, after = border - due, due + window - border
        if before > 0 and after > 0:
            due, window = (due, before) if before >= after else (border, after)
    return due, window


def audio_errors(clip: Clip, source: Source, start: float = 0.0) -> list[float | None]:
    """By how many ms the audio is late, from the beginning of a clip to its end, where the source has any.

    `start` is the time in the source of the clip's time 0.
    """
    windows = audio_windows(float(clip.audio_end))
    return [clip.audio_error(at, start + at, window) for at, window in windows
            if source.has_audio(start + at, start + at + window)]


def audio_windows(length: float) -> list[tuple[float, float]]:
    """Start and length of the pieces of a clip whose audio is compared, first to last."""
    window = min(_WINDOW, length)
    count = min(9, max(1, round(length / window)))
    return [(i * (length - window) / max(1, count - 1), window) for i in range(count)]


def _check_audio_at(test: unittest.TestCase, clip: Clip, source: Source, at: float, due: float, window: float) -> None:
    """Asserts that the audio at `at` of the clip is the source's at `due`."""
    loudness = signals.rms(clip.audio_at(at, window))
    if source.has_audio(due, due + window):
        test.assertGreater(loudness, _AUDIBLE, f"silent at {at:.3f} s of the clip, where the source is not")
        if window < _SHORTEST_WINDOW:
            return
        error = clip.audio_error(at, due, window)
        test.assertIsNotNone(error, f"the audio at {at:.3f} s of the clip is not the source's within 1 s of "
                             f"{due:.3f} s")
        test.assertLess(abs(error), SYNC_BOUND_MS, f"the audio at {at:.3f} s of the clip is {error:+.2f} ms late")
    elif source.is_silent(due - _EDGE, due + window + _EDGE):
        test.assertLess(loudness, _INAUDIBLE, f"noise at {at:.3f} s of the clip, where the source is silent")


def describe(clip: Clip) -> dict:
    """The measurement for a reader."""
    return {"frames": len(clip.numbers), "first": clip.numbers[:1], "last": clip.numbers[-1:],
            "unreadable": clip.numbers.count(None), "start": [float(t) for t in clip.times[:1]],
            "audio": [float(t) for t in (clip.audio_start, clip.audio_end) if t is not None],
            "boxes": clip.movie.top, "edits": {t.kind: t.edits for t in clip.movie.tracks}}


if __name__ == "__main__":
    for name in sys.argv[1:]:
        print(name, json.dumps(describe(measure(name))))
