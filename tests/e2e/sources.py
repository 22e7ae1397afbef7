"""Generator of HLS sources whose every frame and every sample of audio tells where it belongs.

As a command: sources.py OUTDIR [NAME...] makes sources (all of them) below a folder.
As a library: ensure(name) makes a source once, in a cache that parallel test processes share.
"""

import contextlib
import fcntl
import functools
import hashlib
import json
import os
import shutil
import sys
import tempfile
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

import apart
import he_aac
import ivs
import runs
import signals
import studio
from recipes import ALL, Group, HeAac, Recipe, Runs
from truth import CLOCK, LIKENESSES

REPOSITORY = Path(__file__).resolve().parents[2]
TOLERANCE = Fraction(2, 1000)  # a frame this much before a bound still counts as at it
_TRUTH = "truth.json"


@dataclass(frozen=True)
class Source:
    """A made source and the truth about it (see truth.py). Frames are meant by their index in order of display."""
    name: str
    path: Path                        # what momentcut is given: a playlist or a recording's folder
    playlist: Path                    # the media playlist, of the video where audio has its own
    width: int                        # this and the rate are the first run's
    height: int
    fps: Fraction
    numbers: list[int]                # the number that each frame carries
    ticks: list[int]                  # when each is shown: 1/90000 s after the first
    first_pts: int                    # the first frame's timestamp as its segment has it, 33 bits
    keyframes: list[int]              # frames that ffprobe calls key frames
    segments: list[dict]              # "name" and "first_frame" of each; the name of the file if all share it
    audio: list[tuple[float, float]]  # spans of seconds in which the reference audio is heard
    runs: list[dict]                  # "first_frame", "first_segment", "width", "height", "fps", "first_pts" of each
    renditions: dict[str, "Source"] = field(default_factory=dict)
    sounds: list[dict] = field(default_factory=list)  # audio renditions: "language", "playlist", "shift"

    def run_of(self, frame: int) -> dict:
        """The run that a frame is of."""
        return next(run for run in reversed(self.runs) if run["first_frame"] <= frame)

    def frame_ticks(self, frame: int) -> int:
        """The usual length of a frame in ticks, in the run of this one."""
        return round(CLOCK / Fraction(self.run_of(frame)["fps"]))

    @property
    def end_ticks(self) -> int:
        """When the last frame is over."""
        return self.ticks[-1] + self.frame_ticks(len(self.ticks) - 1)

    @property
    def duration(self) -> float:
        return self.end_ticks / CLOCK

    def time(self, frame: int) -> float:
        """When a frame is shown, seconds; the end for the frame after the last."""
        return (self.ticks[frame] if frame < len(self.ticks) else self.end_ticks) / CLOCK

    def frames_between(self, start: float, end: float) -> range:
        """The frames of a clip [start, end), by the contract of a cut."""
        first, last = (next((i for i, t in enumerate(self.ticks)
                             if Fraction(t, CLOCK) >= Fraction(str(bound)) - TOLERANCE), len(self.ticks))
                       for bound in (start, end))
        return range(first, last)

    def has_audio(self, start: float, end: float) -> bool:
        """Whether the reference is heard in all of [start, end)."""
        return any(a <= start and end <= b for a, b in self.audio)

    def is_silent(self, start: float, end: float) -> bool:
        """Whether nothing is heard in all of [start, end)."""
        return all(end <= a or b <= start for a, b in self.audio)

    @functools.cached_property
    def likenesses(self) -> bytes:
        """What each frame looks like, signals.LIKENESS bytes each."""
        return (self.playlist.parent / LIKENESSES).read_bytes()

    def likeness(self, frame: int) -> bytes:
        return self.likenesses[frame * signals.LIKENESS:(frame + 1) * signals.LIKENESS]

    def segment_files(self) -> list[Path]:
        return [self.playlist.parent / segment["name"] for segment in self.segments]


def cache_folder() -> Path:
    return Path(os.environ.get("MOMENTCUT_E2E_CACHE") or REPOSITORY / "build" / "e2e-sources")


@functools.cache
def ensure(name: str) -> Source:
    """The source of this name from the cache; made there first if it is missing or its recipe changed."""
    cache = cache_folder()
    cache.mkdir(parents=True, exist_ok=True)
    folder = cache / f"{name}-{_key(name)}"
    with _locked(cache / f"{name}.lock"):
        if not folder.exists():
            for stale in cache.glob(f"{name}-*"):
                shutil.rmtree(stale)
            with tempfile.TemporaryDirectory(prefix=f".{name}.", dir=cache) as temporary:
                make(name, Path(temporary) / name)
                (Path(temporary) / name).rename(folder)
    return load(name, folder)


def make(name: str, folder: Path) -> None:
    """Makes a source in a folder that does not exist yet."""
    folder.mkdir(parents=True)
    with tempfile.TemporaryDirectory(prefix="momentcut-studio-") as scratch:
        facts = _make(ALL[name], folder, Path(scratch))
    (folder / _TRUTH).write_text(json.dumps(facts))


def _make(recipe: Recipe | Runs | Group | dict[str, Recipe], folder: Path, scratch: Path) -> dict:
    """Makes what the recipe says and returns the truth about it, with paths from `folder`."""
    below = {"path": f"hls/{studio.PLAYLIST}", "playlist": f"hls/{studio.PLAYLIST}"}
    match recipe:
        case HeAac():
            return below | he_aac.make_rendition(recipe, folder / "hls", scratch)
        case Recipe():
            return below | studio.make_rendition(recipe, folder / "hls", scratch)
        case Runs():
            return below | runs.make_runs(recipe, folder / "hls", scratch)
        case Group():
            return apart.make_group(recipe, folder / "hls", scratch, "hls")
        case _:
            return ivs.make_recording(folder, scratch)


def load(name: str, folder: Path) -> Source:
    """The source that `make` left in a folder."""
    return _source(name, folder, json.loads((folder / _TRUTH).read_text()))


def _source(name: str, folder: Path, facts: dict) -> Source:
    renditions = {key: _source(f"{name}/{key}", folder, value) for key, value in facts.pop("renditions", {}).items()}
    facts.update(path=folder / facts["path"], playlist=folder / facts["playlist"], fps=Fraction(facts["fps"]),
                 audio=[tuple(span) for span in facts["audio"]],
                 sounds=[{**sound, "playlist": folder / sound["playlist"]} for sound in facts.get("sounds", [])])
    return Source(name=name, renditions=renditions, **facts)


def _key(name: str) -> str:
    """Changes with the recipe and with the code that follows recipes."""
    recipe = ALL[name]
    makers = ["signals.py", "studio.py", "truth.py", "playlists.py"]
    match recipe:
        case HeAac():
            makers += ["he_aac.py", "sbr.py", "adts.py"]
        case Recipe():
            makers += ["transport.py"] * bool(recipe.silent_segments) + ["encryption.py"] * bool(recipe.encryption)
        case Runs():
            makers.append("runs.py")
        case Group():
            makers += ["apart.py", "adts.py"]
        case _:
            makers.append("ivs.py")
    text = repr(recipe) + "".join((Path(__file__).parent / maker).read_text() for maker in makers)
    return hashlib.sha256(text.encode()).hexdigest()[:12]


@contextlib.contextmanager
def _locked(path: Path):
    """Holds an exclusive lock on a file; the system lets go of it even if this process is killed."""
    with path.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def main(arguments: list[str]) -> int:
    if not arguments or arguments[0].startswith("-"):
        print(f"usage: sources.py OUTDIR [NAME...]\nnames: {' '.join(ALL)}", file=sys.stderr)
        return 64
    unknown = set(arguments[1:]) - set(ALL)
    if unknown:
        print(f"sources.py: no source is named {', '.join(sorted(unknown))}", file=sys.stderr)
        return 64
    for name in arguments[1:] or ALL:
        folder = Path(arguments[0]) / name
        make(name, folder)
        print(load(name, folder).path)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
