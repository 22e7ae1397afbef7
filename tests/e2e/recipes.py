"""The HLS sources that cuts are tested on: what is particular about each, and nothing about how it is made."""

from dataclasses import dataclass, replace

PTS_WRAP = 2**33 / 90000  # seconds until a 33-bit timestamp at 90 kHz begins anew


@dataclass(frozen=True)
class Encryption:
    """AES-128 of whole segments (RFC 8216 §4.3.2.4)."""
    keys: tuple[int | None, ...]         # the key of each segment, the last one for all that follow; None: METHOD=NONE
    iv: bool                             # whether the tag says the IV, which is else the media sequence number
    encrypted_map: bool = False          # whether the first key holds for EXT-X-MAP too
    first_sequence: int = 0              # EXT-X-MEDIA-SEQUENCE


@dataclass(frozen=True)
class Recipe:
    """One run of one rendition: every field is part of the cache key of the source made from it."""
    fps: str = "30"
    seconds: float = 24.0
    size: tuple[int, int] = (320, 180)
    segment: float = 4.0                 # the length that the segmenter aims at, seconds
    gop: int = 60                        # frames from key frame to key frame
    encoder: str = "libx264"             # of the video; the three options that follow are those of libx264
    preset: str = "veryfast"
    crf: int = 23
    x264: str = ""                       # more of -x264-params
    pixels: str = "yuv420p"              # what is encoded
    video: tuple[str, ...] = ()          # more options of the video encoder
    offset: float = 0.0                  # what is added to ffmpeg's usual timestamps, seconds
    dropped: str = ""                    # an expression of frame number n: true for frames left out
    milliseconds: bool = False           # timestamps rounded as RTMP rounds them
    audio: float | None = 0.0            # when the audio starts, seconds after the video; None: there is none
    audio_encoder: str = "aac"
    audio_options: tuple[str, ...] = ("-ar", "48000", "-ac", "2")
    silent_segments: int = 0             # so many segments at the beginning have no audio stream (in ts)
    container: str = "ts"                # "ts", or "fmp4": fragments and an EXT-X-MAP
    ranges: bool = False                 # all is in one file; two of three byte ranges leave their offset out
    hls: tuple[str, ...] = ()            # more options of the segmenter
    rounded: bool = False                # EXTINF rounded to whole seconds
    encryption: Encryption | None = None


@dataclass(frozen=True)
class HeAac(Recipe):
    """A run whose audio is AAC-LC at half the usual rate, to which spectral band replication is added."""
    audio_options: tuple[str, ...] = ("-ar", "24000", "-ac", "2")


@dataclass(frozen=True)
class Runs:
    """Recordings in one playlist with a discontinuity between them: numbers and reference audio go on.

    All pictures have the same shape, so that one that is scaled to the size of another still shows
    number and likeness where they are looked for.
    """
    runs: tuple[Recipe, ...]
    wall_clock: bool = False             # EXT-X-PROGRAM-DATE-TIME where each begins


@dataclass(frozen=True)
class Sound:
    """An audio rendition with a playlist of its own."""
    language: str
    container: str                       # "ts", "fmp4", or "packed": bare ADTS behind an ID3 tag (RFC 8216 §3.4)
    shift: float = 0.0                   # it plays the reference of so many seconds later
    segment: float = 3.0                 # the length that the segmenter aims at, seconds


@dataclass(frozen=True)
class Group:
    """A video rendition without audio and its audio renditions, the first of them the default.

    The video's offset must be large enough that no timestamp is negative: ffmpeg would shift each
    rendition on its own.
    """
    video: Recipe
    sounds: tuple[Sound, ...]


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
    "short_segments": Recipe(segment=2),
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
    "rounded_extinf": Recipe(gop=108, segment=3.6, seconds=36, rounded=True),
    "rounded_down": Recipe(gop=132, segment=4.4, seconds=35.2, rounded=True),
    # Segments of megabytes, of which a part is enough where they lie behind the range, unless EXTINF lies.
    "heavy": Recipe(size=(1280, 720), crf=4, seconds=12, segment=4),
    "heavy_rounded": Recipe(size=(1280, 720), crf=4, gop=132, segment=4.4, seconds=13.2, rounded=True),
}

# Fragmented MP4. ffmpeg writes where a track begins into an edit list; with frag_discont it does as
# packagers do, and the fragments' tfdt says it.
_TFDT = ("-hls_segment_options", "movflags=+frag_discont")
FRAGMENTED: dict[str, Recipe] = {
    "fmp4": Recipe(seconds=16, container="fmp4"),
    "fmp4_20h": Recipe(fps="60000/1001", seconds=16, gop=120, container="fmp4", offset=72000.0, hls=_TFDT),
    "fmp4_bframes": Recipe(seconds=16, container="fmp4", x264="bframes=5:b-adapt=0:b-pyramid=normal:ref=5"),
    "fmp4_negative_cts": Recipe(seconds=16, container="fmp4",
                                hls=("-hls_segment_options", "movflags=+negative_cts_offsets")),
}
BYTE_RANGES: dict[str, Recipe] = {
    "fmp4_ranges": Recipe(container="fmp4", ranges=True),
    "ts_ranges": Recipe(ranges=True),
}

ENCRYPTED: dict[str, Recipe] = {
    "aes_sequence": Recipe(seconds=16, encryption=Encryption((0,), iv=False, first_sequence=70001)),
    "aes_rotation": Recipe(seconds=16, segment=2,
                           encryption=Encryption((0, 0, 1, 1, None, None, 2, 2), iv=True, first_sequence=5)),
    "aes_fmp4": Recipe(seconds=16, container="fmp4", encryption=Encryption((0,), iv=True, encrypted_map=True)),
    "aes_fmp4_plain_map": Recipe(seconds=16, container="fmp4",
                                 encryption=Encryption((0,), iv=False, first_sequence=300)),
}

_FIRST, _SECOND, _THIRD = (Recipe(seconds=8, offset=5000.0), Recipe(seconds=5.5, offset=20.0),
                           Recipe(seconds=7, offset=PTS_WRAP - 4.5))
_LYING = dict(gop=108, segment=3.6, rounded=True)  # 8 s as 9, 5.5 s as 6
_STAGE = dict(container="fmp4", gop=60, segment=2)
DISCONTINUOUS: dict[str, Runs] = {
    "three_runs": Runs((_FIRST, _SECOND, _THIRD)),
    "three_runs_rounded": Runs((replace(_FIRST, **_LYING), replace(_SECOND, **_LYING), _THIRD)),
    "runs_of_sizes": Runs((Recipe(seconds=6),
                           Recipe(seconds=5, fps="60", gop=120, size=(640, 360),
                                  audio_options=("-ar", "44100", "-ac", "1")),
                           Recipe(seconds=4.5, size=(480, 270), audio=None),
                           Recipe(seconds=5, offset=300.0))),
    # As a recording of an Amazon IVS stage: a participant who left and came back.
    "fmp4_runs": Runs((Recipe(seconds=8, **_STAGE), Recipe(seconds=5.5, offset=4000.0, hls=_TFDT, **_STAGE),
                       Recipe(seconds=7, size=(640, 360), offset=40.0, hls=_TFDT, **_STAGE)), wall_clock=True),
}

_SILENT_VIDEO = Recipe(seconds=16, audio=None, offset=10.0)
SEPARATE_AUDIO: dict[str, Group] = {
    "audio_ts": Group(_SILENT_VIDEO, (Sound("en", "ts"), Sound("de", "ts", shift=5.0))),
    "audio_fmp4": Group(replace(_SILENT_VIDEO, container="fmp4", hls=_TFDT), (Sound("en", "fmp4"),)),
    "audio_packed": Group(_SILENT_VIDEO, (Sound("en", "packed"),)),
}

_SMALL = dict(seconds=10, segment=2)
OTHER_CODECS: dict[str, Recipe] = {
    "hevc": Recipe(encoder="libx265", video=(
        "-preset", "ultrafast", "-x265-params", "log-level=none:open-gop=0:keyint=60:bframes=3"), **_SMALL),
    "hevc10": Recipe(encoder="libx265", pixels="yuv420p10le", container="fmp4", video=(
        "-preset", "ultrafast", "-x265-params", "log-level=none:open-gop=0:keyint=60:bframes=3",
        "-tag:v", "hvc1"), **_SMALL),
    "av1": Recipe(encoder="libaom-av1", container="fmp4", video=(
        "-cpu-used", "8", "-usage", "realtime", "-crf", "30", "-b:v", "0"), **_SMALL),
    "vp9": Recipe(encoder="libvpx-vp9", container="fmp4", video=(
        "-deadline", "realtime", "-cpu-used", "8", "-crf", "30", "-b:v", "0"), **_SMALL),
    "mp3": Recipe(audio_encoder="libmp3lame", **_SMALL),
    "ac3": Recipe(audio_encoder="ac3", **_SMALL),
    "opus_fmp4": Recipe(audio_encoder="libopus", container="fmp4", **_SMALL),
    "flac_fmp4": Recipe(audio_encoder="flac", audio_options=("-ar", "48000", "-ac", "2", "-strict", "experimental"),
                        container="fmp4", **_SMALL),
    "he_aac": HeAac(**_SMALL),
    "he_aac_fmp4": HeAac(container="fmp4", hls=_TFDT, **_SMALL),
}

# A recording as Amazon IVS leaves it: renditions by folder name, in the order of the master playlist.
_IVS = dict(seconds=30, segment=10, preset="ultrafast", crf=28)
IVS_RENDITIONS: dict[str, Recipe] = {
    "720p60": Recipe(fps="60", gop=120, size=(1280, 720), **_IVS),
    "480p30": Recipe(gop=60, size=(852, 480), **_IVS),
    "160p30": Recipe(gop=60, size=(284, 160), **_IVS),
}
IVS_RECORDING = "ivs_recording"

# What a source of each name is made from.
ALL: dict[str, Recipe | Runs | Group | dict[str, Recipe]] = {
    **RECIPES, IVS_RECORDING: IVS_RENDITIONS, **FRAGMENTED, **BYTE_RANGES, **ENCRYPTED, **DISCONTINUOUS,
    **SEPARATE_AUDIO, **OTHER_CODECS}
NAMES: tuple[str, ...] = tuple(ALL)
# Told from others by their packaging or their codecs alone: not every place in them is awkward in another way.
ALIKE: frozenset[str] = frozenset({*FRAGMENTED, *BYTE_RANGES, *ENCRYPTED, *OTHER_CODECS, "short_segments", "heavy",
                                   "heavy_rounded"})
