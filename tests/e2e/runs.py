"""Makes a source of several runs: recordings in one playlist with EXT-X-DISCONTINUITY between them."""

from datetime import datetime, timedelta, timezone
from pathlib import Path

import playlists
import signals
import studio
import truth
from playlists import Entry
from recipes import Recipe, Runs

FIRST_FRAME_AT = datetime(2024, 5, 6, 7, 8, 9, 120000, timezone.utc)  # wall-clock time of time 0, where it is told
PAUSE = timedelta(seconds=37.25)  # of wall-clock time between a run and the next


def make_runs(recipe: Runs, folder: Path, scratch: Path) -> dict:
    """Makes playlist and segments in `folder` and returns the truth about them (see truth.py).

    With wall clock, each of its `runs` has "wall_clock" too, as EXT-X-PROGRAM-DATE-TIME says it.
    """
    _check_shapes(recipe.runs)
    folder.mkdir(parents=True)
    parts, facts, likenesses, numbers = [], [], [], 0
    for k, run in enumerate(recipe.runs):
        origin = truth.end_of(truth.of_runs(facts)) / truth.CLOCK if facts else 0.0
        made = studio.record(run, folder, scratch, f"run{k}.m3u8", f"run{k}_%03d", numbers, origin)
        facts.append(truth.of_run(run, folder, made, scratch, numbers))
        studio.dress(run, folder, made)
        if recipe.wall_clock:
            _stamp(made.entries[0], facts[-1], FIRST_FRAME_AT + timedelta(seconds=origin) + k * PAUSE)
        (folder / f"run{k}.m3u8").unlink()
        parts.append(made)
        likenesses.append((folder / truth.LIKENESSES).read_bytes())
        numbers += truth.frame_count(run)
    (folder / truth.LIKENESSES).write_bytes(b"".join(likenesses))
    (folder / studio.PLAYLIST).write_text(playlists.join(parts).text())
    return truth.of_runs(facts)


def _stamp(entry: Entry, facts: dict, moment: datetime) -> None:
    facts["runs"][0]["wall_clock"] = moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"
    entry.tags.insert(len(entry.tags) - 1, f"#EXT-X-PROGRAM-DATE-TIME:{facts['runs'][0]['wall_clock']}")


def _check_shapes(recipes: tuple[Recipe, ...]) -> None:
    """Numbers and likenesses are looked for in the same part of every picture, whatever its size."""
    shapes = {(height / width, signals.cell_size(width) / width)
              for width, height in (recipe.size for recipe in recipes)}
    if len(shapes) > 1:
        raise RuntimeError(f"runs whose pictures differ in more than size: {shapes}")
