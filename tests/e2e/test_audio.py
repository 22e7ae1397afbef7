"""Tests of recordings with audio renditions of their own: which one is taken, and that it is in sync."""

import json
import unittest

import measure
from workplace import QUICK, Workplace


class Choice(Workplace):
    source_name = "audio_ts"  # English by default, and German, 5 s ahead

    def cut(self, *args: object):
        return self.run_here(self.source.path, "--start", "5", "--end", "8", *QUICK, "-o", self.clip, "--force", *args)

    def heard(self, shift: float) -> None:
        """The clip's audio is the reference from `shift` after the video's time on."""
        for error in measure.audio_errors(measure.measure(self.clip), self.source, 5 + shift):
            self.assertIsNotNone(error)
            self.assertLess(abs(error), measure.SYNC_BOUND_MS)

    def test_the_default_audio_is_taken(self):
        self.assert_done(self.cut())
        self.heard(0)

    def test_audio_is_taken_by_its_name_or_language(self):
        for wanted, shift in (("Deutsch", 5), ("de", 5), ("English", 0), ("EN", 0)):
            with self.subTest(wanted):
                self.assert_done(self.cut("--audio", wanted))
                self.heard(shift)

    def test_no_audio_is_none(self):
        done = self.cut("--audio", "none", "--json")
        self.assert_done(done)
        self.assertFalse(json.loads(done.stdout)["audio"])
        self.assertEqual([track.kind for track in measure.measure(self.clip).movie.tracks], ["vide"])

    def test_audio_that_is_not_there_is_told_with_what_is(self):
        self.assert_refused(self.cut("--audio", "fr"), 66, r'has no audio "fr"; it has "English" \(en\), "Deutsch" \(de\)')

    def test_the_audio_alone_is_an_m4a_of_the_one_that_is_wanted(self):
        for words, shift in ((("-r", "audio"), 0), (("--audio-only",), 0), (("--audio-only", "--audio", "de"), 5)):
            with self.subTest(words=words):
                self.clip.unlink(missing_ok=True)
                self.assert_done(self.cut(*words))
                self.assertEqual([track.kind for track in measure.measure(self.clip).movie.tracks], ["soun"])
                self.heard(shift)

    def test_a_dry_run_lists_the_segments_of_both(self):
        both, video = (len(json.loads(self.cut("--dry-run", "--json", *words).stdout)["segments"])
                       for words in ((), ("--audio", "none")))
        self.assertGreater(both, video)


if __name__ == "__main__":
    unittest.main()
