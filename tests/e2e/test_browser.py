"""Tests that a browser plays what was cut: every frame once, in order, when it is due, and wherever one jumps."""

import subprocess
import unittest
from dataclasses import dataclass
from pathlib import Path

import browser
import sources
from workplace import QUICK, Workplace


@dataclass(frozen=True)
class Cut:
    """A moment of a source, and what momentcut is told beside it. It is played in real time, so it is short."""
    source: str
    start: float
    end: float
    words: tuple[str, ...] = ()

    def __str__(self) -> str:
        return " ".join((f"{self.source} from {self.start} to {self.end}", *self.words))


CUTS = (
    Cut("cfr30", 5.2, 7.9),
    Cut("cfr60", 3.1, 4.2),
    Cut("bframes_deep", 2.5, 4.0),
    Cut("open_gop", 3.4, 4.9),
    Cut("vfr", 1.0, 2.6),             # 30 frames that follow one another, and a hole
    Cut("rtmp_ms", 6.01, 7.52),
    Cut("audio_late", 0.0, 1.2),
    Cut("fmp4_20h", 3.7, 4.7),        # 59.94 frames a second
    Cut("three_runs", 7.3, 8.8),      # across a discontinuity
    Cut("cfr30", 11.2, 12.4, ("--video-codec", "av1")),
)

SMART = ("--mode", "smart-only", "--preset", "veryfast")
# With a seam of encoded and copied pictures at each end.
SEAMS = (
    Cut("cfr30", 5.2, 8.4, SMART),
    Cut("cfr60", 3.1, 5.25, SMART),
    Cut("bframes_deep", 2.5, 4.9, SMART),
    Cut("vfr", 1.0, 3.1, SMART),
    Cut("rtmp_ms", 7.01, 8.9, SMART),
    Cut("wrap", 11.2, 12.9, SMART),       # across the wrap of 33-bit timestamps
    Cut("fmp4_bframes", 3.4, 5.2, SMART),
    Cut("fmp4_20h", 3.5, 4.9, SMART),
)


class Played(Workplace):
    """A test with `self.browser`, which the tests of a class share: it takes a while to start."""

    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        cls.browser = browser.start()
        cls.addClassCleanup(cls.browser.stop)

    def clip_of(self, cut: Cut) -> Path:
        clip = self.out / f"clip{len(list(self.out.iterdir()))}.mp4"
        self.assert_done(self.run_here(sources.ensure(cut.source).path, "--start", cut.start, "--end", cut.end, *QUICK,
                                       *cut.words, "-o", clip))
        return clip

    def check(self, clip: Path, cut: Cut) -> None:
        browser.check_playback(self, self.browser.play(clip), sources.ensure(cut.source), cut.start, cut.end)


class Clips(Played):
    def test_a_browser_shows_every_frame_once_in_order_and_on_time(self):
        self.check_all(CUTS)

    def test_a_browser_shows_every_frame_across_the_seams_of_smart_mode(self):
        self.check_all(SEAMS)

    def check_all(self, wanted: tuple[Cut, ...]) -> None:
        for cut in wanted:
            with self.subTest(str(cut)):
                self.check(self.clip_of(cut), cut)

    def test_what_comes_on_stdout_plays_as_well(self):
        # It is in fragments, which a browser reads in another way.
        done = self.cut("-o", "-")
        self.assert_done(done)
        self.clip.write_bytes(done.stdout)
        self.check(self.clip, Cut("cfr30", 5, 6))


class Instrument(Played):
    """Tests of the measuring itself: what is wrong with a clip must be noticed."""

    CUT = Cut("cfr30", 5, 5.5)  # frames 150 to 164

    def setUp(self) -> None:
        super().setUp()
        self.right = self.clip_of(self.CUT)

    def changed(self, frames: str) -> Path:
        """The clip with its frames changed by a filter of ffmpeg's."""
        changed = self.out / "changed.mp4"
        subprocess.run(["ffmpeg", "-v", "error", "-i", self.right, "-vf", frames, "-fps_mode", "passthrough",
                        "-enc_time_base", "1:90000", "-video_track_timescale", "90000", "-preset", "ultrafast",
                        "-c:a", "copy", changed], check=True)
        return changed

    def assert_noticed(self, clip: Path, pattern: str) -> None:
        with self.assertRaisesRegex(AssertionError, pattern):
            self.check(clip, self.CUT)

    def test_a_clip_that_is_merely_encoded_anew_is_right(self):
        self.check(self.changed("null"), self.CUT)

    def test_a_missing_frame_is_noticed(self):
        self.assert_noticed(self.changed("select=not(eq(n\\,8))"), "expected 15 frames 150 to 164, seen 14 .*frame 8:")

    def test_a_frame_shown_twice_is_noticed(self):
        self.assert_noticed(self.changed("loop=1:1:8"), "seen 16 150 to 164")

    def test_frames_in_another_order_are_noticed(self):
        self.assert_noticed(self.changed("shuffleframes=0 2 1"), "seen 15 .*frame 1: expected .*, seen .152, 151,")

    def test_an_unreadable_frame_is_noticed(self):
        self.assert_noticed(self.changed("drawbox=color=gray:t=fill:enable=eq(n\\,7)"), "1 unreadable.*frame 7:")

    def test_a_frame_shown_late_is_noticed(self):
        self.assert_noticed(self.changed("settb=1/90000,setpts=PTS+360*eq(N\\,8)"), "frame 158 .*when due")

    def test_another_range_is_noticed(self):
        playback = self.browser.play(self.right)
        for start, end in ((5, 5.533), (4.966, 5.5), (5.033, 5.533)):
            with self.subTest(start=start, end=end), self.assertRaisesRegex(AssertionError, "expected"):
                browser.check_playback(self, playback, self.source, start, end)

    def test_a_clip_that_plays_but_cannot_be_jumped_into_is_noticed(self):
        # Without this box every frame is said to be a key frame (ISO/IEC 14496-12 §8.6.2).
        self.right.write_bytes(self.right.read_bytes().replace(b"stss", b"free"))
        with self.assertRaisesRegex(browser.PlayFailed, "a frame after the jump to 0.483"):
            self.browser.play(self.right)

    def test_what_does_not_play_is_told_with_the_browser_s_own_words(self):
        data = self.right.read_bytes()
        at = data.index(b"avcC")
        self.right.write_bytes(data[:at] + b"free" + data[at + 4:])
        with self.assertRaisesRegex(browser.PlayFailed, "clip0.mp4 does not play: at 0 s: .*DECODE"):
            self.browser.play(self.right)


if __name__ == "__main__":
    unittest.main()
