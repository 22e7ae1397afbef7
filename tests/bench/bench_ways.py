"""The usual ways to cut with ffmpeg, and momentcut, held against the contract of a cut.

usage: bench_ways.py        prints the table of the README
"""

import os
import pathlib
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/e2e"))
os.environ.setdefault("MOMENTCUT_E2E_CACHE", str(ROOT / "build/e2e-sources"))

import measure  # noqa: E402
import sources  # noqa: E402

MOMENTCUT = os.environ.get("MOMENTCUT", str(ROOT / "build/release/src/momentcut"))
FFMPEG = ["ffmpeg", "-nostdin", "-v", "error", "-y"]
START, END = 13.7, 20.3


def ways(playlist: str, clip: str) -> dict[str, list[str]]:
    times = ["-ss", str(START), "-to", str(END)]
    return {
        "`ffmpeg -ss -to -i PLAYLIST -c copy`": [*FFMPEG, *times, "-i", playlist, "-c", "copy", clip],
        "`ffmpeg -i PLAYLIST -ss -to -c copy`": [*FFMPEG, "-i", playlist, *times, "-c", "copy", clip],
        "`ffmpeg -ss -to -i PLAYLIST`, encoded": [*FFMPEG, *times, "-i", playlist, clip],
        "`ffmpeg -i PLAYLIST -ss -to`, encoded": [*FFMPEG, "-i", playlist, *times, clip],
        "`momentcut`": [MOMENTCUT, playlist, "--start", str(START), "--end", str(END), "-o", clip],
    }


def verdict(source: sources.Source, clip: measure.Clip) -> str:
    """What a player shows of the clip, in a few words."""
    wanted = [source.numbers[i] for i in source.frames_between(START, END)]
    if clip.numbers == wanted and clip.times[0] == 0:
        return "exactly the frames asked for"
    words = []
    if clip.times and clip.times[0] != 0:
        words.append(f"first frame at {float(clip.times[0]) * 1000:.0f} ms")
    missing = len(set(wanted) - set(clip.numbers))
    extra = len(set(clip.numbers) - set(wanted))
    doubled = len(clip.numbers) - len(set(clip.numbers))
    for count, what in ((missing, "missing"), (extra, "not asked for"), (doubled, "twice")):
        if count:
            words.append(f"{count} frame{'s' if count > 1 else ''} {what}")
    return ", ".join(words)


def main() -> None:
    print("| way | frames shown | verdict |\n|---|---|---|")
    source = sources.ensure("cfr30")
    for way, argv in ways(str(source.playlist), "clip.mp4").items():
        with tempfile.TemporaryDirectory() as folder:
            done = subprocess.run(argv, cwd=folder, capture_output=True, text=True)
            if done.returncode != 0:
                print(f"| {way} | - | exit status {done.returncode} |")
                continue
            clip = measure.measure(pathlib.Path(folder) / "clip.mp4")
            print(f"| {way} | {len(clip.numbers)} | {verdict(source, clip)} |", flush=True)


if __name__ == "__main__":
    main()
