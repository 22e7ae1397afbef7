"""Makes a run whose audio is HE-AAC, which no encoder of Debian's ffmpeg writes."""

import subprocess
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import adts
import playlists
import sbr
import studio
import truth
from recipes import HeAac

_CORE_RATE = 24000
# SBR's delay in the decoder is the encoder's affair here: a timestamp says when the first sample that
# comes out of an access unit is heard. FDK-AAC in ffmpeg stamps so (its delay includes the decoder's),
# and whatever plays a decoder's output at the timestamps as they are, as ffmpeg does, is in sync.
# There are encoders that leave the delay to the decoder (Apple's), and a transport stream does not
# tell: ffmpeg plays what they made 20 ms late, and a clip sounds as ffmpeg plays its source.
_AHEAD = Fraction(sbr.DELAY, _CORE_RATE)


def make_rendition(recipe: HeAac, folder: Path, scratch: Path) -> dict:
    """As studio.make_rendition: the studio's AAC-LC gets its SBR, and all is cut into segments once more."""
    plain = scratch / "plain"
    plain.mkdir()
    made = studio.record(replace(recipe, container="ts", hls=()), plain, scratch, studio.PLAYLIST, "seg%03d")
    joined, core, audio = plain / "joined.ts", plain / "core.aac", plain / "audio.aac"
    joined.write_bytes(b"".join(playlists.segment_bytes(entry, plain) for entry in made.entries))
    _run("-i", joined, "-map", "0:a", "-c", "copy", "-f", "adts", core)
    audio.write_bytes(b"".join(map(sbr.with_sbr, adts.frames(core.read_bytes()))))
    begin = truth.probe_packets(joined, "a:0")[0]["time"] - _AHEAD
    folder.mkdir(parents=True)
    bare = ["-bsf:a", "aac_adtstoasc"] if recipe.container == "fmp4" else []
    _run("-copyts", "-i", joined, "-itsoffset", f"{float(begin):.6f}", "-i", audio, "-map", "0:v", "-map", "1:a",
         "-c", "copy", *bare, "-muxdelay", "0", "-muxpreload", "0",
         *studio.segmenter(recipe.container, recipe.segment, folder / studio.PLAYLIST, "seg%03d", *recipe.hls))
    made = playlists.read(folder / studio.PLAYLIST)
    facts = truth.of_run(recipe, folder, made, scratch)
    studio.dress(recipe, folder, made)
    (folder / studio.PLAYLIST).write_text(made.text())
    return facts


def _run(*arguments: object) -> None:
    subprocess.run(["ffmpeg", "-v", "error", "-nostdin", "-y", *map(str, arguments)], check=True)
