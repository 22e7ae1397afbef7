"""Tests of what a clip is encoded as, where that is not the usual: other codecs, HDR, runs of another shape."""

import json
import subprocess
import unittest
from pathlib import Path

import measure
from workplace import QUICK, Workplace


def video_of(file: Path) -> dict:
    """The first video stream, as ffprobe tells it."""
    done = subprocess.run(["ffprobe", "-v", "error", "-select_streams", "v", "-show_streams", "-of", "json", str(file)],
                          capture_output=True, check=True)
    return json.loads(done.stdout)["streams"][0]


def picture(file: Path, number: int, width: int, height: int) -> bytes:
    """The luma of a frame, 8 bits a pixel, row by row."""
    done = subprocess.run(["ffmpeg", "-v", "error", "-i", str(file), "-vf", f"select=eq(n\\,{number}),format=gray",
                           "-frames:v", "1", "-f", "rawvideo", "-"], capture_output=True, check=True)
    assert len(done.stdout) == width * height, (len(done.stdout), width, height)
    return done.stdout


class Codecs(Workplace):
    def test_a_clip_is_exact_in_every_codec(self):
        for codec, tag in (("h264", "avc1"), ("hevc", "hvc1"), ("av1", "av01")):
            with self.subTest(codec):
                done = self.run_here(self.source.path, "--start", "5.2", "--end", "7.9", "--video-codec", codec, *QUICK,
                                     "-o", self.clip, "--force")
                self.assert_done(done)
                found = video_of(self.clip)
                self.assertEqual((found["codec_name"], found["codec_tag_string"], found["pix_fmt"]),
                                 (codec, tag, "yuv420p"))
                measure.check_exact(self, measure.measure(self.clip), self.source, 5.2, 7.9)

    def test_a_codec_that_nobody_knows_is_a_mistake(self):
        self.assert_refused(self.cut("--video-codec", "mpeg1"), 64, "mpeg1")


class Hdr(Workplace):
    """A recording with 10 bits and PQ or HLG."""

    def recording(self, transfer: str) -> Path:
        folder = self.folder / transfer
        folder.mkdir()
        tags = f"colorprim=bt2020:transfer={transfer}:colormatrix=bt2020nc:range=limited:log-level=none"
        subprocess.run(
            ["ffmpeg", "-v", "error", "-f", "lavfi", "-i", "testsrc2=size=320x180:rate=30", "-f", "lavfi", "-i", "sine",
             "-t", "4", "-vf", "format=yuv420p10le", "-c:v", "libx265", "-preset", "ultrafast", "-x265-params", tags,
             "-color_primaries", "bt2020", "-color_trc", transfer, "-colorspace", "bt2020nc", "-tag:v", "hvc1",
             "-c:a", "aac", "-f", "hls", "-hls_segment_type", "fmp4", "-hls_list_size", "0", folder / "index.m3u8"],
            check=True)
        return folder / "index.m3u8"

    def cut_of(self, playlist: Path, *args: object):
        return self.run_here(playlist, "--start", "1", "--end", "2", *QUICK, "-o", self.clip, "--force", *args)

    def test_it_is_mapped_to_sdr_with_a_note(self):
        for transfer in ("smpte2084", "arib-std-b67"):
            with self.subTest(transfer):
                done = self.cut_of(self.recording(transfer))
                self.assert_done(done)
                self.assertRegex(done.stderr, r"\Amomentcut: [^\n]*SDR[^\n]*\n\Z")
                found = video_of(self.clip)
                self.assertEqual((found["codec_name"], found["pix_fmt"]), ("h264", "yuv420p"))
                self.assertEqual({found[name] for name in ("color_space", "color_primaries", "color_transfer")},
                                 {"bt709"})
                self.assertEqual(found["nb_frames"], "30")
                luma = picture(self.clip, 10, 320, 180)
                self.assertGreater(max(luma) - min(luma), 60, "a flat picture")

    def test_it_is_kept_where_that_is_asked_for(self):
        for transfer in ("smpte2084", "arib-std-b67"):
            with self.subTest(transfer):
                done = self.cut_of(self.recording(transfer), "--video-codec", "hevc", "--keep-hdr")
                self.assert_done(done)
                found = video_of(self.clip)
                self.assertEqual([found[name] for name in ("codec_name", "pix_fmt", "color_space", "color_primaries",
                                                           "color_transfer", "nb_frames")],
                                 ["hevc", "yuv420p10le", "bt2020nc", "bt2020", transfer, "30"])

    def test_h264_cannot_keep_it(self):
        self.assert_refused(self.cut_of(self.recording("smpte2084"), "--keep-hdr"), 64, "--video-codec hevc")


class Shapes(Workplace):
    """A run of 4:3 behind one of 16:9: it is shown whole, between bars, in the clip's one size."""

    def test_a_run_of_another_shape_is_letterboxed(self):
        folder = self.copied_source()
        subprocess.run(["ffmpeg", "-v", "error", "-f", "lavfi", "-i", "color=white:size=240x180:rate=30", "-f", "lavfi",
                        "-i", "sine", "-t", "3", "-pix_fmt", "yuv420p", "-c:v", "libx264", "-preset", "ultrafast", "-c:a",
                        "aac", "-f", "hls", "-hls_time", "3", "-hls_segment_filename", folder / "square%d.ts",
                        folder / "square.m3u8"], check=True)
        first = self.source.segments[0]["name"]
        (folder / "both.m3u8").write_text("#EXTM3U\n#EXT-X-TARGETDURATION:4\n#EXTINF:4,\n" + first +
                                          "\n#EXT-X-DISCONTINUITY\n#EXTINF:3,\nsquare0.ts\n#EXT-X-ENDLIST\n")
        done = self.run_here(folder / "both.m3u8", "--start", "3", "--end", "5", *QUICK, "-o", self.clip)
        self.assert_done(done)
        self.assertIn("320x180", done.stderr)
        found = video_of(self.clip)
        self.assertEqual((found["width"], found["height"], found["nb_frames"]), (320, 180, "60"))
        luma = picture(self.clip, 45, 320, 180)
        row = luma[90 * 320:91 * 320]
        for x, shown in ((5, False), (35, False), (45, True), (160, True), (274, True), (285, False), (315, False)):
            self.assertEqual(row[x] > 128, shown, f"column {x}")
        self.assertTrue(all(luma[y * 320 + 160] > 128 for y in (2, 90, 177)), "bars above or below")


if __name__ == "__main__":
    unittest.main()
