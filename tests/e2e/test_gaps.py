"""Tests of missing segments: refused with the span that is missing, or cut around."""

import json
import shutil
import subprocess
import unittest
from pathlib import Path

import fault_server
import faults
import measure
from served import ServedCase
from workplace import QUICK, Workplace

GAP = (8.0, 12.0)  # of cfr30: segment 2


class Missing:
    """A source without its third segment; `command` leads to it. Mixed into a Workplace."""

    why = ""

    def around(self, start: float, end: float) -> dict:
        """A cut that goes around the gap: its frames are those of the source without the gap's."""
        done = self.cut("--force", "--start", start, "--end", end, "--allow-gaps", "--json")
        self.assert_done(done)
        clip = measure.measure(self.clip)
        wanted = [self.source.numbers[i] for i in self.source.frames_between(start, end)
                  if not GAP[0] <= self.source.time(i) < GAP[1]]
        self.assertEqual(clip.numbers, wanted)
        self.assertIn("are missing, and left out of the clip", done.stderr)
        receipt = json.loads(done.stdout)
        self.assertEqual(receipt["frames"], len(wanted))
        self.assertAlmostEqual(receipt["duration"], len(wanted) / 30, delta=0.001)
        return receipt

    def test_a_range_across_the_gap_is_refused_with_what_is_missing(self):
        self.assert_refused(self.cut("--start", "7", "--end", "13"), 66, self.why)

    def test_a_range_across_the_gap_is_cut_around_it(self):
        self.assertEqual(self.around(7, 13)["gaps"], [{"start": 8.0, "end": 12.0}])

    def test_a_range_that_begins_in_the_gap_begins_behind_it(self):
        self.assertEqual(self.around(9, 13)["gaps"], [{"start": 9.0, "end": 12.0}])

    def test_a_range_that_ends_in_the_gap_ends_before_it(self):
        self.assertEqual(self.around(7, 10)["gaps"], [{"start": 8.0, "end": 10.0}])

    def test_a_range_within_the_gap_has_nothing(self):
        self.assert_refused(self.cut("--start", "9", "--end", "11", "--allow-gaps"), 66,
                            "no frame lies in the range 9 to 11 s")


class MarkedGap(Missing, Workplace):
    why = r"the recording is missing from 8 to 12 s \(EXT-X-GAP\); choose a range without it, or .* --allow-gaps"

    def setUp(self) -> None:
        super().setUp()
        lines = self.source.playlist.read_text().splitlines()
        lines.insert(lines.index(self.source.segments[2]["name"]), "#EXT-X-GAP")
        for file in self.source.segment_files():
            (self.folder / file.name).symlink_to(file)
        (self.folder / "gap.m3u8").write_text("\n".join(lines) + "\n")

    def command(self, *args: object) -> list[object]:
        return [self.folder / "gap.m3u8", *QUICK, "-o", self.clip, *args]

    def test_beside_the_gap_nothing_is_amiss(self):
        for start, end in ((7, 8), (12, 13), (6.5, 7.9)):
            with self.subTest(start=start):
                done = self.cut("--force", "--start", start, "--end", end)
                self.assert_done(done)
                measure.check_exact(self, measure.measure(self.clip), self.source, start, end)


class LocalHole(Missing, Workplace):
    why = 'segment "seg002.ts" is missing, 8 to 12 s of the recording; .* --allow-gaps'

    def setUp(self) -> None:
        super().setUp()
        copy = self.copied_source()
        (copy / self.source.segments[2]["name"]).unlink()
        self.playlist = copy / self.source.playlist.name

    def command(self, *args: object) -> list[object]:
        return [self.playlist, *QUICK, "-o", self.clip, *args]


class NotFound(Missing, ServedCase):
    why = r'segment "seg002.ts" \(8 to 12 s\): HTTP status 404'

    def setUp(self) -> None:
        super().setUp()
        self.server.when("seg002.ts", faults.status(404))

    def command(self, *args: object, url: str = "") -> list[object]:
        return [self.server.url(), *QUICK, "-o", self.clip, *args]


class AtAnEdge(Workplace):
    """Gaps with media on one side only, or with another clock on the other."""

    def marked(self, segment: int, behind: str = "") -> Path:
        """A playlist with one segment marked as missing, and a tag behind it."""
        name = self.source.segments[segment]["name"]
        for file in self.source.segment_files():
            if file.name != name:
                (self.folder / file.name).symlink_to(file)
        playlist = self.folder / "gap.m3u8"
        text = self.source.playlist.read_text()
        playlist.write_text(text.replace(f"{name}\n", f"#EXT-X-GAP\n{name}\n{behind}"))
        return playlist

    def cut_of(self, playlist: Path, start: float, end: float, *args: object) -> subprocess.CompletedProcess:
        return self.run_here(playlist, "--start", start, "--end", end, *QUICK, "-o", self.clip, "--force", *args)

    def check(self, playlist: Path, start: float, end: float, gap: tuple[float, float]) -> None:
        self.clip.unlink(missing_ok=True)
        self.assert_refused(self.cut_of(playlist, start, end), 66, r"the recording is missing from \d.*\(EXT-X-GAP\)")
        done = self.cut_of(playlist, start, end, "--allow-gaps", "--json")
        self.assert_done(done)
        self.assertEqual(json.loads(done.stdout)["gaps"], [{"start": gap[0], "end": gap[1]}])
        self.assertEqual(measure.measure(self.clip).numbers,
                         [self.source.numbers[i] for i in self.source.frames_between(start, end)
                          if not gap[0] <= self.source.time(i) < gap[1]])

    def test_at_the_beginning_a_gap_is_one(self):
        playlist = self.marked(0)
        self.check(playlist, 0, 5, (0, 4))
        self.check(playlist, 3, 5, (3, 4))
        self.clip.unlink()
        self.assert_refused(self.cut_of(playlist, 1, 3, "--allow-gaps"), 66, "3 s; all of it is missing")

    def test_at_the_end_a_gap_is_one(self):
        count = len(self.source.segments)
        begin = 4.0 * (count - 1)
        playlist = self.marked(count - 1)
        self.check(playlist, begin - 1, begin + 1, (begin, begin + 1))
        self.assert_done(self.cut_of(playlist, begin - 1, "end"))
        measure.check_exact(self, measure.measure(self.clip), self.source, begin - 1, begin)

    def test_before_a_discontinuity_a_gap_is_one(self):
        playlist = self.marked(2, "#EXT-X-DISCONTINUITY\n")
        self.check(playlist, 7, 13, GAP)
        self.check(playlist, 9, 13, (9, GAP[1]))


class AudioCase(Workplace):
    """A source with audio renditions of their own, whose segments last 3 s; the video's last 4 s."""

    source_name = "audio_ts"

    def setUp(self) -> None:
        super().setUp()
        shutil.copytree(self.source.path.parent, self.folder / "copy")
        self.path = self.folder / "copy" / self.source.path.name
        self.audio = self.folder / "copy" / "audio-en"

    def command(self, *args: object) -> list[object]:
        return [self.path, *QUICK, "-o", self.clip, "--force", *args]

    def mark(self, folder: Path, *segments: int) -> None:
        """Marks segments of a rendition as missing, which they then are."""
        playlist = folder / "index.m3u8"
        names = [line for line in playlist.read_text().splitlines() if line and not line.startswith("#")]
        for name in (names[segment] for segment in segments):
            playlist.write_text(playlist.read_text().replace(f"{name}\n", f"#EXT-X-GAP\n{name}\n"))
            (folder / name).unlink()

    def around(self, start: float, end: float, *parts: tuple[float, float]) -> None:
        """A cut around what is missing has exactly the frames of `parts`, in sync, and tells what lies between."""
        done = self.cut("--start", start, "--end", end, "--allow-gaps", "--json")
        self.assert_done(done)
        clip, receipt = measure.measure(self.clip), json.loads(done.stdout)
        wanted = [i for part in parts for i in self.source.frames_between(*part)]
        self.assertEqual(clip.numbers, [self.source.numbers[i] for i in wanted])
        self.assertAlmostEqual(receipt["duration"], len(wanted) / 30, delta=0.001)
        self.tells(done, start, end, *parts)
        self.heard(clip, *parts)

    def tells(self, done: subprocess.CompletedProcess, start: float, end: float, *parts: tuple[float, float],
              delta: float = 1e-5) -> None:
        """The receipt's gaps and the notes are what lies between the parts."""
        edges = [start, *(time for part in parts for time in part), end]
        gaps = [(a, b) for a, b in zip(edges[::2], edges[1::2]) if b - a > delta]
        told = [(gap["start"], gap["end"]) for gap in json.loads(done.stdout)["gaps"]]
        self.assertEqual(len(told), len(gaps), told)
        for seen, expected in zip(told, gaps):
            self.assertAlmostEqual(seen[0], expected[0], delta=delta)
            self.assertAlmostEqual(seen[1], expected[1], delta=delta)
        self.assertEqual(done.stderr.count("are missing, and left out of the clip"), len(gaps), done.stderr)

    def heard(self, clip: measure.Clip, *parts: tuple[float, float]) -> None:
        """Each part's audio is heard where it belongs, one part behind the other."""
        at = 0.0
        for start, end in parts:
            for offset, window in measure.audio_windows(end - start):
                error = clip.audio_error(at + offset, start + offset, window)
                self.assertIsNotNone(error, f"not the audio of {start + offset} s at {at + offset} s of the clip")
                self.assertLess(abs(error), measure.SYNC_BOUND_MS)
            at += end - start


class OfTheAudio(AudioCase):
    """The second segment of the audio is missing."""

    why = (r"the audio is missing from 2\.98\d* to 5\.99\d* s \(EXT-X-GAP\); "
           r"choose a range without it, cut around it with --allow-gaps, or .* --audio none")

    def setUp(self) -> None:
        super().setUp()
        self.mark(self.audio, 1)

    def test_beside_the_gap_nothing_is_amiss(self):
        for start, end in ((1, 3), (6.1, 8), (9, 15), (0, 2.5)):
            for more in ((), ("--allow-gaps",)):
                with self.subTest(start=start, more=more):
                    self.assert_done(self.cut("--start", start, "--end", end, *more))
                    measure.check_exact(self, measure.measure(self.clip), self.source, start, end)

    def test_a_clip_is_not_silent_unasked(self):
        for start, end in ((2, 4), (4, 5), (5, 8), (1, 10)):
            for more in ((), ("--audio-only",)):
                with self.subTest(start=start, more=more):
                    self.assert_refused(self.cut("--start", start, "--end", end, *more), 66, self.why)

    def test_a_range_across_the_gap_is_cut_around_it(self):
        self.around(1, 10, (1, 3), (6, 10))

    def test_a_range_that_begins_in_the_gap_begins_behind_it(self):
        self.around(4, 8, (6, 8))

    def test_a_range_that_ends_in_the_gap_ends_before_it(self):
        self.around(1, 5, (1, 3))

    def test_a_range_up_to_the_end_is_cut_around_the_gap(self):
        self.around(2, 16, (2, 3), (6, 16))

    def test_a_range_within_the_gap_has_nothing(self):
        for more in ((), ("--audio-only",)):
            with self.subTest(more=more):
                self.assert_refused(self.cut("--start", "4", "--end", "5", "--allow-gaps", *more), 66,
                                    "no frame lies in the range 4 to 5 s; all of it is missing")

    def test_the_audio_alone_is_cut_around_it(self):
        gap = (2.98667, 5.99)
        for start, end, *parts in ((1, 10, (1, gap[0]), (gap[1], 10)), (4, 8, (gap[1], 8)), (1, 5, (1, gap[0]))):
            with self.subTest(start=start, end=end):
                done = self.cut("--start", start, "--end", end, "--allow-gaps", "--audio-only", "--json")
                self.assert_done(done)
                self.tells(done, start, end, *parts, delta=0.011)
                gaps = json.loads(done.stdout)["gaps"]
                exact = [start, *(gap[edge] for gap in gaps for edge in ("start", "end")), end]
                parts = [part for part in zip(exact[::2], exact[1::2]) if part[0] < part[1]]
                self.heard(measure.measure(self.clip), *parts)

    def test_the_video_alone_and_other_audio_are_there(self):
        for audio in ("none", "de"):
            with self.subTest(audio):
                done = self.cut("--start", "2", "--end", "8", "--audio", audio, "--allow-gaps", "--json")
                self.assert_done(done)
                self.assertEqual(json.loads(done.stdout)["gaps"], [])

    def test_a_dry_run_tells_the_gap_and_each_segment_once(self):
        done = self.cut("--start", "2", "--end", "7", "--allow-gaps", "--dry-run", "--json")
        self.assert_done(done)
        plan = json.loads(done.stdout)
        self.assertEqual(plan["gaps"], [{"start": 3.0, "end": 6.0}])
        segments = [segment["uri"] for segment in plan["segments"]]
        self.assertEqual(segments, [f"seg00{k}.ts" for k in (0, 1, 2, 0, 2)])


class MoreOfTheAudio(AudioCase):
    """Other segments of the audio are missing, and some of the video's."""

    def test_several_gaps_are_all_cut_around(self):
        self.mark(self.audio, 1, 3)
        self.around(1, 14, (1, 3), (6, 9), (12, 14))

    def test_a_gap_at_the_beginning_is_no_silence(self):
        self.mark(self.audio, 0)
        self.assert_refused(self.cut("--start", "0", "--end", "5"), 66, r"the audio is missing from 0 to 2\.98")
        self.around(0, 5, (3, 5))
        self.around(2, 4, (3, 4))
        self.assert_done(self.cut("--start", "4", "--end", "5"))
        measure.check_exact(self, measure.measure(self.clip), self.source, 4, 5)

    def test_a_gap_at_the_end_is_no_silence(self):
        self.mark(self.audio, 4, 5)
        self.assert_refused(self.cut("--start", "10", "--end", "13"), 66, r"the audio is missing from 11\.9\d* to 16")
        self.around(10, 13, (10, 12))
        self.around(10, 16, (10, 12))
        self.clip.unlink()
        self.assert_refused(self.cut("--start", "10", "--end", "20", "--allow-gaps"), 66,
                            "outside the recording, which ends at 16 s")

    def test_a_gap_of_both_is_one(self):
        self.mark(self.folder / "copy" / "video", 1)  # 4 to 8 s
        self.mark(self.audio, 1, 2)                   # 3 to 9 s
        for start, end in ((1, 3), (9.1, 12)):
            self.assert_done(self.cut("--start", start, "--end", end))
            measure.check_exact(self, measure.measure(self.clip), self.source, start, end)
        self.clip.unlink()
        self.assert_refused(self.cut("--start", "1", "--end", "12"), 66, r"the audio is missing from 2\.98\d* to 8\.98")
        self.around(1, 12, (1, 3), (9, 12))
        self.around(5, 12, (9, 12))

    def test_gaps_that_overlap_are_one(self):
        self.mark(self.folder / "copy" / "video", 1)  # 4 to 8 s
        self.mark(self.audio, 2)                      # 6 to 9 s
        self.around(1, 12, (1, 4), (9, 12))

    def test_a_gap_within_one_of_the_video_is_not_told_twice(self):
        self.mark(self.folder / "copy" / "video", 1, 2)  # 4 to 12 s
        self.mark(self.audio, 2)                         # 6 to 9 s
        self.around(1, 14, (1, 4), (12, 14))

    def test_what_only_the_video_misses_is_in_the_audio_alone(self):
        self.mark(self.folder / "copy" / "video", 1)
        for start, end in ((2, 10), (5, 7), (5, 15), (2, 16)):
            with self.subTest(start=start, end=end):
                done = self.cut("--start", start, "--end", end, "--audio-only", "--json")
                self.assert_done(done)
                self.tells(done, start, end, (start, end))
                self.heard(measure.measure(self.clip), (start, end - 0.1))


class AudioNotFound(AudioCase):
    """Segments of the audio that the playlist has, and the server has not."""

    def setUp(self) -> None:
        super().setUp()
        self.server = fault_server.serve(self, fault_server.Folder(self.path.parent))
        self.server.when("audio-en/seg001.ts", faults.status(404))

    def command(self, *args: object) -> list[object]:
        return [self.server.url(self.path.name), *QUICK, "-o", self.clip, "--force", *args]

    def test_it_is_refused(self):
        self.assert_refused(self.cut("--start", "1", "--end", "5"), 66,
                            r'segment "seg001.ts" \(3\.0\d* to 6\.0\d* s\): HTTP status 404')

    def test_it_is_cut_around(self):
        self.around(1, 10, (1, 3), (6, 10))
        self.around(1, 5, (1, 3))
        self.around(4, 8, (6, 8))

    def test_the_audio_alone_is_cut_around_it(self):
        done = self.cut("--start", "1", "--end", "10", "--audio-only", "--allow-gaps", "--json")
        self.assert_done(done)
        self.tells(done, 1, 10, (1, 2.98), (5.99, 10), delta=0.02)


class FragmentsOfTheAudio(AudioCase):
    source_name = "audio_fmp4"

    def test_it_is_cut_around(self):
        self.mark(self.audio, 1)
        self.around(1, 10, (1, 3), (6, 10))


class PackedAudio(AudioCase):
    source_name = "audio_packed"

    def test_it_is_cut_around(self):
        self.mark(self.audio, 1)
        self.around(1, 10, (1, 3), (6, 10))


if __name__ == "__main__":
    unittest.main()
