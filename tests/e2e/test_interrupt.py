"""Tests of signals: momentcut dies of them as a program should, and takes everything it began with it."""

import os
import signal
import subprocess
import sys
import time
import unittest
from pathlib import Path

import fakes
import momentcut
from mp4 import read_movie
from workplace import QUICK, Workplace, everything_in

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
STUBBORN = "trap '' INT TERM HUP; while :; do sleep 1; done"


class InterruptCase(Workplace):
    def assert_died_of(self, process: subprocess.Popen, number: int) -> None:
        """It died of that very signal and said so in one line; nothing that it began is left."""
        done = self.finish(process)
        self.assertEqual(done.returncode, -number, done.stderr)
        said = [line for line in done.stderr.splitlines() if not line.startswith("{")]
        self.assertEqual(said, ["momentcut: interrupted"])
        self.assertEqual(done.stdout, b"")
        self.assert_tidy()

    def start_cut(self, *args: object, **options) -> subprocess.Popen:
        return self.start(*self.command("--progress", "json", *args), **options)

    def assert_gone(self, noted: Path) -> None:
        """The process of the noted id is gone, or is no longer the one that was meant."""
        entry = Path("/proc") / noted.read_text().strip() / "cmdline"
        try:
            self.assertNotIn(b"sleep", entry.read_bytes())
        except OSError:
            pass


class WhileMeasuring(InterruptCase):
    def test_a_signal_ends_the_measuring(self):
        for number in SIGNALS:
            with self.subTest(number.name):
                ffprobe, noted = fakes.recording_its_id(self.folder, "ffprobe", fakes.HANG)
                process = self.start_cut("--ffprobe", ffprobe)
                self.wait_for_line(process.stderr, '"stage":"measure"')
                self.wait_for(noted.exists, "ffprobe")
                process.send_signal(number)
                self.assert_died_of(process, number)
                self.assert_gone(noted)
                self.assertEqual(everything_in(self.out), [])
                noted.unlink()

    def test_a_signal_ends_the_question_for_a_version(self):
        slow = self.folder / "slow"
        slow.write_text(f"#!/bin/sh\n{fakes.HANG}\n")
        slow.chmod(0o755)
        process = self.start_cut("--ffmpeg", slow)
        self.wait_for_line(process.stderr, '"stage":"prepare"')
        self.wait_for(lambda: len(self.survivors()) > 1, "ffmpeg")
        process.terminate()
        self.assert_died_of(process, signal.SIGTERM)

    def test_a_signal_ends_a_dry_run(self):
        ffprobe, noted = fakes.recording_its_id(self.folder, "ffprobe", fakes.HANG)
        process = self.start_cut("--ffprobe", ffprobe, "--dry-run")
        self.wait_for(noted.exists, "ffprobe")
        process.send_signal(signal.SIGINT)
        self.assert_died_of(process, signal.SIGINT)


class WhileRendering(InterruptCase):
    def rendering(self, script: str, *args: object, **options) -> tuple[subprocess.Popen, Path]:
        """A cut whose ffmpeg runs and has noted its id."""
        ffmpeg, noted = fakes.recording_its_id(self.folder, "ffmpeg", script)
        process = self.start_cut("--ffmpeg", ffmpeg, *args, **options)
        self.wait_for_line(process.stderr, '"stage":"render"')
        self.wait_for(noted.exists, "ffmpeg")
        return process, noted

    def test_a_signal_ends_the_rendering(self):
        for number in SIGNALS:
            with self.subTest(number.name):
                process, noted = self.rendering(fakes.HANG)
                process.send_signal(number)
                self.assert_died_of(process, number)
                self.assert_gone(noted)
                self.assertEqual(everything_in(self.out), [])
                noted.unlink()

    def test_a_signal_ends_the_real_ffmpeg_amid_its_work(self):
        process = self.start(self.source.path, "--start", "0", "--end", "end", "--preset", "placebo", "-o", self.clip,
                             "--progress", "json")
        self.wait_for_line(process.stderr, '"stage":"render","fraction":0.0')
        (pending,) = self.wait_for(lambda: [f for f in self.out.iterdir() if f.stat().st_size > 0], "the first bytes")
        self.assertTrue(pending.name.startswith("."))
        self.assertFalse(self.clip.exists(), "half an output has the whole one's name")
        process.send_signal(signal.SIGINT)
        self.assert_died_of(process, signal.SIGINT)
        self.assertEqual(everything_in(self.out), [])

    def test_a_signal_ends_all_that_smart_mode_runs_beside_each_other(self):
        for number in SIGNALS:
            with self.subTest(number.name):
                ffmpeg = fakes.fake(self.folder, "ffmpeg", fakes.HANG, only_if="sps-id=")
                process = self.start(self.source.path, "--start", "5", "--end", "9", "-o", self.clip, "--mode", "smart",
                                     "--progress", "json", "--ffmpeg", ffmpeg)
                self.wait_for_line(process.stderr, '"stage":"render"')
                self.wait_for(lambda: list(self.tmp.glob("*/part-middle.ts")), "the parts")
                process.send_signal(number)
                self.assert_died_of(process, number)
                self.assertEqual(everything_in(self.out), [])

    def test_an_existing_output_keeps_its_content(self):
        self.clip.write_text("old")
        process, _ = self.rendering('"$REAL" "$@"; ' + fakes.HANG, "--force")
        process.terminate()
        self.assert_died_of(process, signal.SIGTERM)
        self.assertEqual(self.clip.read_text(), "old")
        self.assertEqual(everything_in(self.out), ["clip.mp4"])

    def test_folders_that_were_made_go(self):
        process, _ = self.rendering(fakes.HANG, "-o", self.out / "a/b/clip.mp4")
        process.terminate()
        self.assert_died_of(process, signal.SIGTERM)
        self.assertEqual(everything_in(self.out), [])

    def test_an_ffmpeg_that_does_not_heed_signals_is_killed(self):
        process, noted = self.rendering(STUBBORN)
        process.terminate()
        self.assert_died_of(process, signal.SIGTERM)
        self.assert_gone(noted)

    def test_more_signals_while_it_cleans_up_do_no_harm(self):
        process, _ = self.rendering(STUBBORN)
        process.send_signal(signal.SIGINT)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
            if process.poll() is None:
                process.send_signal(number)
        done = self.finish(process)
        self.assertIn(-done.returncode, SIGNALS)
        self.assert_tidy()
        self.assertEqual(everything_in(self.out), [])

    def test_the_children_of_ffmpeg_go_too(self):
        process, _ = self.rendering("sleep 1000 & sleep 1000; true")
        process.terminate()
        self.assert_died_of(process, signal.SIGTERM)

    def test_kept_temporary_files_are_kept(self):
        process, _ = self.rendering(fakes.HANG, "--keep-temp")
        process.terminate()
        self.assertEqual(self.finish(process).returncode, -signal.SIGTERM)
        self.assertEqual(len(list(self.tmp.iterdir())), 1)
        self.assertEqual((everything_in(self.out), self.survivors()), ([], []))

    def test_a_signal_from_the_terminal_ends_it_once(self):
        """Ctrl-C goes to the whole foreground process group."""
        process, _ = self.rendering(fakes.HANG, preexec_fn=os.setsid)
        os.killpg(process.pid, signal.SIGINT)
        self.assert_died_of(process, signal.SIGINT)

    def test_a_clip_for_stdout_is_not_begun(self):
        process, _ = self.rendering(fakes.HANG, "-o", "-")
        process.terminate()
        self.assert_died_of(process, signal.SIGTERM)

    def test_a_reader_that_does_not_read_can_be_left(self):
        process = self.start(self.source.path, "--start", "0", "--end", "6", *QUICK, "--crf", "1", "-o", "-",
                             "--progress", "json")
        os.read(process.stdout.fileno(), 1)  # now it writes, and the pipe is full
        process.terminate()
        process.wait(timeout=10)
        self.assertEqual(process.returncode, -signal.SIGTERM)
        self.assert_tidy()

    def test_a_job_that_was_stopped_for_a_while_goes_on(self):
        """As batch systems suspend a job, and Ctrl-Z does: longer than an ffmpeg may be silent."""
        process, noted = self.rendering('sleep 0.5; echo progress=continue; sleep 1; exec "$REAL" "$@"',
                                        "--stall-timeout", "3")
        ffmpeg = int(noted.read_text())
        os.kill(process.pid, signal.SIGSTOP)
        os.killpg(ffmpeg, signal.SIGSTOP)
        time.sleep(4)
        os.killpg(ffmpeg, signal.SIGCONT)
        os.kill(process.pid, signal.SIGCONT)
        done = self.finish(process)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assert_tidy()


class Ignored(InterruptCase):
    """A signal that whoever started momentcut has set to be ignored stays ignored."""

    def finish_in_spite_of(self, number: int, before: list[str]) -> None:
        ffmpeg, noted = fakes.recording_its_id(self.folder, "ffmpeg", 'sleep 1; exec "$REAL" "$@"')
        process = self.start(*self.command("--ffmpeg", ffmpeg), before=before, program=momentcut.binary())
        self.wait_for(noted.exists, "ffmpeg")
        process.send_signal(number)
        done = self.finish(process)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(read_movie(self.clip).track("vide").samples, 30)
        self.assert_tidy()

    def test_a_hangup_under_nohup_is_ignored(self):
        self.finish_in_spite_of(signal.SIGHUP, ["nohup"])

    def test_an_interrupt_of_a_job_that_a_script_put_in_the_background_is_ignored(self):
        self.finish_in_spite_of(signal.SIGINT, ["sh", "-c", 'trap "" INT; exec "$@"', "sh"])

    def test_other_signals_still_count_under_nohup(self):
        ffmpeg, noted = fakes.recording_its_id(self.folder, "ffmpeg", fakes.HANG)
        process = self.start(*self.command("--ffmpeg", ffmpeg), before=["nohup"])
        self.wait_for(noted.exists, "ffmpeg")
        process.terminate()
        self.assertEqual(self.finish(process).returncode, -signal.SIGTERM)
        self.assert_tidy()

    def test_blocked_signals_do_not_reach_children(self):
        """ffmpeg starts with no signal blocked or ignored; Python itself starts momentcut with SIGPIPE ignored."""
        seen = self.folder / "signals"
        look = f'grep -E "^Sig(Blk|Ign)" /proc/self/status > "{seen}"'
        ffmpeg = fakes.fake(self.folder, "ffmpeg", f'{look}\nexec "$REAL" "$@"')
        self.assert_done(self.finish(self.start(*self.command("--ffmpeg", ffmpeg), restore_signals=False)))
        masks = [int(line.split()[1], 16) & 0x7FFFFFFF for line in seen.read_text().splitlines()]  # without glibc's own
        self.assertEqual(masks, [0, 0])


if __name__ == "__main__":
    unittest.main(argv=sys.argv)
