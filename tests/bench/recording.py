"""Makes the recording that is cut in the benchmarks: 720p60 at 6 Mbit/s in 10 s segments."""

import os
import pathlib
import shutil
import subprocess

LENGTH = 140
# A test card, a fractal zoom with hard scene cuts, and noise: as hard to code as a busy game.
PICTURE = (
    r"[1:v]scale=1280:720:flags=fast_bilinear,format=yuv420p[m];[0:v]format=yuv420p,hue=h=20*t[t];"
    r"[t][m]overlay=enable='lt(mod(t\,7.3)\,3.7)':format=yuv420,noise=alls=7:allf=t[v]"
)


def ensure(cache: pathlib.Path) -> pathlib.Path:
    """The media playlist of the recording, made if it is not there."""
    folder = cache / "720p60"
    playlist = folder / "playlist.m3u8"
    if playlist.exists():
        return playlist
    part = cache / f".part-{os.getpid()}"
    part.mkdir(parents=True)
    print(f"making {LENGTH} s of 720p60 at 6 Mbit/s (once, a few minutes)", flush=True)
    subprocess.run(
        ["ffmpeg", "-nostdin", "-v", "error",
         "-f", "lavfi", "-i", f"testsrc2=s=1280x720:r=60:d={LENGTH}",
         "-f", "lavfi", "-i", "mandelbrot=s=640x360:r=60:maxiter=400:end_pts=6000",
         "-f", "lavfi", "-i", f"anoisesrc=r=48000:a=0.2:c=pink:d={LENGTH}",
         "-filter_complex", PICTURE, "-map", "[v]", "-map", "2:a", "-t", str(LENGTH),
         "-c:v", "libx264", "-preset", "veryfast", "-b:v", "6M", "-maxrate", "6M", "-bufsize", "12M",
         "-g", "120", "-sc_threshold", "0", "-pix_fmt", "yuv420p", "-c:a", "aac", "-b:a", "160k",
         "-f", "hls", "-hls_time", "10", "-hls_list_size", "0", "-hls_playlist_type", "vod",
         "-hls_segment_filename", str(part / "%d.ts"), str(part / "playlist.m3u8")], check=True)
    shutil.rmtree(folder, ignore_errors=True)
    part.rename(folder)
    return playlist
