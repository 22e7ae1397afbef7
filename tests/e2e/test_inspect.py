"""Tests of --inspect: canonical JSON of bare playlists, what a recording's folder adds, and the table for people."""

import json
import shutil
import sys
import unittest
from pathlib import Path

from workplace import Workplace

MEDIA = """#EXTM3U
#EXT-X-VERSION:7
#EXT-X-TARGETDURATION:6
#EXT-X-MEDIA-SEQUENCE:9007199254740993
#EXT-X-DISCONTINUITY-SEQUENCE:3
#EXT-X-PLAYLIST-TYPE:EVENT
#EXT-X-MAP:URI="init.mp4",BYTERANGE="800@0"
#EXT-X-PROGRAM-DATE-TIME:2024-02-29T23:59:59.500+01:00
#EXTINF:5.005005,first, with a comma
#EXT-X-BYTERANGE:1000@800
all.mp4
#EXTINF:6,
#EXT-X-BYTERANGE:500
all.mp4
#EXT-X-KEY:METHOD=AES-128,URI="https://keys/1?a=b",IV=0x0123456789ABCDEF0123456789abcdef
#EXT-X-DISCONTINUITY
#EXTINF:0.5
b%20c.ts?x=1
#EXT-X-KEY:METHOD=SAMPLE-AES,URI="skd://k",KEYFORMAT="identity"
#EXTINF:1,\u00fc \u4e09 "quoted" \\
b.ts
#EXT-X-KEY:METHOD=NONE
#EXT-X-MAP:URI="other.mp4"
#EXT-X-GAP
#EXTINF:2.25,
http://host/d.ts
"""

MULTIVARIANT = """#EXTM3U
#EXT-X-VERSION:4
#EXT-X-INDEPENDENT-SEGMENTS
#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="aud",NAME="English",LANGUAGE="en",DEFAULT=YES,URI="audio/en.m3u8"
#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="aud",NAME="Deutsch",LANGUAGE="de",AUTOSELECT=YES,URI="audio/de.m3u8"
#EXT-X-MEDIA:TYPE=VIDEO,GROUP-ID="720p60",NAME="720p60",AUTOSELECT=NO,DEFAULT=NO
#EXT-X-STREAM-INF:BANDWIDTH=3422999,AVERAGE-BANDWIDTH=3000000,RESOLUTION=1280x720,FRAME-RATE=59.940,\
CODECS="avc1.4D401F,mp4a.40.2",VIDEO="720p60",AUDIO="aud",SUBTITLES="subs",NAME="HD"
720p60/playlist.m3u8
#EXT-X-STREAM-INF:BANDWIDTH=100
low.m3u8?token=1
#EXT-X-I-FRAME-STREAM-INF:BANDWIDTH=5,URI="iframes.m3u8"
"""


class InspectCase(Workplace):
    def write(self, text: str, name: str = "list.m3u8") -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    def inspect(self, *args: object) -> dict:
        done = self.momentcut(*args, "--inspect", "--json")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertEqual(done.stdout.count(b"\n"), 1)
        return json.loads(done.stdout)

    def table(self, *args: object) -> dict[str, str]:
        """The lines "name  value" of the text, and the whole of it under ""."""
        done = self.momentcut(*args, "--inspect")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        text = done.stdout.decode()
        rows = [line.split(None, 1) for line in text.splitlines() if line.strip()]
        return {"": text, **{row[0]: row[1] if len(row) > 1 else "" for row in rows}}


class MediaPlaylists(InspectCase):
    def test_a_bare_media_playlist_has_exactly_the_canonical_form(self):
        def segment(uri, duration, **others):
            return {"uri": uri, "duration": duration, "title": None, "byterange": None, "map": first_map, "key": None,
                    "discontinuity": False, "program_date_time": None, "gap": False, **others}
        first_map = {"uri": "init.mp4", "byterange": {"length": 800, "offset": 0}}
        self.assertEqual(self.inspect(self.write(MEDIA)), {
            "type": "media", "version": 7, "target_duration": 6, "media_sequence": 9007199254740993,
            "discontinuity_sequence": 3, "playlist_type": "EVENT", "endlist": False, "total_duration": 14.755005,
            "segments": [
                segment("all.mp4", 5.005005, title="first, with a comma", byterange={"length": 1000, "offset": 800},
                        program_date_time="2024-02-29T22:59:59.500Z"),
                segment("all.mp4", 6, byterange={"length": 500, "offset": 1800}),
                segment("b%20c.ts?…", 0.5, discontinuity=True,
                        key={"method": "AES-128", "uri": "https://keys/1?…",
                             "iv": "0x0123456789ABCDEF0123456789abcdef"}),
                segment("b.ts", 1, title='\u00fc \u4e09 "quoted" \\',
                        key={"method": "SAMPLE-AES", "uri": "skd://k", "iv": None}),
                segment("http://host/d.ts", 2.25, gap=True, map={"uri": "other.mp4", "byterange": None})]})

    def test_the_order_of_members_is_fixed(self):
        done = self.momentcut(self.write(MEDIA), "--inspect", "--json")
        pairs = json.loads(done.stdout, object_pairs_hook=list)
        self.assertEqual([name for name, _ in pairs], ["type", "version", "target_duration", "media_sequence",
                         "discontinuity_sequence", "playlist_type", "endlist", "total_duration", "segments"])
        self.assertEqual([name for name, _ in pairs[-1][1][0]], ["uri", "duration", "title", "byterange", "map", "key",
                         "discontinuity", "program_date_time", "gap"])

    def test_what_a_playlist_does_not_say_is_null_or_its_default(self):
        self.assertEqual(self.inspect(self.write("#EXTM3U\n#EXTINF:1\na.ts")), {
            "type": "media", "version": None, "target_duration": None, "media_sequence": 0, "discontinuity_sequence": 0,
            "playlist_type": None, "endlist": False, "total_duration": 1,
            "segments": [{"uri": "a.ts", "duration": 1, "title": None, "byterange": None, "map": None, "key": None,
                          "discontinuity": False, "program_date_time": None, "gap": False}]})

    def test_a_playlist_without_segments_is_inspected(self):
        found = self.inspect(self.write("#EXTM3U\n#EXT-X-PLAYLIST-TYPE:VOD\n#EXT-X-ENDLIST\n"))
        self.assertEqual((found["segments"], found["total_duration"], found["endlist"], found["playlist_type"]),
                         ([], 0, True, "VOD"))
        self.table(self.folder / "list.m3u8")

    def test_foreign_line_ends_marks_and_tags_do_no_harm(self):
        text = "\ufeff" + MEDIA.replace("\n", "\r\n") + "#EXT-X-CUE-OUT:DURATION=30\r\n#EXT-FOREIGN\r\n# comment\r\n"
        path = self.folder / "windows.m3u8"
        path.write_bytes(text.encode())
        self.assertEqual(self.inspect(path), self.inspect(self.write(MEDIA)))

    def test_bytes_that_are_no_utf8_do_no_harm(self):
        path = self.folder / "latin.m3u8"
        path.write_bytes(b"#EXTM3U\n#EXTINF:1,caf\xe9\ncaf\xe9.ts\n")
        self.assertEqual(self.inspect(path)["segments"][0]["uri"], "caf\ufffd.ts")
        self.table(path)

    def test_ten_thousand_segments_sum_up_exactly(self):
        text = "#EXTM3U\n" + "".join(f"#EXTINF:0.1,\n{i}.ts\n" for i in range(10_000))
        found = self.inspect(self.write(text))
        self.assertEqual((len(found["segments"]), found["total_duration"]), (10_000, 1000))


class MultivariantPlaylists(InspectCase):
    CANONICAL = {
        "type": "multivariant",
        "variants": [
            {"uri": "720p60/playlist.m3u8", "bandwidth": 3422999, "average_bandwidth": 3000000,
             "resolution": {"width": 1280, "height": 720}, "frame_rate": 59.94, "codecs": "avc1.4D401F,mp4a.40.2",
             "name": "HD", "audio": "aud", "video": "720p60", "subtitles": "subs"},
            {"uri": "low.m3u8?…", "bandwidth": 100, "average_bandwidth": None, "resolution": None,
             "frame_rate": None, "codecs": None, "name": None, "audio": None, "video": None, "subtitles": None}],
        "media": [
            {"type": "AUDIO", "group_id": "aud", "name": "English", "language": "en", "default": True,
             "autoselect": True, "uri": "audio/en.m3u8"},
            {"type": "AUDIO", "group_id": "aud", "name": "Deutsch", "language": "de", "default": False,
             "autoselect": True, "uri": "audio/de.m3u8"},
            {"type": "VIDEO", "group_id": "720p60", "name": "720p60", "language": None, "default": False,
             "autoselect": False, "uri": None}]}

    def test_a_bare_multivariant_playlist_has_exactly_the_canonical_form(self):
        self.assertEqual(self.inspect(self.write(MULTIVARIANT)), self.CANONICAL)

    def test_its_table_needs_its_renditions_no_more_than_its_json(self):
        text = self.table(self.write(MULTIVARIANT))[""]
        self.assertRegex(text, r"HD +1280x720 +59.94 +3422999 +avc1.4D401F,mp4a.40.2\n")
        self.assertRegex(text, r"Deutsch +audio +- +- +de\n")

    def test_a_rendition_asked_for_is_added(self):
        self.write("#EXTM3U\n#EXTINF:1.5,\na.ts\n#EXT-X-ENDLIST\n", "low.m3u8")
        found = self.inspect(self.write(MULTIVARIANT), "-r", "low")
        self.assertEqual(list(found), ["source", "recording", "playlist_path", "playlist", "rendition"])
        self.assertEqual(found["playlist"], self.CANONICAL)
        self.assertEqual(found["rendition"]["playlist"]["total_duration"], 1.5)
        self.assertEqual(Path(found["rendition"]["playlist_path"]), self.folder / "low.m3u8")

    def test_a_rendition_asked_for_must_be_there(self):
        playlist = self.write(MULTIVARIANT)
        for json_or_not in ((), ("--json",)):
            self.assert_refused(self.momentcut(playlist, "--inspect", "-r", "HD", *json_or_not), 66,
                                "720p60/playlist.m3u8.*missing")


class Recordings(InspectCase):
    source_name = "ivs_recording"

    def test_a_folder_adds_the_recording_around_its_playlist(self):
        found = self.inspect(self.source.path)
        self.assertEqual(list(found), ["source", "recording", "playlist_path", "playlist", "rendition"])
        self.assertEqual(found["source"], str(self.source.path))
        self.assertEqual(found["recording"], {
            "id": "EyEKX6dRDP81", "state": "ended", "started_at": "2020-08-03T16:21:25.000Z",
            "ended_at": "2020-08-03T16:21:57.412Z", "duration": 30,
            "channel_arn": "arn:aws:ivs:us-west-2:081957680644:channel/W2qj91sl5VDK"})
        self.assertEqual(found["playlist_path"], str(self.source.path / "media/hls/master.m3u8"))
        self.assertEqual(found["playlist"]["type"], "multivariant")
        videos = [variant["video"] for variant in found["playlist"]["variants"]]
        self.assertEqual(videos, ["720p60", "480p30", "160p30"])
        rendition = found["rendition"]
        self.assertEqual(rendition["name"], "720p60")
        self.assertEqual(rendition["playlist_path"], str(self.source.path / "media/hls/720p60/playlist.m3u8"))
        self.assertEqual(rendition["playlist"], self.inspect(self.source.renditions["720p60"].playlist))
        self.assertEqual(rendition["playlist"]["segments"][1]["program_date_time"], "2020-08-03T16:21:37.412Z")

    def test_a_folder_with_a_media_playlist_alone(self):
        folder = self.source.renditions["480p30"].playlist.parent
        found = self.inspect(folder)
        self.assertEqual(found["playlist"], self.inspect(folder / "playlist.m3u8"))
        self.assertEqual(found["rendition"]["playlist"], found["playlist"])
        self.assertEqual((found["rendition"]["name"], found["recording"]["id"]), ("480p30", "480p30"))
        self.assertIsNone(found["recording"]["state"])

    def test_the_table_tells_what_people_ask(self):
        rows = self.table(self.source.path, "-r", "480p")
        text = rows[""]
        for line in (r"RENDITION +RESOLUTION +FPS +BANDWIDTH +CODECS", r"720p60 +1280x720 +60 +3422999 +avc1",
                     r"480p30 +852x480 +30 +1427999", r"160p30 +284x160 +30 +230000"):
            self.assertRegex(text, line)
        self.assertEqual((rows["rendition"], rows["duration"], rows["segments"], rows["target"], rows["state"]),
                         ("480p30", "0:00:30 (30 s)", "3", "10 s", "ended"))
        self.assertEqual(rows["dates"], "2020-08-03T16:21:27.412Z to 2020-08-03T16:21:57.412Z")
        self.assertEqual(rows["encryption"], "none")
        self.assertNotRegex(text, r" \n", "blanks at the end of a line")

    def test_a_recording_that_only_started_is_live(self):
        copy = self.folder / "rec"
        shutil.copytree(self.source.renditions["160p30"].playlist.parent, copy)
        shutil.copytree(self.source.path / "events", copy / "events")
        (copy / "events/recording-ended.json").unlink()
        self.assertEqual(self.inspect(copy)["recording"]["state"], "live")
        self.assertEqual(self.table(copy)["state"], "live")

    def test_a_table_does_not_pass_on_what_would_steer_a_terminal(self):
        self.write("#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1,NAME=\"x\u009b31m\"\na.m3u8\n", "rec/master.m3u8")
        done = self.momentcut(self.folder / "rec", "--inspect")
        self.assert_refused(done, 65, "master.m3u8:2")
        done = self.momentcut("gone\x1b[31m", "--inspect")
        self.assert_refused(done, 66, "gone")
        self.assertNotIn("\x1b", done.stderr)


class Failures(InspectCase):
    def test_exit_codes_tell_what_is_wrong(self):
        for args, code in ((("gone.m3u8",), 66), ((self.write("not a playlist", "bad.m3u8"),), 65),
                           ((self.out,), 66), (("http://127.0.0.1:9/x.m3u8", "--retries", "0"), 75),
                           ((self.write("#EXTM3U\n#EXTINF:x\na\n", "worse.m3u8"),), 65)):
            for form in ((), ("--json",)):
                with self.subTest(args, form=form):
                    self.assert_refused(self.momentcut(*args, "--inspect", *form), code)

    def test_inspecting_needs_no_temporary_folder_and_no_times(self):
        done = self.momentcut(self.source.path, "--inspect", env={"TMPDIR": "/nonexistent", "MOMENTCUT_START": "x"})
        self.assertEqual((done.returncode, done.stderr), (0, ""))


class Secrets(Workplace):
    """What signs a URI in a playlist is shown to nobody."""

    def test_signatures_of_segments_and_variants_are_not_shown(self):
        secret = "X-Amz-Signature=5ec7e75ec7e7"
        media = (f'#EXTM3U\n#EXT-X-TARGETDURATION:4\n#EXT-X-KEY:METHOD=AES-128,URI="k?{secret}"\n'
                 f'#EXT-X-MAP:URI="i.mp4?{secret}"\n#EXTINF:4,\n0.mp4?{secret}\n#EXT-X-ENDLIST\n')
        (self.folder / "low.m3u8").write_text(media)
        (self.folder / "a.m3u8").write_text(media)
        (self.folder / "m.m3u8").write_text(
            f'#EXTM3U\n#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="a",NAME="x",URI="a.m3u8?{secret}"\n'
            f'#EXT-X-STREAM-INF:BANDWIDTH=1,AUDIO="a"\nlow.m3u8?{secret}\n')
        for words in (("m.m3u8",), ("m.m3u8", "--json"), ("low.m3u8",), ("low.m3u8", "--json"),
                      ("m.m3u8", "--json", "-r", "best")):
            with self.subTest(words=words):
                done = self.run_here(*words, "--inspect")
                self.assertEqual(done.returncode, 0, done.stderr)
                self.assertNotIn("5ec7e7", done.stdout.decode() + done.stderr)


if __name__ == "__main__":
    unittest.main(argv=sys.argv)
