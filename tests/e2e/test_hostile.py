"""Tests of input that means harm: it reads nothing that it was not given, ends soon, and with one line."""

import gzip
import time
import unittest

import faults
from fault_server import Answer, Request
from served import ServedCase
from workplace import QUICK

ENTRY = "evil.m3u8"
HEAD = "#EXTM3U\n#EXT-X-TARGETDURATION:4\n"
END = "#EXT-X-ENDLIST\n"


class HostileCase(ServedCase):
    """A server whose playlist, and whatever else a test adds, is not the source's."""

    def setUp(self) -> None:
        super().setUp()
        self.pages: dict[str, Answer] = {}
        honest = self.server.respond
        self.server.respond = lambda request: self.page(request) or honest(request)
        # What would be read, were a local file read: a segment that would make a clip.
        self.canary = self.folder / "canary.ts"
        self.canary.write_bytes(self.source.segment_files()[1].read_bytes())

    def page(self, request: Request) -> Answer | None:
        found = self.pages.get(request.path.lstrip("/"))
        return None if found is None else Answer(found.status, found.body, dict(found.fields), found.body,
                                                 endless=found.endless)

    def serves(self, name: str, body: str | bytes, **more: object) -> None:
        content = body.encode() if isinstance(body, str) else body
        self.pages[name] = Answer(200, content, whole=content, **more)

    def refused(self, playlist: str | bytes, code: int | tuple[int, ...], pattern: str = ".", *words: object,
                within: float = 30) -> None:
        self.serves(ENTRY, playlist)
        began = time.monotonic()
        done = self.run_here(self.server.url(ENTRY), "--start", "0", "--end", "2", *QUICK, "-o", self.clip,
                             "--retries", "0", *words)
        self.assertLess(time.monotonic() - began, within)
        codes = code if isinstance(code, tuple) else (code,)
        self.assertIn(done.returncode, codes, done.stderr)
        self.assert_refused(done, done.returncode, pattern)


class Names(HostileCase):
    def test_a_segment_s_name_leads_to_no_local_file_and_no_other_protocol(self):
        names = (f"file://{self.canary}", f"FILE://localhost{self.canary}", "file:///etc/passwd", "/etc/passwd",
                 "../../../../etc/passwd", f"{self.canary}", f"concat:{self.canary}|/etc/passwd", "data:video/mp2t,G",
                 f"crypto:{self.canary}", f"subfile,,start,0,end,0,,:{self.canary}", "pipe:0", "fd:0", "tcp://127.0.0.1:1",
                 "rtmp://127.0.0.1/x", "gopher://127.0.0.1/x", "-i", "--help", "-protocol_whitelist", "'; id #.ts",
                 "%0Afile%20%27/etc/passwd%27.ts", '"quoted".ts', "a|b.ts", "$(id).ts")
        for name in names:
            with self.subTest(name):
                self.refused(f"{HEAD}#EXTINF:4,\n{name}\n{END}", (65, 66))

    def test_keys_and_maps_obey_the_same_rule(self):
        for tag in (f'#EXT-X-KEY:METHOD=AES-128,URI="file://{self.canary}"', '#EXT-X-MAP:URI="file:///etc/passwd"'):
            with self.subTest(tag):
                self.refused(f"{HEAD}{tag}\n#EXTINF:4,\nseg000.ts\n{END}", 65)

    def test_a_variant_and_its_audio_obey_the_same_rule(self):
        stream = '#EXT-X-STREAM-INF:BANDWIDTH=1,AUDIO="a"\n'
        self.refused(f"#EXTM3U\n{stream}file://{self.canary}\n", 65)
        media = f'#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="a",NAME="x",DEFAULT=YES,URI="file://{self.canary}"\n'
        self.refused(f"#EXTM3U\n{media}{stream}index.m3u8\n", 65)

    def test_a_redirect_leads_to_no_file(self):
        self.server.when("seg000.ts", faults.redirected(f"file://{self.canary}"))
        self.refused(f"{HEAD}#EXTINF:4,\nseg000.ts\n{END}", 65, "is redirected to")

    def test_redirects_end(self):
        self.server.when("seg000.ts", faults.redirected("seg000.ts"))
        self.refused(f"{HEAD}#EXTINF:4,\nseg000.ts\n{END}", 76, "redirected more than")


class Disguises(HostileCase):
    def test_a_segment_that_is_something_else_is_no_segment(self):
        contents = {"m3u8": f"#EXTM3U\n#EXTINF:4,\nfile://{self.canary}\n", "html": "<html>not found</html>",
                    "ffconcat": f"ffconcat version 1.0\nfile '{self.canary}'\n", "empty": "",
                    "sdp": "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nm=video 5004 RTP/AVP 96\n",
                    "mov reference": b"\0\0\0\x14ftypqt  \0\0\0\0qt  \0\0\0\x08moov"}
        for kind, content in contents.items():
            with self.subTest(kind):
                self.serves("x.ts", content)
                self.refused(f"{HEAD}#EXTINF:4,\nx.ts\n{END}", 65)

    def test_a_page_in_place_of_a_playlist_is_none(self):
        self.refused("<html><body>sign in</body></html>", 65)
        self.serves("v.m3u8", "<html></html>")
        self.refused("#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\nv.m3u8\n", 65)

    def test_a_key_that_is_none_is_told(self):
        for content, why in (("<html>sign in</html>", "has 20 bytes instead of 16"), ("", "is empty"),
                             ("k" * 15, "has 15 bytes"), ("k" * 100_000, "larger than")):
            with self.subTest(why):
                self.serves("k", content)
                self.refused(f'{HEAD}#EXT-X-KEY:METHOD=AES-128,URI="k"\n#EXTINF:4,\nseg000.ts\n{END}', 65, why)

    def test_a_wrong_key_is_told(self):
        self.serves("k", "0123456789abcdef")
        self.refused(f'{HEAD}#EXT-X-KEY:METHOD=AES-128,URI="k"\n#EXTINF:4,\nseg000.ts\n{END}', 65)

    def test_what_cannot_be_decrypted_is_told(self):
        for attributes in ('METHOD=SAMPLE-AES,URI="k"', 'METHOD=AES-128,URI="skd://x",KEYFORMAT="com.apple.streamingkeydelivery"',
                           'METHOD=AES-256,URI="k"'):
            with self.subTest(attributes):
                self.refused(f"{HEAD}#EXT-X-KEY:{attributes}\n#EXTINF:4,\nseg000.ts\n{END}", 65, "is encrypted")

    def test_a_key_in_a_data_url_is_told_and_not_shown(self):
        why = r'm3u8:5: segment "seg000\.ts" is encrypted with a key in a data: URL; momentcut decrypts AES-128 alone'
        for url in ("data:text/plain;base64,MDEyMzQ1Njc4OWFiY2RlZg==", "DATA:,MDEyMzQ1Njc4OWFi"):
            text = f'{HEAD}#EXT-X-KEY:METHOD=AES-128,URI="{url}"\n#EXTINF:4,\nseg000.ts\n{END}'
            with self.subTest(url):
                self.refused(text, 65, why)
                (self.folder / "index.m3u8").write_text(text)
                (self.folder / "seg000.ts").write_bytes(self.canary.read_bytes())
                done = self.run_here(self.folder / "index.m3u8", "--start", "0", "--end", "2", "-o", self.clip)
                self.assert_refused(done, 65, why)
                shown = self.run_here(self.folder / "index.m3u8", "--inspect", "--json")
                self.assert_done(shown)
                self.assertIn(b"data:", shown.stdout.lower())
                for output in (done.stderr, shown.stdout.decode()):
                    self.assertNotIn("MDEyMzQ1Njc4", output)


class Excesses(HostileCase):
    def test_a_playlist_without_an_end_ends(self):
        self.serves(ENTRY, HEAD)
        self.pages[ENTRY].endless = True
        done = self.run_here(self.server.url(ENTRY), "--start", "0", "--end", "2", "-o", self.clip)
        self.assert_refused(done, 65)

    def test_a_key_without_an_end_ends(self):
        self.serves("k", "k" * 1000)
        self.pages["k"].endless = True
        self.refused(f'{HEAD}#EXT-X-KEY:METHOD=AES-128,URI="k"\n#EXTINF:4,\nseg000.ts\n{END}', 65, "larger than")

    def test_a_compressed_bomb_does_not_go_off(self):
        bomb = gzip.compress(b"#EXTM3U\n" + b"#" * (256 << 20), 9)
        self.serves("bomb.m3u8", bomb)
        self.pages["bomb.m3u8"].fields["Content-Encoding"] = "gzip"
        done = self.run_here(self.server.url("bomb.m3u8"), "--start", "0", "--end", "2", "-o", self.clip)
        self.assert_refused(done, 65)

    def test_byte_ranges_beyond_all_bounds_are_refused(self):
        for given in ("1000@99999999999", "-5@0", "18446744073709551615@1", "9223372036854775807@9223372036854775807",
                      "0@0", "x@y"):
            with self.subTest(given):
                self.refused(f"{HEAD}#EXTINF:4,\n#EXT-X-BYTERANGE:{given}\nseg000.ts\n{END}", (65, 66))

    def test_a_hundred_thousand_variants_are_read_in_time(self):
        lines = "".join(f"#EXT-X-STREAM-INF:BANDWIDTH={n},RESOLUTION=16x{n % 997 + 1}\nv{n}.m3u8\n"
                        for n in range(100_000))
        self.refused("#EXTM3U\n" + lines, (65, 66), ".", "-r", "720p")

    def test_a_playlist_of_playlists_of_playlists_is_refused(self):
        self.refused(f"#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\n{ENTRY}\n", 65,
                     "is a multivariant playlist where a media playlist was to be")


if __name__ == "__main__":
    unittest.main()
