"""Runs the real momentcut in a world of its own: the binary, its environment and a folder to work in."""

import os
import subprocess
import tempfile
import unittest
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
TIMEOUT = 120.0

# What a user may have set, and what would steer the program under test behind a test's back.
_STEERING = ("MOMENTCUT_", "AWS_", "XDG_")


def binary() -> Path:
    """The program under test: $MOMENTCUT, else the one that CMake builds."""
    path = Path(os.environ.get("MOMENTCUT") or REPOSITORY / "build" / "release" / "src" / "momentcut")
    if not os.access(path, os.X_OK):
        raise FileNotFoundError(f"no momentcut at {path}: build it, or name one in $MOMENTCUT")
    return path.resolve()


def environment(home: Path, changes: dict[str, str] | None = None) -> dict[str, str]:
    """This process's environment without the user's own settings, and with `changes`."""
    kept = {k: v for k, v in os.environ.items() if k != "MOMENTCUT" and not k.startswith(_STEERING)}
    kept.update(HOME=str(home), XDG_CONFIG_HOME=str(home), LC_ALL="C.UTF-8")
    kept.update(changes or {})
    return kept


def run(*args: object, env: dict[str, str] | None = None, cwd: Path | str | None = None,
        timeout: float = TIMEOUT, stdin=subprocess.DEVNULL) -> subprocess.CompletedProcess:
    """Runs momentcut to its end; `stdout` of the answer is bytes, `stderr` is text."""
    with tempfile.TemporaryDirectory(prefix="momentcut-home-") as home:
        done = subprocess.run([str(binary()), *map(str, args)], env=environment(Path(home), env),
                              cwd=cwd, stdin=stdin, capture_output=True, timeout=timeout)
    done.stderr = done.stderr.decode("utf-8", errors="replace")
    return done


class TestCase(unittest.TestCase):
    """A test with `self.folder`, an empty folder that is gone afterwards."""

    def setUp(self) -> None:
        temporary = tempfile.TemporaryDirectory(prefix="momentcut-e2e-")
        self.addCleanup(temporary.cleanup)
        self.folder = Path(temporary.name)

    def momentcut(self, *args: object, **options) -> subprocess.CompletedProcess:
        """Runs momentcut in `self.folder`."""
        return run(*args, **{"cwd": self.folder, **options})
