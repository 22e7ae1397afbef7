"""Tests of the modes of cutting: when smart mode gives way to exact mode and why, and what copy mode makes."""

import json
import subprocess
import unittest
from pathlib import Path

import fakes
import measure
import seams
import sources
from test_codecs import video_of
from workplace import QUICK, Workplace


def make_recording(folder: Path, *encoder: str, seconds: float = 8, segments: str = "mpegts", first: int = 0) -> Path:
    """A recording of a test card, encoded like that: 30 frames a second, a key frame every second."""
    folder.mkdir(exist_ok=True)
    ending = "m4s" if segments == "fmp4" else "ts"
    subprocess.run(
        ["ffmpeg", "-v", "error", "-f", "lavfi", "-i", "testsrc2=size=320x180:rate=30", "-f", "lavfi", "-i", "sine=r=48000",
         "-t", str(seconds), "-g", "30", *encoder, "-c:a", "aac", "-output_ts_offset", str(first), "-f", "hls",
         "-hls_time", "2", "-hls_list_size", "0", "-hls_segment_type", segments, "-hls_segment_filename",
         str(folder / f"{first}-%d.{ending}"), str(folder / "index.m3u8")], check=True)
    return folder / "index.m3u8"


class Refusals(Workplace):
    """Smart mode says why it is not possible, and cuts exactly all the same; smart-only does not cut."""

    def check(self, playlist: Path, why: str, *words: object, start: float = 1.3, end: float = 5.4) -> dict:
        command = (playlist, "--start", start, "--end", end, *QUICK, "-o", self.clip, "--force", *words)
        done = self.run_here(*command, "--mode", "smart-only")
        self.assertEqual(done.returncode, 65)
        self.assertEqual(done.stderr.splitlines()[-1], f"momentcut: smart mode is not possible here: {why}; cut it with "
                         "--mode smart or exact")
        self.assertFalse(self.clip.exists())
        done = self.run_here(*command, "--mode", "smart", "--json")
        self.assert_done(done)
        self.assertIn(f"momentcut: note: cut in exact mode, since smart mode is not possible here: {why}",
                      done.stderr.splitlines())
        receipt = json.loads(done.stdout)
        self.assertEqual((receipt["mode"], receipt["smart_refused"], receipt["frames_copied"]), ("exact", why, 0))
        self.kept = self.clip.rename(self.folder / "clip.mp4")
        return receipt

    def check_source(self, name: str, why: str, start: float, end: float) -> None:
        source = sources.ensure(name)
        self.check(source.path, why, start=start, end=end)
        measure.check_exact(self, measure.measure(self.kept), source, start, end)

    def x264(self, name: str, *words: str) -> Path:
        return make_recording(self.folder / name, "-c:v", "libx264", "-preset", "ultrafast", *words)

    def test_no_idr_picture_in_the_range(self):
        self.check_source("cfr30", "no IDR picture in the range", 4.5, 5.5)  # key frames at 4 and 6 s

    def test_the_only_idr_picture_too_soon(self):
        self.check_source("cfr30", "the only IDR picture comes too soon after the first frame", 3.9, 5.5)

    def test_an_open_gop(self):
        self.check_source("open_gop", "open GOP without IDR", 4.5, 9.5)

    def test_a_discontinuity(self):
        self.check_source("three_runs", "a discontinuity lies within the range", 5.0, 10.0)

    def test_media_that_is_missing(self):
        playlist = self.folder / "gap.m3u8"
        source = sources.ensure("cfr30")
        text = source.playlist.read_text().replace("seg", f"{source.playlist.parent}/seg")
        playlist.write_text(text.replace("\n#EXTINF", "\n#EXT-X-GAP\n#EXTINF", 3).replace("#EXT-X-GAP\n", "", 2))
        self.check(playlist, "media is missing within the range", "--allow-gaps", start=5, end=14)

    def test_parameters_that_change(self):
        # Two encoders' segments in one run: the first two are replaced, and time goes on.
        playlist = self.x264("recording", "-x264-params", "ref=1")
        make_recording(playlist.parent / "other", "-c:v", "libx264", "-preset", "ultrafast", "-x264-params", "ref=3")
        for name in ("0-0.ts", "0-1.ts"):
            (playlist.parent / "other" / name).replace(playlist.parent / name)
        self.check(playlist, "the video's parameters change within the range", start=2.5, end=6.5)

    def test_other_than_8_bits_of_420(self):
        for pixels in ("yuv422p", "yuv444p", "yuv420p10le"):
            with self.subTest(pixels):
                self.check(self.x264(pixels, "-pix_fmt", pixels), "the video is not 8-bit 4:2:0")

    def test_interlaced_video(self):
        playlist = self.x264("interlaced", "-pix_fmt", "yuv420p", "-flags", "+ildct+ilme", "-x264-params", "tff=1")
        self.check(playlist, "the video is interlaced")

    def test_another_codec(self):
        self.check_source("hevc", "the video is hevc, not H.264", 1.3, 5.4)

    def test_another_codec_that_is_asked_for(self):
        self.check(sources.ensure("cfr30").path, "another codec than H.264 is asked for", "--video-codec", "hevc")

    def test_hdr_that_the_clip_is_not_to_have(self):
        playlist = self.x264("hdr", "-pix_fmt", "yuv420p", "-color_trc", "smpte2084", "-color_primaries", "bt2020",
                             "-colorspace", "bt2020nc")
        self.check(playlist, "the video is HDR, and the clip is not to be")

    def test_no_video(self):
        receipt = self.check(sources.ensure("cfr30").path, "there is no video to copy", "--audio-only")
        self.assertFalse(receipt["video"])

    def test_an_encoder_that_fails_gives_way_to_exact_mode(self):
        # An ffmpeg that cannot encode what smart mode asks for: a set of parameters with an id of its own.
        ffmpeg = fakes.fake(self.folder, "ffmpeg", 'echo "no such option" >&2; exit 1', only_if="sps-id=")
        done = self.run_here(sources.ensure("cfr30").path, "--start", 4.5, "--end", 9, *QUICK, "-o", self.clip, "--mode",
                             "smart", "--json", "--ffmpeg", ffmpeg)
        self.assert_done(done)
        self.assertRegex(json.loads(done.stdout)["smart_refused"], "failed .* to encode the clip's head: no such option")
        measure.check_exact(self, measure.measure(self.clip), sources.ensure("cfr30"), 4.5, 9)

    def test_a_clip_that_does_not_verify_gives_way_to_exact_mode(self):
        # An ffmpeg that loses a packet where it is to copy them.
        ffmpeg = fakes.altered(self.folder, "ffmpeg", "s/noise=drop=/noise=drop=not(n-60)+/")
        done = self.run_here(sources.ensure("cfr30").path, "--start", 4.5, "--end", 9, *QUICK, "-o", self.clip, "--mode",
                             "smart", "--json", "--ffmpeg", ffmpeg)
        self.assert_done(done)
        self.assertRegex(json.loads(done.stdout)["smart_refused"], r"it has \d+ frames where 135 were to be")
        measure.check_exact(self, measure.measure(self.clip), sources.ensure("cfr30"), 4.5, 9)


class Smart(Workplace):
    def cut_smart(self, *words: object):
        done = self.run_here(self.source.path, "--start", 4.5, "--end", 9, "-o", self.clip, "--mode", "smart-only", *words)
        self.assert_done(done)
        return done

    def test_a_receipt_tells_what_was_copied(self):
        receipt = json.loads(self.cut_smart("--json").stdout)
        self.assertEqual((receipt["mode"], receipt["smart_refused"]), ("smart", None))
        self.assertEqual(receipt["frames"], 135)
        self.assertTrue(80 <= receipt["frames_copied"] <= 90, receipt)  # from 6 s to the last frames

    def test_a_dry_run_tells_what_would_be_copied(self):
        done = self.run_here(self.source.path, "--start", 4.5, "--end", 9, "--mode", "smart", "--dry-run", "--json")
        plan = json.loads(done.stdout)
        self.assertEqual((plan["mode"], plan["smart_refused"], plan["ffmpeg"]), ("smart", None, None))
        self.assertEqual(plan["frames_copied"], json.loads(self.cut_smart("--json").stdout)["frames_copied"])
        done = self.run_here(self.source.path, "--start", 4.5, "--end", 9, "--mode", "smart", "--dry-run")
        self.assertRegex(done.stdout.decode(), r"several calls: \d+ frames copied, the others encoded")

    def test_a_clip_on_stdout_has_its_index_first(self):
        done = self.run_here(self.source.path, "--start", 4.5, "--end", 9, "--mode", "smart-only", "-o", "-")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.clip.write_bytes(done.stdout)
        clip = measure.measure(self.clip)
        self.assertTrue(clip.movie.fast_start)
        measure.check_exact(self, clip, self.source, 4.5, 9)

    def test_audio_of_its_own_rendition_and_subtitles_are_taken_along(self):
        source = sources.ensure("audio_fmp4")
        done = self.run_here(source.path, "--start", 4.5, "--end", 9, "--mode", "smart-only", "--audio", "en", "-o", self.clip)
        self.assert_done(done)
        measure.check_exact(self, measure.measure(self.clip), source, 4.5, 9)

    def test_the_whole_clip_may_be_copied(self):
        done = self.run_here(self.source.path, "--start", 4, "--end", 8, "--mode", "smart-only", "-o", self.clip, "--json")
        self.assert_done(done)
        receipt = json.loads(done.stdout)
        self.assertEqual(receipt["frames_copied"], receipt["frames"])
        seams.check_decoding(self, self.clip)
        measure.check_exact(self, measure.measure(self.clip), self.source, 4, 8)

    def test_progress_never_falls(self):
        done = self.cut_smart("--progress", "json")
        reached: dict[str, float] = {}
        for line in map(json.loads, done.stderr.splitlines()):
            self.assertGreaterEqual(line["fraction"], reached.get(line["stage"], 0), line)
            reached[line["stage"]] = line["fraction"]
        self.assertEqual(reached["render"], 1)


class Copies(Workplace):
    """Copy mode: nothing is encoded but the audio, and the clip begins with a key frame."""

    def copy(self, name: str, start: float, end: float, *words: object) -> tuple[sources.Source, range]:
        """Copies a moment of a source, checks the clip, and tells its frames."""
        source = sources.ensure(name)
        done = self.run_here(source.path, "--start", start, "--end", end, "-o", self.clip, "--force", "--mode", "copy",
                             "--json", *words)
        self.assert_done(done)
        receipt = json.loads(done.stdout)
        self.assertEqual((receipt["mode"], receipt["frames_copied"]), ("copy", receipt["frames"]))
        first, after = receipt["actual"]["start"], receipt["actual"]["end"]
        asked = source.frames_between(start, end)
        frames = source.frames_between(first, after)
        self.assertIn(frames[0], source.keyframes)
        self.assertFalse([key for key in source.keyframes if frames[0] < key <= asked[0]], "a key frame further on would do")
        self.assertTrue(frames[0] <= asked[0] and asked[-1] <= frames[-1], "frames that were asked for are missing")
        self.assertLessEqual(frames[-1] - asked[-1], 8, "more than the frames that others need")
        measure.check_exact(self, measure.measure(self.clip), source, first, after)
        hashes = seams.check_decoding(self, self.clip) if video_of(self.clip)["codec_name"] == "h264" else []
        if hashes:
            seams.check_copied(self, hashes, source, frames, len(frames))
        if frames != asked:
            said = rf"begins {self.seconds(source.time(asked[0]) - source.time(frames[0]))} s before and ends [0-9.]+ s after"
            self.assertRegex(done.stderr, said)
        return source, frames

    @staticmethod
    def seconds(value: float) -> str:
        return f"{value:.6f}".rstrip("0").rstrip(".")

    def test_a_copy_begins_with_the_key_frame_before(self):
        for name in ("cfr30", "bframes_deep", "vfr", "rtmp_ms", "wrap", "fmp4", "fmp4_bframes", "audio_packed", "mid_gop"):
            with self.subTest(name):
                source = sources.ensure(name)
                end = min(9.37, source.duration - 1)
                self.copy(name, 5.2, end)

    def test_a_copy_keeps_the_codec(self):
        for name, codec, tag in (("hevc", "hevc", "hvc1"), ("hevc10", "hevc", "hvc1"), ("av1", "av1", "av01"),
                                 ("vp9", "vp9", "vp09")):
            with self.subTest(name):
                self.copy(name, 3.2, 6.37)
                found = video_of(self.clip)
                self.assertEqual((found["codec_name"], found["codec_tag_string"]), (codec, tag))

    def test_a_copy_may_begin_with_a_key_frame_that_is_no_idr_picture(self):
        self.copy("open_gop", 5.2, 9.37)

    def test_a_copy_from_a_key_frame_is_as_asked_for(self):
        source, frames = self.copy("cfr30", 4, 8)
        self.assertEqual(frames, source.frames_between(4, 8))

    def test_a_copy_up_to_the_end(self):
        source = sources.ensure("cfr30")
        self.copy("cfr30", 20.3, source.duration)

    def test_a_discontinuity_cannot_be_copied(self):
        self.assert_refused(self.run_here(sources.ensure("three_runs").path, "--start", 5, "--end", 10, "--mode", "copy",
                                          "-o", self.clip), 65, "cannot be copied: a discontinuity lies within it; cut it")

    def test_audio_alone_cannot_be_copied(self):
        self.assert_refused(self.cut("--mode", "copy", "--audio-only"), 65, "cannot be copied: there is no video to copy")

    def test_a_copy_has_no_other_codec(self):
        self.assert_refused(self.cut("--mode", "copy", "--video-codec", "hevc"), 64, "--mode copy and --video-codec")

    def test_a_mode_that_nobody_knows_is_a_mistake(self):
        self.assert_refused(self.cut("--mode", "fast"), 64, "fast")


if __name__ == "__main__":
    unittest.main()
