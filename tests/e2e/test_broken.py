"""Tests of downloads that break off, stall or are interrupted: the rest is asked for, and nothing is left behind."""

import itertools
import signal
import sys
import time
import unittest

import faults
import truth
from served import ONCE, PATIENT, RETRY, VICTIM, FaultCase
from workplace import everything_in


def wide(*args: object) -> tuple:
    """A cut up to the end of the victim, so that what its end lacks is missed."""
    return ("--start", "4.5", "--end", "8", *args)


class ShortBodies(FaultCase):
    """Connections that end before the body does: the rest is asked for, nothing is taken twice."""

    def setUp(self):
        super().setUp()
        self.size = (self.source.playlist.parent / VICTIM).stat().st_size

    def drops(self, points: list[int], **options) -> list[tuple]:
        """The ranges asked for of the victim whose first answers end after so many bytes each."""
        self.server.begin_anew()
        for i, point in enumerate(points):
            self.server.when(VICTIM, faults.dropped(point, **options), after=i, times=1)
        self.cut_right(*wide(), start="4.5", end="8")
        return [request.range for request in self.server.asked(VICTIM)]

    def test_a_segment_is_resumed_where_it_broke(self):
        self.assertEqual(self.drops([70_000]), [None, (70_000, None)])
        resumed = self.server.asked(VICTIM)[1]
        whole = (self.source.playlist.parent / VICTIM).read_bytes()
        self.assertEqual(resumed.fields.get("if-match"), self.server.respond.etag(whole))

    def test_a_segment_may_break_anywhere(self):
        for point in (0, 1, 187, 188, 189, 65_535, 65_536, self.size // 2, self.size - 1):
            with self.subTest(point):
                ranges = self.drops([point])
                self.assertEqual(ranges, [None, (point, None) if point else None])

    def test_a_segment_may_break_again_and_again(self):
        points = [40_000, 50_000, 1, 60_000]
        starts = [0, *itertools.accumulate(points)]
        self.assertEqual(self.drops(points), [(start, None) if start else None for start in starts])

    def test_every_segment_may_break_at_another_place(self):
        points = itertools.count(10_000, 23_456)
        self.server.when("*.ts", lambda request, answer: faults.dropped(next(points) % self.size)(request, answer),
                         times=2)
        self.cut_right(start="0", end="23.9")

    def test_a_connection_that_is_reset_is_resumed(self):
        self.assertEqual(len(self.drops([100_000], reset=True)), 2)

    def test_a_playlist_that_breaks_is_got_anew_or_resumed(self):
        for point in (0, 7, 100):
            with self.subTest(point):
                self.hit(faults.dropped(point), "index.m3u8", times=1)
                self.cut_right()

    def test_a_playlist_that_breaks_between_two_lines_is_not_taken_for_a_whole_one(self):
        text = self.source.playlist.read_text()
        self.hit(faults.dropped(text.index("#EXTINF:4.000000,\nseg003")), "index.m3u8")
        self.cut_refused(75, r"index\.m3u8", "--retries", "1")

    def test_a_chunked_body_that_breaks_is_got_in_the_end(self):
        for point in (0, 50_000):
            with self.subTest(point):
                self.hit(faults.altered(chunked=True, drop_at=point), times=1)
                self.cut_right()

    def test_a_server_that_knows_no_ranges_sends_the_whole_again(self):
        for etags in ("strong", "none"):
            with self.subTest(etags):
                self.server = self.serve(self.source.playlist.parent, etags=etags)
                self.server.when(VICTIM, faults.dropped(70_000), times=1)
                self.server.when(VICTIM, faults.ignoring_ranges)
                self.cut_right(*wide(), start="4.5", end="8")

    def test_a_server_without_strong_etags_is_right_in_the_end(self):
        for etags in ("weak", "none"):
            with self.subTest(etags):
                self.server = self.serve(self.source.playlist.parent, etags=etags)
                self.server.when(VICTIM, faults.dropped(70_000), times=1)
                self.cut_right()

    def test_a_body_that_always_breaks_at_its_beginning_is_given_up(self):
        self.hit(faults.dropped(0))
        self.cut_refused(75, VICTIM, *RETRY)
        self.assertEqual(self.tries(), 3)

    def test_a_body_that_breaks_at_every_so_many_bytes_gets_there_in_the_end(self):
        for every in (100_000, 20_000):
            with self.subTest(every):
                self.hit(faults.dropped(every))
                self.cut_right(*wide(), start="4.5", end="8")
                self.assertGreaterEqual(self.tries(), self.size // every)

    def test_a_body_that_breaks_at_every_byte_is_given_up(self):
        self.hit(faults.dropped(1))
        self.cut_refused(75, VICTIM, *RETRY)
        self.assertEqual(self.tries(), 3)

    def test_a_segment_that_lost_its_last_frames_is_no_clip(self):
        copy = self.serve_copy()
        whole = (copy / VICTIM).read_bytes()
        places = sorted(packet["pos"] for packet in truth.probe_packets(copy / VICTIM, "v:0"))
        for lost in (1, 5, 9):
            with self.subTest(lost=lost):
                (copy / VICTIM).write_bytes(whole[:places[-lost]])
                self.server.begin_anew()
                self.cut_refused(65, "media is missing|is damaged", *wide())

    def test_a_length_that_is_too_great_is_given_up(self):
        self.hit(faults.announcing(lambda n: n + 1000))
        done = self.cut(*RETRY)
        self.assertIn(done.returncode, (75, 76))  # 416, once the rest is asked for that there is not
        self.assert_refused(done, done.returncode, VICTIM)

    def test_a_length_that_is_too_small_is_damage(self):
        self.hit(faults.announcing(lambda n: n // 8))
        self.cut_refused(65, VICTIM)

    def test_another_part_than_asked_for_is_never_taken(self):
        for by in (188, -188, 1):
            with self.subTest(by):
                self.hit(faults.dropped(70_000), times=1)
                self.server.when(VICTIM, faults.misplaced(by))
                self.cut_refused(76, VICTIM)

    def test_another_part_than_the_head_is_never_taken(self):
        self.hit(faults.misplaced(188), "seg000.ts")
        self.cut_refused(76, r"seg000\.ts", "--start", "13", "--end", "14")


class Changes(FaultCase):
    """A segment that is another one at the second try."""

    def setUp(self):
        super().setUp()
        self.copy = self.serve_copy()
        self.right = (self.copy / VICTIM).read_bytes()
        self.wrong = (self.copy / "seg004.ts").read_bytes()
        (self.copy / VICTIM).write_bytes(self.wrong)
        self.server.when(VICTIM, faults.dropped(70_000), times=1)
        self.server.when(VICTIM, faults.also(lambda: (self.copy / VICTIM).write_bytes(self.right)), times=1)

    def test_halves_of_different_segments_are_not_joined(self):
        self.cut_right()

    def test_nor_where_the_server_heeds_no_conditions(self):
        def heedless(request, answer):
            if request.range and answer.status == 412:
                answer.status, answer.body = 206, answer.whole[request.range[0]:]
                size = len(answer.whole)
                answer.fields["Content-Range"] = f"bytes {request.range[0]}-{size - 1}/{size}"
        self.server.when(VICTIM, heedless)
        self.cut_right()


class Stalls(FaultCase):
    """Servers that fall silent or speak slowly."""

    def test_a_stall_is_tried_again_where_it_was(self):
        for pattern, point in (("index.m3u8", 0), (VICTIM, 0), (VICTIM, 70_000)):
            with self.subTest(pattern, point=point):
                self.hit(faults.stalled(point), pattern, times=1)
                self.cut_right(*PATIENT)
                self.assertEqual(self.tries(pattern), 2)
        self.assertEqual(self.server.asked(VICTIM)[1].range, (70_000, None))

    def test_a_stall_that_stays_is_given_up(self):
        for pattern in ("index.m3u8", VICTIM):
            with self.subTest(pattern):
                self.hit(faults.stalled(100), pattern)
                began = time.monotonic()
                self.cut_refused(75, f"{pattern}.*3 s", *ONCE, *PATIENT)
                self.assertLess(time.monotonic() - began, 20)

    def test_a_trickle_is_no_progress(self):
        for pattern in ("index.m3u8", VICTIM):
            with self.subTest(pattern):
                self.hit(faults.trickling(), pattern)
                began = time.monotonic()
                self.cut_refused(75, f"{pattern}.*hardly a byte came for 3 s", *ONCE, *PATIENT)
                self.assertLess(time.monotonic() - began, 20)

    def test_an_answer_that_does_not_begin_is_a_stall(self):
        self.hit(faults.delayed(100))
        self.cut_refused(75, VICTIM, *ONCE, *PATIENT)

    def test_a_slow_server_is_not_a_stalled_one(self):
        self.server.when(VICTIM, faults.slowed(40_000))
        self.cut_right(*ONCE, *PATIENT)


class Signals(FaultCase):
    """A signal amid a download ends it at once."""

    def interrupted(self, pattern: str) -> None:
        process = self.start(*self.command())
        self.wait_for(lambda: self.server.asked(pattern), pattern)
        time.sleep(0.3)
        began = time.monotonic()
        process.terminate()
        done = self.finish(process)
        self.assertLess(time.monotonic() - began, 10)
        self.assertEqual((done.returncode, done.stderr), (-signal.SIGTERM, "momentcut: interrupted\n"))
        self.assertEqual(everything_in(self.out), [])
        self.assert_tidy()

    def test_while_bytes_come_or_do_not(self):
        for fault in (faults.stalled(100), faults.stalled(0), faults.delayed(100), faults.trickling()):
            for pattern in ("index.m3u8", VICTIM):
                with self.subTest(pattern):
                    self.hit(fault, pattern)
                    self.interrupted(pattern)

    def test_while_the_next_try_is_waited_for(self):
        self.hit(faults.status(503, fields={"Retry-After": "15"}))
        self.interrupted(VICTIM)
        self.assertEqual(self.tries(), 1)


if __name__ == "__main__":
    unittest.main(argv=sys.argv)
