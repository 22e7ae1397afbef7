"""Tests of the server that the tests of the network rely on: it does right, and wrong only as it is told."""

import http.client
import re
import socket
import ssl
import sys
import time
import unittest

import certificates
import fault_server
import faults
import momentcut

CONTENT = bytes(i * 7 % 256 for i in range(100_000))


class FaultServer(momentcut.TestCase):
    def setUp(self) -> None:
        super().setUp()
        (self.folder / "a.ts").write_bytes(CONTENT)
        self.folder_answers = fault_server.Folder(self.folder)
        self.server = fault_server.serve(self, self.folder_answers)
        self.connection = self.connect()

    def connect(self) -> http.client.HTTPConnection:
        connection = http.client.HTTPConnection("127.0.0.1", self.server.server_port, timeout=10)
        self.addCleanup(connection.close)
        return connection

    def get(self, target: str = "/a.ts", method: str = "GET", **fields: str) -> tuple[int, bytes]:
        """Status and body on the connection that is kept."""
        self.connection.request(method, target, headers={k.replace("_", "-"): v for k, v in fields.items()})
        answer = self.connection.getresponse()
        return answer.status, answer.read()

    def heard(self, fault: fault_server.Fault, wait: float = 10) -> bytes:
        """All that the server sends while a fault is on, until the connection ends or nothing more comes."""
        self.server.begin_anew()
        self.server.when("a.ts", fault)
        heard = b""
        with socket.create_connection(("127.0.0.1", self.server.server_port), timeout=wait) as raw:
            raw.sendall(b"GET /a.ts HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            try:
                while piece := raw.recv(65536):
                    heard += piece
            except TimeoutError:
                pass
        return heard

    def body(self, fault: fault_server.Fault, wait: float = 10) -> bytes:
        return self.heard(fault, wait).partition(b"\r\n\r\n")[2]

    def test_a_file_is_served_whole_again_and_again_on_one_connection(self):
        for _ in range(3):
            self.assertEqual(self.get("/a.ts?x=1%2F..%2f"), (200, CONTENT))
        self.assertEqual(self.get(method="HEAD"), (200, b""))
        self.assertEqual([self.get("/gone")[0], self.get("/../a.ts")[0], self.get(method="PUT")[0]], [404, 404, 405])
        self.assertEqual((self.server.connections, self.server.most_busy), (1, 1))
        self.assertEqual((self.server.log[0].query, self.server.sent("a.ts")), ("x=1%2F..%2f", 300_012))

    def test_parts_are_served_as_they_are_asked_for(self):
        for words, (start, end) in {"0-9": (0, 10), "99990-": (99_990, None), "5-1000000": (5, None),
                                    "-3": (-3, None)}.items():
            self.assertEqual(self.get(Range=f"bytes={words}"), (206, CONTENT[start:end]))
        self.assertEqual(self.server.log[0].range, (0, 9))
        self.assertEqual(self.get(Range="bytes=100000-"), (416, b""))
        self.assertEqual(self.get(Range="bytes=9-5"), (200, CONTENT))

    def test_conditions_are_heeded(self):
        etag = self.folder_answers.etag(CONTENT)
        self.assertEqual([self.get(Range="bytes=0-9", If_Match=value)[0] for value in (etag, "*", '"x"', f"W/{etag}")],
                         [206, 206, 412, 412])
        self.assertEqual([self.get(Range="bytes=0-9", If_Range=value)[0] for value in (etag, '"x"')], [206, 200])

    def test_a_rule_counts_for_each_path(self):
        (self.folder / "b.ts").write_bytes(b"b")
        self.server.when("*.ts", faults.status(503, b"", {"Retry-After": "1"}), times=2, after=1)
        for name in ("/a.ts", "/b.ts"):
            self.assertEqual([self.get(name)[0] for _ in range(4)], [200, 503, 503, 200])

    def test_bodies_end_as_they_are_told(self):
        for fault, body in ((faults.dropped(1000), CONTENT[:1000]), (faults.dropped(0), b""),
                            (faults.stalled(777), CONTENT[:777]), (faults.announcing(lambda n: n + 50), CONTENT),
                            (faults.altered(body=b"xyz", chunked=True), b"3\r\nxyz\r\n0\r\n\r\n"),
                            (faults.altered(body=b"xyz", chunked=True, drop_at=2), b"2\r\nxy\r\n"),
                            (faults.ignoring_ranges, CONTENT), (faults.status(500, b"x"), b"x")):
            self.assertEqual(self.body(fault, wait=1), body)
        with self.assertRaises(ConnectionResetError):
            for _ in range(10):  # what was received before a reset may be read
                self.heard(faults.dropped(50_000, reset=True))

    def test_lengths_are_announced_as_they_are_told(self):
        length = re.search(rb"Content-Length: (\d+)", self.heard(faults.announcing(lambda n: n - 50)))
        self.assertEqual(length[1], b"99950")

    def test_what_is_no_http_comes_as_it_is(self):
        self.assertEqual(self.heard(faults.garbled(b"nonsense")), b"nonsense")

    def test_time_passes_as_it_is_told(self):
        for fault, least, body in ((faults.delayed(0.5), 0.5, CONTENT), (faults.slowed(200_000), 0.4, CONTENT)):
            began = time.monotonic()
            self.assertEqual(self.body(fault), body)
            self.assertGreaterEqual(time.monotonic() - began, least)
        self.server.begin_anew()
        self.server.when("a.ts", faults.altered(body=b"abc", piece=1, pause=0.2))
        began = time.monotonic()
        self.assertEqual(self.get()[1], b"abc")
        self.assertGreaterEqual(time.monotonic() - began, 0.4)

    def test_another_part_is_served_under_its_own_name(self):
        self.server.when("a.ts", faults.misplaced(10))
        self.connection.request("GET", "/a.ts", headers={"Range": "bytes=5-9"})
        answer = self.connection.getresponse()
        self.assertEqual((answer.headers["Content-Range"], answer.read()), ("bytes 15-19/100000", CONTENT[15:20]))

    def test_it_speaks_tls(self):
        made = certificates.make(self.folder)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(made.server, made.server_key)
        self.server = fault_server.serve(self, self.folder_answers, context)
        trusting = ssl.create_default_context(cafile=made.authority)
        self.connection = http.client.HTTPSConnection("localhost", self.server.server_port, context=trusting)
        self.assertEqual(self.get(), (200, CONTENT))
        self.connection.close()

    def test_it_ends_though_an_answer_is_stalled(self):
        self.server.when("a.ts", faults.stalled(100))
        self.connection.request("GET", "/a.ts")
        self.assertEqual(len(self.connection.getresponse().read(100)), 100)
        began = time.monotonic()
        self.server.close()
        self.assertLess(time.monotonic() - began, 5)


if __name__ == "__main__":
    unittest.main(argv=sys.argv)
