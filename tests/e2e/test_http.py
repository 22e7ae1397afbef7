"""Tests of sources over http: exact clips, nothing asked for that the cut does not need, references, headers."""

import json
import subprocess
import sys
import threading
import unittest
from pathlib import Path
from urllib.parse import quote

import faults
import measure
from served import HEAD, ServedCase
from workplace import MOMENT, PATIENCE, QUICK, everything_in

LATE = ("--start", "13", "--end", "14")  # of cfr30, whose segments last 4 s: the fourth


class Cuts(ServedCase):
    """A clip out of a source on a server is the clip out of that source."""

    def test_a_cut_over_http_is_exact(self):
        for start, end in (("5", "6"), ("0", "0.5"), ("7.5", "8.7"), ("22.9", "end")):
            with self.subTest(start=start, end=end):
                done = self.cut("--force", "--start", start, "--end", end)
                self.assert_done(done)
                until = self.source.duration if end == "end" else float(end)
                measure.check_exact(self, measure.measure(self.clip), self.source, float(start), until)

    def test_a_cut_over_http_has_the_frames_of_the_local_cut(self):
        self.assert_done(self.cut())
        remote = measure.measure(self.clip)
        self.assert_done(self.run_here(self.source.path, *MOMENT, *QUICK, "-o", self.clip, "--force"))
        local = measure.measure(self.clip)
        self.assertEqual((remote.numbers, remote.times), (local.numbers, local.times))
        self.assertEqual(remote.samples, local.samples)

    def test_a_clip_on_stdout_is_as_exact(self):
        done = self.cut("-o", "-")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.clip.write_bytes(done.stdout)
        clip = measure.measure(self.clip)
        self.assertTrue(clip.movie.fragmented)
        measure.check_exact(self, clip, self.source, 5, 6)
        self.assert_tidy()

    def test_the_name_of_a_clip_comes_from_the_playlist(self):
        done = self.run_here(self.server.url() + "?token=5ec7e7", *MOMENT, *QUICK, "-o", f"{self.out}/")
        self.assert_done(done)
        (name,) = everything_in(self.out)
        self.assertRegex(name, r"\A[a-z0-9.]+-00h00m05s-00h00m06s\.mp4\Z")
        self.assertNotIn("5ec7e7", name)

    def test_the_receipt_counts_what_was_fetched(self):
        done = self.cut(*LATE, "--json")
        self.assert_done(done)
        receipt = json.loads(done.stdout)
        self.assertEqual(receipt["bytes_fetched"], self.server.sent("*.ts"))
        self.assertEqual(receipt["frames"], 30)

    def test_a_receipt_keeps_the_secrets_of_a_url(self):
        done = self.cut("--json", "-vv", url=self.server.url().replace("//", "//user:5ec7e7@") + "?token=5ec7e7")
        self.assert_done(done)
        self.assertNotIn("5ec7e7", done.stdout.decode() + done.stderr)

    def test_a_local_playlist_may_name_segments_on_a_server(self):
        text = self.source.playlist.read_text().replace("seg", f"{self.server.origin}/seg")
        playlist = self.write(self.folder / "local", text)
        self.cut_right(url=str(playlist))
        self.assertEqual(self.server.names(), ["seg000.ts", "seg001.ts"])

    def test_the_progress_of_downloading_is_told_and_never_falls(self):
        self.server.when("*.ts", faults.slowed(100_000))
        done = self.cut("--progress", "json")
        self.assert_done(done)
        reached: dict[str, float] = {}
        between = set()
        for line in map(json.loads, done.stderr.splitlines()):
            self.assertGreaterEqual(line["fraction"], reached.get(line["stage"], 0), line)
            reached[line["stage"]] = line["fraction"]
            if 0 < line["fraction"] < 1 and "render" not in reached:
                between.add(line["fraction"])
        self.assertGreater(len(between), 1, done.stderr)


class Economy(ServedCase):
    """Only what the cut needs is asked for, and nothing twice."""

    def head(self, name: str = "seg000.ts"):
        (request,) = self.server.asked(f"*{name}")
        self.assertEqual(request.range, (0, HEAD - 1))
        return request

    def test_playlist_head_and_window_are_all_that_is_asked_for(self):
        self.cut_right(start="13", end="14")
        self.assertEqual(self.server.names(), ["index.m3u8", "seg000.ts", "seg003.ts"])
        self.head()
        self.assertEqual({request.method for request in self.server.asked()}, {"GET"})
        self.assertIsNone(self.server.asked("seg003.ts")[0].range)

    def test_a_first_segment_in_the_cut_needs_no_head(self):
        self.cut_right(start="1", end="2")
        self.assertEqual(self.server.names(), ["index.m3u8", "seg000.ts"])
        self.assertIsNone(self.server.asked("seg000.ts")[0].range)

    def test_a_whole_recording_is_got_once(self):
        done = self.cut("--start", "0", "--end", "end", "--json")
        self.assert_done(done)
        self.assertEqual(self.server.names(), ["index.m3u8", *(f"seg{i:03}.ts" for i in range(6))])
        self.assertEqual(json.loads(done.stdout)["bytes_fetched"], self.server.sent("*.ts"))

    def test_of_a_multivariant_playlist_only_the_chosen_rendition_is_asked_for(self):
        rec = self.folder / "rec"
        variants = "".join(f"#EXT-X-STREAM-INF:BANDWIDTH={rate},RESOLUTION={size}\n{name}/index.m3u8\n" for
                           rate, size, name in ((100, "160x90", "low"), (900, "320x180", "high"), (1, "80x45", "tiny")))
        self.write(rec, "#EXTM3U\n" + variants, "master.m3u8")
        (rec / "high").symlink_to(self.source.playlist.parent)
        self.server = self.serve(rec)
        self.cut_right(start="13", end="14", url=self.server.url("master.m3u8"))
        self.assertEqual(sorted(request.target for request in self.server.asked()),
                         ["/high/index.m3u8", "/high/seg000.ts", "/high/seg003.ts", "/master.m3u8"])
        self.head()

    def test_inspecting_asks_for_playlists_alone(self):
        done = self.run_here(self.server.url(), "--inspect", "--json")
        self.assert_done(done)
        self.assertEqual(self.server.names(), ["index.m3u8"])

    def test_no_more_connections_than_permitted(self):
        self.server.when("*.ts", faults.delayed(0.3))
        for most in (1, 3):
            with self.subTest(most):
                self.server.most_open = self.server.most_busy = 0
                self.assert_done(self.cut("--force", "-j", str(most), "--start", "0", "--end", "end"))
                self.assertLessEqual(self.server.most_open, most)
                self.assertEqual(self.server.most_busy, most, "not so many requests under way at once")

    def test_connections_are_kept(self):
        self.assert_done(self.cut("-j", "1", "--start", "0", "--end", "end"))
        self.assertEqual((len(self.server.asked()), self.server.connections), (7, 1))


class HeavySegments(ServedCase):
    """Of what lies beside the range, no more is asked for than it takes to be sure."""

    source_name = "heavy"
    margin = (0, (1 << 20) - 1)  # bytes

    def cut_alone(self, start: str, end: str, url: str = "") -> None:
        """A cut over one connection, where no idle one takes over a part of what another one fetches."""
        self.cut_right("-j", "1", url=url, start=start, end=end)

    def test_of_the_segment_behind_the_range_a_part_is_enough(self):
        self.cut_alone(start="5", end="7")
        (request,) = self.server.asked("seg002.ts")
        self.assertEqual(request.range, self.margin)

    def test_a_range_that_ends_within_a_segment_takes_it_whole(self):
        self.cut_alone(start="5", end="9")
        (request,) = self.server.asked("seg002.ts")
        self.assertIsNone(request.range)

    def test_where_extinf_lies_the_rest_is_fetched_after_all(self):
        # As listed, the range ends just before the third segment; really, 1.9 s into it.
        text = self.source.playlist.read_text().replace("#EXTINF:4.000000", "#EXTINF:5.000000")
        playlist = self.write(self.folder / "lying", text.replace("seg", f"{self.server.origin}/seg"))
        self.cut_alone(start="8.5", end="9.9", url=str(playlist))
        asked = sorted(request.range for request in self.server.asked("seg002.ts"))
        self.assertEqual((asked[0], asked[-1][0]), (self.margin, self.margin[1] + 1))
        self.assertEqual(self.server.sent("seg002.ts"), self.source.segment_files()[2].stat().st_size)

    def test_the_segment_before_is_fetched_where_sound_is_missing(self):
        self.cut_alone(start="4", end="5")
        before = self.server.asked("seg000.ts")
        lead = self._audio_before(4, self.source.segment_files()[1])
        self.assertEqual(len(before) > 1 or before[0].range is None, lead < 2, f"{lead} packets of sound before")

    def _audio_before(self, second: float, segment: Path) -> int:
        """How many audio packets of a segment begin at or before a time of the source."""
        text = subprocess.run(["ffprobe", "-v", "error", "-select_streams", "a:0", "-show_entries", "packet=pts", "-of",
                               "csv=p=0", str(segment)], check=True, capture_output=True, text=True).stdout
        due = self.source.first_pts + second * 90000
        return sum(int(line.strip(",")) <= due for line in text.split())


class Overlap(ServedCase):
    def test_segments_are_joined_while_others_are_still_to_come(self):
        joined = threading.Event()
        self.server.when("seg002.ts", faults.also(lambda: joined.wait(PATIENCE)))
        process = self.start(*self.command("--start", "0", "--end", "11"))
        sizes = [file.stat().st_size for file in self.source.segment_files()]

        def first_two_are_joined() -> bool:
            return any(file.stat().st_size == sum(sizes[:2]) for file in self.tmp.glob("momentcut-*/*-join*")
                       if file.suffix == "")
        try:
            self.wait_for(first_two_are_joined, "a join of two segments, while the third is held back")
        finally:
            joined.set()
        self.assert_done(self.finish(process))
        measure.check_exact(self, measure.measure(self.clip), self.source, 0, 11)


class ByteRanges(ServedCase):
    """Segments that are parts of one file."""

    def setUp(self):
        super().setUp()
        rec = self.folder / "rec"
        self.sizes = [file.stat().st_size for file in self.source.segment_files()]
        self.offsets = [sum(self.sizes[:i]) for i in range(7)]
        self.write(rec, self.text())
        (rec / "all.ts").write_bytes(b"".join(file.read_bytes() for file in self.source.segment_files()))
        self.server = self.serve(rec)

    def text(self, offsets: bool = True) -> str:
        text = self.source.playlist.read_text().replace("VERSION:3", "VERSION:4")
        for i, size in enumerate(self.sizes):
            offset = f"@{self.offsets[i]}" if offsets or not i else ""
            text = text.replace(f"seg{i:03}.ts", f"#EXT-X-BYTERANGE:{size}{offset}\nall.ts")
        return text

    def asked_ranges(self) -> list[tuple[int, int]]:
        """First byte and the one after the last, sorted, of every request for the file."""
        for request in self.server.asked("all.ts"):
            self.assertIsNotNone(request.range, "a part was asked for without a Range")
            self.assertIsNotNone(request.range[1])
        return sorted((request.range[0], request.range[1] + 1) for request in self.server.asked("all.ts"))

    def test_the_parts_of_the_window_are_asked_for_once(self):
        self.cut_right(start="13", end="14")
        (first, head_end), *window = self.asked_ranges()
        self.assertEqual(first, 0)
        self.assertLessEqual(head_end, HEAD)
        self.assertEqual((window[0][0], window[-1][1]), (self.offsets[3], self.offsets[4]))
        for (_, end), (start, _) in zip(window, window[1:]):
            self.assertEqual(end, start, "ranges overlap or leave a hole")

    def test_neighbours_are_one_request_where_there_is_one_connection(self):
        self.cut_right("-j", "1", start="9", end="14")
        self.assertEqual(self.asked_ranges()[1:], [(self.offsets[2], self.offsets[4])])

    def test_parts_without_an_offset_follow_one_another(self):
        self.write(self.folder / "rec", self.text(offsets=False))
        self.cut_right(start="1", end="9")
        self.assertEqual(self.server.sent("all.ts"), self.offsets[3])

    def test_a_server_that_knows_no_ranges_is_understood(self):
        self.server.when("all.ts", faults.ignoring_ranges)
        self.cut_right(start="13", end="14")

    def test_a_part_that_breaks_is_resumed_within_it(self):
        self.server.when("all.ts", faults.dropped(50_000), times=1)
        self.cut_right(start="13", end="14")
        self.assertIn(50_000, [start - first for first in (0, self.offsets[2], self.offsets[3], self.offsets[4])
                               for start, _ in self.asked_ranges()])
        self.assertLessEqual(max(end for _, end in self.asked_ranges()), self.offsets[5])

    def test_a_part_past_the_end_of_the_file_is_told(self):
        self.write(self.folder / "rec", self.text().replace(f":{self.sizes[3]}@", ":9999999@"))
        done = self.cut(*LATE)
        self.assertIn(done.returncode, (65, 75, 76))
        self.assert_refused(done, done.returncode, "all.ts")


class References(ServedCase):
    """How a playlist may name its segments (RFC 3986)."""

    def renamed(self, words: list[str], folder: str = "rec/sub", query: str = "") -> str:
        """The URL of a playlist that names its segments by these words."""
        text = self.source.playlist.read_text()
        for i, word in enumerate(words):
            text = text.replace(f"seg{i:03}.ts", word)
        self.write(self.copy / folder, text)
        return self.server.url(f"{folder}/index.m3u8{query}")

    def setUp(self):
        super().setUp()
        self.copy = self.serve_copy()
        other = self.copy / "rec"
        other.mkdir()
        for file in self.copy.glob("*.ts"):
            file.rename(other / file.name)

    def test_references_are_resolved_against_the_playlist(self):
        origin = self.server.origin
        url = self.renamed(["../seg000.ts", "/rec/seg001.ts", f"{origin}/rec/seg002.ts", f"{origin[5:]}/rec/seg003.ts",
                            "./../../rec/./seg004.ts", "../../../../rec/seg005.ts"])
        self.cut_right(start="0", end="23.9", url=url)
        self.assertEqual(sorted(request.target for request in self.server.asked("rec/*.ts")),
                         [f"/rec/seg00{i}.ts" for i in range(6)])

    def test_queries_are_sent_as_they_stand_and_are_not_inherited(self):
        words = [f"../seg00{i}.ts?sig=a%2Fb%20c&exp={i}/../x" for i in range(6)]
        self.cut_right(url=self.renamed(words, query="?token=1"))
        for request in self.server.asked("rec/*.ts"):
            self.assertEqual(request.query, f"sig=a%2Fb%20c&exp={request.name[5]}/../x")

    def test_names_are_encoded_where_they_are_not(self):
        for i, name in enumerate(("a b.ts", "drei-\u00fc-\u4e09.ts", "100%.ts")):
            (self.copy / "rec" / f"seg00{i}.ts").rename(self.copy / "rec" / name)
        self.cut_right(end="6.5", url=self.renamed(["../a b.ts", "../drei-\u00fc-\u4e09.ts", "../100%25.ts"]))
        self.assertEqual({request.path for request in self.server.asked("rec/*.ts")},
                         {"/rec/a%20b.ts", quote("/rec/drei-\u00fc-\u4e09.ts"), "/rec/100%25.ts"})

    def test_segments_may_lie_on_another_server(self):
        other = self.serve(self.source.playlist.parent)
        self.cut_right(url=self.renamed([f"{other.origin}/seg00{i}.ts" for i in range(6)]))
        self.assertEqual((len(self.server.asked()), len(other.asked())), (1, 2))

    def test_a_query_parameter_of_the_playlist_s_url_defines_a_variable(self):
        words = [f"../seg00{i}.ts?t={{$token}}" for i in range(6)]
        url = self.renamed(words, query="?x=1&token=a-b.c")
        playlist = self.copy / "rec/sub/index.m3u8"
        playlist.write_text(playlist.read_text().replace("#EXT-X-VERSION:3",
                                                         '#EXT-X-VERSION:11\n#EXT-X-DEFINE:QUERYPARAM="token"'))
        self.cut_right(url=url)
        self.assertEqual({request.query for request in self.server.asked("*.ts")}, {"t=a-b.c"})
        self.cut_refused(65, r"index.m3u8:3: .*token", url=url.partition("?")[0])

    def test_a_playlist_from_a_server_may_name_nothing_but_servers(self):
        secret = self.copy / "rec/seg001.ts"
        for word in (secret.as_uri(), "FILE:///etc/passwd", "data:video/mp2t;base64,R0dH", "ftp://127.0.0.1/x.ts",
                     "gopher://127.0.0.1/x", "concat:a|b", "rtmp://127.0.0.1/x", "pipe:0"):
            with self.subTest(word):
                url = self.renamed(["../seg000.ts", word])
                self.cut_refused(65, r"index\.m3u8:9: ", url=url)
        self.assertEqual(self.server.asked("*.ts"), [], "segments were got though the playlist is refused")

    def test_a_multivariant_playlist_from_a_server_may_name_nothing_but_servers(self):
        self.write(self.copy, f"#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\n{self.source.playlist.as_uri()}\n", "m.m3u8")
        self.cut_refused(65, r"m\.m3u8:[23]: ", url=self.server.url("m.m3u8"))


class Headers(ServedCase):
    """What is sent along, and to whom."""

    SECRET = ("--header", "Authorization: Bearer 5ec7e7", "--header", "cookie: a=5ec7e7", "--header", "X-Probe: yes")

    def setUp(self):
        super().setUp()
        self.other = self.serve(self.source.playlist.parent)

    def assert_fields(self, requests: list, **wanted: str | None) -> None:
        self.assertTrue(requests)
        for request in requests:
            for name, value in wanted.items():
                self.assertEqual(request.fields.get(name.replace("_", "-")), value, request)

    def test_headers_arrive_at_the_source_s_own_origin(self):
        self.cut_right(*self.SECRET)
        self.assert_fields(self.server.asked(), authorization="Bearer 5ec7e7", cookie="a=5ec7e7", x_probe="yes")

    def test_secrets_do_not_go_to_another_origin(self):
        copy = self.serve_copy()
        for origin in (self.other.origin, self.server.origin.replace("127.0.0.1", "localhost")):
            with self.subTest(origin):
                self.server.begin_anew()
                text = self.source.playlist.read_text().replace("seg001", f"{origin}/seg001")
                self.write(copy, text)
                self.cut_right(*self.SECRET)
                self.assert_fields(self.server.asked("*seg00[02].ts"), authorization="Bearer 5ec7e7")
                moved = self.other.asked() or self.server.asked("seg001.ts")
                self.assert_fields(moved, authorization=None, cookie=None, x_probe="yes")
                self.other.begin_anew()

    def test_secrets_do_not_follow_a_redirect_to_another_origin(self):
        self.server.when("index.m3u8", faults.redirected(self.other.url()))
        self.cut_right(*self.SECRET)
        self.assert_fields(self.server.asked(), authorization="Bearer 5ec7e7", cookie="a=5ec7e7")
        self.assert_fields(self.other.asked(), authorization=None, cookie=None, x_probe="yes")

    def test_secrets_do_not_show(self):
        for code, fault in ((66, faults.status(404)), (77, faults.status(403, b"Bearer 5ec7e7"))):
            self.server.when("index.m3u8", fault, times=1)
            self.assertNotIn("5ec7e7", self.cut_refused(code, "index.m3u8", *self.SECRET))

    def test_who_asks_is_told(self):
        self.cut_right()
        for request in self.server.asked():
            self.assertRegex(request.fields["user-agent"], r"\Amomentcut/\d")
        self.server.begin_anew()
        self.cut_right("--user-agent", "probe/1.0 (x)")
        self.assert_fields(self.server.asked(), user_agent="probe/1.0 (x)")

    def test_a_header_that_is_none_is_a_mistake_of_the_command_line(self):
        for header in ("", "X-Probe", ": x", "X Probe: x", "X-Probe: a\r\nX-Other: b", "X-Probe: a\nb"):
            with self.subTest(header):
                self.cut_refused(64, "--header", "--header", header)
        self.assertEqual(self.server.asked(), [])


if __name__ == "__main__":
    unittest.main(argv=sys.argv)
