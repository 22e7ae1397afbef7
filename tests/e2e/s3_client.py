"""A small S3 client for the tests: botocore signs, http.client sends, and a key is sent as it is spelt.

botocore's own client is too well-meaning here: on its way out a key like "a/../b" becomes another.
"""

import http.client
import json
import ssl
import xml.etree.ElementTree as ElementTree
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote, unquote, urlencode, urlsplit

from botocore.auth import S3SigV4Auth, S3SigV4QueryAuth, SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

REGION = "us-east-1"
PUBLIC_READ = {"x-amz-acl": "public-read"}
_TIMEOUT = 60.0


@dataclass(frozen=True)
class Identity:
    """Who asks. The repr keeps the secrets to itself, since a failing test prints it."""
    key_id: str
    secret: str = field(repr=False)
    token: str = field(default="", repr=False)

    def environment(self) -> dict[str, str]:
        """What makes a program ask as this one."""
        names = {"AWS_ACCESS_KEY_ID": self.key_id, "AWS_SECRET_ACCESS_KEY": self.secret}
        return {**names, "AWS_SESSION_TOKEN": self.token} if self.token else names

    def credentials(self) -> Credentials:
        return Credentials(self.key_id, self.secret, self.token or None)


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]  # names in lower case
    body: bytes

    @property
    def code(self) -> str:
        """The error code that S3 gives, "" without one."""
        return next(iter(self.texts("Code")), "") if self.body.lstrip().startswith(b"<") else ""

    def texts(self, name: str) -> list[str]:
        """The texts of all XML elements of this name, whatever their namespace."""
        return [element.text or "" for element in ElementTree.fromstring(self.body).iter()
                if element.tag.rpartition("}")[2] == name]


class Refused(Exception):
    """The server said no."""

    def __init__(self, answer: Answer, what: str):
        super().__init__(f"{what}: {answer.status} {answer.code}")
        self.answer = answer


class Client:
    """Asks one endpoint as one identity, or as nobody."""

    def __init__(self, endpoint: str, identity: Identity | None, authority: Path | None = None):
        self.endpoint, self.identity = endpoint, identity
        self._context = ssl.create_default_context(cafile=str(authority)) if authority else None

    def create_bucket(self, bucket: str, headers: dict[str, str] | None = None) -> None:
        self.must("PUT", bucket, headers=headers)

    def put(self, bucket: str, key: str, body: bytes, headers: dict[str, str] | None = None) -> None:
        self.must("PUT", bucket, key, headers=headers, body=body)

    def put_folder(self, bucket: str, prefix: str, folder: Path, headers: dict[str, str] | None = None) -> None:
        """Puts every file below a folder; "/" joins the prefix and its path."""
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                self.put(bucket, f"{prefix}/{path.relative_to(folder).as_posix()}", path.read_bytes(), headers)

    def get(self, bucket: str, key: str) -> bytes:
        return self.must("GET", bucket, key).body

    def head(self, bucket: str, key: str) -> dict[str, str]:
        return self.must("HEAD", bucket, key).headers

    def has(self, bucket: str, key: str) -> bool:
        return self.request("HEAD", bucket, key).status == 200

    def delete(self, bucket: str, key: str) -> None:
        self.must("DELETE", bucket, key)

    def keys(self, bucket: str, prefix: str = "") -> list[str]:
        """The first thousand keys, which is all that a test puts anywhere."""
        query = {"list-type": "2", "encoding-type": "url", "prefix": prefix}
        return [unquote(key) for key in self.must("GET", bucket, query=query).texts("Key")]

    def uploads(self, bucket: str) -> list[str]:
        """The keys of multipart uploads that were neither completed nor aborted."""
        query = {"uploads": "", "encoding-type": "url"}
        return [unquote(key) for key in self.must("GET", bucket, query=query).texts("Key")]

    def allow_sessions(self, user: str) -> None:
        """Lets a user ask for sessions; the gateway's owners may not by themselves."""
        allowed = {"Effect": "Allow", "Action": "sts:GetSessionToken", "Resource": "*"}
        self._act("iam", "PutUserPolicy", "2010-05-08", UserName=user, PolicyName="sessions",
                  PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [allowed]}))

    def session(self, seconds: int = 900) -> Identity:
        """A session of this identity, from STS at the same endpoint; 900 is the least that it gives."""
        answer = self._act("sts", "GetSessionToken", "2011-06-15", DurationSeconds=str(seconds))
        return Identity(*(answer.texts(name)[0] for name in ("AccessKeyId", "SecretAccessKey", "SessionToken")))

    def _act(self, service: str, action: str, version: str, **parameters: str) -> Answer:
        """Asks one of the services that are spoken to in forms."""
        form = urlencode({"Action": action, "Version": version, **parameters})
        request = AWSRequest("POST", f"{self.endpoint}/", data=form.encode(),
                             headers={"Content-Type": "application/x-www-form-urlencoded"})
        SigV4Auth(self.identity.credentials(), service, REGION).add_auth(request)
        answer = self._send(request)
        if answer.status != 200:
            raise Refused(answer, action)
        return answer

    def presigned(self, bucket: str, key: str, seconds: int = 600, method: str = "GET") -> str:
        """A URL with which anybody may do this for so long."""
        request = AWSRequest(method, self.url(bucket, key))
        S3SigV4QueryAuth(self.identity.credentials(), "s3", REGION, seconds).add_auth(request)
        return request.url

    def url(self, bucket: str, key: str = "") -> str:
        return f"{self.endpoint}/{bucket}" + (f"/{quote(key, safe='/~')}" if key else "")

    def must(self, method: str, bucket: str, key: str = "", **more) -> Answer:
        """The answer to a request that is to succeed."""
        answer = self.request(method, bucket, key, **more)
        if answer.status >= 300:
            raise Refused(answer, f"{method} {bucket}/{key}")
        return answer

    def request(self, method: str, bucket: str, key: str = "", query: dict[str, str] | None = None,
                headers: dict[str, str] | None = None, body: bytes = b"") -> Answer:
        url = self.url(bucket, key) + (f"?{urlencode(query, quote_via=quote)}" if query else "")
        request = AWSRequest(method, url, data=body, headers=headers or {})
        if self.identity:
            S3SigV4Auth(self.identity.credentials(), "s3", REGION).add_auth(request)
        return self._send(request)

    def _send(self, request: AWSRequest) -> Answer:
        # Every value again as str: the signer leaves some as bytes, some as objects of its own.
        headers = {name: str(value) for name, value in request.headers.items()}
        return fetch(request.url, request.method, headers, request.data or b"", self._context)


def fetch(url: str, method: str = "GET", headers: dict[str, str] | None = None, body: bytes = b"",
          context: ssl.SSLContext | None = None) -> Answer:
    """One request, as it stands: nothing is signed, normalised or followed."""
    parts = urlsplit(url)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    secure = {"context": context} if parts.scheme == "https" else {}
    connection = kind(parts.hostname, parts.port, timeout=_TIMEOUT, **secure)
    try:
        connection.request(method, target, body=body, headers=headers or {})
        answer = connection.getresponse()
        return Answer(answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read())
    finally:
        connection.close()
