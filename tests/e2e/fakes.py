"""Programs that stand in for ffmpeg and ffprobe and misbehave; each answers -version as the real one does."""

import shutil
from pathlib import Path

# The words of a fake's script: "$@" is its command line, $output the last word of it, "$REAL" the real program.
FAIL_SILENTLY = "exit 1"
CRASH = "kill -SEGV $$"
HANG = "exec sleep 1000"
EMPTY = ': > "$output"'


def real(name: str) -> str:
    path = shutil.which(name)
    if path is None:
        raise FileNotFoundError(f"no {name} on PATH")
    return path


def fake(folder: Path, name: str, script: str, only_if: str = "") -> Path:
    """A program that runs `script`; where its command line does not hold `only_if`, the real one instead."""
    path = folder / f"fake-{name}"
    condition = f'case "$*" in *{only_if}*) ;; *) exec "$REAL" "$@";; esac\n' if only_if else ""
    _write(path, f"REAL={real(name)}\n"
           '[ "$1" = -version ] && exec "$REAL" "$@"\n'
           f"{condition}for output; do :; done\n{script}\n")
    return path


def altered(folder: Path, name: str, change: str, only_if: str = "") -> Path:
    """The real program with every word of its command line changed by a sed script."""
    return fake(folder, name,
                'for word; do shift; set -- "$@" "$(printf %s "$word" | sed \'' + change + '\')"; done\n'
                'exec "$REAL" "$@"', only_if)


def answering(folder: Path, name: str, text: str, status: int = 0) -> Path:
    """A program that prints a text, whatever it is asked."""
    path = folder / f"answering-{name}"
    (folder / f"answer-{name}").write_text(text)
    _write(path, f"cat '{folder / f'answer-{name}'}'\nexit {status}\n")
    return path


def recording_its_id(folder: Path, name: str, script: str, only_if: str = "") -> tuple[Path, Path]:
    """A fake that first writes its process id into a file, and that file."""
    noted = folder / f"{name}.pid"
    return fake(folder, name, f'echo $$ > "{noted}.new"; mv "{noted}.new" "{noted}"\n{script}', only_if), noted


def _write(path: Path, script: str) -> None:
    path.write_text(f"#!/bin/sh\n{script}")
    path.chmod(0o755)
