"""What smart mode costs: against exact mode, against yt-dlp, part by part, and for a longer clip.

usage: bench_smart.py [--runs N] [--no-yt-dlp]
60 s of 720p60 at 6 Mbit/s that begin and end within a group of pictures. Ratios count, medians of pairs in one run;
seconds are printed for the curious. Fails where a promise is not kept. yt-dlp is the one on PATH.
"""

import argparse
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "e2e"))

import fault_server  # noqa: E402
import process  # noqa: E402
import recording  # noqa: E402

ROOT = pathlib.Path(__file__).resolve().parents[2]
MOMENTCUT = os.environ.get("MOMENTCUT", str(ROOT / "build/release/src/momentcut"))
CACHE = pathlib.Path(os.environ.get("MOMENTCUT_BENCH_CACHE", ROOT / "build/bench"))
START, END = 61, 121  # a second after a key frame
LONG_END = START + 600
MOST_OF_EXACT = 0.1
LEAST_FASTER_THAN_YT_DLP = 15.0
MOST_FOR_TEN_TIMES_THE_LENGTH = 1.5
# What each call of ffmpeg or ffprobe is for, by a word that only it has; the first that fits.
PARTS = (("scan", "framecrc"), ("audio", "audio.m4a"), ("head", "part-head.ts"),
         ("tail", "part-tail.ts"), ("copy", "noise=drop"), ("verify", "-f mov"), ("version", "-version"),
         ("find the tail's key frame", "-skip_frame"), ("probe", "ffprobe"))


def momentcut(source: str, clip: pathlib.Path, mode: str, *words: str, end: float = END) -> list[str]:
    return [MOMENTCUT, source, "--start", str(START), "--end", str(end), "-o", str(clip), "--force", "--mode", mode,
            "--progress", "none", *words]


def cpu(cost: process.Cost) -> float:
    return cost.own_cpu + cost.children_cpu


def against_exact(playlist: pathlib.Path, work: pathlib.Path, runs: int) -> bool:
    walls, cpus = [], []
    for number in range(runs):
        exact = process.run(momentcut(str(playlist), work / "exact.mp4", "exact"), work / "log")
        smart = process.run(momentcut(str(playlist), work / "smart.mp4", "smart-only"), work / "log")
        walls.append(smart.wall / exact.wall)
        cpus.append(cpu(smart) / cpu(exact))
        print(f"  run {number + 1}: exact {exact.wall:.1f} s wall, {cpu(exact):.1f} s CPU; smart {smart.wall:.2f} s, "
              f"{cpu(smart):.2f} s; {walls[-1]:.3f} of the wall, {cpus[-1]:.3f} of the CPU", flush=True)
    wall, time = statistics.median(walls), statistics.median(cpus)
    print(f"smart / exact (median of {runs}): {wall:.3f} of the wall, {time:.3f} of the CPU (at most {MOST_OF_EXACT})")
    return max(wall, time) <= MOST_OF_EXACT


def against_yt_dlp(playlist: pathlib.Path, work: pathlib.Path, runs: int) -> bool:
    case = unittest.TestCase()
    server = fault_server.serve(case, fault_server.Folder(playlist.parent))
    url = server.url(playlist.name)
    ratios = []
    for number in range(runs):
        (work / "theirs.mp4").unlink(missing_ok=True)
        theirs = process.run(["yt-dlp", "--quiet", "--no-warnings", "--ignore-config", "--no-cache-dir",
                              "--download-sections", f"*{START}-{END}", "--force-keyframes-at-cuts", "-o",
                              str(work / "theirs.mp4"), url], work / "log")
        ours = process.run(momentcut(url, work / "smart.mp4", "smart-only", "--allow-http"), work / "log")
        ratios.append(theirs.wall / ours.wall)
        print(f"  run {number + 1}: yt-dlp {theirs.wall:.1f} s, momentcut {ours.wall:.2f} s: {ratios[-1]:.1f} times faster",
              flush=True)
    case.doCleanups()
    ratio = statistics.median(ratios)
    print(f"against yt-dlp --download-sections --force-keyframes-at-cuts over loopback (median of {runs}): "
          f"{ratio:.1f} times faster (at least {LEAST_FASTER_THAN_YT_DLP:.0f})")
    return ratio >= LEAST_FASTER_THAN_YT_DLP


def parts_of(playlist: pathlib.Path, work: pathlib.Path, end: float) -> dict[str, tuple[float, float]]:
    """Wall time and CPU of each part of one smart cut."""
    log = work / "calls"
    log.unlink(missing_ok=True)
    for program in ("ffmpeg", "ffprobe"):
        timed = work / program
        # bash's own `time` reports to the shell's stderr, which must not mix with the program's.
        timed.write_text(f"#!/bin/bash\nTIMEFORMAT='%R %U %S'\nexec 3>&2 4>&1\n"
                         f"cost=$( {{ time {program} \"$@\" 1>&4 2>&3; }} 2>&1 ); status=$?\n"
                         f"echo \"$cost {program} $*\" >> {log}\nexit $status\n")
        timed.chmod(0o755)
    process.run(momentcut(str(playlist), work / "smart.mp4", "smart-only", "--ffmpeg", str(work / "ffmpeg"), "--ffprobe",
                          str(work / "ffprobe"), end=end), work / "log")
    parts: dict[str, tuple[float, float]] = {}
    for line in log.read_text().splitlines():
        wall, user, system, call = line.split(" ", 3)
        name = "join" if "stitched.mp4" in call else next(part for part, word in PARTS if word in call)
        before = parts.get(name, (0.0, 0.0))
        parts[name] = (before[0] + float(wall), before[1] + float(user) + float(system))
    return parts


def part_by_part(playlist: pathlib.Path, work: pathlib.Path) -> None:
    parts = parts_of(playlist, work, END)
    whole = sum(time for _, time in parts.values())
    print("| part | wall s | CPU s | of the CPU |\n|---|---|---|---|")
    for name, (wall, time) in sorted(parts.items(), key=lambda part: -part[1][1]):
        print(f"| {name} | {wall:.2f} | {time:.2f} | {100 * time / whole:.0f} % |")


def by_length(playlist: pathlib.Path, work: pathlib.Path) -> bool:
    """The edges of a clip of ten minutes against those of one minute; the rest is audio and copying."""
    folder = CACHE / "720p60-long"
    if not folder.exists():
        part = CACHE / f".long-{os.getpid()}"
        part.mkdir()
        join = part / "join.ts"
        join.write_bytes(b"".join(s.read_bytes() for s in sorted(playlist.parent.glob("*.ts"), key=lambda s: int(s.stem))))
        (part / "list").write_text("ffconcat version 1.0\n" + f"file join.ts\nduration {recording.LENGTH}\n" * 5)
        subprocess.run(["ffmpeg", "-nostdin", "-v", "error", "-f", "concat", "-i", str(part / "list"), "-c", "copy",
                        "-f", "hls", "-hls_time", "10", "-hls_list_size", "0", "-hls_playlist_type", "vod",
                        "-hls_segment_filename", str(part / "%d.ts"), str(part / "playlist.m3u8")], check=True)
        join.unlink()
        part.rename(folder)
    costs = []
    for end in (END, LONG_END):
        parts = parts_of(folder / "playlist.m3u8", work, end)
        copying = sum(time for name, (_, time) in parts.items() if name in ("probe", "scan", "copy", "join", "verify"))
        costs.append(sum(parts[name][1] for name in ("head", "tail") if name in parts))
        print(f"  {end - START} s: edges {costs[-1]:.2f} s CPU, audio {parts['audio'][1]:.2f} s, reading and copying "
              f"packets {copying:.2f} s")
    ratio = costs[1] / costs[0]
    print(f"edges of 10 min / of 1 min: {ratio:.2f} (at most {MOST_FOR_TEN_TIMES_THE_LENGTH})")
    return ratio <= MOST_FOR_TEN_TIMES_THE_LENGTH


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--no-yt-dlp", action="store_true")
    said = parser.parse_args()
    CACHE.mkdir(parents=True, exist_ok=True)
    playlist = recording.ensure(CACHE)
    with tempfile.TemporaryDirectory(dir=CACHE) as name:
        work = pathlib.Path(name)
        part_by_part(playlist, work)
        kept = [by_length(playlist, work), against_exact(playlist, work, said.runs)]
        if not said.no_yt_dlp:
            kept.append(against_yt_dlp(playlist, work, said.runs))
    return 0 if all(kept) else 1


if __name__ == "__main__":
    sys.exit(main())
