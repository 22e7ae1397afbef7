"""Encrypts the segments of a playlist as AES-128 does (RFC 8216 §4.3.2.4), with the openssl program."""

import hashlib
import re
import subprocess
from pathlib import Path

from playlists import Playlist
from recipes import Encryption

_KEYS = "keys"  # the folder of the keys, beside the playlist


def encrypt(playlist: Playlist, folder: Path, how: Encryption) -> None:
    """Replaces the files by encrypted ones and says so in the playlist. No byte ranges."""
    (folder / _KEYS).mkdir(exist_ok=True)
    playlist.set_header("#EXT-X-MEDIA-SEQUENCE", how.first_sequence)
    if how.encrypted_map:
        said = playlist.entries[0].value("#EXT-X-MAP")
        _encrypt_file(folder / re.search(r'URI="(.*?)"', said)[1], _key(how.keys[0]), _iv(how.keys[0]))
    before = None
    for k, entry in enumerate(playlist.entries):
        number = how.keys[min(k, len(how.keys) - 1)]
        if number != before:
            # What stands before EXT-X-MAP holds for the map too.
            after_map = entry.tags[0].startswith("#EXT-X-MAP") and not how.encrypted_map
            entry.tags.insert(1 if after_map else 0, _tag(number, how.iv))
        if number is not None:
            (folder / _KEYS / f"{number}.key").write_bytes(_key(number))
            iv = _iv(number) if how.iv else (how.first_sequence + k).to_bytes(16, "big")
            _encrypt_file(folder / entry.uri, _key(number), iv)
        before = number


def _key(number: int) -> bytes:
    return hashlib.sha256(b"key %d" % number).digest()[:16]


def _iv(number: int) -> bytes:
    return hashlib.sha256(b"iv %d" % number).digest()[:16]


def _tag(number: int | None, iv: bool) -> str:
    if number is None:
        return "#EXT-X-KEY:METHOD=NONE"
    return f'#EXT-X-KEY:METHOD=AES-128,URI="{_KEYS}/{number}.key"' + (f",IV=0x{_iv(number).hex()}" if iv else "")


def _encrypt_file(path: Path, key: bytes, iv: bytes) -> None:
    done = subprocess.run(["openssl", "enc", "-aes-128-cbc", "-K", key.hex(), "-iv", iv.hex()],
                          input=path.read_bytes(), check=True, capture_output=True)
    path.write_bytes(done.stdout)
