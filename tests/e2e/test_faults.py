"""Tests of servers that fail: what is put right by trying again, and what is given up, in one line with its code."""

import contextlib
import socket
import sys
import time
import unittest
from email.utils import formatdate

import faults
import momentcut
from served import ONCE, RETRY, VICTIM, FaultCase


class Statuses(FaultCase):
    """What a status means: again, or never again."""

    def test_a_status_that_passes_is_tried_again(self):
        for code in (500, 502, 503, 504, 429):
            for pattern in ("index.m3u8", VICTIM):
                with self.subTest(code, pattern=pattern):
                    self.hit(faults.status(code), pattern, times=1)
                    self.cut_right()
                    self.assertEqual(self.tries(pattern), 2)

    def test_a_status_that_does_not_pass_is_given_up_after_all_tries(self):
        for code in (500, 503, 429):
            with self.subTest(code):
                self.hit(faults.status(code))
                self.cut_refused(75, rf"{VICTIM}.*{code}", *RETRY)
                self.assertEqual(self.tries(), 3)

    def test_a_playlist_that_cannot_be_had_is_given_up_after_all_tries(self):
        self.hit(faults.status(503), "index.m3u8")
        self.cut_refused(75, r"index\.m3u8.*503", *RETRY)
        self.assertEqual(self.server.names(), ["index.m3u8"] * 3)

    def test_without_retries_there_is_one_try(self):
        self.hit(faults.status(503))
        self.cut_refused(75, VICTIM, *ONCE)
        self.assertEqual(self.tries(), 1)

    def test_the_environment_s_number_counts_all_tries_and_the_option_wins(self):
        for words, number in (((), 2), (("--retries", "0"), 1)):
            with self.subTest(words):
                self.hit(faults.status(503))
                self.cut_refused(75, VICTIM, *words, env={"AWS_MAX_ATTEMPTS": "2"})
                self.assertEqual(self.tries(), number)

    def test_a_status_that_stays_is_not_tried_again(self):
        for code, exit_code in ((404, 66), (410, 66), (401, 77), (403, 77), (400, 76), (405, 76), (418, 76), (501, 69)):
            for pattern, name in ((VICTIM, VICTIM), ("index.m3u8", r"index\.m3u8")):
                with self.subTest(code, pattern=pattern):
                    self.hit(faults.status(code), pattern)
                    self.cut_refused(exit_code, name)
                    self.assertEqual(self.tries(pattern), 1)

    def test_a_missing_segment_is_named_with_its_line(self):
        self.hit(faults.status(404))
        self.assertRegex(self.cut_refused(66, VICTIM), r"index\.m3u8:9: ")

    def test_a_missing_first_segment_is_named_though_only_its_head_is_needed(self):
        self.hit(faults.status(404), "seg000.ts")
        self.cut_refused(66, r"seg000\.ts", "--start", "13", "--end", "14")

    def test_a_missing_segment_that_is_not_needed_does_no_harm(self):
        self.hit(faults.status(404), "seg004.ts")
        self.cut_right()

    def test_what_a_server_says_is_not_repeated_with_its_control_characters(self):
        self.hit(faults.status(403, b"\x1b[31m<html>\r\nmomentcut: done\n", {"X-Why": "\x1b[31mno"}))
        self.assertNotIn("\x1b", self.cut_refused(77, VICTIM))

    def test_the_secrets_of_a_url_are_not_told(self):
        url = self.server.url("gone.m3u8?token=5ec7e7").replace("//", "//user:5ec7e7@")
        self.assertNotIn("5ec7e7", self.cut_refused(66, r"127\.0\.0\.1:\d+/gone\.m3u8", url=url))


class RetryAfter(FaultCase):
    """When a server says how long to wait."""

    def pause(self, value: str) -> float:
        """Seconds between the first try and the second, when the first is answered with that Retry-After."""
        self.hit(faults.status(503, fields={"Retry-After": value}), times=1)
        self.cut_right()
        first, second = self.server.asked(VICTIM)
        return second.at - first.at

    def test_seconds_are_waited_for(self):
        self.assertTrue(2.9 <= self.pause("3") < 15)

    def test_a_date_is_waited_for(self):
        self.assertTrue(1.9 <= self.pause(formatdate(time.time() + 4, usegmt=True)) < 15)

    def test_a_date_that_has_passed_and_nonsense_delay_nothing(self):
        for value in (formatdate(0, usegmt=True), "soon", "-5", "", "1e9", "9" * 40):
            with self.subTest(value):
                self.assertLess(self.pause(value), 75 if value[:1] == "9" else 10)

    def test_nobody_waits_for_a_day(self):
        self.hit(faults.status(503, fields={"Retry-After": "86400"}))
        self.cut_refused(75, VICTIM, "--retries", "1", timeout=momentcut.TIMEOUT)


class Nonsense(FaultCase):
    """Answers that are none."""

    def test_what_is_no_http_is_told(self):
        for raw in (b"\x16\x03\x01 this is no HTTP\r\n\r\n" * 50, b"HTTP/9.9 okay\r\n\r\n", b"220 smtp ready\r\n",
                    b"HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\nx", b"\0" * 5000):
            for pattern in (VICTIM, "index.m3u8"):
                with self.subTest(raw[:20], pattern=pattern):
                    self.hit(faults.garbled(raw), pattern)
                    self.cut_refused(76, pattern, *ONCE)

    def test_an_answer_that_never_comes_is_tried_again_and_given_up(self):
        self.hit(faults.garbled(b""))
        self.cut_refused(75, VICTIM, *RETRY)
        self.hit(faults.garbled(b""), times=1)
        self.cut_right()

    def test_a_head_without_end_is_refused(self):
        head = b"HTTP/1.1 200 OK\r\n" + b"X-Filler: " + b"x" * 5_000_000 + b"\r\n"
        for raw in (head, b"HTTP/1.1 200 OK\r\n" + b"X-Filler: x\r\n" * 500_000):
            self.hit(faults.garbled(raw))
            self.cut_refused(76, VICTIM, *ONCE)

    def test_a_web_page_is_no_playlist_and_no_segment(self):
        page = b"<!DOCTYPE html>\n<html><body>Please log in</body></html>\n" * 50
        for pattern in (VICTIM, "seg000.ts", "index.m3u8"):
            with self.subTest(pattern):
                self.hit(faults.status(200, page, {"Content-Type": "text/html"}), pattern)
                self.cut_refused(65, pattern)

    def test_an_empty_body_is_no_playlist_and_no_segment(self):
        for pattern in (VICTIM, "seg000.ts", "index.m3u8"):
            for code in (200, 204):
                with self.subTest(pattern, code=code):
                    self.hit(faults.status(code, b""), pattern)
                    done = self.cut()
                    self.assertIn(done.returncode, (65,) if code == 200 else (65, 76))
                    self.assert_refused(done, done.returncode, pattern)

    def test_a_compressed_playlist_is_read(self):
        def if_asked(request, answer):
            self.assertIn("gzip", request.fields.get("accept-encoding", ""))
            faults.gzipped(request, answer)
        self.hit(if_asked, "index.m3u8")
        self.cut_right()

    def test_a_compression_that_is_none_is_told(self):
        def lie(_, answer):
            answer.fields["Content-Encoding"] = "gzip"
        self.hit(lie, "index.m3u8")
        self.cut_refused(76, r"index\.m3u8", *ONCE)

    def test_chunked_bodies_are_read(self):
        self.hit(faults.altered(chunked=True), "*")
        self.cut_right()

    def test_a_playlist_without_end_is_refused_before_it_fills_the_memory(self):
        text = self.source.playlist.read_bytes().partition(b"#EXTINF")[0] + b"#EXTINF:4,\nseg001.ts\n" * 20_000
        for members in ({"endless": True}, {"chunked": True, "endless": True}):
            with self.subTest(members):
                self.hit(faults.altered(body=text, **members), "index.m3u8")
                self.cut_refused(65, r"index\.m3u8")
                self.assertEqual(self.tries("index.m3u8"), 1)
                self.assertLess(self.server.sent(), 90 << 20)

    def test_a_playlist_that_expands_without_end_is_refused(self):
        def bomb(request, answer):
            answer.body = b"#EXTM3U\n" + b"#" * (200 << 20)
            faults.gzipped(request, answer)
        self.hit(bomb, "index.m3u8")
        self.cut_refused(65, r"index\.m3u8")


class NoServer(FaultCase):
    """Nobody there."""

    def closed_port(self) -> int:
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            return taken.getsockname()[1]

    def test_a_connection_that_is_refused_may_work_later(self):
        self.cut_refused(75, r"127\.0\.0\.1:\d+/x\.m3u8.*try", *ONCE,
                         url=f"http://127.0.0.1:{self.closed_port()}/x.m3u8")

    def test_a_name_that_nobody_knows_may_be_known_later(self):
        self.cut_refused(75, r"\.invalid/x\.m3u8", *ONCE, url=f"http://{'a' * 64}.invalid/x.m3u8")

    def test_a_server_that_goes_away_between_playlist_and_segments(self):
        playlist = self.write(self.folder / "local", self.source.playlist.read_text().replace(
            "seg", f"http://127.0.0.1:{self.closed_port()}/seg"))
        self.cut_refused(75, r"seg00\d\.ts", *ONCE, url=str(playlist))

    def test_a_handshake_that_is_never_answered_times_out(self):
        with contextlib.closing(socket.create_server(("127.0.0.1", 0))) as mute:
            began = time.monotonic()
            self.cut_refused(75, r"x\.m3u8", *ONCE, "--timeout", "1s",
                             url=f"https://127.0.0.1:{mute.getsockname()[1]}/x.m3u8")
            self.assertLess(time.monotonic() - began, 15)


if __name__ == "__main__":
    unittest.main(argv=sys.argv)
