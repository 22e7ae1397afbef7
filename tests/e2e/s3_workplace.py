"""A place to work at beside a real S3 server: one server for a test script, one empty bucket for a test."""

import functools
import unittest
import uuid
from pathlib import Path

import radosgw
from sources import Source
from workplace import MOMENT, QUICK, Workplace, everything_in

# Names that somebody's clean-up would turn into others: as they are, they are keys like any.
ODD_NAMES = ("a b", "a+b", "a=b&c", "~a", "a%20b", "100%", "what?", "a#b", "it's", "\u00fc-\u4e09", "a//b", "/a",
             "a/./b", "a/../b", "../a", "a:b@c", 'a"b<c>\\d', "k" * 980)
LONGEST = 1024  # bytes of a key


@functools.cache
def gateway() -> radosgw.Gateway:
    """The server of this test script, which ends with it."""
    running = radosgw.start()
    unittest.addModuleCleanup(_stop, running)
    return running


def _stop(running: radosgw.Gateway) -> None:
    gateway.cache_clear()
    running.stop()


class S3Workplace(Workplace):
    """A test with `self.bucket`, which is empty, `self.s3`, which asks as its owner, and `self.world`: momentcut's
    environment, by which it asks as the owner too."""

    def setUp(self) -> None:
        super().setUp()
        self.gateway = gateway()
        self.s3 = self.gateway.client()
        self.world = self.gateway.environment()
        self.bucket = self.new_bucket()

    def new_bucket(self, headers: dict[str, str] | None = None) -> str:
        name = f"test-{uuid.uuid4().hex[:16]}"
        self.s3.create_bucket(name, headers)
        return name

    def run_here(self, *args: object, env: dict[str, str] | None = None, **options):
        return super().run_here(*args, env={**self.world, **(env or {})}, **options)

    def start(self, *args: object, env: dict[str, str] | None = None, **options):
        return super().start(*args, env={**self.world, **(env or {})}, **options)

    def ask_as(self, identity) -> None:
        """From here on momentcut asks as this one, or as nobody."""
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
            self.world.pop(name, None)
        self.world.update(identity.environment() if identity else {})

    def put_source(self, prefix: str, source: Source | None = None, playlist: str = "index.m3u8",
                   headers: dict[str, str] | None = None) -> str:
        """Puts the media playlist of a source and its segments; returns where the playlist is, s3://..."""
        source = source or self.source
        self.s3.put(self.bucket, f"{prefix}/{playlist}", source.playlist.read_bytes(), headers)
        for segment in source.segment_files():
            self.s3.put(self.bucket, f"{prefix}/{segment.name}", segment.read_bytes(), headers)
        return self.place(f"{prefix}/{playlist}")

    def place(self, key: str) -> str:
        return f"s3://{self.bucket}/{key}"

    def cut_of(self, location: object, *args: object, **options):
        """A short and quick cut of a source, into self.clip unless `args` say where else."""
        elsewhere = any(str(word).startswith(("-o", "--output", "--upload")) for word in args)
        return self.run_here(location, *MOMENT, *QUICK, *(() if elsewhere else ("-o", self.clip)), *args, **options)

    def local_cut(self, location: object, *args: object) -> bytes:
        """The same cut of a source that lies in a folder; asks for no network. A cut is the same every time."""
        path = self.folder / "local.mp4"
        done = super().run_here(location, *MOMENT, *QUICK, *args, "-o", path)
        self.assertEqual(done.returncode, 0, done.stderr)
        content = path.read_bytes()
        path.unlink()
        return content

    def assert_cut(self, done, expected: bytes) -> None:
        """It is done, and self.clip is this very clip; for the next cut it goes away."""
        self.assert_done(done)
        self.assertEqual(done.stdout.decode(), f"{self.clip}\n")
        self.assertTrue(self.clip.read_bytes() == expected, "the clip is not that of the local source")
        self.clip.unlink()

    def kept_clip(self, done) -> Path:
        """The only file below the temporary folder, which the error line names."""
        files = [self.tmp / name for name in everything_in(self.tmp) if (self.tmp / name).is_file()]
        self.assertEqual(len(files), 1, f"kept: {files}; {done.stderr}")
        self.assertIn(str(files[0]), done.stderr)
        self.assertEqual(self.survivors(), [], "child processes were left")
        return files[0]
