"""Tests that cuts are exact: the real momentcut on every source, every clip measured frame by frame.

One class a source, named after it: `test_exact.py Cfr30` runs one, `test_exact.py --list` names all.
$MOMENTCUT_E2E_OPTIONS holds more options for every cut.
"""

import json
import os
import shlex
import sys
import unittest

import cuts
import measure
import momentcut
import sources
from recipes import ALIKE, NAMES


class ExactCase(momentcut.TestCase):
    """Runs momentcut on the source that the class is named after, and checks all that is promised."""

    source_name = ""
    rendition: str | None = None
    options: tuple[str, ...] = ("--preset", "ultrafast", "--crf", "20")

    @classmethod
    def setUpClass(cls) -> None:
        momentcut.binary()
        recording = sources.ensure(cls.source_name)
        cls.path = recording.path
        cls.source = recording.renditions[cls.rendition] if cls.rendition else recording

    def cut(self, start: float, end: float, *said: str) -> measure.Clip:
        """Cuts [start, end), said in other words if there are any, and checks clip and receipt."""
        words = said or ("--start", f"{start:.6f}", "--end", f"{end:.6f}")
        clip, receipt = self.run_cut("clip.mp4", *words)
        measure.check_exact(self, clip, self.source, start, end)
        self.check_receipt(receipt, clip, start, end)
        return clip

    def run_cut(self, output: str, *words: str) -> tuple[measure.Clip, dict]:
        """Runs momentcut with these words and measures what it wrote; it must leave nothing else."""
        out, temporary = self.folder / "out", self.folder / "tmp"
        out.mkdir(exist_ok=True)
        temporary.mkdir(exist_ok=True)
        options = [*self.options, *shlex.split(os.environ.get("MOMENTCUT_E2E_OPTIONS", ""))]
        if self.rendition:
            options += ["-r", self.rendition]
        done = self.momentcut(self.path, *words, *options, "-o", out / output, "--json", "--force",
                              env={"TMPDIR": str(temporary)})
        self.assertEqual(done.returncode, 0, f"momentcut {shlex.join(words)} failed: {done.stderr}")
        self.assertNotRegex(done.stderr.lower(), "error|warning")
        self.assertEqual([f.name for f in out.iterdir()], [output], "files beside the clip")
        self.assertEqual(list(temporary.iterdir()), [], "temporary files were left behind")
        return measure.measure(out / output), json.loads(done.stdout)

    def check_receipt(self, receipt: dict, clip: measure.Clip, start: float, end: float) -> None:
        wanted = self.source.frames_between(start, end)
        self.assertEqual(receipt["frames"], len(clip.numbers))
        self.assertAlmostEqual(receipt["actual"]["start"], self.source.time(wanted[0]), delta=0.0005)
        self.assertAlmostEqual(receipt["actual"]["end"], self.source.time(wanted[-1] + 1), delta=0.002)


def class_name(source_name: str) -> str:
    """ivs_recording: IvsRecording."""
    return "".join(word.capitalize() for word in source_name.split("_"))


def _class_of(source_name: str) -> type[ExactCase]:
    kinds = (cuts.OF_SOURCE[source_name],) if source_name in cuts.OF_SOURCE else ()
    name = class_name(source_name)
    places = cuts.Essential if source_name in ALIKE else cuts.AnySource
    return type(name, (*kinds, places, ExactCase),
                {"source_name": source_name, "__module__": __name__, "__qualname__": name})


def list_sources() -> list[str]:
    """The names of the test classes that run the matrix."""
    return [class_name(name) for name in NAMES]


for _name in NAMES:
    globals()[class_name(_name)] = _class_of(_name)


class IvsRenditions(ExactCase):
    """The other renditions of an IVS recording, by name; and its audio alone."""

    source_name = "ivs_recording"

    def test_every_rendition_is_cut_on_the_same_time(self):
        for name, rendition in sources.ensure("ivs_recording").renditions.items():
            with self.subTest(name):
                self.rendition, self.source = name, rendition
                clip = self.cut(9.5, 10.7)
                self.assertEqual((clip.movie.track("vide").width, clip.movie.track("vide").height),
                                 (rendition.width, rendition.height))

    def test_a_media_playlist_is_cut_like_the_folder(self):
        self.source = sources.ensure("ivs_recording").renditions["160p30"]
        self.path = self.source.playlist
        self.cut(10.0, 11.0)

    def test_the_audio_alone_is_an_m4a(self):
        self.rendition = "audio"
        clip, receipt = self.run_cut("clip.m4a", "--start", "9.5", "--end", "12.25")
        self.assertEqual([track.kind for track in clip.movie.tracks], ["soun"])
        self.assertAlmostEqual(float(clip.audio_end), 2.75, delta=measure.AAC_FRAME)
        self.assertAlmostEqual(float(clip.audio_start), 0, delta=0.005)
        for error in measure.audio_errors(clip, self.source, 9.5):
            self.assertIsNotNone(error)
            self.assertLess(abs(error), measure.SYNC_BOUND_MS)
        self.assertAlmostEqual(receipt["actual"]["start"], 9.5, delta=0.005)
        self.assertAlmostEqual(receipt["actual"]["end"], 12.25, delta=0.005)


class Stdout(ExactCase):
    """A clip written to stdout, in fragments."""

    source_name = "bframes_deep"

    def test_a_clip_on_stdout_is_as_exact(self):
        for start, end in ((0.0, 1.0), (5.5, 8.25), (9.0, 9.033)):
            with self.subTest(start=start, end=end):
                done = self.momentcut(self.path, "--start", start, "--end", end, "--crf", "20", "-o", "-")
                self.assertEqual(done.returncode, 0, done.stderr)
                (self.folder / "clip.mp4").write_bytes(done.stdout)
                clip = measure.measure(self.folder / "clip.mp4")
                self.assertTrue(clip.movie.fragmented)
                measure.check_exact(self, clip, self.source, start, end)


class BFramesAcrossRuns(ExactCase):
    """The matrix encodes without B-frames, which take other timestamps where runs are joined."""

    source_name = "three_runs"
    options = ("--preset", "veryfast")

    def test_a_clip_across_runs_with_b_frames_begins_at_its_first_frame(self):
        for start, end in ((7.5, 10.0), (6.2, 14.9)):
            with self.subTest(start=start, end=end):
                self.cut(start, end)


BESIDE_THE_MATRIX = (IvsRenditions, Stdout, BFramesAcrossRuns)

if __name__ == "__main__":
    if sys.argv[1:] == ["--list"]:
        print("\n".join([*list_sources(), *(case.__name__ for case in BESIDE_THE_MATRIX)]))
    else:
        unittest.main(argv=sys.argv)
