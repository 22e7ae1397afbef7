"""A place to work at: a source, a folder for output, one for temporary files, and what holds after every run."""

import os
import select
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterable
from pathlib import Path

import momentcut
import sources

MOMENT = ("--start", "5", "--end", "6")  # 30 frames of a source with 30 a second
QUICK = ("--preset", "ultrafast")
PATIENCE = 60.0                          # seconds until something that must happen has failed to

NOBODY = 65534


class Workplace(momentcut.TestCase):
    """A test with `self.source`, and with `self.out` and `self.tmp`, which is what momentcut sees as $TMPDIR."""

    source_name = "cfr30"

    def setUp(self) -> None:
        super().setUp()
        self.source = sources.ensure(self.source_name)
        self.folder.chmod(0o755)
        self.out, self.tmp = self.folder / "out", self.folder / "tmp"
        self.out.mkdir()
        self.tmp.mkdir()

    @property
    def clip(self) -> Path:
        return self.out / "clip.mp4"

    def command(self, *args: object) -> list[object]:
        """The words of a short and quick cut, and `args`; into `self.clip`, unless they name an output."""
        output = () if any(str(word).startswith(("-o", "--output")) for word in args) else ("-o", self.clip)
        return [self.source.path, *MOMENT, *QUICK, *output, *args]

    def cut(self, *args: object, **options) -> subprocess.CompletedProcess:
        """A short and quick cut into `self.clip`, unless `args` say otherwise."""
        return self.run_here(*self.command(*args), **options)

    def run_here(self, *args: object, env: dict[str, str] | None = None, **options) -> subprocess.CompletedProcess:
        return self.momentcut(*args, env={"TMPDIR": str(self.tmp), **(env or {})}, **options)

    def start(self, *args: object, env: dict[str, str] | None = None, before: Iterable[object] = (),
              clean: bool = False, **options) -> subprocess.Popen:
        """Starts momentcut, with `before` in front of it; it is ended with the test. `clean`: `env` is all it gets."""
        home = tempfile.TemporaryDirectory(prefix="momentcut-home-")
        self.addCleanup(home.cleanup)
        whole = env if clean else momentcut.environment(Path(home.name), {"TMPDIR": str(self.tmp), **(env or {})})
        options = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE,
                   "cwd": self.folder, **options}
        program = options.pop("program", momentcut.binary())
        process = subprocess.Popen([*map(str, before), str(program), *map(str, args)], env=whole, **options)
        self.addCleanup(_end, process)
        return process

    def finish(self, process: subprocess.Popen) -> subprocess.CompletedProcess:
        """Waits for its end; stderr as text, as from run()."""
        out, err = process.communicate(timeout=momentcut.TIMEOUT)
        return subprocess.CompletedProcess(process.args, process.returncode, out or b"",
                                           (err or b"").decode("utf-8", errors="replace"))

    def assert_done(self, done: subprocess.CompletedProcess) -> None:
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assert_tidy()

    def assert_refused(self, done: subprocess.CompletedProcess, code: int, pattern: str = ".") -> None:
        """It ended with this code and one line on stderr, and left neither output nor anything else."""
        self.assert_one_line(done, code, pattern)
        self.assertEqual(everything_in(self.out), [], "left in the output folder")
        self.assert_tidy()

    def assert_one_line(self, done: subprocess.CompletedProcess, code: int, pattern: str = ".") -> None:
        self.assertEqual(done.returncode, code, f"{done.stderr}{done.stdout[:300]!r}")
        self.assertRegex(done.stderr, r"\Amomentcut: [^\n]+\n\Z")
        self.assertNotIn("internal error", done.stderr)
        self.assertRegex(done.stderr, pattern)
        self.assertEqual(done.stdout, b"")

    def assert_tidy(self) -> None:
        """No temporary file, no half output, no child is left."""
        self.assertEqual(everything_in(self.tmp), [], "temporary files were left")
        self.assertEqual([f for f in everything_in(self.out) if ".momentcut" in f], [], "half an output was left")
        self.assertEqual(self.survivors(), [], "child processes were left")

    def survivors(self) -> list[str]:
        """The processes that work for this test: those that have its $TMPDIR."""
        mark, found = f"TMPDIR={self.tmp}".encode(), []
        for process in Path("/proc").iterdir():
            if not process.name.isdigit():
                continue
            try:
                if mark in (process / "environ").read_bytes().split(b"\0"):
                    found.append(f"{process.name}: {(process / 'cmdline').read_bytes()!r}")
            except OSError:
                continue
        return found

    def copied_source(self) -> Path:
        """A copy of the source's folder, to be damaged; its playlist has the same name as the source's."""
        copy = self.folder / "copy"
        shutil.copytree(self.source.playlist.parent, copy)
        return copy

    def wait_for(self, condition: Callable[[], object], what: str) -> object:
        """The first true answer of `condition`."""
        end = time.monotonic() + PATIENCE
        while not (answer := condition()):
            self.assertLess(time.monotonic(), end, f"waited in vain for {what}")
            time.sleep(0.02)
        return answer

    def wait_for_line(self, stream, part: str) -> str:
        """Reads lines from a pipe until one holds `part`."""
        end, text = time.monotonic() + PATIENCE, b""
        while part.encode() not in text or not text.endswith(b"\n"):
            self.assertLess(time.monotonic(), end, f"waited in vain for {part!r}; heard {text!r}")
            if select.select([stream], [], [], 0.1)[0]:
                piece = os.read(stream.fileno(), 1)
                self.assertTrue(piece, f"ended before {part!r}; heard {text!r}")
                text += piece
        return text.decode()


def everything_in(folder: Path) -> list[str]:
    """What is below a folder, hidden or not."""
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))


def _end(process: subprocess.Popen) -> None:
    if process.poll() is None:
        process.kill()
    process.wait()
    for stream in (process.stdout, process.stderr):
        if stream:
            stream.close()
