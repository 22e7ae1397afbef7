#!/usr/bin/python3
"""Makes sigv4_vectors.json: random requests as botocore signs them, the oracle of sigv4_vectors_test.

usage: sigv4_vectors.py [--check]   (Debian's python3-botocore; --check compares and writes nothing)

All is drawn from one seed and all clocks are the vectors' own, so every run makes the same bytes.
"""

import datetime
import difflib
import json
import pathlib
import random
import string
import sys
import types
from unittest import mock
from urllib.parse import urlsplit

import botocore.auth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials
from botocore.utils import percent_encode, percent_encode_sequence

FIXTURE = pathlib.Path(__file__).with_suffix(".json")
COUNT = 400
EPOCH = datetime.datetime(1970, 1, 1)

UNRESERVED = string.ascii_letters + string.digits + "-_.~"
AWKWARD = ["/", "//", "/./", "/../", " ", "  ", "+", "=", "&", "~", "%", "%20", "%2F", "%zz", "?",
           "#", "'", '"', "(", ")", "*", "!", "@", ":", ";", ",", "$", "[", "]", "<", ">", "\\",
           "^", "`", "{", "}", "|", "\t", "\x7f", "ä", "ß", "é", "日本", "𝄞", "\u00a0", "\ufffd"]
REGIONS = ["us-east-1", "us-west-2", "eu-west-1", "eu-central-1", "ap-northeast-1", "sa-east-1",
           "us-gov-west-1", "cn-north-1", "default", "", "ap-southeast-4"]
HOSTS = ["https://bucket.s3.eu-west-1.amazonaws.com", "https://my.bucket.s3.us-west-2.amazonaws.com",
         "https://s3.us-east-1.amazonaws.com", "https://s3.cn-north-1.amazonaws.com.cn",
         "http://127.0.0.1:9000", "http://[::1]:8080", "https://minio.example.com:8443",
         "http://localhost", "http://localhost:80", "https://storage.example:443",
         "http://storage.example:443", "https://storage.example:80", "https://STORAGE.example:9443"]
HEADER_NAMES = ["x-amz-meta-a", "X-Amz-Meta-B", "X-AMZ-META-long-name", "x-amz-acl", "Range",
                "If-None-Match", "content-type", "Content-MD5", "Cache-Control", "x-amz-meta-a-b",
                "x-amz-storage-class", "Zebra", "a"]
QUERY_NAMES = ["prefix", "max-keys", "list-type", "uploads", "partNumber", "uploadId", "versionId",
               "response-content-disposition", "a", "a-b", "a.b", "a=b", "a b", "A", "aa", "Ä",
               "x~y", "x-id", "acl", "z%7A", "a+", "a/", "a&"]
LIFETIMES = [1, 2, 59, 60, 900, 3600, 43200, 86399, 86400, 604799, 604800]


class Draw:
    """Random parts of requests."""

    def __init__(self, seed):
        self.random = random.Random(seed)

    def pick(self, choices):
        return choices[self.random.randrange(len(choices))]

    def count(self, most):
        return self.random.randrange(most + 1)

    def chance(self, of_ten):
        return self.random.randrange(10) < of_ten

    def letters(self, least, most, alphabet):
        return "".join(self.pick(alphabet) for _ in range(least + self.count(most - least)))

    def text(self, pieces):
        return "".join(self.pick(AWKWARD) if self.chance(5) else self.letters(1, 5, UNRESERVED)
                       for _ in range(self.count(pieces)))

    def header_value(self):
        spaces = ["", " ", "  ", "\t", " \t  ", "     "]
        words = [self.pick(spaces)]
        for _ in range(self.count(4)):
            words.append(self.letters(1, 6, UNRESERVED + '/=,;:"()*+$&') if self.chance(9) else "é")
            words.append(self.pick(spaces))
        return "".join(words)

    def query(self):
        names = [self.pick(QUERY_NAMES) for _ in range(self.pick([0, 0, 1, 2, 3, 5]))]
        if names and self.chance(3):
            names += [names[0]] * (1 + self.count(2))
        return [[name, "" if self.chance(3) else self.text(4)] for name in names]

    def headers(self):
        names = [self.pick(HEADER_NAMES) for _ in range(self.pick([0, 0, 1, 2, 4]))]
        if names and self.chance(3):
            names.append(names[0].swapcase())
        return [[name, self.header_value()] for name in names]

    def vector(self):
        base64 = string.ascii_letters + string.digits + "+/"
        presigned = self.chance(5)
        vector = {
            "method": self.pick(["GET", "PUT", "HEAD", "POST", "DELETE"]),
            "base": self.pick(HOSTS),
            "key": self.text(7),
            "query": self.query(),
            "headers": self.headers(),
            "access": "TEST" + self.letters(16, 16, string.ascii_uppercase + string.digits),
            "secret": self.letters(40, 40, base64),
            "token": self.letters(60, 130, base64) + "=" * self.count(2) if self.chance(4) else "",
            "region": self.pick(REGIONS),
            # Microseconds since 1970, of the years 2013 to 2037.
            "now": self.random.randrange(1_356_998_400_000_000, 2_145_916_800_000_000),
        }
        if presigned:
            vector["lifetime"] = self.pick(LIFETIMES) if self.chance(5) else 1 + self.count(604799)
        else:
            vector["body"] = None if self.chance(3) else self.text(6)
        return vector


def sign(vector):
    """Signs a vector by botocore and adds what it says."""
    path = "/" + percent_encode(vector["key"], safe="/~")
    url = vector["base"] + path
    presigned = "lifetime" in vector
    if vector["query"] and not presigned:
        url += "?" + percent_encode_sequence(vector["query"])
    request = AWSRequest(method=vector["method"], url=url, data=(vector.get("body") or "").encode())
    if presigned:
        # The query signer reads a mapping, in which a list is a repeated name.
        for name, value in vector["query"]:
            request.params.setdefault(name, []).append(value)
    for name, value in vector["headers"]:
        request.headers[name] = value
    if not presigned and vector["body"] is None:
        request.context["client_config"] = Config(s3={"payload_signing_enabled": False})
    credentials = Credentials(vector["access"], vector["secret"], vector["token"] or None)
    if presigned:
        signer = botocore.auth.S3SigV4QueryAuth(credentials, "s3", vector["region"],
                                                expires=vector["lifetime"])
    else:
        signer = botocore.auth.S3SigV4Auth(credentials, "s3", vector["region"])
    moment = EPOCH + datetime.timedelta(microseconds=vector["now"])
    canonical = []

    def spy(seen):
        canonical.append(type(signer).canonical_request(signer, seen))
        return canonical[-1]

    with mock.patch.object(botocore.auth, "datetime", frozen(moment)), \
            mock.patch.object(signer, "canonical_request", spy):
        signer.add_auth(request)
    # The oracle is one only if the key was encoded once and its path not normalised.
    assert canonical[0].split("\n")[1] == path, (canonical, path)
    vector["path"] = path
    vector["host"] = botocore.auth._host_from_url(vector.pop("base"))
    if presigned:
        vector["signed"] = sorted_query(urlsplit(request.url).query)
    else:
        vector.pop("body")
        vector["payload"] = request.headers["X-Amz-Content-SHA256"]
        vector["date"] = request.headers["X-Amz-Date"]
        vector["signed"] = request.headers["Authorization"]
    return vector


def frozen(moment):
    """The datetime module as botocore's signers use it, at one moment."""

    class Frozen(datetime.datetime):
        @classmethod
        def utcnow(cls):
            return moment

    return types.SimpleNamespace(datetime=Frozen)


def sorted_query(query):
    """In the canonical order, the signature last; botocore sends another order than it signs."""
    fields, signature = query.split("&X-Amz-Signature=")
    pairs = sorted(tuple(field.split("=", 1)) for field in fields.split("&"))
    return "&".join(f"{name}={value}" for name, value in pairs) + "&X-Amz-Signature=" + signature


def fixture():
    draw = Draw("momentcut sigv4")
    lines = [json.dumps(sign(draw.vector()), ensure_ascii=False, separators=(",", ":"))
             for _ in range(COUNT)]
    return "[\n" + ",\n".join(lines) + "\n]\n"


def main():
    text = fixture()
    if sys.argv[1:] == ["--check"]:
        committed = FIXTURE.read_text(encoding="utf-8")
        for line in difflib.unified_diff(committed.splitlines(), text.splitlines(), FIXTURE.name,
                                         f"botocore {botocore.__version__}", n=0, lineterm=""):
            print(line)
        if committed != text:
            sys.exit(f"{FIXTURE.name} is not what botocore {botocore.__version__} makes")
        print(f"{FIXTURE.name} is what botocore {botocore.__version__} makes: {COUNT} vectors")
    elif sys.argv[1:]:
        sys.exit(__doc__)
    else:
        FIXTURE.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
