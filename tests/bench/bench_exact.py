"""What exact mode costs: against plain ffmpeg in the same run, and preset by preset.

usage: bench_exact.py [--runs N] [--no-presets]
Everything is a ratio or a property of the clip; seconds are printed for the curious. Fails where a promise is not kept.
"""

import argparse
import os
import pathlib
import re
import statistics
import subprocess
import sys
import tempfile

import process
import recording

ROOT = pathlib.Path(__file__).resolve().parents[2]
MOMENTCUT = os.environ.get("MOMENTCUT", str(ROOT / "build/release/src/momentcut"))
CACHE = pathlib.Path(os.environ.get("MOMENTCUT_BENCH_CACHE", ROOT / "build/bench"))
START, END, RATE = 60, 120, 60
MOST_WALL = 1.05                # of plain ffmpeg's
MOST_OWN_CPU = 0.02             # of all
MOST_MEMORY = 64 * 2**20        # bytes
# A CRF each, so that the clips look about the same.
PRESETS = [("ultrafast", 16), ("superfast", 18), ("veryfast", 18), ("faster", 19), ("fast", 19),
           ("medium", 20)]


def momentcut(playlist: pathlib.Path, clip: pathlib.Path, preset: str, crf: int) -> list[str]:
    return [MOMENTCUT, str(playlist), "--start", str(START), "--end", str(END), "-o", str(clip),
            "--force", "--preset", preset, "--crf", str(crf), "--progress", "none"]


def plain_ffmpeg(playlist: pathlib.Path, clip: pathlib.Path) -> list[str]:
    """What one would type without momentcut, with momentcut's encoder settings."""
    return ["ffmpeg", "-nostdin", "-v", "error", "-y", "-ss", str(START), "-to", str(END),
            "-i", str(playlist), "-c:v", "libx264", "-preset", "veryfast", "-crf", "18",
            "-profile:v", "high", "-pix_fmt", "yuv420p", "-c:a", "aac", "-b:a", "192k",
            "-ar", "48000", "-ac", "2", "-movflags", "+faststart", str(clip)]


def ssim(join: pathlib.Path, clip: pathlib.Path) -> float:
    """The clip's likeness to the very frames of the source it was cut from, luma and chroma."""
    graph = (f"[0:v]trim=start_frame={START * RATE}:end_frame={END * RATE},setpts=N/{RATE}/TB[a];"
             f"[1:v]setpts=N/{RATE}/TB[b];[a][b]ssim")
    done = subprocess.run(["ffmpeg", "-nostdin", "-i", str(join), "-i", str(clip), "-lavfi", graph,
                           "-f", "null", "-"], capture_output=True, text=True, check=True)
    return float(re.findall(r"All:([0-9.]+)", done.stderr)[-1])


def compare(playlist: pathlib.Path, work: pathlib.Path, runs: int) -> bool:
    """momentcut against plain ffmpeg, in turn, pair by pair; whether it costs no more than is promised."""
    ratios, own, rss = [], [], []
    for number in range(runs):
        ours = process.run(momentcut(playlist, work / "ours.mp4", "veryfast", 18), work / "log")
        theirs = process.run(plain_ffmpeg(playlist, work / "theirs.mp4"), work / "log")
        ratios.append(ours.wall / theirs.wall)
        own.append(ours.own_cpu / (ours.own_cpu + ours.children_cpu))
        rss.append(ours.peak_rss)
        print(f"  run {number + 1}: momentcut {ours.wall:.1f} s wall, {ours.children_cpu:.1f} s CPU "
              f"in ffmpeg, {ours.own_cpu:.2f} s its own; plain ffmpeg {theirs.wall:.1f} s wall, "
              f"{theirs.own_cpu:.1f} s CPU; ratio {ratios[-1]:.3f}", flush=True)
    ratio, share = statistics.median(ratios), statistics.median(own)
    print(f"wall, momentcut / ffmpeg -ss -to (median of {runs}): {ratio:.3f} (at most {MOST_WALL})")
    print(f"momentcut's own share of the CPU: {100 * share:.2f} % (under {100 * MOST_OWN_CPU:.0f})")
    print(f"momentcut's own peak memory: {max(rss) / 2**20:.1f} MiB (under {MOST_MEMORY // 2**20})")
    return ratio <= MOST_WALL and share < MOST_OWN_CPU and max(rss) < MOST_MEMORY


def presets(playlist: pathlib.Path, work: pathlib.Path) -> None:
    """Time, size and likeness, preset by preset, as the README's table has them."""
    join = work / "join.ts"
    with join.open("wb") as out:
        for segment in sorted(playlist.parent.glob("*.ts"), key=lambda p: int(p.stem)):
            out.write(segment.read_bytes())
    print("| preset | CRF | wall s | CPU s | MB | SSIM |\n|---|---|---|---|---|---|")
    for preset, crf in PRESETS:
        clip = work / f"{preset}.mp4"
        cost = process.run(momentcut(playlist, clip, preset, crf), work / "log")
        print(f"| {preset} | {crf} | {cost.wall:.1f} | {cost.own_cpu + cost.children_cpu:.0f} | "
              f"{clip.stat().st_size / 1e6:.1f} | {ssim(join, clip):.4f} |", flush=True)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--no-presets", action="store_true")
    said = parser.parse_args()
    CACHE.mkdir(parents=True, exist_ok=True)
    playlist = recording.ensure(CACHE)
    with tempfile.TemporaryDirectory(dir=CACHE) as work:
        kept = compare(playlist, pathlib.Path(work), said.runs)
        if not said.no_presets:
            presets(playlist, pathlib.Path(work))
    return 0 if kept else 1


if __name__ == "__main__":
    sys.exit(main())
