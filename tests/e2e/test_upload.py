"""Tests of clips that go to a bucket of a real S3 server: what arrives there, what is told, and what stays here."""

import functools
import hashlib
import json
import signal
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path
from urllib.parse import urlsplit

import sources
from radosgw import STORAGE_CLASS
from s3_client import fetch
from s3_workplace import LONGEST, ODD_NAMES, S3Workplace
from strait import Strait
from workplace import MOMENT, QUICK, everything_in

MEGABYTE = 1024 * 1024
ONE_PUT = 64 * MEGABYTE  # above that an upload has parts
KEY = "clips/goal.mp4"
VERSIONED = b"<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>"


class UploadCase(S3Workplace):
    def upload(self, *args: object, key: str = KEY, **options):
        return self.run_here(self.source.path, *MOMENT, *QUICK, "--upload", self.place(key), *args, **options)

    def receipt(self, *args: object, key: str = KEY) -> dict:
        """What --json tells of an upload that succeeds."""
        done = self.upload("--json", *args, key=key)
        self.assert_done(done)
        return json.loads(done.stdout)["upload"]

    @property
    def expected(self) -> bytes:
        return self.local_cut(self.source.path)

    def strait(self, rate: float | None = None) -> Strait:
        """momentcut's way to the server from here on."""
        strait = Strait(urlsplit(self.gateway.url).port, rate)
        self.addCleanup(strait.close)
        self.world["AWS_ENDPOINT_URL_S3"] = strait.url
        return strait


class Arrivals(UploadCase):
    """What the bucket holds afterwards, and what is told."""

    def test_a_clip_arrives_and_nothing_stays_here(self):
        done = self.upload()
        self.assert_done(done)
        self.assertEqual(done.stdout.decode(), f"{self.place(KEY)}\n")
        self.assertTrue(self.s3.get(self.bucket, KEY) == self.expected)
        self.assertEqual(self.s3.keys(self.bucket), [KEY])
        self.assertEqual(everything_in(self.out), [])

    def test_a_clip_may_be_kept_beside(self):
        done = self.upload("-o", self.clip)
        self.assert_done(done)
        self.assertEqual(done.stdout.decode(), f"{self.clip}\n{self.place(KEY)}\n")
        self.assertEqual(self.s3.get(self.bucket, KEY), self.clip.read_bytes())

    def test_below_a_prefix_a_clip_has_its_usual_name(self):
        self.assert_done(self.run_here(self.source.path, *MOMENT, *QUICK, "-o", f"{self.out}/"))
        name, = everything_in(self.out)
        for prefix in ("clips/", "clips/of a day/", ""):
            with self.subTest(prefix):
                done = self.upload(key=prefix)
                self.assert_done(done)
                self.assertEqual(done.stdout.decode(), f"{self.place(prefix + name)}\n")
                self.assertTrue(self.s3.has(self.bucket, prefix + name))

    def test_a_recording_in_a_bucket_becomes_a_clip_in_it(self):
        playlist = self.put_source("rec")
        self.assert_done(self.run_here(playlist, *MOMENT, *QUICK, "--upload", self.place(KEY)))
        self.assertTrue(self.s3.get(self.bucket, KEY) == self.expected)

    def test_a_clip_with_an_odd_name_is_written_as_it_is_spelt(self):
        expected = self.expected
        for name in (*(f"{name}.mp4" for name in ODD_NAMES), "k" * (LONGEST - 4) + ".mp4"):
            with self.subTest(name):
                done = self.upload(key=name)
                self.assert_done(done)
                self.assertEqual(done.stdout.decode(), f"{self.place(name)}\n")
                self.assertEqual(self.s3.keys(self.bucket), [name])
                self.assertTrue(self.s3.get(self.bucket, name) == expected)
                self.s3.delete(self.bucket, name)

    def test_the_receipt_says_what_the_server_says(self):
        receipt = self.receipt()
        content = self.s3.get(self.bucket, KEY)
        self.assertEqual(receipt.pop("etag").strip('"'), self.s3.head(self.bucket, KEY)["etag"].strip('"'))
        self.assertEqual(receipt, {"bucket": self.bucket, "key": KEY, "version_id": None, "size": len(content),
                                   "sha256": hashlib.sha256(content).hexdigest(), "url": None})

    def test_the_receipt_has_the_version(self):
        self.s3.must("PUT", self.bucket, query={"versioning": ""}, body=VERSIONED)
        versions = {self.receipt()["version_id"] for _ in range(2)}
        self.assertEqual(len(versions), 2)
        for version in versions:
            self.assertEqual(self.s3.must("HEAD", self.bucket, KEY, query={"versionId": version}).status, 200)

    def test_the_receipt_of_a_cut_without_upload_has_none(self):
        done = self.run_here(self.source.path, *MOMENT, *QUICK, "-o", self.clip, "--json")
        self.assert_done(done)
        self.assertIsNone(json.loads(done.stdout)["upload"])

    def test_a_dry_run_uploads_nothing(self):
        self.assert_done(self.upload("--dry-run"))
        self.assertEqual(self.s3.keys(self.bucket), [])

    def test_a_session_uploads(self):
        self.world["AWS_ENDPOINT_URL_S3"] = self.gateway.sessions_url
        self.ask_as(self.gateway.session())
        self.assert_done(self.upload())
        self.assertTrue(self.s3.has(self.bucket, KEY))

    def test_tls_carries_an_upload(self):
        self.world.update(AWS_ENDPOINT_URL_S3=self.gateway.secure_url,
                          AWS_CA_BUNDLE=str(self.gateway.certificates.authority))
        self.assert_done(self.upload())
        self.assertTrue(self.s3.get(self.bucket, KEY) == self.expected)


class Properties(UploadCase):
    """What an object is besides its bytes."""

    def test_a_clip_is_a_video_for_whoever_asks(self):
        self.assert_done(self.upload())
        self.assertEqual(self.s3.head(self.bucket, KEY)["content-type"], "video/mp4")

    def test_an_object_has_the_properties_asked_for(self):
        self.assert_done(self.upload("--metadata", "moment=goal", "--metadata", "who=a=b c", "--cache-control",
                                     "public, max-age=60", "--storage-class", STORAGE_CLASS))
        head = self.s3.head(self.bucket, KEY)
        expected = {"x-amz-meta-moment": "goal", "x-amz-meta-who": "a=b c", "cache-control": "public, max-age=60",
                    "x-amz-storage-class": STORAGE_CLASS, "content-type": "video/mp4"}
        self.assertEqual({name: head.get(name) for name in expected}, expected)

    def test_a_public_object_is_everybodys(self):
        self.assert_done(self.upload("--acl", "public-read"))
        self.assertEqual(self.gateway.anonymous().request("GET", self.bucket, KEY).status, 200)
        self.assert_done(self.upload(key="private.mp4"))
        self.assertEqual(self.gateway.anonymous().request("GET", self.bucket, "private.mp4").status, 403)

    def test_encryption_is_asked_for(self):
        # This server has no keys to do it with, so that what it is asked has to do.
        for kind in ("AES256", "aws:kms"):
            with self.subTest(kind):
                strait = self.strait()
                self.upload("--sse", kind)
                self.assertIn(f"x-amz-server-side-encryption: {kind}".lower().encode(), strait.seen.lower())
                for file in [self.tmp / name for name in everything_in(self.tmp)]:
                    file.unlink() if file.is_file() else None


class Existing(UploadCase):
    """What is done to an object that is there already."""

    def test_an_existing_object_is_replaced(self):
        self.s3.put(self.bucket, KEY, b"before")
        self.assert_done(self.upload())
        self.assertTrue(self.s3.get(self.bucket, KEY) == self.expected)

    def test_an_existing_object_is_left_alone_when_asked_for(self):
        self.s3.put(self.bucket, KEY, b"before")
        done = self.upload("--no-clobber")
        self.assert_one_line(done, 73, KEY)
        self.assertEqual(self.s3.get(self.bucket, KEY), b"before")

    def test_an_object_that_appears_meanwhile_is_left_alone(self):
        # It is not there when momentcut looks; only the server can know better (If-None-Match).
        strait = self.strait(rate=20_000)
        process = self.start(self.source.path, *MOMENT, *QUICK, "--upload", self.place(KEY), "--no-clobber")
        self.wait_for(lambda: strait.passed > 20_000 or process.poll() is not None, "the upload")
        self.s3.put(self.bucket, KEY, b"other")
        strait.rate = None
        done = self.finish(process)
        self.assert_one_line(done, 73, KEY)
        self.assertEqual(self.s3.get(self.bucket, KEY), b"other")
        self.assertTrue(self.kept_clip(done).read_bytes() == self.expected)

    def test_an_object_that_does_not_exist_is_no_reason_to_stop(self):
        self.assert_done(self.upload("--no-clobber"))
        self.assertTrue(self.s3.get(self.bucket, KEY) == self.expected)


class Links(UploadCase):
    """--presign-result: a URL with which anybody may fetch the clip for a while."""

    def test_the_last_line_is_a_url_that_anybody_may_fetch(self):
        for key in (KEY, "odd//../\u00fc +%?#&'=~.mp4"):
            with self.subTest(key):
                done = self.upload("-o", self.clip, "--force", "--presign-result=10m", key=key)
                self.assert_done(done)
                path, place, url = done.stdout.decode().splitlines()
                self.assertEqual((path, place), (str(self.clip), self.place(key)))
                self.assertIn("X-Amz-Expires=600", url)
                answer = fetch(url)
                self.assertEqual((answer.status, answer.headers["content-type"]), (200, "video/mp4"))
                self.assertTrue(answer.body == self.clip.read_bytes())

    def test_the_receipt_has_the_url(self):
        url = self.receipt("--presign-result")["url"]
        self.assertTrue(fetch(url).body == self.expected)

    def test_a_sessions_url_carries_its_token(self):
        self.world["AWS_ENDPOINT_URL_S3"] = self.gateway.sessions_url
        self.ask_as(self.gateway.session())
        self.assertEqual(fetch(self.receipt("--presign-result=1h")["url"]).status, 200)


class Refusals(UploadCase):
    """An upload that fails: the clip was work, and stays."""

    def start_upload(self, *args: object) -> tuple[subprocess.Popen, Strait]:
        """A small upload of which a part is up."""
        strait = self.strait(rate=20_000)
        process = self.start(self.source.path, *MOMENT, *QUICK, "--upload", self.place(KEY), *args)
        self.wait_for(lambda: strait.passed > 20_000 or process.poll() is not None, "the upload")
        self.assertIsNone(process.poll(), "it ended before it was to")
        return process, strait

    def assert_not_lost(self, done: subprocess.CompletedProcess, code: int, pattern: str) -> None:
        """Refused before there was a clip, or the clip is kept where the line says."""
        self.assert_one_line(done, code, pattern)
        if everything_in(self.tmp):
            self.assertTrue(self.kept_clip(done).read_bytes() == self.expected)

    def test_a_bucket_that_is_missing_is_named(self):
        done = self.run_here(self.source.path, *MOMENT, *QUICK, "--upload", "s3://no-such-bucket-here/x.mp4")
        self.assert_not_lost(done, 66, "no-such-bucket-here")

    def test_a_user_without_rights_is_told(self):
        self.ask_as(self.gateway.stranger)
        self.assert_not_lost(self.upload(), 77, "AccessDenied")
        self.assertEqual(self.s3.keys(self.bucket), [])

    def test_who_has_no_credentials_is_told(self):
        self.ask_as(None)
        self.assert_not_lost(self.upload(), 77, "credentials")

    def test_a_clip_that_is_kept_beside_is_where_it_should_be(self):
        self.ask_as(self.gateway.stranger)
        done = self.upload("-o", self.clip)
        self.assert_one_line(done, 77, "AccessDenied")
        if self.clip.exists():
            self.assertIn(str(self.clip), done.stderr)
            self.assertTrue(self.clip.read_bytes() == self.expected)
        self.assert_tidy()

    def test_a_cut_that_fails_uploads_nothing(self):
        done = self.run_here(self.folder / "gone.m3u8", *MOMENT, "--upload", self.place(KEY))
        self.assert_refused(done, 66, "gone.m3u8")
        self.assertEqual(self.s3.keys(self.bucket), [])

    def test_a_server_that_goes_away_is_for_later_and_the_clip_is_kept(self):
        process, strait = self.start_upload("--retries", "1")
        strait.close()
        done = self.finish(process)
        self.assert_one_line(done, 75)
        self.assertTrue(self.kept_clip(done).read_bytes() == self.expected)
        self.assertFalse(self.s3.has(self.bucket, KEY))

    def test_a_signal_during_a_small_upload_leaves_nothing(self):
        process, _ = self.start_upload()
        process.terminate()
        self.assertEqual(self.finish(process).returncode, -signal.SIGTERM)
        self.assert_tidy()
        self.assertEqual(self.s3.keys(self.bucket), [])


class Parts(UploadCase):
    """A clip of more than 64 MiB goes up in parts."""

    def setUp(self):
        super().setUp()
        self.noise = _noise()
        self.quality = ("--start", "0", "--end", "end", "--crf", "1", *QUICK)

    def upload(self, *args: object, key: str = KEY, **options):
        return self.run_here(self.noise, *self.quality, "--upload", self.place(key), *args, **options)

    def start_upload(self, rate: float, *args: object, passed: int = 20 * MEGABYTE) -> tuple[subprocess.Popen, Strait]:
        """An upload some parts of which are up."""
        strait = self.strait(rate)
        process = self.start(self.noise, *self.quality, "--upload", self.place(KEY), *args)
        self.wait_for(lambda: strait.passed > passed or process.poll() is not None, "the upload")
        self.assertIsNone(process.poll(), "it ended before it was to")
        self.assertEqual(self.s3.uploads(self.bucket), [KEY])
        return process, strait

    def test_a_large_clip_arrives_whole(self):
        receipt = self.receipt("-o", self.clip, "--presign-result", "--metadata", "moment=goal", "--storage-class",
                               STORAGE_CLASS)
        content, head = self.s3.get(self.bucket, KEY), self.s3.head(self.bucket, KEY)
        self.assertGreater(len(content), ONE_PUT)
        self.assertTrue(content == self.clip.read_bytes())
        self.assertRegex(head["etag"], r'-\d+"$', "it did not go up in parts")
        self.assertEqual((receipt["size"], receipt["sha256"]), (len(content), hashlib.sha256(content).hexdigest()))
        self.assertEqual(receipt["etag"].strip('"'), head["etag"].strip('"'))
        self.assertEqual([head.get(name) for name in ("content-type", "x-amz-meta-moment", "x-amz-storage-class")],
                         ["video/mp4", "goal", STORAGE_CLASS])
        self.assertTrue(fetch(receipt["url"]).body == content)
        self.assertEqual(self.s3.uploads(self.bucket), [])

    def test_an_existing_object_is_left_alone_by_parts_too(self):
        self.s3.put(self.bucket, KEY, b"before")
        self.assert_one_line(self.upload("--no-clobber"), 73, KEY)
        self.assertEqual(self.s3.get(self.bucket, KEY), b"before")
        self.assertEqual(self.s3.uploads(self.bucket), [])

    def test_an_object_that_appears_meanwhile_is_left_alone_by_parts_too(self):
        process, strait = self.start_upload(8 * MEGABYTE, "--no-clobber")
        self.s3.put(self.bucket, KEY, b"other")
        strait.rate = None
        self.assert_one_line(self.finish(process), 73, KEY)
        self.assertEqual(self.s3.get(self.bucket, KEY), b"other")
        self.assertEqual(self.s3.uploads(self.bucket), [])

    def test_a_signal_leaves_no_part_anywhere(self):
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            with self.subTest(number.name):
                process, _ = self.start_upload(8 * MEGABYTE)
                process.send_signal(number)
                done = self.finish(process)
                self.assertEqual(done.returncode, -number, done.stderr)
                self.assertEqual(self.s3.uploads(self.bucket), [])
                self.assertEqual(self.s3.keys(self.bucket), [])
                self.assertEqual(done.stdout, b"")
                self.assert_tidy()

    def test_two_hundred_megabytes_ended_in_the_middle_leave_nothing(self):
        self.noise = _noise(seconds=7)
        process, _ = self.start_upload(25 * MEGABYTE, "-o", self.clip, passed=100 * MEGABYTE)
        process.terminate()
        done = self.finish(process)
        self.assertEqual(done.returncode, -signal.SIGTERM, done.stderr)
        self.assertGreater(self.clip.stat().st_size, 200 * MEGABYTE)
        self.assertEqual(self.s3.uploads(self.bucket), [])
        self.assertEqual(self.s3.keys(self.bucket), [])

    def test_a_server_that_goes_away_is_for_later_and_the_clip_is_kept(self):
        process, strait = self.start_upload(8 * MEGABYTE, "--retries", "1")
        strait.close()
        done = self.finish(process)
        self.assertRegex(done.stderr, r"\Amomentcut: [^\n]*the unfinished upload [^\n]*could not be removed[^\n]*\n\Z")
        self.assertEqual((done.returncode, done.stdout), (75, b""))
        self.assertGreater(self.kept_clip(done).stat().st_size, ONE_PUT)
        self.assertFalse(self.s3.has(self.bucket, KEY))

    def test_a_connection_that_breaks_costs_one_part_again(self):
        process, strait = self.start_upload(8 * MEGABYTE)
        strait.break_connections()
        strait.rate = None
        done = self.finish(process)
        self.assert_done(done)
        self.assertGreater(int(self.s3.head(self.bucket, KEY)["content-length"]), ONE_PUT)
        self.assertEqual(self.s3.uploads(self.bucket), [])


@functools.cache
def _noise(seconds: int = 2) -> Path:
    """A short recording that no encoder can make small; gone with the test script."""
    folder = tempfile.TemporaryDirectory(prefix="momentcut-noise-")
    unittest.addModuleCleanup(folder.cleanup)
    playlist = Path(folder.name) / "index.m3u8"
    subprocess.run(["ffmpeg", "-v", "error", "-nostdin", "-f", "lavfi", "-i",
                    "color=gray:size=1280x720:rate=30,noise=alls=100:allf=t", "-t", str(seconds), "-c:v", "libx264", "-preset",
                    "ultrafast", "-crf", "28", "-g", "30", "-pix_fmt", "yuv420p", "-f", "hls", "-hls_time", "1",
                    "-hls_list_size", "0", "-hls_playlist_type", "vod", str(playlist)], check=True)
    return playlist


if __name__ == "__main__":
    sources.ensure("cfr30")
    unittest.main(argv=sys.argv)
