"""The HLS sources that cuts are tested on: what is particular about each, and nothing about how it is made."""

from dataclasses import dataclass

PTS_WRAP = 2**33 / 90000  # seconds until a 33-bit timestamp at 90 kHz begins anew


@dataclass(frozen=True)
class Recipe:
    """One rendition: every field is part of the cache key of the source made from it."""
    fps: str = "30"
    seconds: float = 24.0
    size: tuple[int, int] = (320, 180)
    segment: float = 4.0                 # the length that the segmenter aims at, seconds
    gop: int = 60                        # frames from key frame to key frame
    preset: str = "veryfast"
    crf: int = 23
    x264: str = ""                       # more of -x264-params
    video: tuple[str, ...] = ()          # more options of the video encoder
    offset: float = 0.0                  # what is added to ffmpeg's usual timestamps, seconds
    dropped: str = ""                    # an expression of frame number n: true for frames left out
    milliseconds: bool = False           # timestamps rounded as RTMP rounds them
    audio: float | None = 0.0            # when the audio starts, seconds after the video; None: there is none
    audio_options: tuple[str, ...] = ("-ar", "48000", "-ac", "2")
    silent_segments: int = 0             # so many segments at the beginning have no audio stream
    hls: tuple[str, ...] = ()            # more options of the segmenter
    listed: float | None = None          # the EXTINF of every segment, whatever its length


_SPLIT = ("-hls_flags", "split_by_time")
_REPEAT = ("-bsf:v", "dump_extra=freq=k")  # parameter sets at every key frame, also where no IDR is

RECIPES: dict[str, Recipe] = {
    # Constant rates. cfr30 begins at 0, so that no offset can hide behind another.
    "cfr30": Recipe(hls=("-muxdelay", "0", "-muxpreload", "0")),
    "cfr60": Recipe(fps="60", gop=120),
    "ntsc2997": Recipe(fps="30000/1001", seconds=30, segment=10),
    "ntsc5994": Recipe(fps="60000/1001", gop=120),
    # Where the timestamps begin, and that they wrap.
    "pts1400": Recipe(),
    "pts20h": Recipe(offset=72000.0),
    "wrap": Recipe(offset=PTS_WRAP - 11.5),
    # Where the audio begins, if anywhere.
    "audio_early": Recipe(audio=-0.2),
    "audio_late": Recipe(audio=0.35),
    "late_audio_pid": Recipe(silent_segments=2),
    "no_audio": Recipe(audio=None),
    "mono_44100": Recipe(audio_options=("-ar", "44100", "-ac", "1")),
    # How frames refer to one another, and where a decoder may begin.
    "open_gop": Recipe(x264="open-gop=1:scenecut=0", video=_REPEAT),
    "mid_gop": Recipe(gop=150, segment=3, hls=_SPLIT, seconds=25),
    "single_gop": Recipe(gop=9999, segment=4, hls=_SPLIT),
    "low_keyint": Recipe(gop=3),
    "intra_refresh": Recipe(x264="intra-refresh=1:bframes=0", video=_REPEAT, hls=_SPLIT),
    "bframes_deep": Recipe(x264="bframes=5:b-adapt=0:b-pyramid=normal:ref=5"),
    # When frames are shown.
    "vfr": Recipe(fps="60", gop=90, dropped="eq(mod(n,7),3)+between(mod(n,200),90,107)"),
    "rtmp_ms": Recipe(milliseconds=True),
    # What the playlist says about lengths: 3.6 s as 4, 4.4 s as 4.
    "rounded_extinf": Recipe(gop=108, segment=3.6, seconds=36, listed=4.0),
    "rounded_down": Recipe(gop=132, segment=4.4, seconds=35.2, listed=4.0),
}

# A recording as Amazon IVS leaves it: renditions by folder name, in the order of the master playlist.
_IVS = dict(seconds=30, segment=10, preset="ultrafast", crf=28)
IVS_RENDITIONS: dict[str, Recipe] = {
    "720p60": Recipe(fps="60", gop=120, size=(1280, 720), **_IVS),
    "480p30": Recipe(gop=60, size=(852, 480), **_IVS),
    "160p30": Recipe(gop=60, size=(284, 160), **_IVS),
}
IVS_RECORDING = "ivs_recording"
NAMES: tuple[str, ...] = (*RECIPES, IVS_RECORDING)
