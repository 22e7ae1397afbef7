"""Tests of the measuring itself: a clip that breaks the contract, made by ffmpeg on purpose, must be noticed."""

import subprocess
import sys
import unittest
from pathlib import Path

import measure
import momentcut
import player
import signals
import sources
from truth import CLOCK, probe_packets

FIRST, COUNT = 100, 60  # the frames that the clips of these tests should hold
_ENCODING = ("-c:v", "libx264", "-preset", "ultrafast", "-crf", "20", "-c:a", "aac", "-b:a", "128k",
             "-fps_mode", "passthrough", "-enc_time_base:v", "1:90000", "-video_track_timescale", "90000",
             "-movie_timescale", "90000", "-map_metadata", "-1", "-movflags", "+faststart")


class Scissors:
    """Cuts a source with ffmpeg alone, right or wrong in a chosen way."""

    def __init__(self, source: sources.Source, folder: Path) -> None:
        self.source, self.folder = source, folder
        self.joined = folder / "joined.ts"
        self.joined.write_bytes(b"".join(f.read_bytes() for f in source.segment_files()))
        self.zero = min(p["pts"] for p in probe_packets(self.joined, "v:0"))

    def cut(self, first: int, count: int, *, video: str = "", audio: str = "", late: float = 0.0,
            options: tuple[str, ...] = ()) -> Path:
        """Frames first to first + count, through more filters; the audio `late` by seconds."""
        start, end = self.source.ticks[first], round(self.source.time(first + count) * CLOCK)
        s0, s1 = self._seconds(start) - late, self._seconds(end) - late
        samples = round((s1 - s0) * 48000)
        graph = (f"[0:v:0]trim=start_pts={self.zero + start}:end_pts={self.zero + end},"
                 f"setpts=PTS-{self.zero + start}{video}[v]")
        if self.source.audio:
            graph += (f";[0:a:0]aresample=48000,atrim=start={s0:.6f}:end={s1:.6f},asetpts=PTS-{s0:.6f}/TB,"
                      f"aresample=async=1:first_pts=0,aformat=channel_layouts=stereo,apad=whole_len={samples},"
                      f"atrim=end_sample={samples}{audio}[a]")
        return self._write(["-copyts", "-i", str(self.joined), "-filter_complex", graph, "-map", "[v]",
                            *(["-map", "[a]"] if self.source.audio else [])], options)

    def hide_preroll(self, first: int, count: int, preroll: int) -> Path:
        """The right frames on show, but more before them that an edit list hides."""
        whole = self.cut(first - preroll, count + preroll, options=("-g", "9999", "-bf", "0"))
        start = (self.source.ticks[first] - self.source.ticks[first - preroll]) / CLOCK
        return self.copy(whole, "-movflags", "+faststart", before=("-ss", f"{start:.6f}"))

    def copy(self, clip: Path, *options: str, before: tuple[str, ...] = ()) -> Path:
        """The same packets in a new file."""
        copied = self.folder / "copied.mp4"
        subprocess.run(["ffmpeg", "-v", "error", "-nostdin", "-y", *before, "-i", str(clip), "-c", "copy", *options,
                        str(copied)], check=True)
        return copied

    def _seconds(self, ticks: int) -> float:
        return (self.zero + ticks) / CLOCK

    def _write(self, arguments: list[str], options: tuple[str, ...]) -> Path:
        clip = self.folder / "clip.mp4"
        subprocess.run(["ffmpeg", "-v", "fatal", "-nostdin", "-y", *arguments, *_ENCODING, *options, str(clip)],
                       check=True)
        return clip


class RunScissors:
    """Cuts a source of several runs with ffmpeg alone: each run trimmed, scaled and padded, then one behind another."""

    def __init__(self, source: sources.Source, folder: Path) -> None:
        self.source, self.folder = source, folder
        self.joined = []
        for k, run in enumerate(player.runs(player.read(source.playlist))):
            self.joined.append(folder / f"run{k}")
            self.joined[k].write_bytes(player.join(run))

    def cut(self, first: int, count: int, *, scale: str = "", late: float = 0.0) -> Path:
        """Frames first to first + count; through another filter than the right one, the audio `late` by seconds."""
        source, inputs, graph, labels = self.source, [], [], ""
        size = source.run_of(first)
        borders = [*(run["first_frame"] for run in source.runs), len(source.ticks)]
        for joined, facts, a, b in zip(self.joined, source.runs, borders, borders[1:]):
            start, end = max(a, first), min(b, first + count)
            if start >= end:
                continue
            k = len(inputs) // 2
            inputs += ["-i", str(joined)]
            labels += f"[v{k}][a{k}]"
            zero = min(p["time"] for p in probe_packets(joined, "v:0"))
            s0, s1 = (float(zero) + source.time(frame) - source.time(a) for frame in (start, end))
            scaling = scale or f"scale={size['width']}:{size['height']}"
            graph.append(f"[{k}:v:0]trim=start={s0 - 0.001:.6f}:end={s1 - 0.001:.6f},setpts=PTS-STARTPTS,{scaling},"
                         f"settb=1/90000[v{k}]")
            samples = round((s1 - s0) * 48000)
            heard = source.has_audio(source.time(start), source.time(start) + 0.01)
            graph.append((f"[{k}:a:0]aresample=48000,atrim=start={s0 - late:.6f}:end={s1 - late:.6f},"
                          f"asetpts=PTS-{s0 - late:.6f}/TB,aresample=async=1:first_pts=0," if heard else
                          f"anullsrc=r=48000:d={s1 - s0:.6f},") +
                         f"aformat=sample_fmts=fltp:channel_layouts=stereo,apad=whole_len={samples},"
                         f"atrim=end_sample={samples}[a{k}]")
        graph.append(f"{labels}concat=n={len(inputs) // 2}:v=1:a=1[v][a]")
        clip = self.folder / "clip.mp4"
        # Without -r the last frame has no length where rates differ, and the edit list hides it.
        subprocess.run(["ffmpeg", "-v", "fatal", "-nostdin", "-y", "-copyts", *inputs, "-filter_complex",
                        ";".join(graph), "-map", "[v]", "-map", "[a]", *_ENCODING,
                        "-r", source.run_of(first + count - 1)["fps"], str(clip)], check=True)
        return clip


class MeasureCase(momentcut.TestCase):
    """Has scissors, and asserts what check_exact says of a clip that should hold FIRST to FIRST + COUNT."""

    source_name = "cfr30"

    def setUp(self) -> None:
        super().setUp()
        self.source = sources.ensure(self.source_name)
        self.scissors = Scissors(self.source, self.folder)

    def check(self, clip: Path, first: int = FIRST, count: int = COUNT) -> None:
        measure.check_exact(self, measure.measure(clip), self.source, self.source.time(first),
                            self.source.time(first + count))

    def assert_noticed(self, clip: Path, message: str) -> None:
        with self.assertRaisesRegex(AssertionError, message):
            self.check(clip)


class RightClips(MeasureCase):
    """What is right passes, whatever the source."""

    def test_a_right_clip_of_every_kind_of_source_passes(self):
        for name in ("cfr30", "ntsc2997", "ntsc5994", "pts20h", "wrap", "audio_early", "audio_late", "vfr", "rtmp_ms",
                     "mono_44100", "no_audio", "bframes_deep", "open_gop", "intra_refresh"):
            with self.subTest(name):
                self.source = sources.ensure(name)
                scissors = Scissors(self.source, self.folder)
                for first, count in ((FIRST, COUNT), (0, 70), (280, 60), (333, 1)):
                    self.check(scissors.cut(first, count), first, count)

    def test_its_audio_is_measured_to_a_fraction_of_a_millisecond(self):
        clip = measure.measure(self.scissors.cut(FIRST, COUNT))
        errors = measure.audio_errors(clip, self.source, self.source.time(FIRST))
        self.assertGreaterEqual(len(errors), 8)
        for error in errors:
            self.assertLess(abs(error), 0.2)

    def test_a_right_clip_at_a_low_quality_is_readable(self):
        self.check(self.scissors.cut(FIRST, COUNT, options=("-crf", "34", "-b:a", "64k")))

    def test_a_right_clip_in_fragments_passes(self):
        clip = self.scissors.cut(FIRST, COUNT, options=("-preset", "veryfast"))
        self.check(self.scissors.copy(clip, "-movflags", "+frag_keyframe+delay_moov+default_base_moof"))

    def test_a_whole_recording_passes(self):
        self.check(self.scissors.cut(0, len(self.source.ticks)), 0, len(self.source.ticks))


class RunsOfASource(MeasureCase):
    """Clips over the borders of runs are measured like others."""

    def scissors_of(self, name: str) -> RunScissors:
        self.source = sources.ensure(name)
        return RunScissors(self.source, self.folder)

    def test_a_right_clip_over_borders_passes(self):
        for name in ("three_runs", "runs_of_sizes", "fmp4_runs"):
            scissors = self.scissors_of(name)
            borders = [run["first_frame"] for run in self.source.runs[1:]]
            for first, last in ((borders[0] - 40, borders[0] + 30), (borders[0] - 20, borders[1] + 30),
                                (borders[-1] - 1, borders[-1] + 1), (0, len(self.source.ticks))):
                with self.subTest(name, first=first, last=last):
                    self.check(scissors.cut(first, last - first), first, last - first)

    def test_a_frame_too_many_before_a_border_is_noticed(self):
        clip = self.scissors_of("three_runs").cut(199, 61)
        with self.assertRaisesRegex(AssertionError, "expected 60 frames 200 to 259, seen 61 199 to 259"):
            self.check(clip, 200, 60)

    def test_audio_that_is_late_in_a_later_run_is_noticed(self):
        clip = self.scissors_of("three_runs").cut(200, 150, late=0.012)
        with self.assertRaisesRegex(AssertionError, r"\+1[12]\.\d+ ms late"):
            self.check(clip, 200, 150)

    def test_a_clip_in_the_size_of_a_later_run_is_noticed(self):
        clip = self.scissors_of("runs_of_sizes").cut(150, 60, scale="scale=640:360")
        with self.assertRaisesRegex(AssertionError, "not the size of the first frame's run"):
            self.check(clip, 150, 60)

    def test_a_frame_of_another_size_that_is_damaged_is_noticed(self):
        clip = self.scissors_of("runs_of_sizes").cut(150, 60, scale="scale=320:180,drawbox=y=100:w=80:h=80:t=fill")
        with self.assertRaisesRegex(AssertionError, "does not look like the source's"):
            self.check(clip, 150, 60)


class WrongFrames(MeasureCase):
    def test_one_frame_early_is_noticed(self):
        self.assert_noticed(self.scissors.cut(FIRST - 1, COUNT), "expected 60 frames 100 to 159, seen 60 99 to 158")

    def test_one_frame_late_is_noticed(self):
        self.assert_noticed(self.scissors.cut(FIRST + 1, COUNT), "expected 60 frames 100 to 159, seen 60 101 to 160")

    def test_one_frame_short_is_noticed(self):
        self.assert_noticed(self.scissors.cut(FIRST, COUNT - 1), "seen 59 100 to 158")

    def test_one_frame_too_many_is_noticed(self):
        self.assert_noticed(self.scissors.cut(FIRST, COUNT + 1), "seen 61 100 to 160")

    def test_a_missing_frame_in_the_middle_is_noticed(self):
        clip = self.scissors.cut(FIRST, COUNT, video=",select='not(eq(n,30))'")
        self.assert_noticed(clip, "first difference at the clip's frame 30: expected .130, .* seen .131, ")

    def test_a_doubled_frame_is_noticed(self):
        clip = self.scissors.cut(FIRST, COUNT, video=",loop=loop=1:size=1:start=20,setpts=N/30/TB")
        self.assert_noticed(clip, "seen 61 100 to 159; first difference at the clip's frame 20")

    def test_a_doubled_frame_in_place_of_another_is_noticed(self):
        clip = self.scissors.cut(FIRST, COUNT, video=",fps=15,fps=30")
        self.assert_noticed(clip, "first difference at the clip's frame ")

    def test_swapped_frames_are_noticed(self):
        clip = self.scissors.cut(FIRST, COUNT, video=",shuffleframes=1 0")
        self.assert_noticed(clip, r"expected \[100, 101, .* seen \[101, 100, ")

    def test_blended_frames_are_noticed_as_unreadable(self):
        clip = self.scissors.cut(FIRST, COUNT, video=",tmix=frames=2")
        self.assert_noticed(clip, "unreadable")

    def test_a_grey_beginning_is_noticed_as_unreadable(self):
        clip = self.scissors.cut(FIRST, COUNT, video=",drawbox=c=gray:t=fill:enable='lt(n,3)'")
        self.assert_noticed(clip, "3 unreadable; first difference at the clip's frame 0")


class DamagedPictures(MeasureCase):
    """What a decoder makes of frames whose references it does not have is noticed, wherever it shows."""

    def test_a_decoder_that_begins_without_a_key_frame_is_noticed(self):
        self.source = sources.ensure("single_gop")
        files = self.source.segment_files()
        scissors = Scissors(self.source, self.folder)
        scissors.joined.write_bytes(b"".join(files[k].read_bytes() for k in (0, 3, 4)))
        for first in (380, 400, 430, 470):
            with self.subTest(first=first), self.assertRaises(AssertionError):
                self.check(scissors.cut(first, 10), first, 10)

    def test_damage_beside_the_number_is_noticed(self):
        clip = self.scissors.cut(FIRST, COUNT, video=",drawbox=x=260:y=140:w=30:h=30:c=gray:t=fill:enable='eq(n,9)'")
        self.assert_noticed(clip, "frame 109 .* does not look like the source's")

    def test_a_green_frame_is_noticed(self):
        clip = self.scissors.cut(FIRST, COUNT, video=",drawbox=y=60:c=green:t=fill:enable='eq(n,59)'")
        self.assert_noticed(clip, "frame 159 .* does not look like the source's")


class WrongTimes(MeasureCase):
    def test_a_first_frame_that_is_not_at_zero_is_noticed(self):
        clip = self.scissors.cut(FIRST, COUNT, video=",setpts=PTS+1/30/TB")
        self.assert_noticed(clip, "the first frame is shown at 0.0333")

    def test_a_first_frame_that_is_a_tick_after_zero_is_noticed(self):
        clip = self.scissors.cut(FIRST, COUNT, video=",settb=1/90000,setpts=PTS+1")
        self.assert_noticed(clip, "the first frame is shown at 0.0000")

    def test_another_spacing_is_noticed(self):
        clip = self.scissors.cut(FIRST, COUNT, video=",setpts=PTS*1.001")
        self.assert_noticed(clip, "frame 101 .* is shown at 0.0333")

    def test_a_constant_rate_for_a_variable_one_is_noticed(self):
        self.source = sources.ensure("vfr")
        clip = Scissors(self.source, self.folder).cut(FIRST, COUNT, video=",setpts=N/60/TB")
        self.assert_noticed(clip, "is shown at")


class WrongAudio(MeasureCase):
    def test_audio_10_ms_late_is_noticed(self):
        self.assert_noticed(self.scissors.cut(FIRST, COUNT, late=0.010), r"is \+(9.9|10.0)\d ms late")

    def test_audio_10_ms_early_is_noticed(self):
        self.assert_noticed(self.scissors.cut(FIRST, COUNT, late=-0.010), r"is -(9.9|10.0)\d ms late")

    def test_audio_6_ms_late_is_noticed(self):
        self.assert_noticed(self.scissors.cut(FIRST, COUNT, late=0.006), r"is \+(5.9|6.0)\d ms late")

    def test_audio_half_a_second_late_is_noticed_and_measured(self):
        self.assert_noticed(self.scissors.cut(FIRST, COUNT, late=0.5), r"is \+(499|500)\.\d\d ms late")

    def test_audio_of_another_place_is_noticed(self):
        self.assert_noticed(self.scissors.cut(FIRST, COUNT, late=-5.0), "not the source's within 1 s")

    def test_audio_10_ms_late_is_noticed_in_a_clip_of_one_frame(self):
        clip = self.scissors.cut(FIRST, 1, late=0.010)
        with self.assertRaisesRegex(AssertionError, r"is \+\d+\.\d\d ms late"):
            self.check(clip, FIRST, 1)

    def test_audio_that_drifts_is_noticed(self):
        clip = self.scissors.cut(FIRST, COUNT, audio=",asetrate=47760,aresample=48000")
        self.assert_noticed(clip, "ms late|audio lasts")

    def test_silence_is_noticed(self):
        self.assert_noticed(self.scissors.cut(FIRST, COUNT, audio=",volume=0"), "silent at 0.000 s")

    def test_silence_at_the_end_is_noticed(self):
        clip = self.scissors.cut(FIRST, COUNT, audio=",volume=0:enable='gt(t,1.7)'")
        self.assert_noticed(clip, "silent at|not the source's")

    def test_no_audio_track_is_noticed(self):
        clip = self.scissors.cut(FIRST, COUNT)
        self.assert_noticed(self.scissors.copy(clip, "-an", "-movflags", "+faststart"), "the clip has no audio")

    def test_audio_that_ends_early_is_noticed(self):
        self.assert_noticed(self.scissors.cut(FIRST, COUNT, audio=",atrim=end=1.9"), "audio lasts to 1.9")

    def test_audio_that_goes_on_is_noticed(self):
        self.assert_noticed(self.scissors.cut(FIRST, COUNT, audio=",apad=pad_dur=0.1"), "audio lasts to 2.")

    def test_audio_that_starts_after_the_picture_is_noticed(self):
        clip = self.scissors.cut(FIRST, COUNT, audio=",atrim=start=0.05")
        self.assert_noticed(clip, "edit list of the soun track|audio starts at 0.05")

    def test_noise_before_the_source_has_any_is_noticed(self):
        self.source = sources.ensure("late_audio_pid")
        right = sources.ensure("cfr30")
        clip = Scissors(right, self.folder).cut(FIRST, COUNT)
        self.assert_noticed(clip, "noise at 0.000 s of the clip, where the source is silent")


class WrongContainers(MeasureCase):
    def test_a_preroll_hidden_by_an_edit_list_is_noticed(self):
        self.assert_noticed(self.scissors.hide_preroll(FIRST, COUNT, 7), "the file holds 67 video frames to show 60")

    def test_an_index_at_the_end_is_noticed(self):
        self.assert_noticed(self.scissors.copy(self.scissors.cut(FIRST, COUNT)), "moov is not before mdat")

    def test_fragments_without_edit_lists_are_noticed(self):
        clip = self.scissors.cut(FIRST, COUNT)
        self.assert_noticed(self.scissors.copy(clip, "-movflags", "+frag_keyframe+empty_moov"), "is shown at|audio")


class Signals(unittest.TestCase):
    def test_a_number_survives_its_blocks(self):
        for number in (0, 1, 1799, signals.HIGHEST_NUMBER):
            self.assertEqual(signals.read_number(signals.number_cells(number)), number)

    def test_two_equal_blocks_are_no_number(self):
        cells = bytearray(signals.number_cells(5))
        cells[3] = cells[3 + signals.COLUMNS]
        self.assertIsNone(signals.read_number(bytes(cells)))

    def test_noise_is_found_where_it_is_and_nowhere_else(self):
        at = int((signals.LEAD + 20.0) * signals.RATE)
        window = signals.noise()[at:at + 2000]
        self.assertAlmostEqual(signals.locate(window, 20.0).error, 0.0, delta=0.01)
        self.assertAlmostEqual(signals.locate(window, 20.003).error, 3.0, delta=0.01)
        self.assertAlmostEqual(signals.locate(window, 19.7).error, -300.0, delta=0.01)
        self.assertIsNone(signals.locate(window, 23.0))


if __name__ == "__main__":
    unittest.main(argv=sys.argv)
