"""Tests of recordings with audio renditions of their own: which one is taken, and that it is in sync."""

import json
import shutil
import subprocess
import unittest
from pathlib import Path

import measure
import signals
import sources
from workplace import QUICK, Workplace


class Choice(Workplace):
    source_name = "audio_ts"  # English by default, and German, 5 s ahead

    def cut(self, *args: object):
        return self.run_here(self.source.path, "--start", "5", "--end", "8", *QUICK, "-o", self.clip, "--force", *args)

    def heard(self, shift: float) -> None:
        """The clip's audio is the reference from `shift` after the video's time on."""
        for error in measure.audio_errors(measure.measure(self.clip), self.source, 5 + shift):
            self.assertIsNotNone(error)
            self.assertLess(abs(error), measure.SYNC_BOUND_MS)

    def test_the_default_audio_is_taken(self):
        self.assert_done(self.cut())
        self.heard(0)

    def test_audio_is_taken_by_its_name_or_language(self):
        for wanted, shift in (("Deutsch", 5), ("de", 5), ("English", 0), ("EN", 0)):
            with self.subTest(wanted):
                self.assert_done(self.cut("--audio", wanted))
                self.heard(shift)

    def test_no_audio_is_none(self):
        done = self.cut("--audio", "none", "--json")
        self.assert_done(done)
        self.assertFalse(json.loads(done.stdout)["audio"])
        self.assertEqual([track.kind for track in measure.measure(self.clip).movie.tracks], ["vide"])

    def test_audio_that_is_not_there_is_told_with_what_is(self):
        self.assert_refused(self.cut("--audio", "fr"), 66, r'has no audio "fr"; it has "English" \(en\), "Deutsch" \(de\)')

    def test_the_audio_alone_is_an_m4a_of_the_one_that_is_wanted(self):
        for words, shift in ((("-r", "audio"), 0), (("--audio-only",), 0), (("--audio-only", "--audio", "de"), 5)):
            with self.subTest(words=words):
                self.clip.unlink(missing_ok=True)
                self.assert_done(self.cut(*words))
                self.assertEqual([track.kind for track in measure.measure(self.clip).movie.tracks], ["soun"])
                self.heard(shift)

    def test_a_dry_run_lists_the_segments_of_both(self):
        both, video = (len(json.loads(self.cut("--dry-run", "--json", *words).stdout)["segments"])
                       for words in ((), ("--audio", "none")))
        self.assertGreater(both, video)


class LargeTags(Workplace):
    """Packed audio whose ID3 tags hold a picture in front of the timestamp."""

    source_name = "audio_packed"

    def with_pictures(self, size: int) -> Path:
        """A copy of the source, each audio segment with a picture of so many bytes in its tag."""
        copy = self.folder / f"copy{size}"
        shutil.copytree(self.source.path.parent, copy)
        picture = self.folder / "picture.jpg"
        subprocess.run(["ffmpeg", "-v", "error", "-nostdin", "-y", "-f", "lavfi", "-i", "testsrc=s=320x240",
                        "-frames:v", "1", picture], check=True)
        content = b"\0image/jpeg\0\3\0" + picture.read_bytes().ljust(size, b"\0")
        frame = b"APIC" + _synchsafe(len(content)) + b"\0\0" + content
        for segment in (copy / "audio-en").glob("*.aac"):
            whole = segment.read_bytes()
            segment.write_bytes(whole[:6] + _synchsafe(_tag_size(whole) - 10 + len(frame)) + frame + whole[10:])
        return copy

    def test_beside_the_video_the_timestamp_is_found(self):
        for size in (100_000, 300_000, 3_000_000):
            copy = self.with_pictures(size)
            for start, end in ((0, 2), (5, 10)):
                with self.subTest(size=size, start=start):
                    self.assert_done(self.run_here(copy / self.source.path.name, "--start", start, "--end", end, *QUICK,
                                                   "-o", self.clip, "--force"))
                    measure.check_exact(self, measure.measure(self.clip), self.source, start, end)

    def test_alone_the_timestamp_is_found_and_the_picture_is_no_video(self):
        for size in (100_000, 300_000, 3_000_000):
            copy = self.with_pictures(size)
            for start, end in ((1, 2), (5, 10)):
                with self.subTest(size=size, start=start):
                    clip = self.out / "clip.m4a"
                    self.assert_done(self.run_here(copy / "audio-en/index.m3u8", "--start", start, "--end", end, "-o",
                                                   clip, "--force"))
                    measured = measure.measure(clip)
                    self.assertEqual([track.kind for track in measured.movie.tracks], ["soun"])
                    # Time 0 is the first sample, which is the encoder's priming.
                    for error in measure.audio_errors(measured, self.source, start - 1024 / 48000):
                        self.assertIsNotNone(error)
                        self.assertLess(abs(error), measure.SYNC_BOUND_MS)


class PackedAc3(Workplace):
    """Packed audio whose frames' borders are lost where anything stands between them."""

    source_name = "audio_packed"
    frames, frame = 90, 768  # of a segment; bytes of each, which is 1536 samples at 48 kHz
    late = (1024 + 256) / 48000  # the source's priming, and the AC-3 encoder's

    def test_segments_follow_one_another_in_sync(self):
        segments = [file.read_bytes() for file in sorted((self.source.path.parent / "audio-en").glob("*.aac"))]
        bare = b"".join(segment[_tag_size(segment):] for segment in segments)
        done = subprocess.run(["ffmpeg", "-v", "error", "-f", "aac", "-i", "-", "-c:a", "ac3", "-b:a", "192k",
                               "-f", "ac3", "-"], input=bare, capture_output=True, check=True)
        size, playlist = self.frames * self.frame, "#EXTM3U\n#EXT-X-TARGETDURATION:3\n"
        for k in range(5):
            timestamp = 900_000 + k * self.frames * 1536 * 90 // 48
            tag = segments[0][:_tag_size(segments[0]) - 8] + timestamp.to_bytes(8, "big")
            (self.folder / f"{k}.ac3").write_bytes(tag + done.stdout[k * size:(k + 1) * size])
            playlist += f"#EXTINF:{self.frames * 1536 / 48000},\n{k}.ac3\n"
        (self.folder / "index.m3u8").write_text(playlist + "#EXT-X-ENDLIST\n")
        clip = self.out / "clip.m4a"
        self.assert_done(self.run_here(self.folder / "index.m3u8", "--start", "2", "--end", "13", "-o", clip))
        for error in measure.audio_errors(measure.measure(clip), self.source, 2 - self.late):
            self.assertIsNotNone(error)
            self.assertLess(abs(error), measure.SYNC_BOUND_MS)


class WarmUp(Workplace):
    """Recordings in codecs whose decoder needs more than a frame before it sounds right."""

    first_piece = 0.010  # seconds
    resembles = 0.95     # an encoder's own damage is less than that; a cold decoder's is more

    def test_a_cut_from_a_segments_beginning_sounds_right_at_once(self):
        for name in ("he_aac", "mp3"):
            source = sources.ensure(name)
            for segment in source.segments[1:]:
                start = source.time(segment["first_frame"])
                with self.subTest(name, start=start):
                    self.assert_done(self.run_here(source.path, "--start", f"{start:.6f}", "--duration", "0.5", *QUICK,
                                                   "-o", self.clip, "--force"))
                    heard = signals.locate(measure.measure(self.clip).audio_at(0, self.first_piece), start)
                    self.assertIsNotNone(heard)
                    self.assertGreater(heard.resemblance, self.resembles)
                    self.assertLess(abs(heard.error), measure.SYNC_BOUND_MS)


def _tag_size(segment: bytes) -> int:
    return 10 + sum(byte << shift for byte, shift in zip(segment[6:10], (21, 14, 7, 0)))


def _synchsafe(size: int) -> bytes:
    return bytes(size >> shift & 0x7F for shift in (21, 14, 7, 0))


if __name__ == "__main__":
    unittest.main()
