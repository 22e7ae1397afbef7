"""Tests that what is secret stays so: nothing that momentcut or its children say or are called with has any of it."""

import contextlib
import json
import sys
import time
import unittest
from pathlib import Path
from urllib.parse import quote, quote_plus

import momentcut
import sources
from s3_client import PUBLIC_READ, Identity
from s3_workplace import S3Workplace
from workplace import MOMENT, QUICK

SIGNED = ("X-Amz-Signature", "Signature=")
LOUD = ("-vv", "--progress", "json")
HUSH = "5ec7e7-hush"


class Said:
    """What a run said, and what it and its children were called with."""

    def __init__(self, code: int, out: bytes, err: bytes, words: set[tuple[int, bytes]], own: int):
        self.code = code
        self.out, self.err = (text.decode(errors="replace") for text in (out, err))
        mine = {text for process, text in words if process == own}
        self.own = b"\n".join(mine).decode(errors="replace")
        # A child that has only just begun still has its parent's words.
        self.children = b"\n".join({text for _, text in words} - mine).decode(errors="replace")


class Secrets(S3Workplace):
    def setUp(self):
        super().setUp()
        self.playlist = self.put_source("rec")

    def listen(self, *args: object, **options) -> Said:
        """Runs momentcut and looks at every process that works for it while it does."""
        with (self.folder / "stdout").open("wb") as out, (self.folder / "stderr").open("wb") as err:
            process = self.start(*args, stdout=out, stderr=err, **options)
            words, end = set(), time.monotonic() + momentcut.TIMEOUT
            while process.poll() is None:
                self.assertLess(time.monotonic(), end, "it does not end")
                words |= self._words_of_all()
                time.sleep(0.005)
        return Said(process.returncode, (self.folder / "stdout").read_bytes(), (self.folder / "stderr").read_bytes(),
                    words, process.pid)

    def _words_of_all(self) -> set[tuple[int, bytes]]:
        """The command lines of all that have this test's $TMPDIR, which their environment tells."""
        mark, found = f"TMPDIR={self.tmp}".encode(), set()
        for process in Path("/proc").iterdir():
            with contextlib.suppress(OSError):
                if process.name.isdigit() and mark in (process / "environ").read_bytes():
                    found.add((int(process.name), (process / "cmdline").read_bytes().replace(b"\0", b" ")))
        return found

    def hidden(self) -> list[str]:
        """What nobody may see, as it is and as it is encoded."""
        names = ("AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")
        secrets = [self.gateway.owner.secret, self.gateway.owner.key_id, self.gateway.stranger.secret, HUSH,
                   *(self.world[name] for name in names if self.world.get(name))]
        return [*SIGNED, *{form for secret in secrets for form in (secret, quote(secret, safe=""), quote(secret),
                                                                   quote_plus(secret), json.dumps(secret)[1:-1])}]

    def assert_hushed(self, said: Said, code: int, given: bool = False) -> None:
        """It ended so, and no secret is anywhere; `given`: but where the user put it, on the command line."""
        self.assertEqual(said.code, code, said.err[-2000:])
        places = {"stdout": said.out, "stderr": said.err, "the children's words": said.children}
        if not given:
            places["its own words"] = said.own
        for place, text in places.items():
            for secret in self.hidden():
                self.assertNotIn(secret, text, f"in {place}")

    def cutting(self, *args: object, loud: bool = True) -> list[object]:
        return [*MOMENT, *QUICK, *args, *(LOUD if loud else ())]

    def use_a_session(self) -> Identity:
        self.world["AWS_ENDPOINT_URL_S3"] = self.gateway.sessions_url
        session = self.gateway.session()
        self.ask_as(session)
        return session

    def test_the_listening_hears_the_children(self):
        said = self.listen(self.source.path, *self.cutting("-o", self.clip))
        self.assertIn("momentcut", said.own)
        self.assertIn("ffmpeg", said.children)
        self.assertNotEqual(said.err, "")

    def test_a_cut_hides_the_secret(self):
        for words in (LOUD, ("--json",), ("--json", "--dry-run", "-vv"), ("--inspect", "-vv"), ("--inspect", "--json")):
            for source in (self.playlist, self.place("rec/")):
                with self.subTest(words, source=source):
                    moment = () if "--inspect" in words else (*MOMENT, *QUICK, "-o", self.clip, "--force")
                    self.assert_hushed(self.listen(source, *moment, *words), 0)

    def test_a_cut_hides_a_sessions_token(self):
        self.use_a_session()
        self.assert_hushed(self.listen(self.playlist, *self.cutting("-o", self.clip)), 0)

    def test_a_refusal_hides_the_secret(self):
        owner = self.gateway.owner
        for name, identity in {"wrong secret": Identity(owner.key_id, HUSH), "unknown": Identity("NOBODY", HUSH),
                               "stranger": self.gateway.stranger}.items():
            with self.subTest(name):
                self.ask_as(identity)
                self.assert_hushed(self.listen(self.playlist, *self.cutting("-o", self.clip)), 77)

    def test_a_refused_session_hides_its_token(self):
        session = self.use_a_session()
        for identity in (Identity(session.key_id, session.secret, session.token[:-12] + "AAAAAAAAAAA="),
                         Identity(session.key_id, HUSH, session.token)):
            self.ask_as(identity)
            self.assert_hushed(self.listen(self.playlist, *self.cutting("-o", self.clip)), 77)

    def test_what_is_missing_is_named_without_a_signature(self):
        self.s3.delete(self.bucket, "rec/seg001.ts")
        for source in (self.playlist, self.place("gone/x.m3u8"), self.place("gone/"), "s3://no-such-bucket-here/x"):
            with self.subTest(source):
                self.assert_hushed(self.listen(source, *self.cutting("-o", self.clip)), 66)

    def test_a_server_that_is_gone_is_named_without_a_signature(self):
        self.world["AWS_ENDPOINT_URL_S3"] = "http://127.0.0.1:9"
        said = self.listen(self.playlist, *self.cutting("-o", self.clip, "--retries", "1"))
        self.assertIn(said.code, (69, 75))
        self.assert_hushed(said, said.code)

    def test_an_upload_hides_the_secret(self):
        for words in (LOUD, ("--json", "-vv"), ("--no-clobber", "-vv", "--metadata", "a=b")):
            with self.subTest(words):
                key = f"clips/{len(words)}.mp4"
                self.assert_hushed(self.listen(self.source.path, *self.cutting("--upload", self.place(key), *words,
                                                                               loud=False)), 0)

    def test_an_upload_hides_a_sessions_token(self):
        self.use_a_session()
        self.assert_hushed(self.listen(self.playlist, *self.cutting("--upload", self.place("x.mp4"))), 0)

    def test_a_refused_upload_hides_the_secret(self):
        upload = ("--upload", self.place("x.mp4"))
        self.ask_as(self.gateway.stranger)
        self.assert_hushed(self.listen(self.source.path, *self.cutting(*upload)), 77)
        self.ask_as(Identity(self.gateway.owner.key_id, HUSH))
        self.assert_hushed(self.listen(self.source.path, *self.cutting(*upload)), 77)
        self.ask_as(self.gateway.owner)
        gone = ("--upload", "s3://no-such-bucket-here/x.mp4")
        self.assert_hushed(self.listen(self.source.path, *self.cutting(*gone)), 66)

    def test_the_url_asked_for_is_the_only_place_of_a_signature(self):
        self.use_a_session()
        upload = ("--upload", self.place("x.mp4"), "--presign-result")
        said = self.listen(self.source.path, *self.cutting(*upload))
        *lines, url = said.out.splitlines()
        self.assertIn("X-Amz-Signature=", url)
        said.out = "\n".join(lines)
        self.assert_hushed(said, 0)
        said = self.listen(self.source.path, *self.cutting(*upload, "--json"))
        receipt = json.loads(said.out)
        self.assertIn("X-Amz-Signature=", receipt["upload"].pop("url"))
        said.out = json.dumps(receipt)
        self.assert_hushed(said, 0)

    def test_a_presigned_source_is_named_without_its_signature(self):
        self.put_source("public", headers=PUBLIC_READ)
        for key, seconds, code in (("public/index.m3u8", 600, 0), ("rec/index.m3u8", 600, 77),
                                   ("gone/index.m3u8", 600, 66)):
            url = self.s3.presigned(self.bucket, key, seconds)
            for words in (LOUD, ("--json", "-vv")):
                with self.subTest(key, words=words):
                    wanted = self.cutting("-o", self.clip, "--force", *words, loud=False)
                    self.assert_hushed(self.listen(url, "--allow-http", *wanted), code, given=True)

    def test_a_header_given_stays_between_its_giver_and_the_server(self):
        self.put_source("public", headers=PUBLIC_READ)
        for key, code in (("public/index.m3u8", 0), ("rec/index.m3u8", 77)):
            said = self.listen(self.s3.url(self.bucket, key), "--allow-http", "--header", f"X-Secret: {HUSH}",
                               *self.cutting("-o", self.clip))
            self.assert_hushed(said, code, given=True)

    def test_a_program_that_gives_credentials_wrongly_is_not_quoted(self):
        self.ask_as(None)
        for number, answer in enumerate((f'{{"Version": 1, "SecretAccessKey": "{HUSH}"}}', f"{HUSH} is no JSON",
                                         f'{{"Version": 9, "AccessKeyId": "A", "SecretAccessKey": "{HUSH}"}}')):
            (self.folder / "answer").write_text(answer)
            config = self.folder / f"config{number}"
            config.write_text(f"[default]\ncredential_process = cat {self.folder}/answer\n")
            self.world["AWS_CONFIG_FILE"] = str(config)
            said = self.listen(self.playlist, *self.cutting("-o", self.clip))
            self.assertIn(said.code, (77, 78), said.err)
            self.assert_hushed(said, said.code)

    def test_a_file_of_credentials_is_not_quoted(self):
        self.ask_as(None)
        path = self.folder / "credentials"
        self.world["AWS_SHARED_CREDENTIALS_FILE"] = str(path)
        owner = self.gateway.owner
        for key_id, secret, code in ((owner.key_id, owner.secret, 0), ("A", HUSH, 77)):
            path.write_text(f"[default]\naws_access_key_id = {key_id}\naws_secret_access_key = {secret}\n")
            self.assert_hushed(self.listen(self.playlist, *self.cutting("-o", self.clip)), code)


if __name__ == "__main__":
    sources.ensure("cfr30")
    unittest.main(argv=sys.argv)
