"""Tests of where credentials come from and what S3's answers teach, against small servers of the test's own.

The S3 here looks only at who signs, for which region and when; signatures are verified by the real one.
"""

import json
import sys
import time
import unittest
from dataclasses import dataclass, field
from datetime import datetime, timezone
from email.utils import formatdate
from pathlib import Path
from urllib.parse import parse_qs, parse_qsl

import fault_server
import faults
from fault_server import Answer, Folder, Request
from served import ONCE, RETRY, ServedCase

BUCKET = "moments"
QUARTER = 15 * 60.0    # seconds by which a clock may be off
HOURS = 6 * 3600.0
SECRET = "5ec7e75ec7e7"


def iso(seconds_from_now: float) -> str:
    return datetime.fromtimestamp(time.time() + seconds_from_now, timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


@dataclass
class Keys:
    """Credentials as they are served, and what a request bears that they signed."""
    access: str
    token: str = ""
    expires_in: float = HOURS

    def served(self) -> Answer:
        body = {"Code": "Success", "Type": "AWS-HMAC", "AccessKeyId": self.access, "SecretAccessKey": SECRET,
                "Token": self.token, "Expiration": iso(self.expires_in)}
        return Answer(200, json.dumps(body).encode())

    def process(self) -> str:
        return json.dumps({"Version": 1, "AccessKeyId": self.access, "SecretAccessKey": SECRET,
                           **({"SessionToken": self.token} if self.token else {}), "Expiration": iso(self.expires_in)})


def s3_error(status: int, code: str, more: str = "", **fields: str) -> Answer:
    body = (f'<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>{code}</Code><Message>As the test wants it.'
            f"</Message>{more}<RequestId>4442587FB7D0A2F9</RequestId><HostId>h</HostId></Error>")
    return Answer(status, body.encode(), {"Content-Type": "application/xml", "x-amz-request-id": "4442587FB7D0A2F9",
                                          **{name.replace("_", "-"): value for name, value in fields.items()}})


@dataclass
class Bucket:
    """s3://moments, path style: looks at the access key, the token, the region and the time of each request."""
    folder: Path
    region: str = "us-east-1"
    keys: Keys = field(default_factory=lambda: Keys("AKIDFIRST", "token/+one=="))
    wrong_region: Answer | None = None
    clock: float = 0.0        # seconds that it is ahead of the world
    signed: bool = True

    def __call__(self, request: Request) -> Answer:
        answer = self.refusal(request) or self.object(request)
        answer.fields["Date"] = formatdate(time.time() + self.clock, usegmt=True)
        return answer

    def object(self, request: Request) -> Answer:
        inner = Request(request.method, request.path.removeprefix(f"/{BUCKET}"), request.fields, b"", 0, 0.0)
        answer = Folder(self.folder)(inner)
        return answer if answer.status != 404 else s3_error(404, "NoSuchKey")

    def refusal(self, request: Request) -> Answer | None:
        query = dict(parse_qsl(request.query))
        credential = query.get("X-Amz-Credential", "")
        if not self.signed:
            return s3_error(403, "AccessDenied") if credential or "authorization" in request.fields else None
        if not credential.startswith(f"{self.keys.access}/"):
            return s3_error(403, "InvalidAccessKeyId")
        if query.get("X-Amz-Security-Token", "") != self.keys.token:
            return s3_error(403, "InvalidToken")
        if not credential.endswith(f"/{self.region}/s3/aws4_request"):
            return self.wrong_region or s3_error(400, "AuthorizationHeaderMalformed")
        signed_at = datetime.strptime(query["X-Amz-Date"], "%Y%m%dT%H%M%SZ").replace(tzinfo=timezone.utc).timestamp()
        return (s3_error(403, "RequestTimeTooSkewed") if abs(signed_at - time.time() - self.clock) > QUARTER else None)


class S3Case(ServedCase):
    """A test whose source is s3://moments/index.m3u8 on `self.server`, and whose environment is `self.env`."""

    def setUp(self) -> None:
        super().setUp()
        self.bucket = Bucket(self.source.playlist.parent)
        self.server = fault_server.serve(self, self.bucket)
        self.env = self.fixed(self.bucket.keys)

    def fixed(self, keys: Keys) -> dict[str, str]:
        return {"AWS_ACCESS_KEY_ID": keys.access, "AWS_SECRET_ACCESS_KEY": SECRET, "AWS_SESSION_TOKEN": keys.token,
                "AWS_EC2_METADATA_DISABLED": "true"}

    def right(self, *args: object) -> None:
        self.cut_right("--endpoint-url", self.server.origin, *args, url=f"s3://{BUCKET}/index.m3u8", env=self.env)

    def refused(self, code: int, pattern: str, *args: object) -> str:
        said = self.cut_refused(code, pattern, "--endpoint-url", self.server.origin, *args,
                                url=f"s3://{BUCKET}/index.m3u8", env=self.env)
        for secret in (SECRET, self.bucket.keys.token, "X-Amz-"):
            if secret:
                self.assertNotIn(secret, said)
        return said

    def signers(self) -> list[str]:
        """The access keys of the requests to S3, in their order, "" for none."""
        return [parse_qs(r.query).get("X-Amz-Credential", [""])[0].partition("/")[0] for r in self.server.asked()]

    def regions(self) -> list[str]:
        return [parse_qs(r.query)["X-Amz-Credential"][0].split("/")[2] for r in self.server.asked()]


class Sources(S3Case):
    """The ways to credentials that need no server."""

    def config(self, text: str, name: str = "config") -> str:
        path = self.folder / name
        path.write_text(text)
        return str(path)

    def test_the_environment_s_keys_sign_every_request(self):
        self.right()
        self.assertEqual(set(self.signers()), {"AKIDFIRST"})
        self.assertEqual(self.server.names(), ["index.m3u8", "seg000.ts", "seg001.ts"])

    def test_nobody_signs_who_shall_not(self):
        self.bucket.signed = False
        self.right("--no-sign-request")
        self.assertEqual(set(self.signers()), {""})

    def test_headers_of_the_command_line_do_not_go_to_s3(self):
        self.right("--header", "X-Probe: yes", "--header", "Authorization: Bearer x", "--header", "Cookie: a=b")
        for request in self.server.asked():
            self.assertFalse({"x-probe", "authorization", "cookie"} & set(request.fields))

    def process(self, script: str) -> None:
        """From now on credentials are what this script prints; its $1 has two words."""
        program = self.folder / "credentials of mine"
        program.write_text(f"#!/bin/sh\n{script}\n")
        program.chmod(0o755)
        config = self.config(f'[profile p]\ncredential_process = "{program}" "two words"\n')
        self.env = {"AWS_CONFIG_FILE": config, "AWS_PROFILE": "p", "AWS_EC2_METADATA_DISABLED": "true"}

    def test_a_process_prints_credentials(self):
        self.process(f"[ \"$1\" = 'two words' ] && echo '{self.bucket.keys.process()}'")
        self.right()

    def test_a_process_that_fails_is_told_without_what_it_printed(self):
        for script in (f"echo {SECRET}; exit 3", f"echo '{{\"Version\": 2, \"SecretAccessKey\": \"{SECRET}\"}}'"):
            with self.subTest(script):
                self.process(script)
                done = self.cut("--endpoint-url", self.server.origin, url=f"s3://{BUCKET}/index.m3u8", env=self.env)
                self.assertIn(done.returncode, (69, 75, 77, 78))
                self.assert_refused(done, done.returncode, "credential_process")
                self.assertNotIn(SECRET, done.stderr)

    def test_a_profile_named_on_the_command_line_goes_before_the_environment(self):
        shared = self.config("[p]\naws_access_key_id = AKIDPROFILE\n"
                             f"aws_secret_access_key = {SECRET}\naws_session_token = t\n")
        self.env["AWS_SHARED_CREDENTIALS_FILE"] = shared
        self.bucket.keys = Keys("AKIDPROFILE", "t")
        self.right("--profile", "p")

    def test_without_credentials_the_ways_to_them_are_told(self):
        self.env = {"AWS_EC2_METADATA_DISABLED": "true"}
        self.refused(77, "credentials.*(--no-sign-request|AWS_)")
        self.assertEqual(self.server.asked(), [])


class Endpoints(S3Case):
    """Servers that hand out credentials."""

    def endpoint(self, *answers: Answer) -> fault_server.Server:
        """A server that gives these answers in turn, and the last one from then on."""
        waiting = list(answers)
        return fault_server.serve(self, lambda request: waiting.pop(0) if len(waiting) > 1 else waiting[0])

    def container(self, *answers: Answer, **env: str) -> fault_server.Server:
        server = self.endpoint(*answers)
        self.env = {"AWS_CONTAINER_CREDENTIALS_FULL_URI": server.url("v1/credentials?x=1"), **env}
        return server

    def test_a_container_s_endpoint_is_asked_with_its_token(self):
        asked = self.container(self.bucket.keys.served(), AWS_CONTAINER_AUTHORIZATION_TOKEN="Basic abc")
        self.right()
        (request,) = asked.asked()
        self.assertEqual((request.target, request.fields["authorization"]), ("/v1/credentials?x=1", "Basic abc"))

    def test_a_token_file_goes_before_a_token(self):
        token = self.folder / "token"
        token.write_text("from a file")
        asked = self.container(self.bucket.keys.served(), AWS_CONTAINER_AUTHORIZATION_TOKEN="Basic abc",
                               AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE=str(token))
        self.right()
        self.assertEqual([request.fields["authorization"] for request in asked.asked()], ["from a file"])

    def test_the_environment_s_keys_go_before_a_container_s(self):
        asked = self.container(Keys("AKIDOTHER").served(), **self.fixed(self.bucket.keys))
        self.right()
        self.assertEqual(asked.asked(), [])

    def test_a_container_s_endpoint_elsewhere_is_not_asked(self):
        self.env = {"AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://192.0.2.1/x"}
        self.refused(78, "AWS_CONTAINER_CREDENTIALS_FULL_URI")

    def test_a_proxy_is_not_asked_for_what_is_near(self):
        asked = self.container(self.bucket.keys.served(), http_proxy="http://127.0.0.1:9", no_proxy="", NO_PROXY="")
        self.refused(75, "index.m3u8", *ONCE)  # S3 itself is behind the proxy, which is not there
        self.assertEqual(len(asked.asked()), 1)

    def test_an_endpoint_that_is_busy_is_asked_again(self):
        asked = self.container(Answer(500), self.bucket.keys.served())
        self.right()
        self.assertEqual(len(asked.asked()), 2)

    def test_an_endpoint_that_refuses_or_talks_nonsense_is_told(self):
        for answer in (Answer(403, SECRET.encode()), Answer(404), Answer(200, SECRET.encode()), Answer(200, b"{}"),
                       Answer(302, b"", {"Location": "http://127.0.0.1:1/"})):
            with self.subTest(answer.status, body=answer.body):
                self.container(answer)
                done = self.cut("--endpoint-url", self.server.origin, *ONCE, url=f"s3://{BUCKET}/index.m3u8",
                                env=self.env)
                self.assertIn(done.returncode, (75, 76, 77))
                self.assert_refused(done, done.returncode, "credentials")
                self.assertNotIn(SECRET, done.stderr)
        self.assertEqual(self.server.asked(), [])

    def metadata(self, request: Request) -> Answer:
        """IMDSv2 as EC2 has it: a token first, which every other request must bear."""
        below = "/latest/meta-data/iam/security-credentials/"
        if request.target == "/latest/api/token":
            lifetime = request.fields.get("x-aws-ec2-metadata-token-ttl-seconds", "")
            right = request.method == "PUT" and lifetime.isdigit() and 1 <= int(lifetime) <= 21600
            return Answer(200, b"AQAAA-token") if right else Answer(400)
        if request.method != "GET" or request.fields.get("x-aws-ec2-metadata-token") != "AQAAA-token":
            return Answer(401)
        return {below: Answer(200, b"the-role\n"), f"{below}the-role": self.bucket.keys.served()}.get(
            request.target, Answer(404))

    def test_an_instance_s_role_signs(self):
        imds = fault_server.serve(self, self.metadata)
        self.env = {"AWS_EC2_METADATA_SERVICE_ENDPOINT": imds.origin}
        self.right()
        self.assertEqual([request.method for request in imds.asked()], ["PUT", "GET", "GET"])
        self.env["AWS_EC2_METADATA_SERVICE_ENDPOINT"] += "/"
        self.right()

    def test_metadata_that_is_disabled_is_not_asked(self):
        imds = fault_server.serve(self, self.metadata)
        self.env = {"AWS_EC2_METADATA_SERVICE_ENDPOINT": imds.origin, "AWS_EC2_METADATA_DISABLED": "true"}
        self.refused(77, "credentials")
        self.assertEqual(imds.asked(), [])

    def web_identity(self, answer: Answer) -> fault_server.Server:
        sts = self.endpoint(answer)
        token = self.folder / "web-token"
        token.write_text("eyJ.a+b/c=.d\n")
        self.env = {"AWS_WEB_IDENTITY_TOKEN_FILE": str(token), "AWS_ROLE_ARN": "arn:aws:iam::123456789012:role/Cutter",
                    "AWS_ROLE_SESSION_NAME": "night", "AWS_ENDPOINT_URL_STS": sts.origin}
        return sts

    def test_a_web_identity_is_turned_into_credentials(self):
        keys = self.bucket.keys
        sts = self.web_identity(Answer(200, (
            '<AssumeRoleWithWebIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">'
            f"<AssumeRoleWithWebIdentityResult><Credentials><SessionToken>{keys.token}</SessionToken><SecretAccessKey>"
            f"{SECRET}</SecretAccessKey><Expiration>{iso(HOURS)}</Expiration><AccessKeyId>{keys.access}</AccessKeyId>"
            "</Credentials></AssumeRoleWithWebIdentityResult></AssumeRoleWithWebIdentityResponse>").encode()))
        self.right()
        (request,) = sts.asked()
        said = dict(parse_qsl(request.body.decode() or request.query))
        self.assertEqual(said, said | {"Action": "AssumeRoleWithWebIdentity", "Version": "2011-06-15",
                                       "RoleArn": self.env["AWS_ROLE_ARN"], "RoleSessionName": "night",
                                       "WebIdentityToken": "eyJ.a+b/c=.d"})

    def test_a_web_identity_that_is_refused_is_told_with_its_code(self):
        self.web_identity(Answer(403, b'<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error><Type>'
                                 b"Sender</Type><Code>AccessDenied</Code><Message>Not authorized</Message></Error>"
                                 b"<RequestId>r-1</RequestId></ErrorResponse>"))
        self.assertNotIn("eyJ", self.refused(77, "AccessDenied"))

    def test_credentials_that_end_soon_are_renewed_before_the_next_request(self):
        asked = self.container(Keys("AKIDFIRST", "token/+one==", 240).served(), Keys("AKIDSECOND", "two").served())
        first = self.bucket

        def either(request: Request) -> Answer:
            keys = first.keys if first.keys.access in request.query else Keys("AKIDSECOND", "two")
            return Bucket(first.folder, keys=keys)(request)

        self.server.respond = either
        self.right()
        self.assertEqual(set(self.signers()[1:]), {"AKIDSECOND"})
        self.assertEqual(len(asked.asked()), 2)

    def test_credentials_that_always_end_soon_are_used_all_the_same(self):
        self.container(Keys("AKIDFIRST", "token/+one==", 240).served())
        self.right()

    def test_credentials_that_expire_amid_the_work_are_renewed_once(self):
        for status in (400, 403):
            with self.subTest(status):
                self.server.begin_anew()
                asked = self.container(Keys("AKIDOLD", "old").served(), self.bucket.keys.served())
                self.server.respond = lambda request: (
                    s3_error(status, "ExpiredToken") if "AKIDOLD" in request.query else self.bucket(request))
                self.right("-j", "1")
                self.assertEqual((self.signers().count("AKIDOLD"), len(asked.asked())), (1, 2))

    def test_credentials_that_stay_expired_are_told(self):
        asked = self.container(self.bucket.keys.served())
        self.server.respond = lambda request: s3_error(400, "ExpiredToken")
        self.refused(77, "ExpiredToken.*4442587FB7D0A2F9", *RETRY)
        self.assertEqual((len(asked.asked()), len(self.server.asked())), (2, 2))


class Lessons(S3Case):
    """What S3's refusals teach."""

    def test_a_clock_that_is_off_is_corrected_once(self):
        for clock in (3600.0, -7200.0):
            with self.subTest(clock):
                self.server.begin_anew()
                self.bucket.clock = clock
                self.right()
                playlist, again, *segments = [request.status for request in self.server.asked()]
                self.assertEqual((playlist, again, sorted(segments)), (403, 200, [200, 206]))

    def test_a_clock_that_stays_off_is_told(self):
        self.server.respond = lambda request: s3_error(403, "RequestTimeTooSkewed", Date=formatdate(0, usegmt=True))
        self.refused(77, "RequestTimeTooSkewed.*4442587FB7D0A2F9", *RETRY)
        self.assertEqual(len(self.server.asked()), 2)

    def test_another_region_is_learnt_from_the_refusal_and_remembered(self):
        region = "<Region>eu-west-3</Region>"
        for number, answer in enumerate((
                s3_error(400, "AuthorizationHeaderMalformed", region), s3_error(301, "PermanentRedirect", region),
                s3_error(301, "PermanentRedirect", x_amz_bucket_region="eu-west-3"),
                s3_error(400, "AuthorizationQueryParametersError", region),
                s3_error(400, "IllegalLocationConstraintException", x_amz_bucket_region="eu-west-3"))):
            with self.subTest(number):
                self.server.begin_anew()
                self.bucket.region, self.bucket.wrong_region = "eu-west-3", answer
                self.right()
                self.assertEqual(self.regions(), ["us-east-1"] + ["eu-west-3"] * 3)

    def test_a_region_that_is_given_is_signed_for(self):
        self.bucket.region = "ap-southeast-2"
        self.right("--region", "ap-southeast-2")
        self.assertEqual(set(self.regions()), {"ap-southeast-2"})
        self.env["AWS_REGION"] = "ap-southeast-2"
        self.right()

    def test_a_region_that_is_never_right_is_told(self):
        self.server.respond = lambda request: s3_error(400, "AuthorizationHeaderMalformed", "<Region>xx-1</Region>")
        self.refused(76, "AuthorizationHeaderMalformed.*4442587FB7D0A2F9", *RETRY)
        self.assertLessEqual(len(self.server.asked()), 3)

    def test_answers_that_ask_for_patience_get_it(self):
        for status, code in ((503, "SlowDown"), (500, "InternalError"), (400, "RequestTimeout"), (429, ""),
                             (503, "ServiceUnavailable"), (400, "ThrottlingException")):
            with self.subTest(code):
                self.server.begin_anew()
                self.server.when("*seg001.ts", self.instead(s3_error(status, code)), times=1)
                self.right()

    def instead(self, answer: Answer) -> fault_server.Fault:
        return faults.status(answer.status, answer.body, answer.fields)

    def test_errors_name_the_code_and_the_request(self):
        for status, code, exit_code in ((403, "AccessDenied", 77), (403, "InvalidAccessKeyId", 77),
                                        (403, "SignatureDoesNotMatch", 77), (404, "NoSuchKey", 66),
                                        (404, "NoSuchBucket", 66), (503, "SlowDown", 75), (500, "InternalError", 75)):
            with self.subTest(code):
                self.server.begin_anew()
                self.server.when("*seg001.ts", self.instead(s3_error(status, code)))
                self.refused(exit_code, rf"seg001\.ts.*{code}.*4442587FB7D0A2F9", "--retries", "1")


if __name__ == "__main__":
    unittest.main(argv=sys.argv)
