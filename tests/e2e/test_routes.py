"""Tests of the ways to a server: HTTP/2, proxies and what goes past them."""

import socket
import subprocess
import unittest

from connect_proxy import ConnectProxy
from radosgw import free_ports
from served import ONCE, TlsCase


class Http2(TlsCase):
    """A server that speaks nothing but HTTP/2 (nghttpd)."""

    def setUp(self) -> None:
        super().setUp()
        place = self.folder / "certificates"
        (port,) = free_ports(1)
        self.log = self.folder / "nghttpd.log"
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                ["nghttpd", "-v", "-a", "127.0.0.1", "-d", str(self.source.playlist.parent), str(port),
                 str(place / "server.key"), str(place / "server.crt")],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        self.addCleanup(self.end)
        self.wait_for(lambda: self.is_open(port), "nghttpd")
        self.url = f"https://localhost:{port}/{self.playlist}"

    def end(self) -> None:
        self.process.kill()
        self.process.wait()

    def is_open(self, port: int) -> bool:
        self.assertIsNone(self.process.poll(), "nghttpd has ended")
        with socket.socket() as client:
            return client.connect_ex(("127.0.0.1", port)) == 0

    def test_a_cut_over_http_2_is_exact(self):
        self.cut_right(url=self.url, start="3", end="13.5", env=self.trusting)
        said = self.log.read_text(errors="replace")
        for name in ("index.m3u8", "seg000.ts", "seg003.ts"):
            self.assertIn(f":path: /{name}", said)

    def test_what_is_missing_is_told(self):
        self.cut_refused(66, "gone.m3u8.*404", url=self.url.replace("index", "gone"), env=self.trusting)


class Proxied(TlsCase):
    """What goes to https servers goes through a proxy where the environment says so."""

    def proxy(self, refusal: str = "") -> ConnectProxy:
        made = ConnectProxy(refusal)
        self.addCleanup(made.close)
        return made

    def through(self, proxy: ConnectProxy, **more: str) -> dict[str, str]:
        return {**self.trusting, "https_proxy": proxy.url, "no_proxy": "", "NO_PROXY": "", **more}

    def test_https_is_tunnelled_and_the_proxy_sees_nothing_of_it(self):
        proxy = self.proxy()
        self.cut_right("--header", "Authorization: Bearer 5ec7e7", env=self.through(proxy))
        place = self.server.origin.removeprefix("https://")
        self.assertEqual(set(proxy.asked), {f"CONNECT {place} HTTP/1.1"})
        for secret in (b"5ec7e7", b"seg001.ts", b"GET "):
            self.assertNotIn(secret, proxy.seen)

    def test_what_is_named_in_no_proxy_goes_past_it(self):
        for name in ("no_proxy", "NO_PROXY"):
            with self.subTest(name):
                proxy = self.proxy()
                host = self.server.origin.removeprefix("https://").rpartition(":")[0]
                self.cut_right(env=self.through(proxy, **{name: f"example.org,{host}"}))
                self.assertEqual(proxy.asked, [])

    def test_a_proxy_that_refuses_is_told(self):
        for refusal, code in (("403 Forbidden", 77), ("407 Proxy Authentication Required", 77), ("502 Bad Gateway", 75)):
            with self.subTest(refusal):
                self.cut_refused(code, refusal[:3], *ONCE, env=self.through(self.proxy(refusal)))

    def test_a_proxy_that_is_not_there_is_told(self):
        world = self.through(proxy := self.proxy())
        proxy.close()
        self.cut_refused(75, "onnect", *ONCE, env=world)


if __name__ == "__main__":
    unittest.main()
