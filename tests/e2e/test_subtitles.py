"""Tests of recordings with WebVTT subtitles: what is shown when in the clip, and what is refused."""

import json
import unittest

import captions
import fakes
import measure
from captions import Cue
from workplace import QUICK, Workplace

BOUND = 0.002  # seconds; WebVTT and MP4's subtitles count in milliseconds


class Subtitled(Workplace):
    mapped = True

    def setUp(self) -> None:
        super().setUp()
        self.folder_of_it = self.copied_source()
        self.path = captions.add_to(self.folder_of_it, self.source, self.mapped)

    def subtitled(self, start: object, end: object, *args: object, source: object = None):
        return self.run_here(source or self.path, "--start", start, "--end", end, *QUICK, "-o", self.clip, "--force",
                             "--subtitles", "English", *args)

    def assert_shown(self, start: float, end: float) -> None:
        """The clip [start, end) shows what the source shows then, and nothing else."""
        frames = self.source.frames_between(start, end)
        zero, over = self.source.time(frames[0]), self.source.time(frames[-1] + 1)
        due = [Cue(max(cue.start - zero, 0), min(cue.end, over) - zero, cue.text)
               for cue in captions.cues_of(self.source) if cue.start < over and cue.end > zero]
        shown = captions.read(self.clip)
        self.assertEqual([cue.text for cue in shown], [cue.text for cue in due])
        for cue, wanted in zip(shown, due):
            self.assertAlmostEqual(cue.start, wanted.start, delta=BOUND, msg=cue)
            self.assertAlmostEqual(cue.end, wanted.end, delta=BOUND, msg=cue)


class OneRun(Subtitled):
    source_name = "pts1400"

    def test_they_are_cut_and_shifted_with_the_clip(self):
        for start, end in ((5, 8), (3.5, 9.5), (0, 2.1)):
            with self.subTest(start=start, end=end):
                done = self.subtitled(start, end, "--json")
                self.assert_done(done)
                self.assert_shown(start, end)
                self.assertEqual(json.loads(done.stdout)["subtitles"], {"cues": len(captions.read(self.clip))})
                self.assertEqual(captions.languages(self.clip), ["eng"])

    def test_picture_and_sound_are_as_without_them(self):
        self.assert_done(self.subtitled(5, 8))
        clip = measure.measure(self.clip)
        self.assertEqual(clip.numbers, [self.source.numbers[i] for i in self.source.frames_between(5, 8)])
        for error in measure.audio_errors(clip, self.source, 5):
            self.assertLess(abs(error), measure.SYNC_BOUND_MS)

    def test_they_are_chosen_by_language_and_not_taken_unasked(self):
        self.assert_done(self.subtitled(5, 6, "--subtitles", "en"))
        self.assertEqual(captions.languages(self.clip), ["eng"])
        for words in ((), ("--subtitles", "none")):
            done = self.run_here(self.path, "--start", "5", "--end", "6", *QUICK, "-o", self.clip, "--force", "--json",
                                 *words)
            self.assert_done(done)
            self.assertEqual(captions.languages(self.clip), [])
            self.assertIsNone(json.loads(done.stdout)["subtitles"])

    def test_a_clip_in_which_none_are_shown_has_none_and_says_so(self):
        done = self.subtitled(5.82, 5.96, "--json")
        self.assert_done(done)
        self.assertRegex(done.stderr, "no subtitles are shown")
        self.assertEqual(json.loads(done.stdout)["subtitles"], {"cues": 0})
        self.assertEqual(captions.languages(self.clip), [])

    def test_a_dry_run_counts_them_and_lists_their_segments(self):
        done = self.subtitled(5, 8, "--dry-run", "--json")
        self.assertEqual(done.returncode, 0, done.stderr)
        plan = json.loads(done.stdout)
        self.assertEqual(plan["subtitles"], {"cues": 3})
        self.assertTrue(any(segment["uri"].endswith(".vtt") for segment in plan["segments"]))
        self.assertIn("mov_text", plan["ffmpeg"])
        self.assert_tidy()

    def test_a_clip_on_standard_output_has_them_too(self):
        done = self.subtitled(5, 8, "-o", "-")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.clip.write_bytes(done.stdout)
        for start, due in zip(captions.starts(self.clip), (0, 1, 2), strict=True):
            self.assertAlmostEqual(start, due, delta=BOUND)

    def test_text_of_every_script_comes_through(self):
        text = "<i>Größe</i> & 日本語 – “x”"
        for file in self.folder_of_it.glob("captions*.vtt"):
            file.write_text(file.read_text().replace(captions.text_of(6), text))
        self.assert_done(self.subtitled(5, 8))
        self.assertEqual(captions.read(self.clip)[1].text.replace("&amp;", "&"), text)

    def test_what_is_not_there_is_told_with_what_is(self):
        self.assert_refused(self.subtitled(5, 6, "--subtitles", "fr"), 66, r'has no subtitles "fr"; it has "English" \(en\)')

    def test_a_single_rendition_has_none(self):
        self.assert_refused(self.subtitled(5, 6, source=self.source.playlist), 66, "subtitles")

    def test_audio_alone_cannot_have_them(self):
        self.assert_refused(self.subtitled(5, 6, "--audio-only"), 64, "--subtitles")

    def test_segments_that_are_no_subtitles_are_refused(self):
        for text in ("<html>not here</html>", "1\n00:00:05,000 --> 00:00:06,000\nSubRip\n", "", "WEBVTT\nX-TIMESTAMP-MAP=x\n"):
            for file in self.folder_of_it.glob("captions*.vtt"):
                file.write_text(text)
            with self.subTest(text[:20]):
                self.assert_refused(self.subtitled(5, 6), 65, r'"captions\d\.vtt": .*(WebVTT|X-TIMESTAMP-MAP)')

    def test_a_segment_that_is_missing_is_named(self):
        for file in self.folder_of_it.glob("captions*.vtt"):
            file.unlink()
        self.assert_refused(self.subtitled(5, 6), 66, r"captions\d\.vtt")

    def test_an_endless_segment_is_not_read(self):
        for file in self.folder_of_it.glob("captions*.vtt"):
            with file.open("r+b") as opened:
                opened.truncate(1 << 30)
        self.assert_refused(self.subtitled(5, 6), 65, r"captions\d\.vtt")

    def with_ffmpeg(self, script: str):
        return self.subtitled(5, 7, "--ffmpeg", fakes.fake(self.folder, "ffmpeg", script, only_if="mov_text"))

    def test_an_ffmpeg_that_loses_them_is_found_out(self):
        done = self.with_ffmpeg('"$REAL" "$@" && "$REAL" -v error -nostdin -i "$output" -c copy -sn -f mp4 "$output.2" '
                                '&& mv "$output.2" "$output"')
        self.assert_refused(done, 65, "subtitles")

    def test_an_ffmpeg_that_shows_them_late_is_found_out(self):
        done = self.with_ffmpeg('for word; do shift; case $word in webvtt) set -- "$@" webvtt -itsoffset 0.3;; '
                                '*) set -- "$@" "$word";; esac; done; exec "$REAL" "$@"')
        self.assert_refused(done, 65, "subtitle of 1 s is missing")


class OfTheMediasClock(Subtitled):
    """Without an X-TIMESTAMP-MAP, cues count by the media's own timestamps."""
    source_name = "pts1400"
    mapped = False

    def test_they_are_cut_and_shifted_with_the_clip(self):
        self.assert_done(self.subtitled(5, 8))
        self.assert_shown(5, 8)


class AcrossAWrap(Subtitled):
    source_name = "wrap"

    def test_they_stay_where_they_belong(self):
        for start, end in ((3, 6), (9, 15), (16, 18)):
            with self.subTest(start=start, end=end):
                self.assert_done(self.subtitled(start, end))
                self.assert_shown(start, end)


class AcrossRuns(Subtitled):
    source_name = "three_runs"

    def test_each_run_has_its_own_clock(self):
        borders = [self.source.time(run["first_frame"]) for run in self.source.runs[1:]]
        for start, end in ((borders[0] - 2, borders[0] + 2), (borders[0] - 1, borders[1] + 3)):
            with self.subTest(start=start, end=end):
                self.assert_done(self.subtitled(f"{start:.3f}", f"{end:.3f}"))
                self.assert_shown(round(start, 3), round(end, 3))


class OfFragments(Subtitled):
    source_name = "fmp4_20h"

    def test_they_are_cut_and_shifted_with_the_clip(self):
        self.assert_done(self.subtitled(5, 8))
        self.assert_shown(5, 8)


del Subtitled  # no test of its own

if __name__ == "__main__":
    unittest.main()
