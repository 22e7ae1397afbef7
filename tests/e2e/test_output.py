"""Tests of what a cut leaves behind: names and files, stdout, receipts, dry runs, and what kind of MP4 it is."""

import hashlib
import json
import os
import shlex
import shutil
import subprocess
import sys
import unittest
from pathlib import Path

import fakes
import measure
import momentcut
from mp4 import read_movie
from workplace import MOMENT, QUICK, Workplace, everything_in

DEFAULT_NAME = "hls-00h00m05s-00h00m06s.mp4"  # of the moment, out of a source in a folder "hls"


class Names(Workplace):
    """Where the clip goes. A dry run tells the name as well as a cut does, and sooner."""

    def named(self, *args: object, cwd: Path | None = None) -> str:
        done = self.run_here(self.source.path, *MOMENT, "--dry-run", "--json", *args, cwd=cwd or self.folder)
        self.assertEqual(done.returncode, 0, done.stderr)
        return json.loads(done.stdout)["output"]["path"]

    def check_cut(self, output: object, written: Path) -> None:
        """The clip is written there, and nothing else; stdout is the path as it was said and one newline."""
        done = self.run_here(self.source.path, *MOMENT, *QUICK, "--output", output, cwd=self.out)
        self.assert_done(done)
        self.assertEqual(done.stdout, os.fsencode(str(output)) + b"\n")
        self.assertEqual([f for f in everything_in(self.out) if (self.out / f).is_file()],
                         [str(written.relative_to(self.out))])
        self.assertEqual(read_movie(written).track("vide").samples, 30)

    def test_without_a_name_the_clip_goes_to_the_working_folder(self):
        done = self.run_here(self.source.path, *MOMENT, *QUICK, cwd=self.out)
        self.assert_done(done)
        self.assertEqual(done.stdout.decode(), DEFAULT_NAME + "\n")
        self.assertEqual(everything_in(self.out), [DEFAULT_NAME])

    def test_a_folder_gets_the_default_name(self):
        for output in (self.out, f"{self.out}/", f"{self.out}/new/"):
            self.assertEqual(self.named("-o", output), f"{str(output).rstrip('/')}/{DEFAULT_NAME}")
        self.assertEqual(self.named("-o", "."), f"./{DEFAULT_NAME}")

    def test_missing_folders_are_made(self):
        self.check_cut("a/b c/clip.mp4", self.out / "a/b c/clip.mp4")

    def test_missing_folders_are_made_for_a_trailing_slash(self):
        done = self.run_here(self.source.path, *MOMENT, *QUICK, "-o", f"{self.out}/new/")
        self.assert_done(done)
        self.assertEqual(everything_in(self.out), ["new", f"new/{DEFAULT_NAME}"])

    def test_braces_twice_are_braces(self):
        self.assertEqual(self.named("-o", "{{x}}-{start}.mp4"), "{x}-00h00m05s.mp4")

    def test_a_template_may_name_folders(self):
        self.assertEqual(self.named("-o", "{rendition}/{name}.mp4"), "hls/hls.mp4")

    def test_milliseconds_are_in_names(self):
        done = self.run_here(self.source.path, "--start", "5.25", "--duration", "75ms", "--dry-run", "--json",
                             "-o", "{start} {end} {duration}")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(json.loads(done.stdout)["output"]["path"], "00h00m05.250s 00h00m05.325s 00h00m00.075s")

    def test_a_wrong_template_is_refused_and_the_fields_are_listed(self):
        for template in ("{nam}.mp4", "{name.mp4", "name}.mp4", "{}.mp4", "{NAME}", "{name}{"):
            with self.subTest(template):
                self.assert_refused(self.cut("-o", template), 64, r"\{name\} \{start\} \{end\} \{duration\} "
                                    r"\{rendition\} \{date\} \{id\}")

    def test_odd_names_are_names(self):
        for name in ("with space.mp4", "it's \"q\" $x `y` \\z;&|<>*?.mp4", "\u00fc\u4e09\U0001f600.mp4", "-dash.mp4",
                     "a:b.mp4", "100%d %s.mp4", "file:x.mp4", "http:%2f%2fx.mp4", "new\nline.mp4", ".hidden",
                     "no extension", "{{x}}"):
            with self.subTest(name):
                written = self.out / name.replace("{{", "{").replace("}}", "}")
                done = self.run_here(self.source.path, *MOMENT, *QUICK, f"--output={name}", cwd=self.out)
                self.assert_done(done)
                self.assertEqual(done.stdout, os.fsencode(written.name) + b"\n")
                self.assertEqual(read_movie(written).track("vide").samples, 30)
                self.assertEqual(everything_in(self.out), [written.name])
                written.unlink()

    def test_a_name_that_is_no_utf8_is_a_name(self):
        done = self.run_here(self.source.path, *MOMENT, *QUICK, "--json", "-o", os.fsdecode(b"out/\xff\xfe.mp4"))
        self.assert_done(done)
        self.assertEqual(os.listdir(os.fsencode(self.out)), [b"\xff\xfe.mp4"])
        json.loads(done.stdout.decode("utf-8"))

    def test_odd_folders_are_folders(self):
        for folder in ("-x", "a:b", "%d", "it's"):
            with self.subTest(folder):
                done = self.run_here(self.source.path, *MOMENT, *QUICK, f"--output={folder}/c.mp4", cwd=self.out)
                self.assert_done(done)
                self.assertEqual(everything_in(self.out), [folder, f"{folder}/c.mp4"])
                shutil.rmtree(self.out / folder)

    def test_an_odd_temporary_folder_does_no_harm(self):
        for name in ("-x", "a:b", "100%d it's \"q\" {x}", "\u00fc\u4e09"):
            with self.subTest(name):
                (self.folder / name).mkdir()
                done = self.cut(f"--temp-dir={name}", "--force")
                self.assert_done(done)
                self.assertEqual(everything_in(self.folder / name), [])

    def test_the_longest_name_there_may_be_is_a_name(self):
        for name in ("x" * 251 + ".mp4", "x." + "y" * 253):
            with self.subTest(name[:5]):
                self.assert_done(self.run_here(self.source.path, *MOMENT, *QUICK, "-o", self.out / name))

    def test_a_dash_in_a_folder_is_a_name(self):
        self.check_cut("./-", self.out / "-")

    def test_a_working_folder_that_is_gone_is_told(self):
        gone = self.folder / "gone"
        gone.mkdir()
        done = self.finish(self.start(program="/bin/sh", cwd=gone, *[
            "-c", 'rmdir "$0" && exec "$@"', gone, momentcut.binary(), self.source.path, *MOMENT, *QUICK]))
        self.assert_refused(done, 73)


class Fields(Workplace):
    source_name = "ivs_recording"

    def test_every_field_of_a_template_is_filled_in(self):
        done = self.run_here(self.source.path, "--start", "5.5", "--end", "7", "-r", "worst", "--dry-run", "--json",
                             "-o", "{name}|{start}|{end}|{duration}|{rendition}|{date}|{id}.mp4")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(json.loads(done.stdout)["output"]["path"],
                         "EyEKX6dRDP81|00h00m05.500s|00h00m07s|00h00m01.500s|160p30|2020-08-03|EyEKX6dRDP81.mp4")

    def test_a_date_that_is_not_known_is_refused(self):
        shutil.copytree(self.source.renditions["160p30"].playlist.parent, self.folder / "bare")
        playlist = self.folder / "bare" / "playlist.m3u8"
        lines = playlist.read_text().splitlines()
        playlist.write_text("\n".join(line for line in lines if "DATE" not in line) + "\n")
        done = self.run_here(playlist, *MOMENT, *QUICK, "-o", "{date}.mp4")
        self.assert_refused(done, 64, "no date")


class Existing(Workplace):
    """An output that exists is left alone, byte for byte, unless the user says otherwise."""

    OLD = b"the old content\n" * 1000

    def setUp(self):
        super().setUp()
        self.clip.write_bytes(self.OLD)
        self.before = self.clip.stat()

    def assert_untouched(self) -> None:
        self.assertEqual(self.clip.read_bytes(), self.OLD)
        after = self.clip.stat()
        self.assertEqual((after.st_ino, after.st_mtime_ns), (self.before.st_ino, self.before.st_mtime_ns))
        self.assertEqual(everything_in(self.out), ["clip.mp4"])
        self.assert_tidy()

    def test_an_existing_output_is_refused(self):
        done = self.cut()
        self.assert_one_line(done, 73, "clip.mp4.*exists.*--force")
        self.assert_untouched()

    def test_force_replaces(self):
        self.assert_done(self.cut("--force"))
        self.assertEqual(read_movie(self.clip).track("vide").samples, 30)
        self.assertEqual(everything_in(self.out), ["clip.mp4"])

    def test_force_replaces_a_file_that_may_not_be_written(self):
        self.clip.chmod(0o444)
        self.assert_done(self.cut("--force"))
        self.assertEqual(read_movie(self.clip).track("vide").samples, 30)

    def test_force_equals_false_does_not_replace(self):
        done = self.cut("--force=false")
        self.assertIn(done.returncode, (64, 73), done.stderr)
        self.assert_untouched()

    def test_skip_existing_succeeds_and_leaves_it(self):
        done = self.cut("--skip-existing", "--json")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assert_untouched()
        receipt = json.loads(done.stdout)
        self.assertIs(receipt["skipped"], True)
        self.assertEqual((receipt["output"]["path"], receipt["output"]["size"]), (str(self.clip), len(self.OLD)))
        self.assertIsNone(receipt["frames"])

    def test_skip_existing_prints_the_path_all_the_same(self):
        done = self.cut("--skip-existing")
        self.assertEqual((done.returncode, done.stdout.decode(), done.stderr), (0, f"{self.clip}\n", ""))
        self.assert_untouched()

    def test_skip_existing_cuts_what_is_not_there(self):
        self.clip.unlink()
        done = self.cut("--skip-existing", "--json")
        self.assert_done(done)
        self.assertIs(json.loads(done.stdout)["skipped"], False)

    def test_skip_existing_and_force_exclude_each_other(self):
        self.assert_one_line(self.cut("--skip-existing", "--force"), 64, "--force.*--skip-existing")
        self.assert_untouched()

    def test_force_goes_before_a_skip_existing_of_the_environment(self):
        self.assert_done(self.cut("--force", env={"MOMENTCUT_SKIP_EXISTING": "yes"}))
        self.assertEqual(read_movie(self.clip).track("vide").samples, 30)

    def test_an_output_that_appears_meanwhile_is_left_alone(self):
        self.clip.unlink()
        ffmpeg = fakes.fake(self.folder, "ffmpeg", f'"$REAL" "$@" && printf mine > {shlex.quote(str(self.clip))}')
        done = self.cut("--ffmpeg", ffmpeg)
        self.assert_one_line(done, 73, "clip.mp4.*exists")
        self.assertEqual(self.clip.read_text(), "mine")
        self.assertEqual(everything_in(self.out), ["clip.mp4"])

    def test_a_link_is_kept_and_its_target_replaced(self):
        target = self.folder / "target.mp4"
        target.write_bytes(self.OLD)
        self.clip.unlink()
        self.clip.symlink_to(target)
        self.assert_one_line(self.cut(), 73, "exists")
        self.assertEqual(target.read_bytes(), self.OLD)
        self.assert_done(self.cut("--force"))
        self.assertTrue(self.clip.is_symlink())
        self.assertEqual(read_movie(target).track("vide").samples, 30)
        self.assertEqual([f.name for f in self.folder.glob(".*momentcut*")], [])

    def test_a_dangling_link_is_written_through(self):
        target = self.folder / "target.mp4"
        self.clip.unlink()
        self.clip.symlink_to(target)
        self.assert_done(self.cut())
        self.assertTrue(self.clip.is_symlink())
        self.assertEqual(read_movie(target).track("vide").samples, 30)

    def test_what_is_no_regular_file_is_refused(self):
        fifo = self.folder / "fifo"
        os.mkfifo(fifo)
        for output in ("/dev/null", "/dev/full", fifo):
            for force in ((), ("--force",)):
                with self.subTest(output, force=force):
                    self.assert_one_line(self.cut("-o", output, *force), 73, str(output))
        self.assertTrue(os.path.exists("/dev/null") and not os.path.isfile("/dev/null"))

    def test_a_folder_in_place_of_the_file_gets_the_default_name(self):
        self.clip.unlink()
        self.clip.mkdir()
        self.assert_done(self.cut())
        self.assertEqual(everything_in(self.clip), [DEFAULT_NAME])


class Permissions(Workplace):
    def test_the_umask_decides_who_may_read(self):
        for mask, mode in (("022", 0o644), ("077", 0o600), ("002", 0o664), ("000", 0o666)):
            with self.subTest(mask):
                done = self.finish(self.start("-c", f'umask {mask}; exec "$0" "$@"', momentcut.binary(),
                                              *self.command("--force"), program="/bin/sh"))
                self.assert_done(done)
                self.assertEqual(self.clip.stat().st_mode & 0o777, mode)


class Stdout(Workplace):
    def test_stdout_is_the_path_and_one_newline_and_stderr_is_silent(self):
        done = self.cut()
        self.assert_done(done)
        self.assertEqual((done.stdout.decode(), done.stderr), (f"{self.clip}\n", ""))

    def test_a_clip_goes_to_a_pipe(self):
        done = self.run_here(self.source.path, *MOMENT, *QUICK, "-o", "-")
        self.assert_done(done)
        (self.folder / "piped.mp4").write_bytes(done.stdout)
        self.assertEqual(measure.measure(self.folder / "piped.mp4").numbers, self.source.numbers[150:180])
        self.assertEqual(everything_in(self.out), [])
        self.assertEqual(sorted(os.listdir(self.folder)), ["out", "piped.mp4", "tmp"])

    def test_a_clip_goes_into_a_redirected_file(self):
        with (self.folder / "redirected.mp4").open("wb") as out:
            process = self.start(self.source.path, *MOMENT, *QUICK, "-o", "-", stdout=out)
            self.assert_done(self.finish(process))
        self.assertEqual(read_movie(self.folder / "redirected.mp4").track("vide").samples, 30)

    def test_a_clip_and_a_receipt_cannot_both_go_to_stdout(self):
        self.assert_refused(self.run_here(self.source.path, *MOMENT, "-o", "-", "--json"), 64, "--json.*stdout")

    def test_a_clip_does_not_go_to_a_terminal(self):
        leader, follower = os.openpty()
        self.addCleanup(os.close, leader)
        process = self.start(self.source.path, *MOMENT, *QUICK, "-o", "-", stdout=follower)
        os.close(follower)
        self.assert_refused(self.finish(process), 64, "terminal")

    def lose_stdout(self, *args: object, how: str = "closed") -> None:
        """Runs without a stdout that takes anything; momentcut must say so with 74."""
        if how == "closed":
            process = self.start("-c", '"$@" >&-', "sh", momentcut.binary(), *args, program="/bin/sh")
        elif how == "full":
            with open("/dev/full", "wb") as full:
                process = self.start(*args, stdout=full)
        else:
            read, write = os.pipe()
            os.close(read)
            process = self.start(*args, stdout=write)
            os.close(write)
        done = self.finish(process)
        self.assert_one_line(done, 74, "stdout")
        self.assert_tidy()

    def test_a_stdout_that_takes_nothing_is_an_error(self):
        for how in ("closed", "full", "left by its reader"):
            for args in (self.command("-o", "-"), self.command("--force"), ["--help"]):
                with self.subTest(how, args=args[-3:]):
                    self.lose_stdout(*args, how=how)
        for args in (self.command("--force", "--json"), [self.source.path, *MOMENT, "--dry-run"],
                     [self.source.path, "--inspect"], [self.source.path, "--inspect", "--json"], ["--version"],
                     ["--completion", "bash"]):
            with self.subTest(args=args[-3:]):
                self.lose_stdout(*args, how="full")

    def test_a_reader_that_stops_early_is_an_error(self):
        process = self.start(self.source.path, "--start", "0", "--end", "6", "--preset", "ultrafast", "--crf", "1",
                             "-o", "-")
        self.assertEqual(len(os.read(process.stdout.fileno(), 100)), 100)
        process.stdout.close()
        process.stdout = None
        self.assert_one_line(self.finish(process), 74, "stdout")
        self.assert_tidy()

    def test_a_stderr_that_takes_nothing_does_no_harm(self):
        past_the_end = [self.source.path, "--start", "23", "--end", "24.5", *QUICK, "-o", self.clip, "--force"]
        for said, how in (("-vv", "2>&-"), ("-vv", "<&- 2>&-"), ("--progress=plain", "2>/dev/full"),
                          ("--progress=json", "2>/dev/full"), ("--progress=bar", "2>&-")):
            with self.subTest(said, how=how):
                done = self.finish(self.start("-c", f'"$@" {how}', "sh", momentcut.binary(), *past_the_end, said,
                                              program="/bin/sh"))
                self.assert_done(done)
                self.assertEqual(done.stdout.decode(), f"{self.clip}\n")
                self.assertEqual(read_movie(self.clip).track("vide").samples, 30)


class Receipts(Workplace):
    def test_a_receipt_holds_all_that_a_script_may_ask(self):
        done = self.cut("--json")
        self.assert_done(done)
        self.assertEqual(done.stdout.count(b"\n"), 1)
        receipt = json.loads(done.stdout)
        self.assertEqual(receipt["source"], str(self.source.path))
        self.assertEqual(receipt["playlist"], str(self.source.playlist))
        self.assertEqual(receipt["rendition"], "hls")
        self.assertEqual(receipt["requested"], {"start": 5, "end": 6})
        self.assertEqual(receipt["actual"], {"start": 5, "end": 6})
        self.assertEqual((receipt["frames"], receipt["duration"], receipt["skipped"]), (30, 1, False))
        self.assertIn(receipt["mode"], ("exact", "smart", "copy"))
        self.assertEqual(receipt["output"], {"path": str(self.clip), "size": self.clip.stat().st_size,
                                             "sha256": hashlib.sha256(self.clip.read_bytes()).hexdigest()})
        self.assertGreaterEqual(receipt["timings"]["total"], receipt["timings"]["render"])
        self.assertIn(f"momentcut {receipt['versions']['momentcut']}\n", self.momentcut("--version").stdout.decode())
        said = subprocess.run(["ffmpeg", "-version"], capture_output=True, text=True).stdout
        self.assertIn(f"ffmpeg version {receipt['versions']['ffmpeg']} ", said)

    def test_a_receipt_counts_segments_and_bytes(self):
        receipt = json.loads(self.cut("--json").stdout)
        sizes = [file.stat().st_size for file in self.source.segment_files()]
        self.assertIn(receipt["segments"], (2, 3))  # the range's own, and at most one beside it on each side
        self.assertIn(receipt["bytes_fetched"], (sum(sizes[0:2]), sum(sizes[0:3]), sum(sizes[1:3])))

    def test_a_range_between_frames_tells_what_was_asked_and_what_was_got(self):
        receipt = json.loads(self.run_here(self.source.path, "--start", "5.01", "--end", "5.99", *QUICK, "-o",
                                           self.clip, "--json").stdout)
        self.assertEqual(receipt["requested"], {"start": 5.01, "end": 5.99})
        self.assertAlmostEqual(receipt["actual"]["start"], 5 + 1 / 30, delta=0.00001)
        self.assertAlmostEqual(receipt["actual"]["end"], 6, delta=0.00001)
        self.assertEqual(receipt["frames"], 29)


class DryRuns(Workplace):
    def test_a_dry_run_tells_what_the_cut_then_does(self):
        plan = json.loads(self.run_here(*self.command("--crf", "30", "--dry-run", "--json")).stdout)
        self.assertEqual(everything_in(self.folder), ["out", "tmp"], "a dry run wrote something")
        done = self.cut("--crf", "30", "--json", "-vv")
        self.assert_done(done)
        receipt = json.loads(done.stdout)
        for member in ("source", "playlist", "rendition", "requested", "actual", "frames", "duration", "video",
                       "audio"):
            self.assertEqual(plan[member], receipt[member], member)
        self.assertEqual((plan["output"]["path"], plan["output"]["exists"]), (receipt["output"]["path"], False))
        calls = [shlex.split(line[2:]) for line in done.stderr.splitlines() if line.startswith("+ ")]
        rendered = next(call for call in calls if call[0] == "ffmpeg" and "-filter_complex" in call)
        self.assertEqual(self.without_places(plan["ffmpeg"]), self.without_places(rendered))
        self.assertIn(["-crf", "30"], [plan["ffmpeg"][i:i + 2] for i in range(len(plan["ffmpeg"]))])

    def without_places(self, argv: list[str]) -> list[str]:
        """A command line with the names of temporary folders and of the output taken out."""
        return [word.split("/")[-1] if word.startswith(str(self.tmp)) else word for word in argv[:-1]]

    def test_a_dry_run_in_words_tells_the_same(self):
        args = (self.source.path, *MOMENT, "--dry-run")
        plan, done = json.loads(self.run_here(*args, "--json").stdout), self.run_here(*args)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        text = done.stdout.decode()
        for word in ("30 frames", "5 to 6 s", DEFAULT_NAME, "hls", str(self.source.path), "seg001.ts",
                     *shlex.split(plan["ffmpeg"][plan["ffmpeg"].index("-movflags") + 1])):
            self.assertIn(word, text)
        self.assertEqual(shlex.split(text.splitlines()[-1])[0], plan["ffmpeg"][0])
        self.assertEqual(everything_in(self.folder), ["out", "tmp"], "a dry run wrote something")

    def test_a_dry_run_in_words_does_not_pass_on_what_would_steer_a_terminal(self):
        odd = self.folder / "re\x1b[31m\nc"
        shutil.copytree(self.source.playlist.parent, odd)
        done = self.run_here(odd, *MOMENT, "--dry-run", "-o", "x\x1b[32m.mp4")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertNotIn(b"\x1b", done.stdout)
        self.assertNotRegex(done.stdout, rb"(?m)^c\b")

    def test_a_dry_run_lists_the_segments_with_their_sizes(self):
        plan = json.loads(self.run_here(self.source.path, *MOMENT, "--dry-run", "--json").stdout)
        sizes = {file.name: file.stat().st_size for file in self.source.segment_files()}
        self.assertIn("seg001.ts", [segment["uri"] for segment in plan["segments"]])
        for segment in plan["segments"]:
            self.assertEqual(segment["bytes"], sizes[segment["uri"]])
            self.assertEqual((segment["start"], segment["duration"]), (4 * int(segment["uri"][3:6]), 4))

    def test_a_dry_run_says_that_the_output_exists_and_leaves_it(self):
        self.clip.write_text("old")
        done = self.run_here(*self.command("--dry-run", "--json"))
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIs(json.loads(done.stdout)["output"]["exists"], True)
        self.assertIn("(exists)", self.run_here(*self.command("--dry-run")).stdout.decode())
        self.assertEqual(self.clip.read_text(), "old")

    def test_a_dry_run_makes_no_folders(self):
        done = self.cut("--dry-run", "-o", "new/folder/x.mp4")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(everything_in(self.folder), ["out", "tmp"])


class Mp4(Workplace):
    """What kind of file it is."""

    def streams(self, *args: object) -> dict[str, dict]:
        self.assert_done(self.cut(*args))
        done = subprocess.run(["ffprobe", "-v", "error", "-show_streams", "-show_format", "-of", "json", self.clip],
                              capture_output=True, check=True)
        found = json.loads(done.stdout)
        return {**{stream["codec_type"]: stream for stream in found["streams"]}, "format": found["format"],
                "count": len(found["streams"])}

    def test_a_clip_is_h264_and_aac_for_every_player(self):
        found = self.streams()
        self.assertEqual(found["count"], 2)
        video, audio = found["video"], found["audio"]
        self.assertEqual((video["codec_name"], video["pix_fmt"], video["codec_tag_string"]),
                         ("h264", "yuv420p", "avc1"))
        self.assertIn(video["profile"], ("Constrained Baseline", "Baseline", "Main", "High"))
        self.assertEqual((video["width"], video["height"]), (320, 180))
        self.assertEqual((audio["codec_name"], audio["profile"], audio["sample_rate"], audio["channels"]),
                         ("aac", "LC", "48000", 2))
        self.assertEqual((video["start_time"], audio["start_time"]), ("0.000000", "0.000000"))
        self.assertTrue(read_movie(self.clip).fast_start)
        self.assertFalse(read_movie(self.clip).fragmented)

    def test_the_audio_bit_rate_is_the_one_asked_for(self):
        def rate(kbits: int) -> int:
            found = self.streams("--audio-bitrate", str(kbits), "--force")
            return int(found["audio"]["bit_rate"])
        self.assertLess(rate(32), rate(192))

    def test_a_smaller_crf_makes_a_larger_file(self):
        sizes = []
        for crf in ("10", "40"):
            self.assert_done(self.cut("--crf", crf, "--force"))
            sizes.append(self.clip.stat().st_size)
        self.assertGreater(sizes[0], 2 * sizes[1])

    def test_the_same_cut_twice_is_the_same_file(self):
        clips = []
        for _ in range(2):
            self.assert_done(self.cut("--force"))
            clips.append(self.clip.read_bytes())
        self.assertEqual(clips[0], clips[1])


class Colours(Workplace):
    """Tags of colour and the shape of pixels are the source's."""

    TAGS = {"color_space": "bt709", "color_primaries": "bt709", "color_transfer": "bt709", "color_range": "tv",
            "sample_aspect_ratio": "4:3"}

    def made(self, **tags: str) -> Path:
        """A recording of three seconds with these tags."""
        folder = self.folder / "tagged"
        folder.mkdir()
        options = [word for name, key in (("-colorspace", "color_space"), ("-color_primaries", "color_primaries"),
                                          ("-color_trc", "color_transfer"), ("-color_range", "color_range"))
                   for word in (name, tags[key])]
        shape = tags["sample_aspect_ratio"].replace(":", "/")
        subprocess.run(["ffmpeg", "-v", "error", "-f", "lavfi", "-i", "testsrc2=size=240x180:rate=30", "-f", "lavfi",
                        "-i", "sine", "-t", "3", "-vf", f"setsar={shape},format=yuv420p", "-c:v", "libx264", "-preset",
                        "ultrafast", *options, "-c:a", "aac", "-f", "hls", "-hls_list_size", "0",
                        folder / "index.m3u8"], check=True)
        return folder / "index.m3u8"

    def tags_of(self, file: Path) -> dict[str, str]:
        done = subprocess.run(["ffprobe", "-v", "error", "-select_streams", "v", "-show_streams", "-of", "json", file],
                              capture_output=True, check=True)
        stream = json.loads(done.stdout)["streams"][0]
        return {name: stream.get(name) for name in self.TAGS}

    def check(self, tags: dict[str, str]) -> None:
        playlist = self.made(**tags)
        self.assertEqual(self.tags_of(next(playlist.parent.glob("*.ts"))), tags, "the source is not as it was to be")
        self.assert_done(self.run_here(playlist, "--start", "1", "--end", "1.5", *QUICK, "-o", self.clip))
        self.assertEqual(self.tags_of(self.clip), tags)
        self.assertEqual(len(measure.read_movie(self.clip).tracks), 2)

    def test_bt709_and_wide_pixels_are_kept(self):
        self.check(self.TAGS)

    def test_bt601_and_narrow_pixels_are_kept(self):
        self.check({"color_space": "smpte170m", "color_primaries": "smpte170m", "color_transfer": "smpte170m",
                    "color_range": "tv", "sample_aspect_ratio": "8:9"})


if __name__ == "__main__":
    unittest.main(argv=sys.argv)
