"""Where the sources are cut: the awkward places of any source, and those of some in particular.

The classes are mixed into a test case that has `source` and `cut(start, end, *words)`; places come
from the source's facts, so that they stay awkward when a recipe changes.
"""

from truth import CLOCK, WRAP


class Places:
    """Words for places in `self.source`; frames are meant by their index."""

    def at(self, frame: int, more: float = 0.0) -> float:
        """The time of a frame and a little more, as exactly as a command line can say it."""
        return round(self.source.time(frame) + more, 6)

    def after(self, seconds: float) -> int:
        """The first frame shown at or after a time."""
        return next(i for i, t in enumerate(self.source.ticks) if t >= seconds * CLOCK)

    def gap(self, frame: int) -> float:
        """How long a frame is shown."""
        return self.source.time(frame + 1) - self.source.time(frame)

    @property
    def count(self) -> int:
        return len(self.source.ticks)

    @property
    def end(self) -> float:
        return round(self.source.duration, 6)

    @property
    def key(self) -> int:
        """A key frame a third into the recording, or where a segment begins if there is no other than the first."""
        later = [k for k in self.source.keyframes if k >= self.count // 3]
        return later[0] if later else self.border

    @property
    def border(self) -> int:
        """The first frame of a segment in the middle."""
        return self.source.segments[len(self.source.segments) // 2]["first_frame"]

    def frames(self, first: int, count: int) -> None:
        """Cuts so many frames, told by their own times."""
        self.cut(self.at(first), self.at(first + count))


class Essential(Places):
    """Cuts that go wrong first, where a source is told from others by its packaging or its codecs alone."""

    def test_a_cut_one_frame_after_a_key_frame(self):
        self.frames(self.key + 1, 45)

    def test_a_cut_from_the_beginning(self):
        self.cut(0.0, 1.5)

    def test_a_cut_up_to_the_end(self):
        start = self.at(self.count - 50)
        self.cut(start, self.end, "--start", f"{start:.6f}", "--end", "end")

    def test_a_cut_inside_one_gop(self):
        self.frames(self.key + 3, 7)

    def test_a_clip_of_one_frame(self):
        for frame in (self.key, self.key + 17, self.border - 1, self.border):
            with self.subTest(frame=frame):
                self.frames(frame, 1)

    def test_times_between_frames(self):
        first, last = self.key + 7, self.key + 52
        self.cut(self.at(first, 0.4 * self.gap(first)), self.at(last, 0.6 * self.gap(last)))

    def test_a_cut_across_a_segment_border(self):
        self.frames(self.border - 20, 40)

    def test_a_cut_that_ends_on_a_segment_border(self):
        self.frames(self.border - 30, 30)

    def test_from_six_to_two_seconds_before_the_end(self):
        self.cut(round(self.end - 6, 6), round(self.end - 2, 6), "--start", "-6", "--end", "-2")


class AnySource(Essential):
    def test_a_cut_on_a_key_frame(self):
        self.frames(self.key, 45)

    def test_a_cut_one_frame_before_a_key_frame(self):
        self.frames(self.key - 1, 45)

    def test_a_cut_from_the_second_frame(self):
        self.frames(1, 30)

    def test_a_cut_up_to_the_frame_before_the_last(self):
        self.frames(self.count - 31, 30)

    def test_a_clip_of_the_first_frame(self):
        self.frames(0, 1)

    def test_a_clip_of_the_last_frame(self):
        self.frames(self.count - 1, 1)

    def test_the_whole_recording(self):
        self.cut(0.0, self.end, "--start", "0", "--end", "end")

    def test_a_start_a_millisecond_after_a_frame_still_takes_it(self):
        first, last = self.key + 7, self.key + 27
        self.cut(self.at(first, 0.001), self.at(last, 0.001))
        self.assertEqual(self.source.frames_between(self.at(first, 0.001), self.at(last, 0.001)), range(first, last))

    def test_a_start_three_milliseconds_after_a_frame_leaves_it(self):
        first, last = self.key + 7, self.key + 27
        self.cut(self.at(first, 0.003), self.at(last, 0.003))
        self.assertEqual(self.source.frames_between(self.at(first, 0.003), self.at(last, 0.003)),
                         range(first + 1, last + 1))

    def test_a_cut_that_ends_one_frame_after_a_key_frame(self):
        self.frames(self.key - 40, 41)

    def test_the_last_five_seconds(self):
        self.cut(round(self.end - 5, 6), self.end, "--start", "-5", "--end", "end")

    def test_an_end_a_little_past_the_end_is_the_end(self):
        start = self.at(self.count - 40)
        self.cut(start, self.end, "--start", f"{start:.6f}", "--end", f"{self.end + 0.4:.6f}")

    def test_a_duration_in_place_of_an_end(self):
        self.cut(7.3, 8.55, "--start", "0:07.3", "--duration", "1.25")

    def test_a_long_cut(self):
        self.cut(2.345, round(self.end - 3.21, 3))


class Wrap(Places):
    """Cuts over the place where 33-bit timestamps begin anew."""

    @property
    def wrap(self) -> int:
        """The first frame after the wrap."""
        return next(i for i, t in enumerate(self.source.ticks) if t + self.source.first_pts >= WRAP)

    def test_a_cut_across_the_wrap(self):
        self.frames(self.wrap - 30, 60)

    def test_a_cut_from_the_frame_before_the_wrap(self):
        self.frames(self.wrap - 1, 30)

    def test_a_cut_from_the_frame_after_the_wrap(self):
        self.frames(self.wrap, 30)

    def test_a_cut_up_to_the_wrap(self):
        self.frames(self.wrap - 30, 30)

    def test_one_frame_on_each_side_of_the_wrap(self):
        self.frames(self.wrap - 1, 2)

    def test_times_between_frames_across_the_wrap(self):
        self.cut(self.at(self.wrap - 50, 0.0123), self.at(self.wrap + 40, 0.0211))


class Drifted(Places):
    """Cuts where the playlist is seconds wrong about where segments lie."""

    def test_a_cut_in_the_drifted_last_third(self):
        for part in (0.70, 0.78, 0.86, 0.93):
            with self.subTest(part=part):
                self.frames(int(part * self.count), 30)

    def test_a_cut_on_the_border_of_the_last_segment(self):
        last = self.source.segments[-1]["first_frame"]
        self.frames(last - 10, 20)

    def test_a_cut_shortly_before_the_end(self):
        self.frames(self.count - 25, 15)

    def test_one_frame_in_the_last_segment(self):
        self.frames(self.source.segments[-1]["first_frame"] + 5, 1)

    def test_a_long_cut_into_the_drift(self):
        self.cut(11.1, round(self.end - 1.7, 3))


class Irregular(Places):
    """Cuts around the hole of a variable rate."""

    @property
    def hole(self) -> int:
        """The frame that is shown throughout the first hole after a third of the recording."""
        return max(range(self.count // 3, 2 * self.count // 3), key=self.gap)

    def test_a_cut_across_a_hole(self):
        self.frames(self.hole - 20, 40)

    def test_a_cut_that_starts_in_a_hole_starts_with_the_frame_after_it(self):
        self.cut(self.at(self.hole, 0.1), self.at(self.hole + 30))

    def test_a_cut_that_ends_in_a_hole_ends_with_the_frame_before_it(self):
        self.cut(self.at(self.hole - 30), self.at(self.hole, 0.15))

    def test_a_cut_from_the_frame_before_a_hole(self):
        self.frames(self.hole, 20)

    def test_a_cut_up_to_the_frame_after_a_hole(self):
        self.frames(self.hole - 20, 21)


class Rounded(Places):
    """Cuts at the times that frames would have, had no server rounded them."""

    def test_times_computed_from_the_frame_rate(self):
        for frame in (100, 101, 102, 310, 511):
            with self.subTest(frame=frame):
                start, end = (round(float(i / self.source.fps), 6) for i in (frame, frame + 20))
                self.assertEqual(self.source.frames_between(start, end), range(frame, frame + 20))
                self.cut(start, end)


class ShiftedAudio(Places):
    """Cuts near the beginning, where audio and video don't begin together."""

    def test_a_cut_that_starts_before_the_audio_does(self):
        for first in (1, 6, 10, 11, 12):
            with self.subTest(first=first):
                self.frames(first, 30)

    def test_one_of_the_first_frames(self):
        self.frames(3, 1)


class LateAudio(Places):
    """Cuts around the place where the audio appears."""

    @property
    def appearance(self) -> int:
        return self.after(self.source.audio[0][0])

    def test_a_cut_before_there_is_audio(self):
        self.frames(30, 45)

    def test_a_cut_in_the_last_segment_without_audio(self):
        self.frames(self.appearance - 60, 45)

    def test_a_cut_across_the_appearance_of_audio(self):
        self.frames(self.appearance - 45, 90)

    def test_a_cut_from_the_appearance_of_audio(self):
        self.frames(self.appearance + 3, 45)


class Discontinuous(Places):
    """Cuts around the borders of runs, where the timestamps begin anew."""

    @property
    def borders(self) -> list[int]:
        """The first frame of each run but the first."""
        return [run["first_frame"] for run in self.source.runs[1:]]

    @property
    def runs(self) -> list[range]:
        """The frames of each run."""
        bounds = [0, *self.borders, self.count]
        return [range(first, last) for first, last in zip(bounds, bounds[1:])]

    def at_each_border(self, before: int, after: int) -> None:
        """Cuts so many frames before each border and so many after it."""
        for border in self.borders:
            with self.subTest(border=border):
                self.frames(border - before, before + after)

    def test_a_cut_inside_each_run(self):
        for run in self.runs:
            with self.subTest(run=run):
                self.frames(run[len(run) // 2] - 20, 45)

    def test_each_run_from_border_to_border(self):
        for run in self.runs:
            with self.subTest(run=run):
                self.frames(run[0], len(run))

    def test_a_cut_across_each_border(self):
        self.at_each_border(25, 35)

    def test_a_cut_across_two_borders(self):
        for first, second in zip(self.borders, self.borders[1:]):
            with self.subTest(first=first, second=second):
                self.frames(first - 20, second - first + 50)

    def test_a_cut_that_ends_at_a_border(self):
        self.at_each_border(40, 0)

    def test_a_cut_that_starts_at_a_border(self):
        self.at_each_border(0, 40)

    def test_one_frame_on_each_side_of_a_border(self):
        self.at_each_border(1, 1)

    def test_the_frame_before_and_the_frame_after_a_border(self):
        self.at_each_border(1, 0)
        self.at_each_border(0, 1)

    def test_one_frame_more_than_a_run_on_each_side(self):
        for run in self.runs[1:-1]:
            with self.subTest(run=run):
                self.frames(run[0] - 1, len(run) + 2)

    def test_times_between_frames_across_a_border(self):
        for border in self.borders:
            with self.subTest(border=border):
                first, last = border - 12, border + 17
                self.cut(self.at(first, 0.4 * self.gap(first)), self.at(last, 0.6 * self.gap(last)))

    def test_a_start_between_the_last_frame_of_a_run_and_the_border_starts_the_next_run(self):
        for border in self.borders:
            with self.subTest(border=border):
                self.cut(self.at(border - 1, 0.6 * self.gap(border - 1)), self.at(border + 30))

    def test_an_end_between_the_last_frame_of_a_run_and_the_border_keeps_that_frame(self):
        for border in self.borders:
            with self.subTest(border=border):
                self.cut(self.at(border - 30), self.at(border - 1, 0.6 * self.gap(border - 1)))

    def test_a_cut_from_the_end_that_reaches_into_the_run_before_the_last(self):
        back = round(self.end - self.at(self.borders[-1]) + 1.5, 6)
        self.cut(round(self.end - back, 6), round(self.end - 1, 6), "--start", f"-{back:.6f}", "--end", "-1")


OF_SOURCE = {"wrap": Wrap, "rounded_extinf": Drifted, "rounded_down": Drifted,
             "heavy_rounded": Drifted, "vfr": Irregular,
             "rtmp_ms": Rounded, "audio_early": ShiftedAudio, "audio_late": ShiftedAudio,
             "late_audio_pid": LateAudio, "three_runs": Discontinuous, "three_runs_rounded": Discontinuous,
             "runs_of_sizes": Discontinuous, "fmp4_runs": Discontinuous}
