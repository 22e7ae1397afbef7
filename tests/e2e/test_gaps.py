"""Tests of missing segments: refused with the span that is missing, or cut around."""

import json
import shutil
import unittest

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


class OfTheAudio(Workplace):
    """A gap in an audio rendition of its own, whose segments last 3 s: the second of them."""

    source_name = "audio_ts"
    why = r"the audio is missing from 2\.98\d* to 5\.99\d* s \(EXT-X-GAP\); .*--audio none"

    def setUp(self) -> None:
        super().setUp()
        shutil.copytree(self.source.path.parent, self.folder / "copy")
        self.path = self.folder / "copy" / self.source.path.name
        self.audio = self.folder / "copy" / "audio-en"
        playlist = self.audio / "index.m3u8"
        playlist.write_text(playlist.read_text().replace("seg001.ts", "#EXT-X-GAP\nseg001.ts"))
        (self.audio / "seg001.ts").unlink()

    def command(self, *args: object) -> list[object]:
        return [self.path, *QUICK, "-o", self.clip, "--force", *args]

    def test_beside_the_gap_nothing_is_amiss(self):
        for start, end in ((1, 3), (6.1, 8), (9, 15), (0, 2.5)):
            for more in ((), ("--allow-gaps",)):
                with self.subTest(start=start, more=more):
                    self.assert_done(self.cut("--start", start, "--end", end, *more))
                    measure.check_exact(self, measure.measure(self.clip), self.source, start, end)

    def test_a_clip_is_not_silent_unasked(self):
        for start, end in ((2, 4), (4, 5), (5, 8), (1, 10)):
            for more in ((), ("--allow-gaps",), ("--audio-only",)):
                with self.subTest(start=start, more=more):
                    self.assert_refused(self.cut("--start", start, "--end", end, *more), 66, self.why)

    def test_the_video_alone_and_other_audio_are_there(self):
        for audio in ("none", "de"):
            with self.subTest(audio):
                self.assert_done(self.cut("--start", "2", "--end", "8", "--audio", audio))

    def test_beside_a_gap_of_both_each_part_has_its_audio(self):
        video = self.source.playlist.name
        playlist = self.folder / "copy" / "video" / video
        names = [line for line in playlist.read_text().splitlines() if line.endswith(".ts")]
        playlist.write_text(playlist.read_text().replace(names[1], f"#EXT-X-GAP\n{names[1]}"))  # 4 to 8 s
        playlist = self.audio / "index.m3u8"
        text = playlist.read_text().replace("#EXT-X-GAP\n", "").replace("seg001.ts", "#EXT-X-GAP\nseg001.ts")
        playlist.write_text(text.replace("seg002.ts", "#EXT-X-GAP\nseg002.ts"))  # 3 to 9 s
        for start, end in ((1, 3), (9.1, 12)):
            self.assert_done(self.cut("--start", start, "--end", end))
            measure.check_exact(self, measure.measure(self.clip), self.source, start, end)
        self.clip.unlink()
        self.assert_refused(self.cut("--start", "1", "--end", "12", "--allow-gaps"), 66, r"the audio is missing from 2\.98\d* to 8\.98")


if __name__ == "__main__":
    unittest.main()
