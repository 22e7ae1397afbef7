"""Tests of live streams: the newest part, what is yet to come, and streams that end, stall or begin anew."""

import json
import shutil
import signal
import time
import unittest

import fault_server
import measure
import sources
from live import Live
from workplace import QUICK, Workplace


class LiveCase(Workplace):
    source_name = "short_segments"

    def live(self, **facts: object) -> Live:
        self.stream = Live(self.source, **facts)
        self.server = fault_server.serve(self, self.stream)
        return self.stream

    def words(self, *args: object) -> list[object]:
        return [self.server.url("live.m3u8"), *QUICK, "-o", self.clip, "--json", *args]

    def cut(self, *args: object, **options):
        return self.run_here(*self.words(*args), env={"no_proxy": "*"}, **options)

    def check(self, done, start: float, end: float, load: int = 0) -> dict:
        """The clip is [start, end), counted from the first segment that a load listed."""
        self.assert_done(done)
        zero = self.stream.start_of(self.stream.loads[load][0])
        measure.check_exact(self, measure.measure(self.clip), self.source, zero + start, zero + end)
        self.clip.unlink()
        return json.loads(done.stdout)


class There(LiveCase):
    def test_the_newest_seconds_are_cut_at_once(self):
        self.live(window=4)
        receipt = self.check(self.cut("--last", "6s"), 2.0, 8.0)
        self.assertEqual(receipt["requested"], {"start": 2.0, "end": 8.0})

    def test_times_count_from_the_live_edge(self):
        self.live(window=5, begun=7, every=60)
        self.check(self.cut("--start", "-6", "--end", "-3"), 4.0, 7.0)

    def test_time_0_is_the_first_segment_that_is_listed(self):
        self.live(window=3, begun=6, every=60)
        self.check(self.cut("--start", "0.5", "--end", "2.5"), 0.5, 2.5)

    def test_a_start_before_the_window_is_told_with_the_window(self):
        self.live(window=4, begun=8, every=60)
        self.assert_refused(self.cut("--start", "-90", "--end", "-60"), 66,
                            "90 s from the end lies before the beginning: the live playlist's window is 8 s long")

    def test_a_future_end_is_a_matter_of_time(self):
        self.live(every=60)
        self.assert_refused(self.cut("--start", "6", "--end", "12"), 75,
                            "the live stream reaches to 8 s so far, the range to 12 s; wait for the rest with --wait")

    def test_a_recording_in_progress_is_live_though_its_playlist_ends(self):
        recording = sources.ensure("ivs_recording")
        copy = self.folder / recording.path.name
        shutil.copytree(recording.path, copy)
        (copy / "events" / "recording-ended.json").unlink()
        done = self.run_here(copy, "-r", "160p30", "--start", "29", "--end", "32", *QUICK, "-o", self.clip)
        self.assert_refused(done, 75, "the live stream reaches to 30 s so far")
        self.assert_done(self.run_here(copy, "-r", "160p30", "--last", "1", *QUICK, "-o", self.clip))


class ToCome(LiveCase):
    def test_an_end_four_seconds_ahead_is_waited_for(self):
        self.live()
        self.check(self.cut("--start", "7", "--end", "12", "--wait", timeout=60), 7.0, 12.0)

    def test_segments_that_leave_the_window_meanwhile_were_fetched_before(self):
        self.live(window=3, begun=3, every=1.0)
        self.check(self.cut("--start", "0.5", "--end", "13", "--wait", timeout=60), 0.5, 13.0)

    def test_waiting_has_a_limit(self):
        self.live(every=60)
        began = time.monotonic()
        self.assert_refused(self.cut("--start", "7", "--end", "30", "--wait", "--wait-timeout", "2s"), 75,
                            "the stream reaches to 8 s so far, the range to 30 s; it did not come within --wait-timeout")
        self.assertLess(time.monotonic() - began, 20)

    def test_a_signal_ends_the_waiting(self):
        self.live(every=60)
        process = self.start(*self.words("--start", "7", "--end", "30", "--wait"), env={"no_proxy": "*"})
        while not self.stream.loads:
            time.sleep(0.05)
        time.sleep(0.5)
        process.send_signal(signal.SIGINT)
        self.assertEqual(self.finish(process).returncode, -signal.SIGINT)
        self.assertFalse(self.clip.exists())
        self.assert_tidy()


class Ends(LiveCase):
    def test_a_stream_that_ends_before_the_range_does_is_too_short(self):
        self.live(ends_at=5, every=1.0)
        self.assert_refused(self.cut("--start", "7", "--end", "14", "--wait", timeout=60), 66,
                            "outside the recording, which ends at 10 s")

    def test_a_stream_that_ends_a_little_early_is_cut_there_with_a_note(self):
        self.live(ends_at=5, every=1.0)
        done = self.cut("--start", "7", "--end", "10.5", "--wait", timeout=60)
        self.check(done, 7.0, 10.0)
        self.assertIn("note: the recording ends at 10 s, and so does the clip", done.stderr)

    def test_a_server_that_goes_away_is_a_temporary_failure(self):
        self.live(every=60)
        process = self.start(*self.words("--start", "7", "--end", "30", "--wait", "--retries", "1"),
                             env={"no_proxy": "*"})
        while not self.stream.loads:
            time.sleep(0.05)
        time.sleep(0.5)
        self.server.close()
        self.assert_refused(self.finish(process), 75)

    def test_a_stream_that_stands_still_is_given_up(self):
        self.live(stands=True)
        self.assert_refused(self.cut("--start", "7", "--end", "30", "--wait", "--stall-timeout", "1s", timeout=60), 75,
                            "has not grown for .* s; the stream stands still")

    def test_a_stream_that_begins_anew_is_not_the_same_stream(self):
        stream = self.live(every=60)
        process = self.start(*self.words("--start", "7", "--end", "30", "--wait"), env={"no_proxy": "*"})
        while not stream.loads:
            time.sleep(0.05)
        stream.first_sequence = 3
        self.assert_refused(self.finish(process), 76, "runs backwards, from 100 to 3")


if __name__ == "__main__":
    unittest.main()
