"""Tests of smart mode: the matrix of exact cuts once more, with what is copied and what is encoded measured.

One class a source, named after it: `test_smart.py Cfr30` runs one, `test_smart.py --list` names all.
"""

import random
import sys
import unittest

import cuts
import measure
import seams
from recipes import ALIKE, BYTE_RANGES, DISCONTINUOUS, ENCRYPTED, FRAGMENTED, IVS_RECORDING, OTHER_CODECS, RECIPES, \
    SEPARATE_AUDIO
from test_exact import ExactCase, class_name
from truth import CLOCK

LEAST_HEAD = 8  # frames: fewer before a key frame, and it is passed over
DISCONTINUITY = "a discontinuity lies within the range"
NO_IDR = "no IDR picture in the range"
TOO_SOON = "the only IDR picture comes too soon after the first frame"
OPEN_GOP = "open GOP without IDR"

# Sources whose key frames are no IDR pictures but for the first.
WITHOUT_IDR = {"open_gop", "intra_refresh"}
LARGE = {"heavy", "heavy_rounded", IVS_RECORDING}
STEADY = {"cfr30", "cfr60", "ntsc2997", "ntsc5994", "pts1400", "pts20h", "wrap", "bframes_deep", "fmp4", "fmp4_bframes",
          "fmp4_20h", "ts_ranges", "fmp4_ranges"}
NAMES = (*RECIPES, IVS_RECORDING, *FRAGMENTED, *BYTE_RANGES, *ENCRYPTED, *DISCONTINUOUS, *SEPARATE_AUDIO,
         *(name for name, recipe in OTHER_CODECS.items() if recipe.encoder == "libx264"))


class SmartCase(ExactCase):
    """Cuts in smart mode, and knows of each cut whether it can be done and why it could not."""

    options = ("--mode", "smart")

    def cut(self, start: float, end: float, *said: str) -> measure.Clip:
        words = said or ("--start", f"{start:.6f}", "--end", f"{end:.6f}")
        clip, receipt = self.run_cut("clip.mp4", *words)
        measure.check_exact(self, clip, self.source, start, end)
        self.check_receipt(receipt, clip, start, end)
        wanted = self.source.frames_between(start, end)
        why = self.refusal(wanted)
        self.assertEqual((receipt["mode"], receipt["smart_refused"]), ("exact" if why else "smart", why))
        if not why:
            self.check_seams(clip, receipt, wanted)
        return clip

    def refusal(self, wanted: range) -> str | None:
        """Why these frames cannot be cut in smart mode; None: they can."""
        if self.source.run_of(wanted[0]) is not self.source.run_of(wanted[-1]):
            return DISCONTINUITY
        keys = [key for key in self.source.keyframes if key in wanted]
        if self.source_name in WITHOUT_IDR and wanted[0] > 0:
            return OPEN_GOP if keys else NO_IDR
        if not keys:
            return NO_IDR
        return None if any(key == wanted[0] or key - wanted[0] >= LEAST_HEAD for key in keys) else TOO_SOON

    def check_seams(self, clip: measure.Clip, receipt: dict, wanted: range) -> None:
        hashes = seams.check_decoding(self, clip.path)
        seams.check_copied(self, hashes, self.source, wanted, receipt["frames_copied"])
        seams.check_likeness(self, clip.path, self.source, wanted)
        self.assertGreaterEqual(receipt["frames_copied"], self.copyable(wanted))
        if self.source_name in STEADY:
            steps = clip.movie.track("vide").stts
            one = CLOCK % self.source.fps == 0  # at 60000/1001 frames a second a step has no whole number of ticks
            self.assertLessEqual(max(step for _, step in steps) - min(step for _, step in steps), 0 if one else 1)
            self.assertTrue(len(steps) == 1 or not one, f"not one step: {steps}")

    def copyable(self, wanted: range) -> int:
        """The frames of whole groups of pictures in the range, which can be copied at least."""
        keys = [key for key in self.source.keyframes if key in wanted and
                (key == wanted[0] or key - wanted[0] >= LEAST_HEAD)]
        return keys[-1] - keys[0]


class Seam(cuts.Places):
    """A cut with both seams, where pictures are large and nothing else about them is."""

    def test_a_cut_between_key_frames(self):
        self.cut(self.at(self.key + 5), self.until(self.key + 5, 5.7))

    def until(self, frame: int, seconds: float) -> float:
        """So long after a frame, as far as there is more of its run."""
        run = self.source.run_of(frame)
        ends = [self.source.time(later["first_frame"]) for later in self.source.runs
                if later["first_frame"] > run["first_frame"]] or [self.end]
        return round(min(self.source.time(frame) + seconds, ends[0]), 6)


class Seams(Seam):
    """Cuts with a seam in every place that matters where a source is told from others by its packaging alone."""

    def test_a_cut_from_a_key_frame(self):
        self.cut(self.at(self.key), self.until(self.key, 3.1))

    def test_a_cut_up_to_the_end(self):
        start = self.at(self.after(self.source.duration - 5.1))
        self.cut(start, self.end, "--start", f"{start:.6f}", "--end", "end")


class AllSeams(Seams):
    def test_a_cut_from_the_frame_before_a_key_frame(self):
        self.cut(self.at(self.key - 1), self.until(self.key - 1, 4.3))

    def test_a_cut_that_ends_with_a_group_of_pictures(self):
        later = [k for k in self.source.keyframes if k > self.key + 20] or [self.count]
        self.cut(self.at(self.key - 11), self.at(later[0]))

    def test_the_whole_recording(self):
        self.cut(0.0, self.end, "--start", "0", "--end", "end")

    def test_cuts_anywhere(self):
        chance = random.Random(self.source.name)
        for _ in range(2):
            start = round(chance.uniform(0, self.end - 2), 3)
            end = round(chance.uniform(start + 1, self.end), 3)
            with self.subTest(start=start, end=end):
                self.cut(start, end)


def _class_of(source_name: str) -> type[SmartCase]:
    name = class_name(source_name)
    facts = {"source_name": source_name, "__module__": __name__, "__qualname__": name}
    if source_name == IVS_RECORDING:
        facts["rendition"] = "720p60"
    places = Seam if source_name in LARGE else Seams if source_name in ALIKE else AllSeams
    return type(name, (places, SmartCase), facts)


for _name in NAMES:
    globals()[class_name(_name)] = _class_of(_name)

if __name__ == "__main__":
    if sys.argv[1:] == ["--list"]:
        print("\n".join(class_name(name) for name in NAMES))
    else:
        unittest.main(argv=sys.argv)
