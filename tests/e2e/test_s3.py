"""Tests of recordings in a bucket of a real S3 server: where they are found, who may read them, under which name."""

import json
import re
import sys
import time
import unittest
from pathlib import Path

import ivs
import measure
import sources
from s3_client import PUBLIC_READ, Identity
from s3_workplace import LONGEST, ODD_NAMES, S3Workplace, gateway
from strait import Strait
from workplace import MOMENT, QUICK

PREFIX = f"ivs/v1/081957680644/W2qj91sl5VDK/2020/8/3/16/21/{ivs.RECORDING_ID}"
PLAIN = "--allow-http"


def master(*uris: str) -> bytes:
    lines = [f"#EXT-X-STREAM-INF:BANDWIDTH={1000 + i}\n{uri}\n" for i, uri in enumerate(uris)]
    return ("#EXTM3U\n" + "".join(lines)).encode()


def ended(folder: str, playlist: str) -> bytes:
    return json.dumps({"recording_status": "RECORDING_ENDED",
                       "media": {"hls": {"path": folder, "playlist": playlist, "renditions": []}}}).encode()


class Recordings(S3Workplace):
    """A recording as IVS leaves it is cut from its bucket as it is from a folder."""
    source_name = "ivs_recording"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.shared = "recordings-of-ivs"
        owner = gateway().client()
        owner.create_bucket(cls.shared)
        owner.put_folder(cls.shared, PREFIX, sources.ensure(cls.source_name).path)

    def setUp(self):
        super().setUp()
        self.bucket = self.shared
        self.recording = self.place(PREFIX)

    def test_a_prefix_is_a_recording_with_and_without_a_slash(self):
        expected = self.local_cut(self.source.path, "-r", "worst")
        for place in (self.recording, f"{self.recording}/"):
            with self.subTest(place):
                self.assert_cut(self.cut_of(place, "-r", "worst"), expected)

    def test_the_best_rendition_is_cut_on_its_very_frames(self):
        done = self.run_here(self.recording, "--start", "9.5", "--end", "10.7", *QUICK, "-o", self.clip)
        self.assert_done(done)
        measure.check_exact(self, measure.measure(self.clip), self.source.renditions["720p60"], 9.5, 10.7)

    def test_the_key_of_a_master_playlist_is_a_source(self):
        self.assert_cut(self.cut_of(f"{self.recording}/media/hls/master.m3u8", "-r", "480p"),
                        self.local_cut(self.source.path, "-r", "480p30"))

    def test_the_key_of_a_renditions_playlist_is_a_source(self):
        self.assert_cut(self.cut_of(f"{self.recording}/media/hls/160p30/playlist.m3u8"),
                        self.local_cut(self.source.path, "-r", "160p30"))

    def test_inspection_shows_the_recording(self):
        done = self.run_here(self.recording, "--inspect", "--json")
        self.assert_done(done)
        seen = json.loads(done.stdout)
        self.assertEqual(seen["recording"]["id"], ivs.RECORDING_ID)
        self.assertEqual([variant["video"] for variant in seen["playlist"]["variants"]], list(self.source.renditions))
        self.assertIn(f"{PREFIX}/media/hls/master.m3u8", done.stdout.decode())

    def test_a_dry_run_writes_nothing(self):
        done = self.run_here(self.recording, *MOMENT, "-r", "worst", "-o", self.clip, "--dry-run", "--json")
        self.assert_done(done)
        self.assertEqual(json.loads(done.stdout)["frames"], 30)
        self.assertFalse(self.clip.exists())

    def test_the_clip_is_named_after_the_recording(self):
        done = self.cut_of(f"{self.recording}/", "-r", "worst", "-o", f"{self.out}/")
        self.assert_done(done)
        self.assertEqual(done.stdout.decode(), f"{self.out}/{ivs.RECORDING_ID}-00h00m05s-00h00m06s.mp4\n")

    def test_a_rendition_that_does_not_exist_is_refused(self):
        self.assert_refused(self.cut_of(self.recording, "-r", "1080p"), 66, "no rendition.*720p60")

    def test_few_and_many_connections_bring_the_same(self):
        expected = self.local_cut(self.source.path, "-r", "worst")
        for connections in ("1", "16"):
            with self.subTest(connections):
                self.assert_cut(self.cut_of(self.recording, "-r", "worst", "-j", connections), expected)


class Places(S3Workplace):
    """Where a recording's playlist is looked for below a prefix."""

    def test_the_places_are_tried_in_the_documented_order(self):
        places = ["odd/place/main.m3u8", "media/hls/master.m3u8", "master.m3u8", "playlist.m3u8", "whatever.m3u8"]
        self.s3.put(self.bucket, "rec/events/recording-ended.json", ended("odd/place", "main.m3u8"))
        for place in places:
            self.put_source(f"rec/{Path(place).parent}".removesuffix("/."), playlist=Path(place).name)
        for place in places:
            with self.subTest(place):
                done = self.run_here(self.place("rec"), "--inspect", "--json")
                self.assertEqual(done.returncode, 0, done.stderr)
                self.assertEqual(json.loads(done.stdout)["playlist_path"], self.place(f"rec/{place}"))
            self.s3.delete(self.bucket, f"rec/{place}")

    def test_the_events_are_tried_in_the_documented_order(self):
        for name in ("ended", "failed", "started"):
            self.s3.put(self.bucket, f"rec/events/recording-{name}.json", ended("at", f"{name}.m3u8"))
            self.put_source("rec/at", playlist=f"{name}.m3u8")
        for name in ("ended", "failed", "started"):
            with self.subTest(name):
                done = self.run_here(self.place("rec/"), "--inspect", "--json")
                self.assertEqual(json.loads(done.stdout)["playlist_path"], self.place(f"rec/at/{name}.m3u8"))
            self.s3.delete(self.bucket, f"rec/events/recording-{name}.json")

    def test_a_recording_without_events_is_cut(self):
        self.put_source("rec/media/hls/720p30")
        self.s3.put(self.bucket, "rec/media/hls/master.m3u8", master("720p30/index.m3u8"))
        self.assert_cut(self.cut_of(self.place("rec")), self.local_cut(self.source.path))

    def test_the_only_playlist_below_a_prefix_is_found_by_listing(self):
        self.put_source("rec/somewhere", playlist="stray.m3u8")
        self.put_source("rec2", playlist="of-another.m3u8")
        self.assert_cut(self.cut_of(self.place("rec")), self.local_cut(self.source.path))

    def test_of_several_playlists_that_of_the_rendition_is_found_by_listing(self):
        self.put_source("rec/here/720p30")
        self.put_source("rec/here/160p30")
        self.assert_refused(self.cut_of(self.place("rec")), 66)
        self.assert_cut(self.cut_of(self.place("rec"), "-r", "720p30"), self.local_cut(self.source.path))

    def test_nothing_below_a_prefix_is_no_recording(self):
        for place in (self.place("nothing/here/"), self.place("nothing"), f"s3://{self.bucket}", self.place("")):
            with self.subTest(place):
                self.assert_refused(self.cut_of(place), 66, self.bucket)

    def test_a_playlist_that_is_missing_is_named(self):
        self.assert_refused(self.cut_of(self.place("gone/x.m3u8")), 66, "gone/x.m3u8")

    def test_a_bucket_that_is_missing_is_named(self):
        for key in ("rec", "rec/x.m3u8"):
            with self.subTest(key):
                self.assert_refused(self.cut_of(f"s3://no-such-bucket-here/{key}"), 66, "no-such-bucket-here")

    def test_a_segment_that_is_missing_is_named(self):
        playlist = self.put_source("rec")
        self.s3.delete(self.bucket, "rec/seg001.ts")
        self.assert_refused(self.cut_of(playlist), 66, r"index.m3u8:\d+: .*seg001.ts")

    def test_a_file_that_is_no_playlist_is_refused(self):
        self.s3.put(self.bucket, "rec/x.m3u8", b"not a playlist\n")
        self.assert_refused(self.cut_of(self.place("rec/x.m3u8")), 65, "x.m3u8:1: ")

    def test_references_to_the_machine_itself_are_refused(self):
        text = self.source.playlist.read_text()
        for reference in (f"file://{self.source.segment_files()[1]}", "file:seg001.ts", "ftp://host/seg001.ts"):
            self.s3.put(self.bucket, "x.m3u8", text.replace("seg001.ts", reference).encode())
            with self.subTest(reference):
                self.assert_refused(self.cut_of(self.place("x.m3u8")), 65, r"x.m3u8:\d+: ")

    def test_byte_ranges_of_one_object_are_cut_as_the_segments_are(self):
        text, offset = self.source.playlist.read_text().replace("VERSION:3", "VERSION:4"), 0
        for segment in self.source.segment_files():
            size = segment.stat().st_size
            text = text.replace(segment.name, f"#EXT-X-BYTERANGE:{size}@{offset}\nall.ts")
            offset += size
        self.s3.put(self.bucket, "rec/all.ts", b"".join(s.read_bytes() for s in self.source.segment_files()))
        self.s3.put(self.bucket, "rec/index.m3u8", text.encode())
        self.assert_cut(self.cut_of(self.place("rec/index.m3u8")), self.local_cut(self.source.path))


class Names(S3Workplace):
    """A key is read under exactly its name."""

    def test_a_key_with_an_odd_name_is_read_as_it_is_spelt(self):
        expected = self.local_cut(self.source.path)
        for name in ODD_NAMES:
            with self.subTest(name):
                self.assert_cut(self.cut_of(self.put_source(name)), expected)

    def test_the_longest_name_is_read(self):
        playlist = self.put_source("k" * (LONGEST - len("/index.m3u8")))
        self.assert_cut(self.cut_of(playlist), self.local_cut(self.source.path))

    def test_a_recording_with_an_odd_name_is_read_as_it_is_spelt(self):
        expected = self.local_cut(self.source.path)
        for name in ODD_NAMES:
            self.put_source(f"{name}/media/hls", playlist="master.m3u8")
            with self.subTest(name):
                self.assert_cut(self.cut_of(self.place(f"{name}/")), expected)

    def test_what_a_clean_up_would_make_of_a_name_is_not_read(self):
        for name, other in (("a/../b", "b"), ("a/./b", "a/b"), ("a//b", "a/b"), ("a%20b", "a b"), ("a+b", "a b")):
            self.put_source(other)
            with self.subTest(name):
                self.assert_refused(self.cut_of(self.place(f"{name}/index.m3u8")), 66)

    def test_segments_may_be_named_in_every_customary_way(self):
        text = self.source.playlist.read_text()
        names = {"seg000.ts": ("one two.ts", "one%20two.ts"), "seg001.ts": ("drei-\u4e09.ts", "drei-\u4e09.ts"),
                 "seg002.ts": ("vier-\u00fc.ts", "vier-%C3%BC.ts"), "seg003.ts": ("a+b.ts", "a+b.ts"),
                 "seg004.ts": ("up.ts", "deep/../up.ts"), "seg005.ts": ("what?.ts", "what%3F.ts")}
        for segment in self.source.segment_files():
            key, reference = names[segment.name]
            text = text.replace(segment.name, reference)
            self.s3.put(self.bucket, f"rec/{key}", segment.read_bytes())
        self.s3.put(self.bucket, "rec/index.m3u8", text.encode())
        done = self.run_here(self.place("rec/index.m3u8"), "--start", "0", "--end", "end", "--dry-run", "--json")
        self.assert_done(done)
        self.assertEqual(json.loads(done.stdout)["frames"], 720)


class Rights(S3Workplace):
    """Who may read, and what one is told who may not."""

    def setUp(self):
        super().setUp()
        self.playlist = self.put_source("rec")

    def assert_denied(self, code: str, *args: object) -> None:
        for place in (self.playlist, self.place("rec/")):
            with self.subTest(place):
                self.assert_refused(self.cut_of(place, *args), 77, code)

    def test_a_wrong_secret_is_told(self):
        self.ask_as(Identity(self.gateway.owner.key_id, "not/the/Secret"))
        self.assert_denied("SignatureDoesNotMatch")

    def test_an_unknown_key_is_told(self):
        self.ask_as(Identity("NOBODYHASTHISKEY0001", "a/Secret"))
        self.assert_denied("InvalidAccessKeyId")

    def test_a_user_without_rights_is_told(self):
        self.ask_as(self.gateway.stranger)
        self.assert_denied("AccessDenied")

    def test_nobody_in_a_private_bucket_is_told(self):
        self.assert_denied("AccessDenied", "--no-sign-request")

    def test_without_credentials_the_ways_to_give_them_are_told(self):
        self.ask_as(None)
        self.assert_denied("credentials")

    def test_nobody_reads_what_is_public(self):
        self.ask_as(None)
        self.bucket = self.new_bucket(PUBLIC_READ)
        self.put_source("rec", headers=PUBLIC_READ)
        expected = self.local_cut(self.source.path)
        self.assert_cut(self.cut_of(self.place("rec/index.m3u8"), "--no-sign-request"), expected)

    def test_a_url_whose_time_is_over_is_told(self):
        url = self.s3.presigned(self.bucket, "rec/index.m3u8", seconds=1)
        time.sleep(2.1)
        self.assert_refused(self.cut_of(url, "--no-sign-request"), 77, "AccessDenied|ExpiredToken|expired")

    def test_a_url_that_somebody_changed_is_told(self):
        url = self.s3.presigned(self.bucket, "rec/index.m3u8")
        signature = re.search("X-Amz-Signature=([0-9a-f]+)", url)[1]
        other = ("0" if signature[0] != "0" else "1") + signature[1:]
        for changed in (url.replace(signature, other), url.replace("/index.m3u8", "/seg000.ts"),
                        url.replace("X-Amz-Expires=600", "X-Amz-Expires=604800")):
            with self.subTest(changed[:60]):
                self.assertNotEqual(changed, url)
                done = self.cut_of(changed, "--no-sign-request")
                self.assert_refused(done, 77, "SignatureDoesNotMatch")
                self.assertNotIn(other, done.stderr)

    def test_a_segment_that_may_not_be_read_is_named(self):
        self.bucket = self.new_bucket(PUBLIC_READ)
        playlist = self.put_source("rec", headers=PUBLIC_READ)
        self.s3.put(self.bucket, "rec/seg001.ts", b"private")
        self.assert_refused(self.cut_of(playlist, "--no-sign-request"), 77,
                            "seg001.ts.*AccessDenied|AccessDenied.*seg001.ts")

    def test_a_session_reads(self):
        self.world["AWS_ENDPOINT_URL_S3"] = self.gateway.sessions_url
        self.ask_as(self.gateway.session())
        self.assert_cut(self.cut_of(self.playlist), self.local_cut(self.source.path))
        self.assert_cut(self.cut_of(self.place("rec")), self.local_cut(self.source.path))

    def test_a_session_whose_token_is_not_its_own_is_told(self):
        self.world["AWS_ENDPOINT_URL_S3"] = self.gateway.sessions_url
        session = self.gateway.session()
        for token in ("garbage", session.token[:-12] + "AAAAAAAAAAA=", ""):
            self.ask_as(Identity(session.key_id, session.secret, token))
            self.assert_denied("AccessDenied")


class Settings(S3Workplace):
    """Where credentials, endpoint, region and trust come from."""

    def setUp(self):
        super().setUp()
        self.playlist = self.put_source("rec")
        self.expected = self.local_cut(self.source.path)

    def written(self, name: str, text: str) -> str:
        (self.folder / name).write_text(text)
        return str(self.folder / name)

    def keys(self, name: str, identity: Identity) -> str:
        return (f"[{name}]\naws_access_key_id = {identity.key_id}\n"
                f"aws_secret_access_key = {identity.secret}\n")

    def test_a_profile_comes_from_the_files(self):
        self.ask_as(None)
        del self.world["AWS_REGION"], self.world["AWS_ENDPOINT_URL_S3"]
        self.world.update(
            AWS_SHARED_CREDENTIALS_FILE=self.written("credentials", self.keys("default", Identity("WRONG", "wrong"))
                                                     + self.keys("studio", self.gateway.owner)),
            AWS_CONFIG_FILE=self.written("config", "[profile studio]\nregion = us-east-1\n"
                                         f"endpoint_url = {self.gateway.url}\n"))
        self.assert_cut(self.cut_of(self.playlist, "--profile", "studio"), self.expected)
        self.world["AWS_PROFILE"] = "studio"
        self.assert_cut(self.cut_of(self.playlist), self.expected)

    def test_a_profile_that_does_not_exist_is_a_matter_of_configuration(self):
        self.world["AWS_CONFIG_FILE"] = self.written("config", "[default]\nregion = us-east-1\n")
        self.assert_refused(self.cut_of(self.playlist, "--profile", "nowhere"), 78, "nowhere")

    def test_a_program_gives_credentials(self):
        self.ask_as(None)
        owner = self.gateway.owner
        answer = self.written("answer.json", json.dumps({"Version": 1, "AccessKeyId": owner.key_id,
                                                         "SecretAccessKey": owner.secret}))
        self.world["AWS_CONFIG_FILE"] = self.written("config", f"[default]\ncredential_process = cat {answer}\n")
        self.assert_cut(self.cut_of(self.playlist), self.expected)

    def test_the_region_is_of_no_account_to_a_server_that_has_none(self):
        for words in (("--region", "eu-central-1"), ("--region", "default")):
            with self.subTest(words):
                self.assert_cut(self.cut_of(self.playlist, *words), self.expected)

    def test_the_endpoint_on_the_command_line_goes_first(self):
        self.world["AWS_ENDPOINT_URL_S3"] = "http://127.0.0.1:9"
        self.assert_cut(self.cut_of(self.playlist, "--endpoint-url", self.gateway.url), self.expected)

    def test_tls_with_a_private_authority_needs_its_certificate(self):
        self.world["AWS_ENDPOINT_URL_S3"] = self.gateway.secure_url
        self.assert_refused(self.cut_of(self.playlist, "--retries", "1"), 76, "[Cc]ertificate")
        self.world["AWS_CA_BUNDLE"] = str(self.gateway.certificates.authority)
        self.assert_cut(self.cut_of(self.playlist), self.expected)

    def test_who_lists_and_reads_for_others_says_that_he_pays(self):
        strait = Strait(int(self.gateway.url.rpartition(":")[2]))
        self.addCleanup(strait.close)
        self.world["AWS_ENDPOINT_URL_S3"] = strait.url
        self.assert_cut(self.cut_of(self.playlist, "--request-payer"), self.expected)
        requests = strait.seen.lower().count(b"get /")
        self.assertGreater(requests, 1)
        # In the query of what is presigned, in the headers of the rest; never twice in one request.
        said = strait.seen.lower().replace(b"x-amz-request-payer=requester", b"x-amz-request-payer: requester")
        self.assertEqual(said.count(b"x-amz-request-payer: requester"), requests)

    def test_a_presigned_playlist_is_read_with_segments_that_are_public(self):
        self.put_source("public", headers=PUBLIC_READ)
        self.s3.put(self.bucket, "public/index.m3u8", self.source.playlist.read_bytes())
        self.assert_cut(self.cut_of(self.s3.presigned(self.bucket, "public/index.m3u8"), PLAIN), self.expected)

    def test_a_presigned_playlist_does_not_sign_its_segments(self):
        self.assert_refused(self.cut_of(self.s3.presigned(self.bucket, "rec/index.m3u8"), PLAIN), 77,
                            r"seg00\d.ts.*AccessDenied|AccessDenied.*seg00\d.ts")

    def test_a_url_below_the_endpoint_is_signed_when_asked_for(self):
        url = self.s3.url(self.bucket, "rec/index.m3u8")
        self.assert_refused(self.cut_of(url, PLAIN), 77, "AccessDenied")
        self.assert_cut(self.cut_of(url, PLAIN, "--sign"), self.expected)

    def test_a_url_with_tls_is_signed_when_asked_for(self):
        self.world["AWS_ENDPOINT_URL_S3"] = self.gateway.secure_url
        self.world["AWS_CA_BUNDLE"] = str(self.gateway.certificates.authority)
        url = f"{self.gateway.secure_url}/{self.bucket}/rec/index.m3u8"
        self.assert_cut(self.cut_of(url, "--sign"), self.expected)


if __name__ == "__main__":
    sources.ensure("cfr30")
    unittest.main(argv=sys.argv)
