"""Tests of failures: one line that says what, the right exit code, and nothing left of what was begun."""

import os
import shlex
import shutil
import signal
import subprocess
import sys
import unittest
from pathlib import Path

import fakes
import measure
import momentcut
from workplace import MOMENT, NOBODY, QUICK, Workplace, everything_in


PATIENCE = "3"  # seconds for which the real programs are never silent, even on a busy machine


class Programs(Workplace):
    """ffmpeg and ffprobe that misbehave in every way a program can."""

    def with_ffmpeg(self, script: str, *args: object) -> subprocess.CompletedProcess:
        return self.cut("--ffmpeg", fakes.fake(self.folder, "ffmpeg", script), *args)

    def with_ffprobe(self, script: str, *args: object, only_if: str = "") -> subprocess.CompletedProcess:
        return self.cut("--ffprobe", fakes.fake(self.folder, "ffprobe", script, only_if), *args)

    def test_an_ffmpeg_that_fails_silently(self):
        self.assert_refused(self.with_ffmpeg(fakes.FAIL_SILENTLY), 70, r"ffmpeg failed \(exit status 1\) to render")

    def test_an_ffmpeg_that_fails_with_a_message(self):
        done = self.with_ffmpeg("printf 'one\\nUnknown option \"frob\"\\033[0m\\n\\n' >&2; exit 3")
        self.assert_refused(done, 70, r'exit status 3\).*Unknown option "frob"')
        self.assertNotIn("\x1b", done.stderr)

    def test_an_ffmpeg_that_fails_after_half_a_clip(self):
        self.assert_refused(self.with_ffmpeg('"$REAL" "$@"; truncate -s 50000 "$output"; exit 1'), 70, "ffmpeg failed")

    def test_an_ffmpeg_with_much_to_say(self):
        done = self.with_ffmpeg("yes 'a line of complaint' | head -c 3000000 >&2; echo 'the last word' >&2; exit 1")
        self.assert_refused(done, 70, "the last word")
        self.assertLess(len(done.stderr), 1000)

    def test_a_reason_that_ffmpeg_gives_decides_the_code(self):
        for said, code in (("out.mp4: No space left on device", 74), ("in.ts: Input/output error", 74),
                           ("Cannot allocate memory", 75), ("Unknown encoder 'libx264'", 69)):
            with self.subTest(said):
                self.assert_refused(self.with_ffmpeg(f'echo "{said}" >&2; exit 1'), code, said)

    def test_an_ffmpeg_that_crashes(self):
        self.assert_refused(self.with_ffmpeg(fakes.CRASH), 70, "ffmpeg was ended by Segmentation fault")

    def test_an_ffmpeg_that_is_killed_from_outside(self):
        ffmpeg, noted = fakes.recording_its_id(self.folder, "ffmpeg", fakes.HANG)
        process = self.start(*self.command("--ffmpeg", ffmpeg))
        self.wait_for(noted.exists, "the render")
        os.kill(int(noted.read_text()), signal.SIGKILL)
        self.assert_refused(self.finish(process), 75, "ffmpeg was ended by Killed.*again")

    def test_an_ffmpeg_that_hangs(self):
        done = self.with_ffmpeg(fakes.HANG, "--stall-timeout", PATIENCE)
        self.assert_refused(done, 75, f"ffmpeg hung.*for {PATIENCE} s.*--stall-timeout")

    def test_a_short_patience_is_told_as_it_was(self):
        done = self.with_ffprobe(fakes.HANG, "--stall-timeout", "500ms")
        self.assert_refused(done, 75, r"for 0\.5 s|for 500 ms")

    def test_an_ffmpeg_that_hangs_and_does_not_heed_sigterm(self):
        done = self.with_ffmpeg("trap '' TERM; while :; do sleep 1; done", "--stall-timeout", PATIENCE)
        self.assert_refused(done, 75, "ffmpeg hung")

    def test_an_ffmpeg_that_says_goodbye_and_stays(self):
        done = self.with_ffmpeg("exec >&- 2>&-; exec sleep 1000", "--stall-timeout", PATIENCE)
        self.assert_refused(done, 75, "ffmpeg hung")

    def test_an_ffmpeg_that_leaves_children_behind(self):
        done = self.with_ffmpeg('sleep 1000 & "$REAL" "$@"')
        self.assert_done(done)
        self.assertEqual(everything_in(self.out), ["clip.mp4"])

    def test_an_ffmpeg_that_speaks_seldom_but_in_time_is_not_hung(self):
        done = self.with_ffmpeg('for i in 1 2 3; do sleep 1.5; echo progress=continue; done; exec "$REAL" "$@"',
                                "--stall-timeout", PATIENCE)
        self.assert_done(done)

    def test_an_ffmpeg_that_writes_nothing(self):
        self.assert_refused(self.with_ffmpeg(fakes.EMPTY), 65, "clip")

    def test_an_ffmpeg_that_removes_its_output(self):
        done = self.with_ffmpeg('rm "$output"')
        self.assertIn(done.returncode, (65, 70))
        self.assert_refused(done, done.returncode, "clip")

    def test_an_ffmpeg_that_writes_garbage(self):
        self.assert_refused(self.with_ffmpeg('head -c 100000 /dev/urandom > "$output"'), 65, "clip")

    def test_a_clip_that_was_cut_off(self):
        self.assert_refused(self.with_ffmpeg('"$REAL" "$@"; truncate -s 50000 "$output"'), 65, "clip")

    def altered(self, change: str) -> subprocess.CompletedProcess:
        return self.cut("--ffmpeg", fakes.altered(self.folder, "ffmpeg", change))

    def test_a_clip_that_is_a_frame_short_at_its_end(self):
        self.assert_refused(self.altered("s/,setpts=PTS/,trim=end_frame=29,setpts=PTS/"), 65, "29 frames where 30 were")

    def test_a_clip_that_is_a_frame_short_at_its_beginning(self):
        done = self.altered("s/,setpts=PTS/,trim=start_frame=1,setpts=PTS/")
        self.assert_refused(done, 65, "29 frames where 30 were")

    def test_a_clip_that_lacks_a_frame_in_the_middle(self):
        done = self.altered("s/,setpts=PTS/,select=not(eq(n\\\\,7)),setpts=PTS/")
        self.assert_refused(done, 65, "29 frames where 30 were")

    def test_a_clip_with_frames_twice(self):
        self.assert_refused(self.altered("s/\\[v\\];/,fps=60[v];/"), 65, "frames where 30")

    def test_a_clip_whose_frames_are_shown_at_other_times(self):
        done = self.altered("s/,setpts=PTS-[0-9]*\\[v\\]/&;[v]setpts=PTS*1.01[w]/; s/^\\[v\\]$/[w]/")
        self.assert_refused(done, 65, "frame .* is at .* s where it was to be at")

    def without(self, option: str) -> subprocess.CompletedProcess:
        """A cut whose ffmpeg leaves a stream out after all, and succeeds."""
        return self.with_ffmpeg('"$REAL" "$@" && "$REAL" -v error -nostdin -i "$output" -c copy '
                                f'{option} "$output.mp4" && mv "$output.mp4" "$output"')

    def test_a_clip_without_its_audio(self):
        self.assert_refused(self.without("-an"), 65, "no audio")

    def test_a_clip_without_its_video(self):
        self.assert_refused(self.without("-vn"), 65, "no video")

    def test_a_clip_whose_audio_is_short(self):
        self.assert_refused(self.altered("s/atrim=end_sample=[0-9]*/atrim=end_sample=24000/"), 65, "audio ends")

    def test_a_clip_whose_audio_starts_late(self):
        self.assert_refused(self.altered("s/,apad=/,asetpts=PTS+0.2\\/TB,apad=/"), 65, "audio")

    def test_an_ffprobe_that_fails(self):
        self.assert_refused(self.with_ffprobe("exit 1"), 70, r"ffprobe failed \(exit status 1\)")

    def test_an_ffprobe_that_fails_with_a_message(self):
        self.assert_refused(self.with_ffprobe("echo 'x: Invalid data found when processing input' >&2; exit 1"), 65,
                            "ffprobe failed.*Invalid data")

    def test_an_ffprobe_that_crashes(self):
        self.assert_refused(self.with_ffprobe(fakes.CRASH), 70, "ffprobe was ended by Segmentation fault")

    def test_an_ffprobe_that_hangs(self):
        self.assert_refused(self.with_ffprobe(fakes.HANG, "--stall-timeout", "1"), 75, "ffprobe hung.*for 1 s")

    def test_an_ffprobe_that_finds_nothing(self):
        self.assert_refused(self.with_ffprobe("exit 0"), 65, "first segment")

    def test_an_ffprobe_that_talks_nonsense(self):
        for text in ("garbage", "packet|pts=x|stream_index=-5", "packet|" * 1000, "stream|index=0|codec_type=video",
                     "packet|codec_type=video|stream_index=0|pts=9223372036854775807|dts=9223372036854775807|flags=K_"):
            with self.subTest(text[:30]):
                done = self.with_ffprobe(f"echo {shlex.quote(text)}")
                self.assert_refused(done, 65)

    def test_an_ffprobe_that_fails_on_the_clip_alone(self):
        self.assert_refused(self.with_ffprobe("exit 1", only_if=".momentcut-"), 70, "verify the clip")

    def test_folders_that_were_made_for_a_clip_that_failed_go_with_it(self):
        done = self.with_ffmpeg(fakes.FAIL_SILENTLY, "-o", self.out / "a/b/clip.mp4")
        self.assert_refused(done, 70)
        (self.out / "mine").mkdir()
        done = self.with_ffmpeg(fakes.FAIL_SILENTLY, "-o", self.out / "mine/b/clip.mp4")
        self.assert_one_line(done, 70)
        self.assertEqual(everything_in(self.out), ["mine"])

    def test_an_existing_output_stays_as_it_was(self):
        self.clip.write_text("old")
        for script, code in ((fakes.FAIL_SILENTLY, 70), (fakes.EMPTY, 65), (fakes.CRASH, 70)):
            with self.subTest(script):
                self.assert_one_line(self.with_ffmpeg(script, "--force"), code)
                self.assertEqual(everything_in(self.out), ["clip.mp4"])
                self.assertEqual(self.clip.read_text(), "old")
                self.assert_tidy()

    def test_nothing_goes_to_stdout_when_a_clip_for_it_fails(self):
        for script, code in ((fakes.FAIL_SILENTLY, 70), ('"$REAL" "$@"; truncate -s 50000 "$output"', 65)):
            self.assert_refused(self.with_ffmpeg(script, "-o", "-"), code)


class Segments(Workplace):
    """Segments that are damaged, or not what they are called."""

    def setUp(self):
        super().setUp()
        self.copy = self.copied_source()
        self.victim = self.copy / "seg001.ts"  # holds the moment's frames

    def cut_copy(self, *moment: str) -> subprocess.CompletedProcess:
        return self.run_here(self.copy / "index.m3u8", *(moment or MOMENT), *QUICK, "-o", self.clip)

    def assert_bad(self, pattern: str = r"index.m3u8:9: segment \"seg001.ts\"") -> None:
        self.assert_refused(self.cut_copy(), 65, pattern)

    def test_a_missing_segment(self):
        self.victim.unlink()
        self.assert_refused(self.cut_copy(), 66, r"index.m3u8:9: segment \"seg001.ts\" is missing")

    def test_a_missing_first_segment(self):
        (self.copy / "seg000.ts").unlink()
        self.assert_refused(self.cut_copy("--start", "15", "--end", "16"), 66, r"index.m3u8:7: segment \"seg000.ts\"")

    def test_a_missing_segment_amid_a_long_range(self):
        (self.copy / "seg003.ts").unlink()
        self.assert_refused(self.cut_copy("--start", "1", "--end", "23"), 66, r"index.m3u8:13: segment \"seg003.ts\"")

    def test_a_missing_segment_that_is_not_needed_does_no_harm(self):
        (self.copy / "seg004.ts").unlink()
        self.assert_done(self.cut_copy())

    def test_a_folder_or_a_device_in_place_of_a_segment(self):
        self.victim.unlink()
        self.victim.mkdir()
        self.assert_refused(self.cut_copy(), 66, "seg001.ts")
        self.victim.rmdir()
        os.mkfifo(self.victim)
        self.assert_refused(self.cut_copy(), 66, "seg001.ts")

    def test_an_empty_segment(self):
        self.victim.write_bytes(b"")
        self.assert_bad('seg001.ts" is empty')

    def test_an_empty_first_segment(self):
        (self.copy / "seg000.ts").write_bytes(b"")
        self.assert_bad(r'seg000.ts" is empty')

    def truncate(self, size: int) -> None:
        with self.victim.open("r+b") as file:
            file.truncate(size)

    def test_a_segment_that_was_cut_off(self):
        size = self.victim.stat().st_size
        for left in (100, 188, size // 2 // 188 * 188, size // 2 // 188 * 188 + 100):
            with self.subTest(left):
                self.truncate(left)
                done = self.run_here(self.copy / "index.m3u8", "--start", "5", "--end", "9", *QUICK, "-o", self.clip)
                self.clip.unlink(missing_ok=True)
                self.assert_refused(done, 65)
                shutil.copy(self.source.segment_files()[1], self.victim)

    def test_a_segment_with_zeros_in_its_middle(self):
        size = self.victim.stat().st_size
        with self.victim.open("r+b") as file:
            file.seek(size // 4 // 188 * 188)
            file.write(bytes(size // 2 // 188 * 188))
        done = self.cut_copy()
        self.clip.unlink(missing_ok=True)
        self.assert_refused(done, 65)

    def test_garbage_in_place_of_a_segment(self):
        self.victim.write_bytes(bytes(i * 7919 % 251 for i in range(200_000)))
        self.assert_bad()

    def test_garbage_that_begins_like_a_segment(self):
        packet = b"\x47" + bytes(i * 7919 % 251 for i in range(187))
        self.victim.write_bytes(packet * 1000)
        self.assert_refused(self.cut_copy(), 65)

    def test_an_error_page_in_place_of_a_segment(self):
        self.victim.write_text("<!DOCTYPE html>\n<html><body>403 Forbidden</body></html>\n" * 100)
        self.assert_bad()

    def test_an_mp4_in_place_of_a_segment(self):
        self.assert_done(self.cut_copy())
        self.clip.rename(self.victim)
        self.assert_bad()

    def test_a_segment_from_elsewhere_in_the_recording(self):
        shutil.copy(self.copy / "seg004.ts", self.victim)
        done = self.cut_copy()
        self.clip.unlink(missing_ok=True)
        self.assert_refused(done, 65)

    def canary(self) -> Path:
        """A true segment outside the recording, which nothing may read."""
        secret = self.folder / "secret.ts"
        shutil.copy(self.source.segment_files()[1], secret)
        return secret

    def set_unread(self, file: Path) -> None:
        os.utime(file, ns=(0, file.stat().st_mtime_ns))

    def assert_canary_unread(self, text: str) -> None:
        secret = self.canary()
        self.set_unread(secret)
        secret.read_bytes()
        if secret.stat().st_atime_ns == 0:
            self.skipTest("this file system does not note when a file is read")
        self.set_unread(secret)
        for victim in (self.victim, self.copy / "seg000.ts"):
            with self.subTest(victim.name, text=text[:20]):
                victim.write_text(text.format(secret=secret))
                self.assert_refused(self.cut_copy(), 65, victim.name)
                self.assertEqual(secret.stat().st_atime_ns, 0, "the canary was read")
                shutil.copy(self.source.playlist.parent / victim.name, victim)

    def test_a_playlist_in_place_of_a_segment_is_not_followed(self):
        self.assert_canary_unread("#EXTM3U\n#EXT-X-TARGETDURATION:4\n#EXTINF:4,\n{secret}\n#EXT-X-ENDLIST\n")

    def test_a_concat_list_in_place_of_a_segment_is_not_followed(self):
        self.assert_canary_unread("ffconcat version 1.0\nfile '{secret}'\n")

    def test_a_list_that_begins_like_a_segment_is_not_followed(self):
        self.assert_canary_unread("G#EXTM3U" + " " * 180 + "G\n#EXTM3U\n#EXTINF:4,\nfile:{secret}\n"
                                  "ffconcat version 1.0\nfile '{secret}'\n")

    def test_a_playlist_that_names_a_file_elsewhere_is_a_local_matter(self):
        playlist = self.copy / "index.m3u8"
        playlist.write_text(playlist.read_text().replace("seg001.ts", str(self.canary())))
        self.assert_done(self.cut_copy())

    def test_a_discontinuity_that_changes_nothing_loses_nothing(self):
        playlist = self.copy / "index.m3u8"
        text = playlist.read_text().replace("seg002", "#EXT-X-DISCONTINUITY\nseg002")
        playlist.write_text(text)
        self.assert_done(self.cut_copy("--start", "7", "--end", "9"))
        measure.check_exact(self, measure.measure(self.clip), self.source, 7, 9)

    def test_a_gap_is_never_cut_over(self):
        playlist = self.copy / "index.m3u8"
        playlist.write_text(playlist.read_text().replace("seg001.ts", "#EXT-X-GAP\nseg001.ts"))
        self.assert_refused(self.cut_copy(), 66, r"the recording is missing from 5 to 6 s \(EXT-X-GAP\)")

    def test_an_encrypted_segment_whose_key_is_missing_is_told_as_such(self):
        playlist = self.copy / "index.m3u8"
        key = '#EXT-X-KEY:METHOD=AES-128,URI="key.bin"\n'
        playlist.write_text(playlist.read_text().replace("#EXTINF", f"{key}#EXTINF", 1))
        self.assert_refused(self.cut_copy(), 66, r'index.m3u8:\d+: the key "key.bin" is missing')


class Playlists(Workplace):
    def refused(self, text: str | bytes, line: int | None, code: int = 65) -> str:
        playlist = self.folder / "list.m3u8"
        playlist.write_bytes(text if isinstance(text, bytes) else text.encode())
        done = self.run_here(playlist, *MOMENT, "-o", self.clip)
        self.assert_refused(done, code, f"list.m3u8:{line}: " if line else "list.m3u8")
        return done.stderr

    def test_what_is_no_playlist_is_refused_at_its_first_line(self):
        for text in ("", "hello\n", "<html>\n", b"\x47" * 1000, b"\0" * 1000, "\n\n#EXTM3\n", "#EXTM3UX\n"):
            with self.subTest(text[:10]):
                self.assertIn("#EXTM3U", self.refused(text, None))

    def test_a_line_that_cannot_be_understood_is_named(self):
        head = "#EXTM3U\n#EXT-X-TARGETDURATION:4\n"
        for body, line in (("#EXTINF:x,\na.ts\n", 3), ("a.ts\n", 3), ("#EXTINF:4,\n#EXTINF:4,\na.ts\n", 4),
                           ("#EXTINF:4,\n#EXT-X-BYTERANGE:x\na.ts\n", 4), ("#EXTINF:-4,\na.ts\n", 3),
                           ("#EXTINF:4,\na.ts\n#EXT-X-STREAM-INF:BANDWIDTH=1\nb.m3u8\n", 5),
                           ("#EXTINF:4,\n\x01a.ts\n", 4), ("#EXT-X-KEY:METHOD=AES-128\n", 3)):
            with self.subTest(body):
                self.refused(head + body + "#EXT-X-ENDLIST\n", line)

    def test_a_playlist_without_segments_is_refused(self):
        self.assertIn("no segments", self.refused("#EXTM3U\n#EXT-X-TARGETDURATION:4\n#EXT-X-ENDLIST\n", None))

    def test_a_master_that_names_a_master_is_refused(self):
        master = "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\n"
        (self.folder / "other.m3u8").write_text(f"{master}list.m3u8\n")
        for name in ("list.m3u8", "other.m3u8"):
            with self.subTest(name):
                playlist = self.folder / "list.m3u8"
                playlist.write_text(f"{master}{name}\n")
                done = self.run_here(playlist, *MOMENT, "-o", self.clip)
                self.assert_refused(done, 65, f"{name}.* multivariant")

    def test_an_endless_file_is_refused(self):
        self.assert_refused(self.run_here("/dev/zero", *MOMENT, "-o", self.clip), 66, "/dev/zero.*not a regular file")

    def test_timestamps_that_contradict_the_playlist_are_told(self):
        copy = self.copied_source()
        playlist = copy / "index.m3u8"
        text = playlist.read_text().replace("EXTINF:4.0", "EXTINF:400.0")
        playlist.write_text(text)
        done = self.run_here(playlist, "--start", "500", "--end", "501", *QUICK, "-o", self.clip)
        self.assertIn(done.returncode, (65, 66))
        self.assert_refused(done, done.returncode)


def unshare_is_permitted() -> bool:
    try:
        mount = ["unshare", "-rm", "sh", "-c", "mount -t tmpfs tmpfs /mnt"]
        return subprocess.run(mount, capture_output=True).returncode == 0
    except OSError:
        return False


@unittest.skipUnless(unshare_is_permitted(), "this user may not mount a small file system of its own")
class FullDisks(Workplace):
    """File systems of a few kilobytes, on which one thing or another does not fit."""

    def cut_on(self, place: Path, size: str, *args: object) -> subprocess.CompletedProcess:
        """A cut while `place` is a file system of that size. stdout tells what is left there."""
        script = ('mount -t tmpfs -o size="$2" tmpfs "$1" || exit 99; place=$1; shift 2; "$@"; status=$?; '
                  'ls -A "$place"; exit $status')
        process = self.start("-rm", "sh", "-c", script, "sh", place, size, momentcut.binary(), *args,
                             program=shutil.which("unshare"))
        return self.finish(process)

    def test_no_room_for_the_output(self):
        for size in ("4k", "64k", "100k"):
            with self.subTest(size):
                done = self.cut_on(self.out, size, *self.command())
                self.assert_refused(done, 74, "No space left on device")

    def test_no_room_for_the_last_bytes_of_the_output(self):
        self.assert_done(self.cut())
        size = self.clip.stat().st_size
        self.clip.unlink()
        for missing in (1, 2, 4, 8):  # pages: the index moves to the front last
            with self.subTest(missing):
                done = self.cut_on(self.out, str((size // 4096 + 1 - missing) * 4096), *self.command())
                self.assert_refused(done, 74, "No space left on device")

    def test_no_room_for_a_long_output(self):
        done = self.cut_on(self.out, "300k", self.source.path, "--start", "0", "--end", "10", *QUICK, "-o", self.clip)
        self.assert_refused(done, 74, "No space left on device")

    def test_no_room_for_temporary_files(self):
        for size in ("4k", "200k", "400k"):
            with self.subTest(size):
                done = self.cut_on(self.tmp, size, *self.command())
                self.assert_refused(done, 74, "No space left on device")

    def test_no_room_for_a_clip_that_goes_to_stdout(self):
        for size in ("1200k", "1250k"):
            with self.subTest(size):
                done = self.cut_on(self.tmp, size, self.source.path, "--start", "0", "--end", "7.5", "--crf", "1",
                                   *QUICK, "-o", "-")
                self.assert_refused(done, 74, "No space left on device")

    def test_an_old_output_outlives_a_full_disk(self):
        script = ('mount -t tmpfs -o size=80k tmpfs "$1" || exit 99; echo old > "$1/clip.mp4"; place=$1; shift; "$@"; '
                  'status=$?; ls -A "$place"; cat "$place/clip.mp4"; exit $status')
        process = self.start("-rm", "sh", "-c", script, "sh", self.out, momentcut.binary(), *self.command("--force"),
                             program=shutil.which("unshare"))
        done = self.finish(process)
        self.assertEqual((done.returncode, done.stdout), (74, b"clip.mp4\nold\n"), done.stderr)

    def test_an_output_on_a_file_system_that_may_only_be_read(self):
        script = 'mount -t tmpfs -o ro tmpfs "$1" || exit 99; shift; exec "$@"'
        process = self.start("-rm", "sh", "-c", script, "sh", self.out, momentcut.binary(), *self.command(),
                             program=shutil.which("unshare"))
        self.assert_refused(self.finish(process), 73, "Read-only file system")


class Places(Workplace):
    """Outputs that cannot be, for any user."""

    def test_a_file_in_place_of_a_folder(self):
        (self.folder / "file").write_text("")
        self.assert_refused(self.cut("-o", self.folder / "file/clip.mp4"), 73, "file")

    def test_a_name_that_is_too_long(self):
        self.assert_refused(self.cut("-o", self.out / ("x" * 252 + ".mp4")), 73, "too long")


class LimitedSizes(Workplace):
    def test_a_limit_on_file_sizes_is_an_error_like_a_full_disk(self):
        for blocks in ("64", "400"):
            with self.subTest(blocks):
                process = self.start("-c", f'ulimit -f {blocks}; exec "$@"', "sh", momentcut.binary(), *self.command(),
                                     program="/bin/sh")
                self.assert_refused(self.finish(process), 74)


@unittest.skipUnless(os.geteuid() == 0, "needs root, to be another user")
class Permissions(Workplace):
    """What another user may not do."""

    def as_nobody(self, *args: object) -> subprocess.CompletedProcess:
        program = self.folder / "program"
        if not program.exists():
            shutil.copy(momentcut.binary(), program)
            self.copied_source()
            self.tmp.chmod(0o777)
        return self.finish(self.start(self.folder / "copy/index.m3u8", *MOMENT, *QUICK, *args, program=program,
                                      user=NOBODY, group=NOBODY, extra_groups=[]))

    def test_a_folder_that_may_not_be_written(self):
        self.assert_refused(self.as_nobody("-o", self.clip), 73, "clip.mp4.*Permission denied")

    def test_a_folder_that_may_not_be_made(self):
        self.assert_refused(self.as_nobody("-o", self.out / "a/b/clip.mp4"), 73, "/a.*Permission denied")

    def test_a_folder_that_may_not_be_entered(self):
        (self.out / "locked").mkdir(0o700)
        done = self.as_nobody("-o", self.out / "locked/sub/clip.mp4")
        self.assert_one_line(done, 73, "locked.*Permission denied")
        done = self.as_nobody("-o", self.out / "locked/clip.mp4")
        self.assert_one_line(done, 73, "locked.*Permission denied")

    def test_a_temporary_folder_that_may_not_be_written(self):
        done = self.as_nobody("-o", self.clip, "--temp-dir", self.out)
        self.assert_refused(done, 73, "Permission denied.*--temp-dir")

    def test_an_old_output_that_may_be_replaced_needs_a_folder_that_may_be_written(self):
        self.clip.write_text("old")
        self.clip.chmod(0o666)
        self.assert_one_line(self.as_nobody("-o", self.clip, "--force"), 73, "Permission denied")
        self.assertEqual(self.clip.read_text(), "old")


if __name__ == "__main__":
    unittest.main(argv=sys.argv)
