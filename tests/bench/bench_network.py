"""What fetching costs: against ffmpeg's own HLS reader, over loopback with latency and throttled connections.

usage: bench_network.py [--runs N]
The server answers 40 ms late and sends 50 Mbit/s a connection. Measured at the server: when the last byte of the
last segment was sent, and what was asked for. Ratios count; seconds are printed for the curious.
"""

import argparse
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "e2e"))

import fault_server  # noqa: E402
import recording  # noqa: E402

ROOT = pathlib.Path(__file__).resolve().parents[2]
MOMENTCUT = os.environ.get("MOMENTCUT", str(ROOT / "build/release/src/momentcut"))
CACHE = pathlib.Path(os.environ.get("MOMENTCUT_BENCH_CACHE", ROOT / "build/bench"))
LATENCY = 0.040
BYTES_A_SECOND = 50_000_000 // 8
PIECE = 128 * 1024  # in pieces as large as this, the server's own work hardly counts
START, END = 60, 120
LEAST_RATIO = 4.0
MOST_PLANNING = 0.050
ENVIRONMENT = {**os.environ, "no_proxy": "*"}


class Served:
    """A folder over HTTP as over the internet, and what was asked of it."""

    def __init__(self, folder: pathlib.Path):
        self.case = unittest.TestCase()
        self.server = fault_server.serve(self.case, fault_server.Folder(folder))

        def far_away(_request: fault_server.Request, answer: fault_server.Answer) -> None:
            answer.delay = LATENCY
            answer.piece = PIECE
            answer.pause = PIECE / BYTES_A_SECOND

        self.server.when("*", far_away)

    def end(self) -> None:
        self.case.doCleanups()


def split(playlist: pathlib.Path, folder: pathlib.Path) -> pathlib.Path:
    """The same recording in segments of 6 s, as packagers make them."""
    folder.mkdir()
    subprocess.run(["ffmpeg", "-nostdin", "-v", "error", "-i", str(playlist), "-c", "copy", "-f", "hls",
                    "-hls_time", "6", "-hls_list_size", "0", "-hls_playlist_type", "vod",
                    "-hls_segment_filename", str(folder / "%d.ts"), str(folder / "playlist.m3u8")], check=True)
    return folder / "playlist.m3u8"


def ours(url: str, clip: pathlib.Path) -> list[str]:
    return [MOMENTCUT, url, "--start", str(START), "--end", str(END), "-o", str(clip), "--force",
            "--preset", "ultrafast", "--progress", "json"]


def theirs(url: str, clip: pathlib.Path) -> list[str]:
    return ["ffmpeg", "-nostdin", "-v", "error", "-y", "-ss", str(START), "-to", str(END), "-i", url,
            "-c", "copy", str(clip)]


def fetched_after(served: Served, argv: list[str]) -> tuple[float, float | None]:
    """Seconds from the program's start to the last byte of the last segment, and from there to the first frame."""
    before = len(served.server.log)
    began = time.monotonic()
    first_frame = None
    with subprocess.Popen(argv, env=ENVIRONMENT, stderr=subprocess.PIPE, text=True) as process:
        for line in process.stderr:
            if first_frame is None and '"stage":"render"' in line and '"fraction":0.0000' not in line:
                first_frame = time.monotonic()
    over = time.monotonic()
    if process.returncode != 0:
        raise RuntimeError(f"{argv[0]} failed")
    # A program may leave while a segment is still coming; it had all it wanted then.
    last = max(min(r.ended or over, over) for r in served.server.log[before:] if r.name.endswith(".ts"))
    return last - began, None if first_frame is None else first_frame - last


def compare(playlist: pathlib.Path, work: pathlib.Path, runs: int) -> bool:
    """Whether fetching is as much faster as it is to be."""
    served = Served(split(playlist, work / "six").parent)
    url = served.server.url("playlist.m3u8")
    ratios, waits = [], []
    try:
        for number in range(runs):
            mine, wait = fetched_after(served, ours(url, work / "ours.mp4"))
            other, _ = fetched_after(served, theirs(url, work / "theirs.mp4"))
            ratios.append(other / mine)
            waits.append(wait)
            print(f"  run {number + 1}: all segments after {mine:.2f} s, ffmpeg's reader {other:.2f} s; "
                  f"{ratios[-1]:.1f} times faster; {wait:.2f} s from the last byte to the first frame encoded",
                  flush=True)
    finally:
        served.end()
    print(f"60 s over {LATENCY * 1000:.0f} ms and {BYTES_A_SECOND * 8 // 1_000_000} Mbit/s a connection: "
          f"{statistics.median(ratios):.1f} times faster than ffmpeg's own reader (at least 4); "
          f"{statistics.median(waits):.2f} s from the last byte to the first frame")
    return statistics.median(ratios) >= LEAST_RATIO


def ten_hours(playlist: pathlib.Path, folder: pathlib.Path) -> None:
    """A playlist of 10 h in segments of 6 s, the middle of which is really there."""
    folder.mkdir()
    names = sorted((f for f in playlist.parent.glob("*.ts")), key=lambda f: int(f.stem))
    lines = ["#EXTM3U", "#EXT-X-VERSION:3", "#EXT-X-TARGETDURATION:6", "#EXT-X-PLAYLIST-TYPE:VOD"]
    for index in range(6000):
        name = f"{index}.ts"
        lines += ["#EXTINF:6.000000,", name]
        if index < len(names):
            (folder / name).symlink_to(names[index])
    (folder / "playlist.m3u8").write_text("\n".join([*lines, "#EXT-X-ENDLIST", ""]))


def plan(playlist: pathlib.Path, work: pathlib.Path, runs: int) -> bool:
    """Whether planning is quick, and asks for nothing but the playlist, the head and the segments of the cut."""
    folder = work / "ten-hours"
    ten_hours(work / "six" / "playlist.m3u8", folder)
    served = Served(folder)
    times = []
    try:
        for _ in range(runs):
            before = len(served.server.log)
            subprocess.run([*ours(served.server.url("playlist.m3u8"), work / "ours.mp4"), "--dry-run"],
                           env=ENVIRONMENT, check=True, capture_output=True)
            asked = served.server.log[before:]
            got = next(r.ended for r in asked if r.name == "playlist.m3u8")
            times.append(min(r.at for r in asked if r.name != "playlist.m3u8") - got)
    finally:
        served.end()
    names = [request.name for request in asked]
    print(f"a playlist of 10 h: {statistics.median(times) * 1000:.0f} ms from its last byte to the first request "
          f"for a segment (less than {MOST_PLANNING * 1000:.0f}); asked for: {', '.join(names)}")
    # 60 to 120 s in segments of 6 s, and the beginning of the next; connections share the last ones.
    expected = {"playlist.m3u8", "0.ts", *(f"{n}.ts" for n in range(START // 6, END // 6 + 1))}
    shared = sum(1 for request in asked if request.range and request.range[0] > 0)
    right = set(names) == expected and len(names) - shared == len(expected)
    if not right:
        print(f"to be asked for, once each: {', '.join(sorted(expected))}")
    return right and statistics.median(times) < MOST_PLANNING


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=3)
    runs = parser.parse_args().runs
    playlist = recording.ensure(CACHE)
    with tempfile.TemporaryDirectory(prefix="momentcut-bench-") as folder:
        work = pathlib.Path(folder)
        kept = [compare(playlist, work, runs), plan(playlist, work, runs)]
    if not all(kept):
        sys.exit("not what is promised")


if __name__ == "__main__":
    main()
