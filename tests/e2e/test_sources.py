"""Tests of the sources: that the truth about each is true, and that it has the property that it is named after.

What is made of fragments, of runs, of ciphertext or of several renditions has its properties tested
in test_kinds.py.
"""

import json
import statistics
import subprocess
import sys
import tempfile
import unittest
from fractions import Fraction
from pathlib import Path

import measure
import player
import sources
from mp4 import Movie, Track
from recipes import DISCONTINUOUS, IVS_RECORDING, NAMES, RECIPES
from truth import CLOCK, WRAP, probe_packets

_EXACT = 2 * CLOCK  # a timescale in which also times of 1/60000 s are whole
# By how many seconds ffmpeg 5.1 shows the video of a source too late, and audio not: where composition
# offsets are negative it adds the least of them. test_kinds.py reads from the boxes that the truth is true.
_LATE_IN_FFMPEG = {"fmp4_negative_cts": 2 / 30}


def first_pts(segment: Path, stream: str = "v:0") -> int | None:
    """The lowest timestamp of a stream in a segment, 33 bits."""
    packets = probe_packets(segment, stream)
    return min(p["pts"] for p in packets) % WRAP if packets else None


def ticks_apart(one: int, other: int) -> int:
    """How far two timestamps of 33 bits are from each other."""
    return min((one - other) % WRAP, (other - one) % WRAP)


def listed_lengths(source: sources.Source) -> list[float]:
    lines = source.playlist.read_text().splitlines()
    return [float(line[len("#EXTINF:"):].split(",")[0]) for line in lines if line.startswith("#EXTINF")]


def nal_types(source: sources.Source, segment: int) -> list[int]:
    """The types of a segment's NAL units, in order of decoding (Annex B, H.264 §7.4.1)."""
    done = subprocess.run(["ffmpeg", "-v", "error", "-i", str(source.segment_files()[segment]), "-map", "0:v",
                           "-c", "copy", "-f", "h264", "-"], check=True, capture_output=True)
    return [unit[0] & 31 for unit in done.stdout.split(b"\0\0\1")[1:]]


def video_stream(source: sources.Source) -> dict:
    done = subprocess.run(["ffprobe", "-v", "error", "-select_streams", "v:0", "-show_streams", "-of", "json",
                           str(source.segment_files()[0])], check=True, capture_output=True)
    return json.loads(done.stdout)["streams"][0]


def audio_offset(source: sources.Source) -> float:
    """By how much the first segment's audio starts after its video, seconds."""
    segment = source.segment_files()[0]
    return (first_pts(segment, "a:0") - first_pts(segment)) / CLOCK


class EverySource(unittest.TestCase):
    """What holds for all: numbers are readable, times are true, audio is where it should be."""

    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def test_frames_segments_and_audio_are_where_the_truth_says(self):
        for name in NAMES:
            with self.subTest(name):
                source = sources.ensure(name)
                for rendition in source.renditions.values() or [source]:
                    self.check(rendition)

    def check(self, source: sources.Source) -> None:
        segments = player.read(source.playlist)
        self.assertEqual([s.name for s in segments], [s["name"] for s in source.segments])
        runs = player.runs(segments)
        self.assertEqual(len(runs), len(source.runs))
        for facts, run, following in zip(source.runs, runs, [*source.runs[1:], None]):
            end = following["first_frame"] if following else len(source.ticks)
            self.check_run(source, facts, run, range(facts["first_frame"], end))
        for sound in source.sounds:
            self.assertEqual(source.audio, [(0.0, source.duration)])
            self.check_sound(source, sound)

    def check_run(self, source: sources.Source, facts: dict, run: list[player.Segment], frames: range) -> None:
        origin, length = source.time(frames[0]), source.time(frames[-1] + 1) - source.time(frames[0])
        heard = not source.sounds and any(start <= origin + 2 < end for start, end in source.audio)
        joined = self.write(player.join(run))
        clip = measure.decode(joined, Movie(tracks=[Track("vide", timescale=_EXACT, width=facts["width"]),
                                                    *([Track("soun")] if heard else [])]))
        self.assertEqual(clip.numbers, [source.numbers[i] for i in frames])
        zero = clip.times[0]
        self.assertEqual([round((t - zero) * CLOCK) for t in clip.times],
                         [source.ticks[i] - source.ticks[frames[0]] for i in frames])
        self.assertLessEqual(ticks_apart(round(zero * CLOCK), facts["first_pts"]), 1)
        self.assertTrue(all(clip.likenesses[i - frames[0]] == source.likeness(i) for i in frames),
                        "frames that don't look like the truth")
        self.check_packets(source, facts, joined, frames)
        self.check_segments(source, facts, run)
        if heard:
            self.assertEqual(clip.audio_gap, "")
            zero = float(zero) - _LATE_IN_FFMPEG.get(source.name, 0.0)
            self.check_audio(clip, zero - origin, [origin + at for at in (0.5, 5.0, length / 2, length - 1)
                                                          if at <= length - 1])

    def check_packets(self, source: sources.Source, facts: dict, joined: Path, frames: range) -> None:
        """Key frames, the rate, and that nothing is heard where the truth names no audio."""
        packets = sorted(probe_packets(joined, "v:0"), key=lambda p: p["time"])
        self.assertEqual([frames[i] for i, p in enumerate(packets) if p["key"]],
                         [frame for frame in source.keyframes if frame in frames])
        lengths = [b["pts"] - a["pts"] for a, b in zip(packets, packets[1:])]
        self.assertAlmostEqual(statistics.mode(lengths), CLOCK / Fraction(facts["fps"]), delta=90)
        if source.is_silent(source.time(frames[0]), source.time(frames[-1] + 1)) or source.sounds:
            self.assertEqual(probe_packets(joined, "a:0"), [])

    def check_segments(self, source: sources.Source, facts: dict, run: list[player.Segment]) -> None:
        """Each begins with the frame that the truth says."""
        for k, segment in enumerate(run, facts["first_segment"]):
            pts = [p["pts"] for p in probe_packets(self.write(segment.start + segment.data), "v:0")]
            first = source.segments[k]["first_frame"]
            due = facts["first_pts"] + source.ticks[first] - source.ticks[facts["first_frame"]]
            self.assertLessEqual(ticks_apart(min(pts), due), 1, f"segment {k} does not begin with frame {first}")

    def check_sound(self, source: sources.Source, sound: dict) -> None:
        """A rendition of audio plays the reference, shifted as the truth says, on the video's clock."""
        segments = player.read(sound["playlist"])
        data, begin = player.join(segments), 0
        if data.startswith(b"ID3"):
            stamps, pieces = zip(*(player.packed_audio(segment.data) for segment in segments))
            data, begin = b"".join(pieces), stamps[0]
            for k in range(1, len(segments)):
                self.assertAlmostEqual((stamps[k] - begin) / CLOCK, sum(s.length for s in segments[:k]), delta=0.001)
        clip = measure.decode(self.write(data), Movie(tracks=[Track("soun")]))
        self.assertEqual(clip.audio_gap, "")
        self.check_audio(clip, (source.first_pts - begin) / CLOCK, [0.5, 5.0, source.duration - 1], sound["shift"])

    def check_audio(self, clip: measure.Clip, zero: float, times: list[float], shift: float = 0.0) -> None:
        """At these times of the source, whose time 0 is at `zero` of the clip, the reference is heard."""
        for at in times:
            error = clip.audio_error(zero + at, at + shift)
            self.assertIsNotNone(error, f"no audio of {at} s")
            self.assertLess(abs(error), 1.0, f"the audio of {at} s")

    def write(self, data: bytes) -> Path:
        """A file of these bytes; ffmpeg sees by them what they are."""
        path = self.folder / "joined"
        path.write_bytes(data)
        return path

    def test_ffmpeg_plays_the_playlist_as_the_truth_says(self):
        for name in set(NAMES) - set(RECIPES) - set(DISCONTINUOUS) - {IVS_RECORDING}:
            with self.subTest(name):
                source = sources.ensure(name)
                clip = measure.decode(source.path, Movie(tracks=[
                    Track("vide", timescale=_EXACT, width=source.width), Track("soun")]),
                    "-allowed_extensions", "ALL")
                self.assertEqual(clip.numbers, source.numbers)
                zero = float(clip.times[0]) - _LATE_IN_FFMPEG.get(name, 0.0)
                self.check_audio(clip, zero, [0.5, 5.0, source.duration - 1])

    def test_a_source_is_made_once(self):
        source = sources.ensure("cfr30")
        made = source.playlist.stat().st_mtime_ns
        sources.ensure.cache_clear()
        self.assertEqual(sources.ensure("cfr30").playlist.stat().st_mtime_ns, made)


class Timestamps(unittest.TestCase):
    def test_pts1400_begins_where_ffmpeg_begins(self):
        self.assertAlmostEqual(first_pts(sources.ensure("pts1400").segment_files()[0]) / CLOCK, 1.4, delta=0.1)

    def test_cfr30_begins_at_zero(self):
        self.assertLess(first_pts(sources.ensure("cfr30").segment_files()[0]) / CLOCK, 0.1)

    def test_pts20h_begins_after_20_hours(self):
        self.assertAlmostEqual(first_pts(sources.ensure("pts20h").segment_files()[0]) / CLOCK, 72000, delta=2)

    def test_wrap_wraps_in_its_middle(self):
        source = sources.ensure("wrap")
        files = source.segment_files()
        self.assertGreater(first_pts(files[0]), WRAP - 15 * CLOCK)
        self.assertLess(first_pts(files[-1]), 15 * CLOCK)
        self.assertAlmostEqual((WRAP - source.first_pts) / CLOCK, 10, delta=0.5)

    def test_constant_rates_are_constant(self):
        for name, lengths in {"cfr30": {3000}, "cfr60": {1500}, "ntsc2997": {3003}, "ntsc5994": {1501, 1502}}.items():
            ticks = sources.ensure(name).ticks
            self.assertEqual({b - a for a, b in zip(ticks, ticks[1:])}, lengths, name)

    def test_vfr_has_irregular_frames_and_a_hole(self):
        ticks = sources.ensure("vfr").ticks
        lengths = {b - a for a, b in zip(ticks, ticks[1:])}
        self.assertGreaterEqual(len(lengths), 3)
        self.assertAlmostEqual(max(lengths) / CLOCK, 0.3, delta=0.05)

    def test_rtmp_ms_has_whole_milliseconds(self):
        source = sources.ensure("rtmp_ms")
        self.assertEqual({t % 90 for t in source.ticks}, {0})
        self.assertEqual({b - a for a, b in zip(source.ticks, source.ticks[1:])}, {33 * 90, 34 * 90})


class Audio(unittest.TestCase):
    def test_audio_early_starts_200_ms_before_the_video(self):
        self.assertAlmostEqual(audio_offset(sources.ensure("audio_early")), -0.2, delta=0.03)

    def test_audio_late_starts_350_ms_after_the_video(self):
        self.assertAlmostEqual(audio_offset(sources.ensure("audio_late")), 0.35, delta=0.03)

    def test_no_audio_has_none(self):
        self.assertIsNone(first_pts(sources.ensure("no_audio").segment_files()[0], "a:0"))

    def test_late_audio_pid_has_none_in_its_first_two_segments(self):
        starts = [first_pts(f, "a:0") for f in sources.ensure("late_audio_pid").segment_files()]
        self.assertEqual(starts[:2], [None, None])
        self.assertNotIn(None, starts[2:])

    def test_mono_44100_is_mono_at_44100(self):
        done = subprocess.run(["ffprobe", "-v", "error", "-select_streams", "a:0", "-show_entries",
                               "stream=sample_rate,channels", "-of", "csv=p=0",
                               str(sources.ensure("mono_44100").segment_files()[1])], check=True, capture_output=True)
        self.assertEqual(set(done.stdout.split()), {b"44100,1"})


class Pictures(unittest.TestCase):
    def test_open_gop_repeats_parameter_sets_and_has_no_idr_but_the_first(self):
        source = sources.ensure("open_gop")
        self.assertIn(5, nal_types(source, 0))
        for k in range(1, len(source.segments)):
            types = nal_types(source, k)
            self.assertNotIn(5, types)
            self.assertIn(7, types)
            self.assertIn(8, types)

    def test_open_gop_has_frames_that_are_shown_before_a_key_frame_they_follow(self):
        packets = probe_packets(sources.ensure("open_gop").segment_files()[2], "v:0")
        self.assertLess(min(p["pts"] for p in packets), packets[0]["pts"])

    def test_mid_gop_has_segments_that_begin_inside_a_gop(self):
        source = sources.ensure("mid_gop")
        inside = [s for s in source.segments if s["first_frame"] not in source.keyframes]
        self.assertGreaterEqual(len(inside), 4)

    def test_single_gop_has_one_key_frame(self):
        self.assertEqual(sources.ensure("single_gop").keyframes, [0])

    def test_low_keyint_has_a_key_frame_every_third_frame(self):
        source = sources.ensure("low_keyint")
        self.assertEqual(source.keyframes, list(range(0, len(source.ticks), 3)))

    def test_intra_refresh_has_no_idr_but_the_first(self):
        source = sources.ensure("intra_refresh")
        self.assertEqual([nal_types(source, k).count(5) > 0 for k in range(len(source.segments))],
                         [True] + [False] * (len(source.segments) - 1))

    def test_bframes_deep_reorders_deeply(self):
        source = sources.ensure("bframes_deep")
        first, second, *_ = probe_packets(source.segment_files()[1], "v:0")
        self.assertEqual(second["pts"] - first["pts"], 6 * 3000, "not five B frames between references")
        self.assertGreaterEqual(video_stream(source)["has_b_frames"], 2)


class Playlists(unittest.TestCase):
    def test_rounded_extinf_claims_seconds_too_many(self):
        source = sources.ensure("rounded_extinf")
        self.assertEqual(set(listed_lengths(source)), {4.0})
        self.assertAlmostEqual(sum(listed_lengths(source)) - source.duration, 4, delta=0.1)

    def test_rounded_down_claims_seconds_too_few(self):
        source = sources.ensure("rounded_down")
        self.assertEqual(set(listed_lengths(source)), {4.0})
        self.assertAlmostEqual(source.duration - sum(listed_lengths(source)), 3.2, delta=0.1)

    def test_heavy_segments_are_far_larger_than_what_is_taken_behind_a_range(self):
        for name in ("heavy", "heavy_rounded"):
            for file in sources.ensure(name).segment_files():
                self.assertGreater(file.stat().st_size, 4 << 20, file)

    def test_other_playlists_are_true(self):
        for name in {*NAMES} - {"rounded_extinf", "rounded_down", "heavy_rounded", "vfr", "three_runs_rounded"}:
            source = sources.ensure(name)
            self.assertAlmostEqual(sum(listed_lengths(source)), source.duration, delta=0.1, msg=name)

    def test_an_ivs_recording_has_what_its_events_name(self):
        source = sources.ensure(IVS_RECORDING)
        for event in ("recording-started.json", "recording-ended.json"):
            hls = json.loads((source.path / "events" / event).read_text())["media"]["hls"]
            root = source.path / hls["path"]
            self.assertIn("720p60/playlist.m3u8", (root / hls["playlist"]).read_text())
            for rendition in hls["renditions"]:
                text = (root / rendition["path"] / rendition["playlist"]).read_text()
                self.assertEqual(text.count("#EXT-X-PROGRAM-DATE-TIME:2020-08-03T16:21:"), text.count("#EXTINF"))
                made = source.renditions[rendition["path"]]
                self.assertEqual((made.width, made.height),
                                 (rendition["resolution_width"], rendition["resolution_height"]))
                self.assertEqual(len(made.segments), 3)


if __name__ == "__main__":
    unittest.main(argv=sys.argv)
