"""Tests of settings: where they come from, which of them win, what is refused, and the tools and folders they name."""

import json
import os
import shlex
import shutil
import subprocess
import sys
import unittest
from pathlib import Path

import fakes
import momentcut
from mp4 import read_movie
from workplace import MOMENT, QUICK, Workplace, everything_in


class Settings(Workplace):
    """Dry runs tell how settings were understood."""

    def plan(self, *args: object, moment: tuple = MOMENT, env: dict[str, str] | None = None) -> dict:
        done = self.run_here(self.source.path, *moment, "--dry-run", "--json", *args, env=env)
        self.assertEqual(done.returncode, 0, done.stderr)
        return json.loads(done.stdout)

    def config(self, text: str) -> Path:
        file = self.folder / "settings.toml"
        file.write_text(text)
        return file

    def word_after(self, option: str, plan: dict) -> str:
        return plan["ffmpeg"][plan["ffmpeg"].index(option) + 1]


class Order(Settings):
    def test_the_command_line_goes_first_then_the_environment_then_the_file_then_the_default(self):
        file = self.config('crf = 31\npreset = "faster"\naudio-bitrate = 99\nthreads = 3\n')
        config = {"MOMENTCUT_CONFIG": str(file)}
        environment = {**config, "MOMENTCUT_CRF": "32", "MOMENTCUT_PRESET": "slow", "MOMENTCUT_AUDIO_BITRATE": "98"}
        got = []
        for args, env in ((("--crf", "33"), environment), ((), environment), ((), config), ((), {})):
            plan = self.plan(*args, env=env)
            got.append([self.word_after(option, plan) for option in ("-crf", "-preset", "-b:a")])
            self.assertEqual("-threads" in plan["ffmpeg"], bool(env))
        self.assertEqual(got, [["33", "slow", "98k"], ["32", "slow", "98k"], ["31", "faster", "99k"],
                               ["18", "veryfast", "192k"]])

    def test_a_whole_cut_may_be_set_by_the_environment(self):
        env = {"MOMENTCUT_SOURCE": str(self.source.path), "MOMENTCUT_START": "5", "MOMENTCUT_END": "6",
               "MOMENTCUT_PRESET": "ultrafast", "MOMENTCUT_OUTPUT": str(self.clip), "MOMENTCUT_JSON": "yes"}
        done = self.run_here(env=env)
        self.assert_done(done)
        self.assertEqual(json.loads(done.stdout)["frames"], 30)

    def test_a_whole_cut_may_be_set_by_the_file(self):
        config = self.config(f'source = "{self.source.path}"\nstart = 5\nend = "0:06"\npreset = "ultrafast"\n'
                             f'output = "{self.out}/{{name}} {{start}}.mp4"\njson = true\nquiet = false\n')
        done = self.run_here("--config", config)
        self.assert_done(done)
        self.assertEqual(json.loads(done.stdout)["output"]["path"], f"{self.out}/hls 00h00m05s.mp4")

    def test_the_length_and_the_end_override_each_other_by_nearness(self):
        for args, env, file, end in ((("--duration", "2"), {"MOMENTCUT_END": "6"}, "", 7),
                                     (("--end", "6"), {"MOMENTCUT_DURATION": "2"}, "", 6),
                                     (("--end", "6"), {}, "duration = 2", 6),
                                     ((), {"MOMENTCUT_END": "6"}, "duration = 2", 6)):
            with self.subTest(args, env=env, file=file):
                env["MOMENTCUT_CONFIG"] = str(self.config(file))
                self.assertEqual(self.plan(*args, moment=("--start", "5"), env=env)["requested"]["end"], end)

    def test_flags_take_yes_and_no(self):
        for word, kept in (("yes", True), ("1", True), ("TRUE", True), ("on", True), ("no", False), ("0", False),
                           ("false", False), ("Off", False)):
            with self.subTest(word):
                done = self.momentcut("--inspect", self.source.path, env={"MOMENTCUT_JSON": word})
                self.assertEqual(done.returncode, 0, done.stderr)
                self.assertEqual(done.stdout.startswith(b"{"), kept)
        done = self.momentcut("--inspect", self.source.path, env={"MOMENTCUT_JSON": "maybe"})
        self.assert_refused(done, 64, 'MOMENTCUT_JSON: "maybe"')

    def test_verbose_takes_yes_and_no_as_other_flags_do(self):
        done = self.cut("--dry-run", env={"MOMENTCUT_VERBOSE": "no"})
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        done = self.run_here(*self.command("--dry-run"), "--config", self.config("verbose = true\n"))
        self.assertEqual(done.returncode, 0, done.stderr)

    def test_a_flag_that_is_given_as_no_is_not_set(self):
        done = self.momentcut("--inspect", self.source.path, "--json=false")
        if done.returncode == 0:
            self.assertFalse(done.stdout.startswith(b"{"))
        else:
            self.assert_refused(done, 64, "json")

    def test_variables_that_are_no_settings_do_no_harm(self):
        self.plan(env={"MOMENTCUT_INSPECT": "yes", "MOMENTCUT_HELP": "1", "MOMENTCUT_XYZ": "1", "MOMENTCUT_": "x"})


class ConfigurationFiles(Settings):
    def test_the_default_file_lies_where_xdg_says(self):
        home = self.folder / "home"
        for base, env in ((home / ".config", {"HOME": str(home), "XDG_CONFIG_HOME": ""}),
                          (home / "xdg", {"HOME": str(home), "XDG_CONFIG_HOME": str(home / "xdg")})):
            (base / "momentcut").mkdir(parents=True)
            (base / "momentcut/config.toml").write_text(f"crf = {len(str(base)) % 50}\n")
            self.assertEqual(self.word_after("-crf", self.plan(env=env)), str(len(str(base)) % 50))

    def test_comments_blank_lines_and_foreign_line_ends_are_read(self):
        file = self.config('# settings\r\n\r\n  crf=21  \r\npreset = "fast" # not slow\r\n'
                           'audio-bitrate = 64 # small\r\n')
        plan = self.plan("--config", file)
        got = [self.word_after(option, plan) for option in ("-crf", "-preset", "-b:a")]
        self.assertEqual(got, ["21", "fast", "64k"])

    def test_a_quoted_text_may_hold_anything(self):
        for name in ("clip #1.mp4", "a = b.mp4", "a, b.mp4", "[x].mp4", "a\u00fc\u4e09 'b'.mp4", "{name}; c.mp4"):
            with self.subTest(name):
                plan = self.plan("--config", self.config(f'output = "{name}"\n'))
                self.assertEqual(plan["output"]["path"], name.replace("{name}", "hls"))

    def test_an_unknown_setting_is_refused_and_the_file_named(self):
        for text in ("crff = 3", "help = true", "inspect = true", "dry-run = true", "[video]\ncrf = 3"):
            with self.subTest(text):
                done = self.momentcut("--config", self.config(text + "\n"), self.source.path, *MOMENT)
                self.assert_refused(done, 78, "settings.toml.*no setting")

    def test_a_value_that_is_none_is_refused_and_its_place_named(self):
        for text, word in (("crf = 99", "crf in .*settings.toml"), ('start = "soon"', "start in .*settings.toml"),
                           ("force = maybe", "force in .*settings.toml")):
            with self.subTest(text):
                done = self.run_here("--config", self.config(text + "\n"), self.source.path, "--end", "6",
                                     *(() if text.startswith("start") else ("--start", "5")))
                self.assert_refused(done, 64, word)

    def test_what_is_no_toml_is_refused_and_the_file_named(self):
        for text in ("crf = [1, 2]", "crf =", "= 3", "this is prose"):
            with self.subTest(text):
                done = self.run_here("--config", self.config(text + "\n"), *self.command())
                self.assertIn(done.returncode, (64, 78))
                self.assert_refused(done, done.returncode, "settings.toml")

    def test_a_file_that_was_named_must_be_there(self):
        for args, env in ((("--config", "gone.toml"), {}), ((), {"MOMENTCUT_CONFIG": "gone.toml"}),
                          (("--config", str(self.folder)), {})):
            with self.subTest(args, env=env):
                name = "gone.toml" if "gone.toml" in (*args, *env.values()) else str(self.folder)
                self.assert_refused(self.run_here(*self.command(), *args, env=env), 78, name)

    def test_help_and_version_need_no_good_settings(self):
        env = {"MOMENTCUT_CONFIG": "gone.toml", "MOMENTCUT_CRF": "x"}
        for args in (("--help",), ("-h",), ("--version",), ("--completion", "bash")):
            self.assertEqual(self.momentcut(*args, env=env).returncode, 0)


class Times(Settings):
    def range_of(self, *moment: str) -> tuple[float, float]:
        requested = self.plan(moment=moment)["requested"]
        return requested["start"], requested["end"]

    def test_every_form_of_a_time_means_the_same(self):
        for start, end in (("5.5", "6.25"), ("0:05.5", "0:06.25"), ("00:00:05.500", "0:0:6.25"), ("5.5s", "6s250ms"),
                           ("5500ms", "6250ms"), ("0h0m5.5s", "0m6.25s"), ("05.50", "6.250000"), ("-18.5", "-17.75"),
                           ("-0:18.5", "-17s750ms"), ("5s500ms", "-0:0:17.75")):
            with self.subTest(start, end=end):
                self.assertEqual(self.range_of("--start", start, "--end", end), (5.5, 6.25))

    def test_a_length_means_the_same_as_an_end(self):
        for length in ("0.75", ".75", "750ms", "0:00.75", "0.75s"):
            with self.subTest(length):
                self.assertEqual(self.range_of("--start", "5.5", "--duration", length), (5.5, 6.25))
        self.assertEqual(self.range_of("--start=-1", "--duration", "1"), (23, 24))

    def test_a_negative_time_needs_no_equals_sign(self):
        self.assertEqual(self.range_of("--start", "-5", "--end", "end"), (19, 24))
        self.assertEqual(self.range_of("--start", "-5", "--end", "-4.5"), (19, 19.5))
        self.assertEqual(self.range_of("--start", "-.5", "--end", "end"), (23.5, 24))

    def test_what_is_no_time_is_refused_and_its_origin_named(self):
        for time in ("soon", "1e3", "+5", "0x10", "1:60", "1:2:3:4", "1m1h", "1d", "5,5", "--5", "NaN", "inf", " ",
                     "5 s", "1:", ":", "-", ".", "99999999999999999999", "end-5", "1.5m3s", "\u0665"):
            with self.subTest(time):
                done = self.momentcut(self.source.path, f"--start={time}", "--end=6")
                self.assert_refused(done, 64, "--start.*is not a time; write .*1:30")
        self.assert_refused(self.momentcut(self.source.path, "--end=6", env={"MOMENTCUT_START": "x"}), 64,
                            "^momentcut: MOMENTCUT_START: ")

    def test_a_length_is_longer_than_nothing(self):
        for length in ("0", "0s", "-5", "end", "x"):
            with self.subTest(length):
                self.assert_refused(self.momentcut(self.source.path, "--start=5", f"--duration={length}"), 64,
                                    "--duration.*is not a length")

    def test_an_empty_value_is_refused(self):
        for option in ("--start=", "--end=", "--duration=", "--rendition=", "--output=", "--temp-dir=", "--crf="):
            with self.subTest(option):
                others = [word for word in ("--start=5", "--end=6") if option not in word]
                self.assert_refused(self.momentcut(self.source.path, *others, option), 64, option[:-1])

    def test_an_end_that_is_not_after_the_start_is_refused(self):
        for start, end in (("6", "5"), ("5", "5"), ("-2", "-3"), ("end", "end"), ("20", "-4"), ("-4", "20"),
                           ("end", "-1")):
            with self.subTest(start, end=end):
                done = self.run_here(self.source.path, "--start", start, "--end", end, *QUICK, "-o", self.clip)
                self.assert_refused(done, 64, "not after")

    def test_a_range_outside_the_recording_is_refused_and_its_end_told(self):
        for start, end in (("24", "25"), ("24.01", "24.5"), ("500", "600"), ("23", "30"), ("5000:00:00", "6000:00:00")):
            with self.subTest(start, end=end):
                done = self.run_here(self.source.path, "--start", start, "--end", end, *QUICK, "-o", self.clip)
                self.assert_refused(done, 66, "ends at 24 s")
        self.assert_refused(self.run_here(self.source.path, "--start", "-25", "--end", "end"), 66, "24 s")

    def test_a_range_that_holds_no_frame_is_refused(self):
        done = self.run_here(self.source.path, "--start", "5.01", "--end", "5.02", *QUICK, "-o", self.clip)
        self.assert_refused(done, 66, "no frame")

    def test_an_end_slightly_past_the_end_is_the_end_with_a_note(self):
        args = (self.source.path, "--start", "23", "--end", "24.5", "--dry-run", "--json")
        done = self.run_here(*args)
        self.assertEqual(json.loads(done.stdout)["actual"], {"start": 23, "end": 24})
        self.assertRegex(done.stderr, r"\Amomentcut: note: .*ends at 24 s[^\n]*\n\Z")
        self.assertEqual(self.run_here(*args, "-q").stderr, "")

    def test_times_that_are_missing_are_asked_for(self):
        for args, word in ((("--start", "5"), "end"), (("--end", "5"), "start"), ((), "start")):
            self.assert_refused(self.momentcut(self.source.path, *args), 64,
                                f"no {word} given.*--start TIME --end TIME")

    def test_an_end_and_a_length_exclude_each_other(self):
        self.assert_refused(self.cut("--duration", "1"), 64, "--end and --duration")


class BadValues(Workplace):
    def test_a_bad_value_is_refused_in_one_line_that_names_its_origin(self):
        for option, values in {"--crf": ("52", "-1", "1.5", "x", "18 ", "99999999999999999999"),
                               "--preset": ("fastest", "Ultrafast", "ultra fast"),
                               "--audio-bitrate": ("15", "513", "192k"), "--threads": ("0", "257", "-1"),
                               "--progress": ("yes", "BAR"), "--stall-timeout": ("0", "-1", "x")}.items():
            for value in values:
                with self.subTest(option, value=value):
                    said = (self.source.path, *MOMENT, "-o", self.clip)
                    variable = "MOMENTCUT_" + option[2:].upper().replace("-", "_")
                    for origin, done in ((option, self.run_here(*said, f"{option}={value}")),
                                         (variable, self.run_here(*said, env={variable: value}))):
                        self.assert_refused(done, 64, f"^momentcut: {origin}: .* not ")

    def test_a_word_that_is_no_option_is_refused(self):
        for args in (("--bogus",), ("-x",), ("another.m3u8",), ("--crf",), ("--start",), ("--source", "x"),
                     ("--Force",), ("--forc",), ("-fx",), ("--end",), ("--completion=",)):
            with self.subTest(args):
                self.assert_refused(self.run_here(*self.command(), *args), 64, "momentcut --help")

    def test_an_unknown_word_with_line_ends_stays_one_line(self):
        self.assert_refused(self.run_here(*self.command(), "--bo\ngus\x1b[31m"), 64)
        self.assertNotIn("\x1b", self.run_here(*self.command(), "--bo\ngus\x1b[31m").stderr)

    def test_inspecting_and_planning_exclude_each_other(self):
        self.assert_refused(self.cut("--inspect", "--dry-run"), 64, "--inspect and --dry-run")

    def test_an_unknown_shell_is_refused(self):
        for shell in ("tcsh", "BASH"):
            self.assert_refused(self.momentcut(f"--completion={shell}"), 64, "bash, fish, zsh")


class Texts(Workplace):
    def test_the_version_is_one_line(self):
        done = self.momentcut("--version")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertRegex(done.stdout.decode(), r"\Amomentcut \d+\.\d+\.\d+\n\Z")

    def test_help_fits_a_terminal_and_names_every_option(self):
        done = self.momentcut("--help")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        text = done.stdout.decode()
        self.assertLessEqual(max(map(len, text.splitlines())), 80)
        self.assertEqual(self.momentcut("-h").stdout.decode(), text)
        for option in ("--start", "--end", "--duration", "-r, --rendition", "-o, --output", "-f, --force",
                       "--skip-existing", "--crf", "--preset", "--inspect", "--dry-run", "--completion", "--version",
                       "-h, --help", "--json", "--progress", "-q, --quiet", "-v, --verbose", "--ffmpeg", "--ffprobe",
                       "--temp-dir", "--keep-temp", "--stall-timeout", "--config"):
            self.assertIn(f" {option}", text)

    def test_completions_name_every_option_and_are_scripts(self):
        text = self.momentcut("--help").stdout.decode()
        options = {word.rstrip(",") for line in text.splitlines() if line.lstrip().startswith("-")
                   for word in line.split()[:2] if word.startswith("--")}
        self.assertGreater(len(options), 20)
        for shell in ("bash", "fish", "zsh"):
            with self.subTest(shell):
                done = self.momentcut("--completion", shell)
                self.assertEqual((done.returncode, done.stderr), (0, ""))
                script = done.stdout.decode()
                for option in options:
                    self.assertIn(f"-l {option[2:]} " if shell == "fish" else option, script)
                if shutil.which(shell):
                    checked = subprocess.run([shell, "-n"], input=done.stdout, capture_output=True)
                    self.assertEqual((checked.returncode, checked.stderr), (0, b""))

    def test_bash_completes_options_values_and_files(self):
        (self.folder / "a recording").mkdir()
        script = self.momentcut("--completion", "bash").stdout.decode()
        for words, wanted in ((("--prese",), ["--preset"]), (("--preset", "ultra"), ["ultrafast"]),
                              (("--completion", "z"), ["zsh"]), (("-o", "a"), ["a recording"]),
                              (("a",), ["a recording"])):
            with self.subTest(words):
                line = " ".join(shlex.quote(word) for word in ("momentcut", *words))
                asked = (f"{script}\nCOMP_WORDS=({line})\nCOMP_CWORD={len(words)}\n_momentcut\n"
                         'printf "%s\\n" "${COMPREPLY[@]}"')
                done = subprocess.run(["bash", "-c", asked], cwd=self.folder, capture_output=True, text=True)
                self.assertEqual((done.stdout.splitlines(), done.stderr), (wanted, ""))


class Verbosity(Workplace):
    def test_quiet_says_nothing(self):
        done = self.run_here(self.source.path, "--start", "23", "--end", "24.5", *QUICK, "-o", self.clip, "-q",
                             "--progress", "plain", "-vv", "--keep-temp")
        self.assertEqual((done.returncode, done.stderr, done.stdout.decode()), (0, "", f"{self.clip}\n"))

    def test_quiet_still_says_errors(self):
        self.clip.write_text("old")
        self.assert_one_line(self.cut("-q"), 73, "exists")

    def test_twice_verbose_shows_the_command_line_of_each_child(self):
        log = self.folder / "calls"
        programs = [word for name in ("ffmpeg", "ffprobe") for word in (f"--{name}", self.logging(name, log))]
        done = self.cut("-vv", *programs)
        self.assert_done(done)
        shown = [shlex.split(line[2:])[1:] for line in done.stderr.splitlines() if line.startswith("+ ")]
        called = [json.loads(line) for line in log.read_text().splitlines()]
        self.assertEqual(sorted(shown), sorted(called))
        self.assertGreaterEqual(len(called), 6)

    def logging(self, name: str, log: Path) -> Path:
        """The real program, which writes its arguments into a file first."""
        path = self.folder / f"logging-{name}"
        path.write_text(f"#!{sys.executable}\nimport json, os, sys\n"
                        f"with open({str(log)!r}, 'a') as log: log.write(json.dumps(sys.argv[1:]) + '\\n')\n"
                        f"os.execv({fakes.real(name)!r}, sys.argv)\n")
        path.chmod(0o755)
        return path

    def test_once_verbose_shows_no_command_lines(self):
        done = self.cut("-v")
        self.assert_done(done)
        self.assertNotIn("+ ", done.stderr)


class TemporaryFolders(Workplace):
    def test_the_option_goes_before_the_variable(self):
        mine = self.folder / "mine"
        mine.mkdir()
        done = self.cut("--temp-dir", "mine", "-vv", env={"TMPDIR": "/nonexistent"})
        self.assert_done(done)
        self.assertIn(f"{mine}/momentcut-", done.stderr)
        self.assertEqual(everything_in(mine), [])

    def test_temporary_files_can_be_kept_and_are_then_named(self):
        done = self.cut("--keep-temp")
        self.assertEqual(done.returncode, 0, done.stderr)
        (kept,) = self.tmp.iterdir()
        self.assertIn(str(kept), done.stderr)
        self.assertEqual(done.stderr.count("\n"), 1)
        self.assertEqual(kept.stat().st_mode & 0o777, 0o700)
        self.assertTrue(list(kept.glob("*-join*")))
        self.assertEqual(everything_in(self.out), ["clip.mp4"])

    def test_the_command_of_a_dry_run_works_on_kept_files(self):
        plan = json.loads(self.cut("--keep-temp", "--dry-run", "--json").stdout)
        subprocess.run(plan["ffmpeg"], cwd=self.folder, check=True, capture_output=True, stdin=subprocess.DEVNULL)
        self.assertEqual(read_movie(self.clip).track("vide").samples, 30)

    def test_temporary_files_are_kept_when_a_cut_fails(self):
        done = self.cut("--keep-temp", "--ffmpeg", fakes.fake(self.folder, "ffmpeg", fakes.FAIL_SILENTLY))
        self.assertEqual(done.returncode, 70)
        (kept,) = self.tmp.iterdir()
        self.assertIn(str(kept), done.stderr)

    def test_a_missing_temporary_folder_is_told(self):
        self.assert_refused(self.cut("--temp-dir", "gone"), 73, "gone.*--temp-dir")
        self.assert_refused(self.cut(env={"TMPDIR": str(self.folder / "gone")}), 73, "gone.*--temp-dir")
        (self.folder / "file").write_text("")
        self.assert_refused(self.cut("--temp-dir", "file"), 73, "file.*--temp-dir")


class Tools(Workplace):
    """The programs are looked at before anything is written."""

    def assert_unavailable(self, done, pattern: str) -> None:
        self.assert_refused(done, 69, pattern)
        self.assertIn("ffmpeg", done.stderr)

    def test_a_missing_program_is_told(self):
        for name in ("ffmpeg", "ffprobe"):
            with self.subTest(name):
                self.assert_unavailable(self.cut(f"--{name}", "gone/program"), "gone/program.*--ffmpeg and --ffprobe")

    def test_programs_that_are_not_on_path_are_told(self):
        self.assert_unavailable(self.cut(env={"PATH": str(self.out)}), "install ffmpeg")

    def test_what_cannot_be_run_is_told(self):
        plain = self.folder / "plain"
        plain.write_text("#!/bin/sh\n")
        binary = self.folder / "broken"
        binary.write_bytes(b"\x7fELF and no more")
        binary.chmod(0o755)
        for program in (plain, binary, self.folder):
            with self.subTest(program.name):
                self.assert_unavailable(self.cut("--ffmpeg", program), program.name)

    def test_an_old_program_is_told_with_its_version(self):
        for text in ("ffmpeg version 4.1 Copyright (c) 2000-2018", "ffmpeg version n4.3.1-2 Copyright",
                     "ffmpeg version 2.8.17-0ubuntu0.1 Copyright"):
            with self.subTest(text):
                old = fakes.answering(self.folder, "ffmpeg", text + "\n")
                self.assert_unavailable(self.cut("--ffmpeg", old), r"version n?[24]\.\d+.*too old.*4\.4")

    def test_a_program_that_says_no_version_is_told(self):
        for text, status in (("", 0), ("garbage\n", 0), ("\0\xff" * 1000, 0), ("ffprobe version 5.1\n", 1),
                             ("hello version 9.0\n", 0)):
            with self.subTest(text[:10]):
                rubbish = fakes.answering(self.folder, "ffprobe", text, status)
                self.assert_unavailable(self.cut("--ffprobe", rubbish), "answering-ffprobe.*version.*--ffprobe")

    def test_the_programs_may_be_named_by_the_environment_and_by_the_file(self):
        marks = []
        for name in ("ffmpeg", "ffprobe"):
            mark = self.folder / f"{name} ran"
            marks.append(mark)
            fakes.fake(self.folder, name, f'touch "{mark}"\nexec "$REAL" "$@"')
        (self.folder / "config.toml").write_text(f'ffprobe = "{self.folder}/fake-ffprobe"\n')
        self.assert_done(self.cut("--config", "config.toml", env={"MOMENTCUT_FFMPEG": "./fake-ffmpeg"}))
        self.assertTrue(all(mark.exists() for mark in marks))

    def test_nothing_is_written_before_the_programs_are_known_to_be_there(self):
        done = self.run_here(self.source.path, *MOMENT, "-o", "new/clip.mp4", "--ffmpeg", "gone", "--keep-temp")
        self.assert_unavailable(done, "gone")
        self.assertEqual(everything_in(self.folder), ["out", "tmp"])

    def test_inspecting_needs_no_programs(self):
        done = self.momentcut(self.source.path, "--inspect", env={"PATH": "/nonexistent"})
        self.assertEqual((done.returncode, done.stderr), (0, ""))


class Surroundings(Workplace):
    """As cron and batch jobs run it."""

    def test_almost_no_environment_and_no_stdin_are_enough(self):
        # The programs of this machine's PATH may lie elsewhere; the world around them stays bare.
        elsewhere = [str(Path(fakes.real(name)).parent) for name in ("ffmpeg", "ffprobe")]
        path = ":".join(dict.fromkeys(["/usr/bin", "/bin", *elsewhere]))
        out, err = self.folder / "stdout", self.folder / "stderr"
        with out.open("wb") as o, err.open("wb") as e:
            process = self.start("-c", 'exec "$@" <&-', "sh", momentcut.binary(),
                                 *self.command("--temp-dir", self.tmp), program="/bin/sh", clean=True,
                                 env={"PATH": path}, cwd="/", stdout=o, stderr=e, preexec_fn=os.setsid)
            self.assertEqual(process.wait(timeout=momentcut.TIMEOUT), 0, err.read_text())
        self.assertEqual((out.read_text(), err.read_text()), (f"{self.clip}\n", ""))
        self.assertEqual(read_movie(self.clip).track("vide").samples, 30)
        self.assert_tidy()

    def test_nothing_reads_stdin(self):
        process = self.start(*self.command(), stdin=subprocess.PIPE)
        process.stdin.write(b"q\nq\n" * 10)
        process.stdin.flush()
        self.addCleanup(process.stdin.close)
        self.assertEqual(process.wait(timeout=momentcut.TIMEOUT), 0)
        self.assertEqual(read_movie(self.clip).track("vide").samples, 30)

    def test_cuts_beside_each_other_do_not_meet(self):
        running = [self.start(*self.command("-o", self.out / f"{i}.mp4")) for i in range(3)]
        same = [self.start(*self.command("-o", self.out / "same.mp4")) for _ in range(2)]
        for process in running:
            self.assertEqual(self.finish(process).returncode, 0)
        self.assertEqual(sorted(self.finish(process).returncode for process in same), [0, 73])
        self.assertEqual(len({(self.out / f"{name}.mp4").read_bytes() for name in (0, 1, 2, "same")}), 1)
        self.assert_tidy()

    def test_few_open_files_are_enough(self):
        process = self.start("-c", 'ulimit -n 32; exec "$@"', "sh", momentcut.binary(), *self.command(),
                             program="/bin/sh")
        self.assert_done(self.finish(process))


if __name__ == "__main__":
    unittest.main(argv=sys.argv)
