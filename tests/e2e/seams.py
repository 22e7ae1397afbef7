"""Measures what is particular about a clip that is copied but for its edges: what was copied is the
source's, what was encoded is like it, and decoders take it without a complaint."""

import functools
import re
import subprocess
import tempfile
import unittest
from pathlib import Path

from sources import Source

LEAST_SSIM = 0.98
_STRICT = ("-xerror", "-err_detect", "explode")
# How ffmpeg reads a source that lies here, all of it from its beginning.
_PLAYLIST = ("-allowed_extensions", "ALL", "-protocol_whitelist", "file,crypto,data")


def _ffmpeg(*words: object) -> subprocess.CompletedProcess:
    done = subprocess.run(["ffmpeg", "-v", "warning", "-nostdin", *map(str, words)], capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"ffmpeg {words} failed: {done.stderr}")
    return done


def _hashes(*words: object) -> tuple[list[str], str]:
    """A hash of each picture, in the order of display, and what ffmpeg said."""
    done = _ffmpeg(*words, "-map", "0:v:0", "-fps_mode", "passthrough", "-f", "framemd5", "-")
    return [line.split(",")[-1].strip() for line in done.stdout.splitlines() if not line.startswith("#")], done.stderr


@functools.cache
def source_hashes(playlist: Path) -> list[str]:
    """The same of each frame of a source."""
    hashes = []
    with tempfile.TemporaryDirectory(prefix="momentcut-seams-") as folder:
        for run in _runs(playlist, Path(folder)):
            hashes += _hashes(*_PLAYLIST, "-i", run)[0]
    return hashes


def _runs(playlist: Path, folder: Path) -> list[Path]:
    """A playlist for each run, since ffmpeg loses frames where one follows another."""
    text = re.sub(r"^([^#\n]+)$", rf"{playlist.parent}/\1", playlist.read_text(), flags=re.M)
    text = re.sub(r'URI="(?!data:)([^"]+)"', rf'URI="{playlist.parent}/\1"', text)
    head, *first = re.split(r"(?=#EXT-X-MAP|#EXT-X-KEY|#EXTINF|#EXT-X-PROGRAM)", text, maxsplit=1)
    runs = []
    for i, run in enumerate("".join(first).split("#EXT-X-DISCONTINUITY\n")):
        runs.append(folder / f"{i}.m3u8")
        runs[-1].write_text(f"{head}{run}\n#EXT-X-ENDLIST\n")
    return runs


def check_decoding(test: unittest.TestCase, clip: Path) -> list[str]:
    """Asserts that a strict decoder has nothing to say, also one that reads parameter sets from the
    index alone; the hashes of the pictures."""
    hashes, said = _hashes(*_STRICT, "-i", clip)
    test.assertEqual(said, "", "a strict decoder complains")
    with tempfile.TemporaryDirectory(prefix="momentcut-seams-") as folder:
        stripped = Path(folder) / "stripped.mp4"
        _ffmpeg("-i", clip, "-map", "0:v:0", "-c", "copy", "-bsf:v", "filter_units=remove_types=7-8", stripped)
        again, said = _hashes(*_STRICT, "-i", stripped)
    test.assertEqual(said, "", "a strict decoder complains that has the index's parameter sets alone")
    test.assertEqual(again, hashes, "the index's parameter sets are not those of the pictures")
    return hashes


def check_copied(test: unittest.TestCase, hashes: list[str], source: Source, wanted: range, copied: int) -> None:
    """Asserts that so many pictures in a row are the source's, bit for bit."""
    theirs = source_hashes(source.playlist)
    test.assertEqual(len(theirs), len(source.ticks), "the test cannot read its source")
    longest = run = 0
    for ours, frame in zip(hashes, wanted):
        run = run + 1 if ours == theirs[frame] else 0
        longest = max(longest, run)
    test.assertGreaterEqual(longest, copied, f"{longest} pictures in a row are the source's, not {copied}")


def check_likeness(test: unittest.TestCase, clip: Path, source: Source, wanted: range) -> None:
    """Asserts that every picture is like the source's."""
    before = source.run_of(wanted[0])["first_frame"]
    graph = ("[0:v]settb=1/30,setpts=N[a];"
             rf"[1:v]select=between(n\,{wanted[0] - before}\,{wanted[-1] - before}),settb=1/30,setpts=N[b];"
             "[a][b]ssim=stats_file=-")
    with tempfile.TemporaryDirectory(prefix="momentcut-seams-") as folder:
        playlist = _runs(source.playlist, Path(folder))[source.runs.index(source.run_of(wanted[0]))]
        done = _ffmpeg("-i", clip, *_PLAYLIST, "-i", playlist, "-lavfi", graph, "-f", "null", "-")
    found = [float(value) for value in re.findall(r"All:([0-9.]+)", done.stdout)]
    test.assertEqual(len(found), len(wanted))
    test.assertGreaterEqual(min(found), LEAST_SSIM)
