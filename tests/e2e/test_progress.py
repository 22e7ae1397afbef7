"""Tests of progress on stderr: lines, JSON, nothing, and a bar that leaves a clean terminal."""

import fcntl
import json
import os
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import time
import unittest

import fakes
import momentcut
from workplace import PATIENCE, QUICK, Workplace

STAGES = ["prepare", "source", "measure", "render", "verify", "deliver"]
WIPE = "\r\x1b[K"


class Lines(Workplace):
    def test_json_progress_is_one_object_a_line_and_never_falls(self):
        done = self.run_here(self.source.path, "--start", "0", "--end", "end", "--preset", "medium", "-o", self.clip,
                             "--progress", "json")
        self.assert_done(done)
        lines = [json.loads(line) for line in done.stderr.splitlines()]
        reached = {}
        for line in lines:
            self.assertLessEqual(set(line), {"stage", "fraction", "speed", "left"})
            self.assertTrue(0 <= line["fraction"] <= 1, line)
            self.assertGreaterEqual(line["fraction"], reached.get(line["stage"], 0))
            reached[line["stage"]] = line["fraction"]
            self.assertGreaterEqual(line.get("left", 0), 0)
        self.assertEqual(list(dict.fromkeys(line["stage"] for line in lines)), STAGES)
        self.assertEqual((reached["render"], lines[-1]), (1, {"stage": "deliver", "fraction": 1}))

    def test_json_progress_and_a_json_receipt_do_not_mix(self):
        done = self.cut("--progress", "json", "--json")
        self.assert_done(done)
        self.assertEqual(json.loads(done.stdout)["frames"], 30)
        for line in done.stderr.splitlines():
            self.assertIn(json.loads(line)["stage"], STAGES)

    def test_json_progress_stays_json_with_notes_between(self):
        done = self.run_here(self.source.path, "--start", "23", "--end", "24.5", *QUICK, "-o", self.clip, "--progress",
                             "json", "-v")
        self.assert_done(done)
        for line in done.stderr.splitlines():
            json.loads(line)

    def test_progress_of_what_ffmpeg_says_out_of_turn_never_falls(self):
        said = "".join(f"out_time_us={us}\\nspeed={speed}x\\nprogress=continue\\n" for us, speed in (
            (500000, "2"), (200000, "1e9"), ("N/A", "nan"), (-5, "-3"), (900000, "0"), (99000000000, "inf"), (1, "1")))
        ffmpeg = fakes.fake(self.folder, "ffmpeg", f'printf "{said}"; exec "$REAL" "$@"')
        done = self.cut("--progress", "json", "--ffmpeg", ffmpeg)
        self.assert_done(done)
        lines = map(json.loads, done.stderr.splitlines())
        fractions = [line["fraction"] for line in lines if line["stage"] == "render"]
        self.assertEqual(fractions, sorted(fractions))
        self.assertLessEqual(fractions[-1], 1)

    def test_plain_progress_is_lines_of_stage_and_percent(self):
        ffmpeg = fakes.fake(self.folder, "ffmpeg", 'sleep 3.5; echo out_time_us=500000; echo speed=2.5x; '
                            'echo progress=continue; exec "$REAL" "$@"')
        done = self.cut("--progress", "plain", "--ffmpeg", ffmpeg)
        self.assert_done(done)
        for line in done.stderr.splitlines():
            self.assertRegex(line, rf"\A({'|'.join(STAGES)}) \d+%(  \d+\.\dx)?(  [0-9:]+ left)?\Z")
        self.assertIn("render 50%  2.5x  0:00:01 left", done.stderr.splitlines())

    def test_none_is_nothing(self):
        for args in (("--progress", "none"), ("--progress", "plain", "-q"), ("--progress", "auto"), ()):
            with self.subTest(args):
                done = self.cut("--force", *args)
                self.assert_done(done)
                self.assertEqual(done.stderr, "")

    def test_the_environment_may_choose(self):
        self.assertIn('{"stage":"prepare"', self.cut(env={"MOMENTCUT_PROGRESS": "json"}).stderr)


class Terminals(Workplace):
    """stderr is a terminal; what it is shown is read from the other side."""

    def on_terminal(self, *args: object, columns: int = 80, stdout_too: bool = False, act=None,
                    **options) -> tuple[int, str, bytes]:
        """Exit code, what the terminal was sent, and stdout. `act` is called with the process once a bar is seen."""
        leader, follower = os.openpty()
        fcntl.ioctl(follower, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
        process = self.start(*args, stderr=follower, stdout=follower if stdout_too else subprocess.PIPE, **options)
        os.close(follower)
        shown, end = b"", time.monotonic() + PATIENCE
        while True:
            self.assertLess(time.monotonic(), end, f"the terminal stays open; it was sent {shown!r}")
            if not select.select([leader], [], [], 0.5)[0]:
                continue
            try:
                piece = os.read(leader, 65536)
            except OSError:  # EIO: nobody has it open any more
                break
            if not piece:
                break
            shown += piece
            if act and b"render" in shown:
                act(process)
                act = None
        os.close(leader)
        out = b"" if stdout_too else process.stdout.read()
        return process.wait(timeout=momentcut.TIMEOUT), shown.decode(), out

    def screen(self, shown: str) -> list[str]:
        """What stays on a terminal that was sent this: its lines, as far as '\\r' and "erase to the end" go."""
        lines, at = [""], 0
        for part in re.findall(r"\x1b\[K|\r|\n|[^\x1b\r\n]", shown):
            if part == "\x1b[K":
                lines[-1] = lines[-1][:at]
            elif part == "\r":
                at = 0
            elif part == "\n":
                lines.append("")
                at = 0
            else:
                lines[-1] = lines[-1][:at] + part + lines[-1][at + 1:]
                at += 1
        return lines

    def test_a_terminal_gets_a_bar_that_is_wiped_at_the_end(self):
        code, shown, out = self.on_terminal(*self.command())
        self.assertEqual((code, out.decode()), (0, f"{self.clip}\n"))
        self.assertRegex(shown, r"render +\[#* *\] +\d+%")
        self.assertTrue(shown.endswith(WIPE), shown[-50:])
        self.assertEqual(self.screen(shown), [""])

    def test_the_result_follows_on_a_clean_line(self):
        code, shown, _ = self.on_terminal(*self.command(), stdout_too=True)
        self.assertEqual((code, self.screen(shown)), (0, [str(self.clip), ""]))

    def test_an_error_after_a_bar_begins_on_a_clean_line(self):
        ffmpeg = fakes.fake(self.folder, "ffmpeg", fakes.FAIL_SILENTLY)
        code, shown, _ = self.on_terminal(*self.command("--ffmpeg", ffmpeg))
        self.assertEqual(code, 70)
        first, *rest = self.screen(shown)
        self.assertTrue(first.startswith("momentcut: fake-ffmpeg failed"), first)
        self.assertEqual(rest, [""])

    def test_a_note_amid_a_bar_stands_on_a_line_of_its_own(self):
        code, shown, _ = self.on_terminal(self.source.path, "--start", "23", "--end", "24.5", *QUICK, "-o", self.clip)
        self.assertEqual(code, 0)
        (note, empty) = self.screen(shown)
        self.assertRegex(note, r"\Amomentcut: note: the recording ends at 24 s[^\[\]#]*\Z")
        self.assertEqual(empty, "")

    def test_an_interrupted_bar_is_wiped(self):
        ffmpeg = fakes.fake(self.folder, "ffmpeg", fakes.HANG)
        code, shown, _ = self.on_terminal(*self.command("--ffmpeg", ffmpeg), act=lambda p: p.send_signal(signal.SIGINT))
        self.assertEqual(code, -signal.SIGINT)
        self.assertEqual(self.screen(shown), ["momentcut: interrupted", ""])
        self.assert_tidy()

    def test_a_bar_never_wraps(self):
        for columns in (80, 40, 20, 5, 1):
            with self.subTest(columns):
                code, shown, _ = self.on_terminal(*self.command("--force"), columns=columns)
                self.assertEqual(code, 0)
                for line in re.split(r"\r|\x1b\[K", shown):
                    self.assertLess(len(line), max(columns, 1))

    def test_a_terminal_without_a_size_gets_a_bar(self):
        code, shown, _ = self.on_terminal(*self.command(), columns=0)
        self.assertEqual(code, 0)
        self.assertRegex(shown, r"render +\[")

    def test_a_terminal_can_do_without_a_bar(self):
        for args in (("--progress", "none"), ("-q",), ("-q", "--progress", "bar")):
            with self.subTest(args):
                code, shown, _ = self.on_terminal(*self.command("--force", *args))
                self.assertEqual((code, shown), (0, ""))

    def test_a_bar_can_be_had_elsewhere(self):
        done = self.cut("--progress", "bar")
        self.assert_done(done)
        self.assertIn("\r", done.stderr)
        self.assertTrue(done.stderr.endswith(WIPE))

    def test_a_job_in_the_background_of_a_terminal_is_not_stopped(self):
        code, shown, _ = self.on_terminal(*self.command(), preexec_fn=os.setsid)
        self.assertEqual((code, self.screen(shown)), (0, [""]))

    def test_a_terminal_that_goes_away_does_no_harm_to_the_files(self):
        leader, follower = os.openpty()
        ffmpeg, noted = fakes.recording_its_id(self.folder, "ffmpeg", 'sleep 1; exec "$REAL" "$@"')
        process = self.start(*self.command("--ffmpeg", ffmpeg), stderr=follower)
        os.close(follower)
        self.wait_for(noted.exists, "ffmpeg")
        os.close(leader)
        process.communicate(timeout=momentcut.TIMEOUT)
        self.assertEqual(process.returncode, 0)
        self.assert_tidy()
        self.assertTrue(self.clip.exists())


if __name__ == "__main__":
    unittest.main(argv=sys.argv)
