"""Tests of the sources: that each really has the property that it is named after."""

import json
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

import measure
import sources
from mp4 import Movie, Track
from recipes import IVS_RECORDING, NAMES
from studio import CLOCK, WRAP, probe_packets, segment_files


def first_pts(segment: Path, stream: str = "v:0") -> int | None:
    """The lowest timestamp of a stream in a segment, 33 bits."""
    packets = probe_packets(segment, stream)
    return min(p["pts"] for p in packets) % WRAP if packets else None


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

    def check(self, source: sources.Source) -> None:
        with tempfile.NamedTemporaryFile(suffix=".ts") as joined:
            for segment in source.segment_files():
                joined.write(segment.read_bytes())
            joined.flush()
            tracks = [Track("vide", timescale=CLOCK, width=source.width)]
            if source.audio and source.audio[0][0] < 5:
                tracks.append(Track("soun"))
            clip = measure.decode(Path(joined.name), Movie(tracks=tracks))
        self.assertEqual(clip.numbers, source.numbers)
        zero = clip.times[0]
        self.assertEqual([round((t - zero) * CLOCK) for t in clip.times], source.ticks)
        if len(tracks) == 2:
            self.assertEqual(clip.audio_gap, "")
            for at in (0.5, 5.0, source.duration / 2, source.duration - 1):
                error = clip.audio_error(float(zero) + at, at)
                self.assertIsNotNone(error, f"no audio of {at} s")
                self.assertLess(abs(error), 1.0, f"the audio of {at} s")

    def test_frames_and_audio_are_where_the_truth_says(self):
        for name in NAMES:
            with self.subTest(name):
                source = sources.ensure(name)
                for rendition in source.renditions.values() or [source]:
                    self.check(rendition)

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

    def test_other_playlists_are_true(self):
        for name in set(NAMES) - {"rounded_extinf", "rounded_down", "vfr"}:
            source = sources.ensure(name)
            self.assertAlmostEqual(sum(listed_lengths(source)), source.duration, delta=0.1, msg=name)
            self.assertEqual(segment_files(source.playlist), [s["name"] for s in source.segments])

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
