"""Tests of the sources of fragments, ranges, ciphertext, runs, renditions and codecs: each is what its name says."""

import json
import struct
import subprocess
import sys
import tempfile
import unittest
from collections.abc import Iterator
from fractions import Fraction

import player
import sources
from mp4 import boxes, child, movie_of
from recipes import BYTE_RANGES, FRAGMENTED, OTHER_CODECS
from truth import CLOCK, WRAP, probe_packets


def playlist_lines(source: sources.Source, tag: str) -> list[str]:
    return [line for line in source.playlist.read_text().splitlines() if line.partition(":")[0] == tag]


def streams(data: bytes, entries: str) -> list[dict]:
    """What ffprobe says of the streams in these bytes."""
    with tempfile.NamedTemporaryFile() as file:
        file.write(data)
        file.flush()
        done = subprocess.run(["ffprobe", "-v", "error", "-show_entries", f"stream={entries}", "-of", "json",
                               file.name], check=True, capture_output=True)
    return json.loads(done.stdout)["streams"]


def fragments(data: bytes) -> Iterator[tuple[int, list[int]]]:
    """Of each track's fragment in a segment: its tfdt and its samples' composition offsets, 0 where none is said."""
    for kind, moof in boxes(data):
        for name, traf in boxes(moof) if kind == "moof" else ():
            if name == "traf":
                decode_time = struct.unpack_from(">Q", child(traf, "tfdt"), 4)[0]
                yield decode_time, composition_offsets(child(traf, "trun"))


def composition_offsets(trun: memoryview) -> list[int]:
    """ISO/IEC 14496-12 §8.8.8."""
    flags, count = int.from_bytes(trun[1:4], "big"), int.from_bytes(trun[4:8], "big")
    at = 8 + 4 * bool(flags & 1) + 4 * bool(flags & 4)
    before = 4 * sum(bool(flags & flag) for flag in (0x100, 0x200, 0x400))
    if not flags & 0x800:
        return [0] * count
    kind = ">i" if trun[0] else ">I"
    return [struct.unpack_from(kind, trun, at + k * (before + 4) + before)[0] for k in range(count)]


def presentation(segment: player.Segment) -> dict[str, Fraction]:
    """When each track of a first segment begins to be presented, seconds, by the boxes alone, edit lists applied."""
    begin, movie = {}, movie_of(segment.start)
    for track, (decode_time, offsets) in zip(movie.tracks, fragments(segment.data)):
        empty = sum(Fraction(length, movie.timescale) for length, media in track.edits if media == -1)
        media = next((media for _, media in track.edits if media >= 0), 0)
        begin[track.kind] = empty + Fraction(decode_time + offsets[0] - media, track.timescale)
    return begin


class Fragments(unittest.TestCase):
    def test_each_segment_is_fragments_that_need_the_map(self):
        for name in (*FRAGMENTED, "fmp4_ranges", "aes_fmp4", "aes_fmp4_plain_map", "fmp4_runs"):
            for segment in player.read(sources.ensure(name).playlist):
                self.assertEqual([kind for kind, _ in boxes(segment.start)], ["ftyp", "moov"], name)
                kinds = [kind for kind, _ in boxes(segment.data)]
                self.assertIn("moof", kinds, name)
                self.assertNotIn("moov", kinds, name)

    def test_audio_and_video_begin_together_by_the_boxes(self):
        for name in FRAGMENTED:
            begin = presentation(player.read(sources.ensure(name).playlist)[0])
            priming = Fraction(1024, 48000)
            self.assertAlmostEqual(float(begin["vide"] - begin["soun"] - priming), 0, delta=0.002, msg=name)

    def test_fmp4_20h_says_20_hours_in_its_fragments_and_not_in_an_edit_list(self):
        source = sources.ensure("fmp4_20h")
        segment = player.read(source.playlist)[0]
        for track, (decode_time, _) in zip(movie_of(segment.start).tracks, fragments(segment.data)):
            self.assertAlmostEqual(decode_time / track.timescale, 72000, delta=0.1)
            self.assertNotIn(-1, [media for _, media in track.edits])
        self.assertEqual(source.first_pts, 72000 * CLOCK)
        self.assertEqual({b - a for a, b in zip(source.ticks, source.ticks[1:])}, {1501, 1502})

    def test_fmp4_bframes_reorders_deeply_and_has_an_edit_list_for_it(self):
        segment = player.read(sources.ensure("fmp4_bframes").playlist)[0]
        video = movie_of(segment.start).tracks[0]
        self.assertEqual(video.edits[-1][1], 2 * video.timescale // 30)
        self.assertGreaterEqual(streams(segment.start + segment.data, "has_b_frames")[0]["has_b_frames"], 2)

    def test_fmp4_negative_cts_has_negative_composition_offsets(self):
        segment = player.read(sources.ensure("fmp4_negative_cts").playlist)[0]
        _, offsets = next(fragments(segment.data))
        self.assertLess(min(offsets), 0)
        self.assertEqual(offsets[0], 0)


class ByteRanges(unittest.TestCase):
    def test_all_segments_are_ranges_of_one_file_and_most_leave_their_offset_out(self):
        for name in BYTE_RANGES:
            source = sources.ensure(name)
            self.assertEqual(len({segment["name"] for segment in source.segments}), 1, name)
            ranges = playlist_lines(source, "#EXT-X-BYTERANGE")
            self.assertEqual([("@" in line) for line in ranges], [True, False, False] * 2, name)

    def test_the_ranges_are_the_whole_file(self):
        for name in BYTE_RANGES:
            source = sources.ensure(name)
            self.assertEqual(player.join(player.read(source.playlist)), source.segment_files()[0].read_bytes(), name)

    def test_the_map_of_fmp4_ranges_is_a_range_too(self):
        self.assertIn("BYTERANGE=", playlist_lines(sources.ensure("fmp4_ranges"), "#EXT-X-MAP")[0])


class Ciphertext(unittest.TestCase):
    def encrypted(self, name: str) -> list[bool]:
        return [segment.encrypted for segment in player.read(sources.ensure(name).playlist)]

    def test_aes_sequence_takes_its_iv_from_a_sequence_number_of_more_than_two_bytes(self):
        source = sources.ensure("aes_sequence")
        self.assertEqual(self.encrypted("aes_sequence"), [True] * 4)
        self.assertEqual(playlist_lines(source, "#EXT-X-MEDIA-SEQUENCE"), ["#EXT-X-MEDIA-SEQUENCE:70001"])
        self.assertEqual([("IV=" in line) for line in playlist_lines(source, "#EXT-X-KEY")], [False])

    def test_aes_rotation_changes_the_key_every_two_segments_and_leaves_two_plain(self):
        source = sources.ensure("aes_rotation")
        self.assertEqual(self.encrypted("aes_rotation"), [True] * 4 + [False] * 2 + [True] * 2)
        keys = playlist_lines(source, "#EXT-X-KEY")
        self.assertEqual([("METHOD=NONE" in line) for line in keys], [False, False, True, False])
        self.assertEqual(len({line.partition("IV=")[2] for line in keys if "IV=" in line}), 3)
        self.assertEqual(len({path.read_bytes() for path in (source.playlist.parent / "keys").iterdir()}), 3)

    def test_aes_fmp4_encrypts_the_map_and_aes_fmp4_plain_map_does_not(self):
        for name, plain in (("aes_fmp4", False), ("aes_fmp4_plain_map", True)):
            source = sources.ensure(name)
            self.assertEqual(self.encrypted(name), [True] * 4)
            uri = playlist_lines(source, "#EXT-X-MAP")[0].split('"')[1]
            self.assertEqual((source.playlist.parent / uri).read_bytes()[4:8] == b"ftyp", plain, name)


class Discontinuities(unittest.TestCase):
    def lengths(self, source: sources.Source) -> list[float]:
        """How long each run lasts, seconds."""
        borders = [*(run["first_frame"] for run in source.runs), len(source.ticks)]
        return [source.time(b) - source.time(a) for a, b in zip(borders, borders[1:])]

    def listed(self, source: sources.Source) -> list[float]:
        """How long each run lasts by its EXTINFs."""
        return [sum(s.length for s in run) for run in player.runs(player.read(source.playlist))]

    def test_three_runs_last_8_and_5_and_a_half_and_7_seconds(self):
        for name in ("three_runs", "three_runs_rounded", "fmp4_runs"):
            self.assertEqual(self.lengths(sources.ensure(name)), [8, 5.5, 7], name)

    def test_three_runs_begin_at_unrelated_timestamps_the_second_lower_than_the_first(self):
        first, second, third = (run["first_pts"] for run in sources.ensure("three_runs").runs)
        self.assertLess(second, first)
        self.assertGreater(third, first)

    def test_the_third_of_three_runs_wraps(self):
        for name in ("three_runs", "three_runs_rounded"):
            run = player.runs(player.read(sources.ensure(name).playlist))[2]
            with tempfile.NamedTemporaryFile(suffix=".ts") as file:
                file.write(run[-1].data)
                file.flush()
                self.assertLess(min(p["pts"] for p in probe_packets(file.name, "v:0")), 7 * CLOCK)
            self.assertGreater(sources.ensure(name).runs[2]["first_pts"], WRAP - 7 * CLOCK)

    def test_the_first_two_of_three_runs_rounded_are_listed_too_long(self):
        self.assertEqual(self.listed(sources.ensure("three_runs")), [8, 5.5, 7])
        self.assertEqual(self.listed(sources.ensure("three_runs_rounded")), [9, 6, 7])

    def test_numbers_go_on_from_run_to_run(self):
        for name in ("three_runs", "three_runs_rounded", "runs_of_sizes", "fmp4_runs"):
            source = sources.ensure(name)
            self.assertEqual(source.numbers, list(range(len(source.ticks))), name)

    def test_runs_of_sizes_differ_in_size_rate_and_audio(self):
        source = sources.ensure("runs_of_sizes")
        self.assertEqual([(run["width"], run["height"], run["fps"]) for run in source.runs],
                         [(320, 180, "30"), (640, 360, "60"), (480, 270, "30"), (320, 180, "30")])
        self.assertEqual(source.audio, [(0.0, 11.0), (15.5, 20.5)])
        found = []
        for run in player.runs(player.read(source.playlist)):
            seen = streams(player.join(run), "codec_type,width,height,r_frame_rate,sample_rate,channels")
            video = next(s for s in seen if s["codec_type"] == "video")
            audio = next((s for s in seen if s["codec_type"] == "audio"), {})
            found.append((video["width"], video["r_frame_rate"], audio.get("sample_rate"), audio.get("channels")))
        self.assertEqual(found, [(320, "30/1", "48000", 2), (640, "60/1", "44100", 1), (480, "30/1", None, None),
                                 (320, "30/1", "48000", 2)])

    def test_fmp4_runs_tell_a_map_and_the_wall_clock_where_each_begins(self):
        source = sources.ensure("fmp4_runs")
        runs = player.runs(player.read(source.playlist))
        self.assertEqual(len({run[0].start for run in runs}), 3)
        self.assertEqual(len(playlist_lines(source, "#EXT-X-MAP")), 3)
        self.assertEqual([run[0].wall_clock for run in runs], [run["wall_clock"] for run in source.runs])
        self.assertEqual([s.wall_clock for run in runs for s in run[1:]], [None] * 8)


class Renditions(unittest.TestCase):
    def test_the_audio_lies_in_segments_of_other_lengths_than_the_video(self):
        for name in ("audio_ts", "audio_fmp4", "audio_packed"):
            source = sources.ensure(name)
            self.assertEqual([s.length for s in player.read(source.playlist)], [4.0] * 4, name)
            self.assertNotEqual(source.path, source.playlist)
            for sound in source.sounds:
                lengths = [s.length for s in player.read(sound["playlist"])]
                self.assertEqual([round(length) for length in lengths], [3, 3, 3, 3, 3, 1], name)

    def test_the_video_has_no_audio(self):
        for name in ("audio_ts", "audio_fmp4", "audio_packed"):
            seen = streams(player.join(player.read(sources.ensure(name).playlist)), "codec_type")
            self.assertEqual([s["codec_type"] for s in seen], ["video"], name)

    def test_audio_ts_has_two_languages_and_the_first_is_the_default(self):
        source = sources.ensure("audio_ts")
        self.assertEqual([(sound["language"], sound["shift"]) for sound in source.sounds], [("en", 0.0), ("de", 5.0)])
        media = [line for line in source.path.read_text().splitlines() if line.startswith("#EXT-X-MEDIA:")]
        self.assertEqual([("DEFAULT=YES" in line) for line in media], [True, False])
        self.assertEqual(['LANGUAGE="en"' in line for line in media], [True, False])


class Codecs(unittest.TestCase):
    KINDS = {"hevc": ("hevc", "yuv420p", "aac"), "hevc10": ("hevc", "yuv420p10le", "aac"),
             "av1": ("av1", "yuv420p", "aac"), "vp9": ("vp9", "yuv420p", "aac"),
             "mp3": ("h264", "yuv420p", "mp3"), "ac3": ("h264", "yuv420p", "ac3"),
             "opus_fmp4": ("h264", "yuv420p", "opus"), "flac_fmp4": ("h264", "yuv420p", "flac"),
             "he_aac": ("h264", "yuv420p", "aac"), "he_aac_fmp4": ("h264", "yuv420p", "aac")}

    def test_each_has_the_codecs_that_it_is_named_after(self):
        self.assertEqual(set(self.KINDS), set(OTHER_CODECS))
        for name, kind in self.KINDS.items():
            seen = streams(player.join(player.read(sources.ensure(name).playlist)), "codec_name,codec_type,pix_fmt")
            video = next(s for s in seen if s["codec_type"] == "video")
            audio = next(s for s in seen if s["codec_type"] == "audio")
            self.assertEqual((video["codec_name"], video["pix_fmt"], audio["codec_name"]), kind, name)

    def test_he_aac_is_replicated_from_half_its_rate_in_every_segment(self):
        for name in ("he_aac", "he_aac_fmp4"):
            for segment in player.read(sources.ensure(name).playlist):
                seen = streams(segment.start + segment.data, "codec_type,profile,sample_rate,channels")
                audio = next(s for s in seen if s["codec_type"] == "audio")
                self.assertEqual((audio["profile"], audio["sample_rate"], audio["channels"]),
                                 ("HE-AAC", "48000", 2), name)


if __name__ == "__main__":
    unittest.main(argv=sys.argv)
