"""Tests of redirects, and of what https must not lead to."""

import sys
import unittest

import faults
from served import ONCE, VICTIM, FaultCase, TlsCase

MOST = 10  # redirects that are followed for one request


class Redirects(FaultCase):
    def setUp(self):
        super().setUp()
        self.copy = self.serve_copy()
        self.other = self.serve(self.source.playlist.parent)

    def move(self) -> None:
        """The recording lies in /new/place/ now."""
        place = self.copy / "new" / "place"
        place.mkdir(parents=True)
        for file in [*self.copy.glob("*.ts"), self.copy / "index.m3u8"]:
            file.rename(place / file.name)

    def test_segments_are_looked_for_where_the_playlist_was_found(self):
        self.move()
        for to in ("/new/place/index.m3u8", "new/place/index.m3u8", f"{self.server.origin}/new/place/index.m3u8"):
            for code in (301, 302, 303, 307, 308):
                with self.subTest(to, code=code):
                    self.hit(faults.redirected(to, code), "index.m3u8")
                    self.cut_right()
                    self.assertEqual(len(self.server.asked("new/place/*.ts")), 2)

    def test_a_variant_that_has_moved_takes_its_segments_with_it(self):
        self.move()
        self.write(self.copy, "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\nold/index.m3u8\n", "master.m3u8")
        self.hit(faults.redirected("/new/place/index.m3u8"), "old/index.m3u8")
        self.cut_right(url=self.server.url("master.m3u8"))

    def test_segments_may_have_moved(self):
        self.hit(faults.redirected(self.other.url(f"{VICTIM}?signature=5ec7e7")))
        self.cut_right()
        self.assertEqual([request.query for request in self.other.asked()], ["signature=5ec7e7"])

    def test_a_part_that_has_moved_is_asked_for_as_a_part(self):
        self.hit(faults.redirected(self.other.url("seg000.ts")), "seg000.ts")
        self.cut_right(start="13", end="14")
        (request,) = self.other.asked()
        self.assertEqual(request.range, self.server.asked("seg000.ts")[0].range)

    def test_a_moved_segment_that_breaks_is_resumed(self):
        self.hit(faults.redirected(self.other.url(VICTIM)))
        self.other.when(VICTIM, faults.dropped(70_000), times=1)
        self.cut_right()
        self.assertEqual([request.range for request in self.other.asked()], [None, (70_000, None)])

    def chain(self, length: int) -> None:
        """So many redirects before the victim."""
        self.server.begin_anew()
        for i in range(length):
            self.server.when(VICTIM if i == 0 else f"hop{i}", faults.redirected(
                f"/hop{i + 1}" if i + 1 < length else self.other.url(VICTIM)))

    def test_as_many_redirects_as_are_permitted_are_followed_and_no_more(self):
        self.chain(MOST)
        self.cut_right()
        self.chain(MOST + 1)
        self.cut_refused(76, f"{VICTIM}.*redirect")

    def test_a_loop_of_redirects_is_told(self):
        for pattern in (VICTIM, "index.m3u8"):
            with self.subTest(pattern):
                self.hit(faults.redirected(f"/{pattern}"), pattern)
                self.cut_refused(76, f"{pattern}.*redirect")
                self.assertLessEqual(self.tries(pattern), MOST + 1)

    def test_a_redirect_to_what_is_no_server_is_refused(self):
        secret = (self.copy / "seg002.ts").as_uri()
        for to in (secret, "FILE:///etc/passwd", "ftp://127.0.0.1/x", "data:,x", "gopher://127.0.0.1:1/x"):
            for pattern in (VICTIM, "index.m3u8"):
                with self.subTest(to, pattern=pattern):
                    self.hit(faults.redirected(to), pattern)
                    self.cut_refused(65, f"(?i){pattern}|{to.partition(':')[0]}")

    def test_a_redirect_to_nowhere_is_told(self):
        for fields in ({}, {"Location": ""}):
            with self.subTest(fields):
                self.hit(faults.status(302, fields=fields))
                self.cut_refused(76, VICTIM)

    def test_a_redirect_into_nothing_is_told(self):
        self.hit(faults.redirected(self.other.url("gone.ts?signature=5ec7e7")))
        self.assertNotIn("5ec7e7", self.cut_refused(66, "ts"))


class Encryption(TlsCase):
    """https is not left for http, and its certificates are looked at."""

    def setUp(self):
        super().setUp()
        self.copy = self.copied_source()

    def trusted(self, *args: object, **options) -> None:
        self.cut_right(*args, env=self.trusting, **options)

    def refused(self, code: int, pattern: str, *args: object, **options) -> None:
        self.cut_refused(code, pattern, *args, env=self.trusting, **options)

    def mixed(self, origin: str) -> str:
        """The URL of an https playlist whose second segment lies at another origin."""
        self.write(self.copy, self.source.playlist.read_text().replace("seg001", f"{origin}/seg001"))
        return self.serve(self.copy, self.tls).url()

    def test_a_cut_over_https_is_exact(self):
        self.trusted()

    def test_a_dropped_connection_is_resumed(self):
        self.server.when(VICTIM, faults.dropped(70_000), times=1)
        self.trusted()
        self.assertEqual(self.server.asked(VICTIM)[1].range, (70_000, None))

    def test_a_certificate_of_an_unknown_authority_is_not_trusted(self):
        self.cut_refused(76, r"index\.m3u8.*certificate")
        self.assertEqual(self.server.asked(), [])

    def test_a_certificate_for_another_name_is_not_trusted(self):
        self.refused(76, "certificate", *ONCE, url=self.server.url().replace("127.0.0.1", "other.localhost"))

    def test_a_segment_behind_an_unknown_certificate_is_not_trusted(self):
        playlist = self.write(self.folder / "local",
                              self.source.playlist.read_text().replace("seg", f"{self.server.origin}/seg"))
        self.cut_refused(76, r"seg00\d\.ts.*certificate", url=str(playlist))

    def test_an_http_server_where_https_was_expected_is_told(self):
        url = self.plain.url().replace("http:", "https:")
        done = self.cut(*ONCE, url=url, env=self.trusting)
        self.assertIn(done.returncode, (75, 76))
        self.assert_refused(done, done.returncode, r"index\.m3u8")

    def test_an_https_playlist_may_not_name_http_segments(self):
        url = self.mixed(self.plain.origin)
        self.refused(65, r"index\.m3u8:9: .*--allow-http", url=url)
        self.assertEqual(self.plain.asked(), [])

    def test_unless_the_user_permits_it(self):
        self.trusted("--allow-http", url=self.mixed(self.plain.origin))
        self.assertEqual(self.plain.names(), [VICTIM])

    def test_an_http_playlist_may_name_https_segments(self):
        playlist = self.source.playlist.read_text().replace("seg001", f"{self.server.origin}/seg001")
        self.write(self.copy, playlist)
        self.trusted(url=self.serve(self.copy).url())

    def test_a_redirect_may_not_lead_from_https_to_http(self):
        for pattern in (VICTIM, "index.m3u8"):
            with self.subTest(pattern):
                self.server.begin_anew()
                self.server.when(pattern, faults.redirected(self.plain.url(pattern)))
                self.refused(65, f"{pattern}.*--allow-http")
                self.assertEqual(self.plain.asked(), [])
        self.server.begin_anew()
        self.server.when("index.m3u8", faults.redirected(self.plain.url()))
        self.trusted("--allow-http")

    def test_a_redirect_from_http_to_https_binds_from_then_on(self):
        self.plain.when("index.m3u8", faults.redirected(self.mixed(self.plain.origin)))
        self.refused(65, r"index\.m3u8:9: .*--allow-http", url=self.plain.url())

    def test_a_variant_may_not_lead_from_https_to_http(self):
        self.write(self.copy, f"#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\n{self.plain.url()}\n", "m.m3u8")
        self.refused(65, r"m\.m3u8:[23]: .*--allow-http", url=self.serve(self.copy, self.tls).url("m.m3u8"))


if __name__ == "__main__":
    unittest.main(argv=sys.argv)
