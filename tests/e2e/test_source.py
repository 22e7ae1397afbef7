"""Tests of where momentcut finds a recording: folders, events, playlists, settings, segments, renditions."""

import json
import os
import shutil
import sys
import unittest
from pathlib import Path
from urllib.parse import quote

import measure
import momentcut
import sources
from mp4 import read_movie
from workplace import MOMENT, NOBODY, QUICK, Workplace

MEDIA = "#EXTM3U\n#EXT-X-TARGETDURATION:4\n#EXTINF:4,\nseg000.ts\n#EXT-X-ENDLIST\n"


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def event(playlist: str = "main.m3u8", folder: str = "odd/place", renditions: list | None = None) -> str:
    return json.dumps({"recording_status": "RECORDING_ENDED",
                       "media": {"hls": {"path": folder, "playlist": playlist, "renditions": renditions or []}}})


class Folders(Workplace):
    """A recording's folder is resolved in a documented order; --inspect tells what was found."""

    def setUp(self):
        super().setUp()
        self.recording = self.folder / "rec"
        self.recording.mkdir()

    def found(self, *args: object) -> str:
        done = self.momentcut(self.recording, "--inspect", "--json", *args)
        self.assertEqual(done.returncode, 0, done.stderr)
        return os.path.relpath(json.loads(done.stdout)["playlist_path"], self.recording)

    def check_order(self, places: list[str], *args: object) -> None:
        """Each place is found once those before it are gone."""
        for place in places:
            write(self.recording / place, MEDIA)
        for place in places:
            with self.subTest(place):
                self.assertEqual(self.found(*args), place)
            (self.recording / place).unlink()

    def test_places_in_a_folder_are_tried_in_the_documented_order(self):
        write(self.recording / "events/recording-ended.json", event())
        self.check_order(["odd/place/main.m3u8", "media/hls/master.m3u8", "master.m3u8", "playlist.m3u8",
                          "whatever.m3u8"])

    def test_a_rendition_name_adds_its_own_folders_to_the_order(self):
        self.check_order(["media/hls/720p60/playlist.m3u8", "720p60/playlist.m3u8"], "-r", "720p60")

    def test_a_master_playlist_goes_before_the_folder_of_a_rendition(self):
        write(self.recording / "media/hls/720p60/playlist.m3u8", MEDIA)
        write(self.recording / "media/hls/master.m3u8",
              "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\n720p60/playlist.m3u8\n")
        self.assertEqual(self.found("-r", "720p60"), "media/hls/master.m3u8")

    def test_an_ended_event_goes_before_one_that_started(self):
        for name in ("started", "ended"):
            write(self.recording / f"events/recording-{name}.json", event(f"{name}.m3u8", "x"))
            write(self.recording / f"x/{name}.m3u8", MEDIA)
        self.assertEqual(self.found(), "x/ended.m3u8")

    def test_an_event_names_a_rendition_where_there_is_no_master_playlist(self):
        write(self.recording / "events/recording-ended.json",
              event("gone.m3u8", renditions=[{"path": "high", "playlist": "video.m3u8"}]))
        write(self.recording / "odd/place/high/video.m3u8", MEDIA)
        self.assertEqual(self.found("-r", "high"), "odd/place/high/video.m3u8")

    def test_two_playlists_of_no_known_name_are_no_recording(self):
        write(self.recording / "a.m3u8", MEDIA)
        write(self.recording / "b.m3u8", MEDIA)
        self.assert_refused(self.momentcut(self.recording, *MOMENT), 66, "no recording in .*rec")

    def test_an_empty_folder_is_no_recording(self):
        self.assert_refused(self.momentcut(self.recording, *MOMENT), 66, "no recording in .*rec.*playlist.m3u8")

    def test_an_event_that_is_no_json_is_named(self):
        write(self.recording / "events/recording-ended.json", "{")
        self.assert_refused(self.momentcut(self.recording, *MOMENT), 65, "recording-ended.json")

    def test_an_event_that_points_out_of_the_recording_is_refused(self):
        write(self.folder / "secret/main.m3u8", MEDIA)
        for folder in ("../secret", str(self.folder / "secret")):
            write(self.recording / "events/recording-ended.json", event(folder=folder))
            with self.subTest(folder):
                self.assert_refused(self.momentcut(self.recording, *MOMENT), 65, "leaves the recording")

    def test_a_trailing_slash_and_dots_change_nothing(self):
        write(self.recording / "playlist.m3u8", MEDIA)
        for name in ("rec", "rec/", "./rec/.", "rec/../rec"):
            with self.subTest(name):
                done = self.momentcut(name, "--inspect", "--json")
                self.assertEqual(done.returncode, 0, done.stderr)
                self.assertEqual(json.loads(done.stdout)["recording"]["id"], "rec")


class WaysToGive(Workplace):
    """SOURCE, $MOMENTCUT_SOURCE, the configuration and the working folder, the first one winning."""

    def found(self, *args: object, cwd: Path | None = None, **env: str) -> str:
        done = self.momentcut("--inspect", "--json", "-r", "best", *args, env=env, cwd=cwd or self.folder)
        self.assertEqual(done.returncode, 0, done.stderr)
        return Path(json.loads(done.stdout)["playlist_path"]).stem

    def setUp(self):
        super().setUp()
        self.places = {name: write(self.folder / f"{name}.m3u8", MEDIA) for name in ("given", "variable", "configured")}
        self.config = write(self.folder / "config.toml", f'source = "{self.places["configured"]}"\n')
        self.here = self.folder / "here"
        write(self.here / "playlist.m3u8", MEDIA)

    def test_the_nearest_one_wins(self):
        variable = {"MOMENTCUT_SOURCE": str(self.places["variable"])}
        config = {"MOMENTCUT_CONFIG": str(self.config)}
        self.assertEqual(self.found(self.places["given"], cwd=self.here, **variable, **config), "given")
        self.assertEqual(self.found(cwd=self.here, **variable, **config), "variable")
        self.assertEqual(self.found(cwd=self.here, **config), "configured")
        self.assertEqual(self.found(cwd=self.here), "playlist")

    def test_without_any_one_line_names_all_ways_to_give_one(self):
        for args in (MOMENT, ("--inspect",)):
            with self.subTest(args):
                done = self.momentcut(*args, cwd=self.out)
                self.assert_refused(done, 66, "no source")
                for way in ("SOURCE", "MOMENTCUT_SOURCE", "config file", "folder"):
                    self.assertIn(way, done.stderr)

    def test_a_source_that_is_not_there_is_named(self):
        for args, env in ((("gone/x.m3u8",), {}), ((), {"MOMENTCUT_SOURCE": "gone/x.m3u8"})):
            self.assert_refused(self.momentcut(*args, *MOMENT, env=env), 66, "gone/x.m3u8")

    def test_a_name_that_is_too_long_is_not_there(self):
        self.assert_refused(self.momentcut("x" * 5000, *MOMENT), 66, "too long")

    def test_a_file_url_is_a_file(self):
        odd = write(self.folder / "odd name.m3u8", MEDIA)
        self.assertEqual(self.found("file://" + quote(str(odd))), "odd name")

    def test_a_name_with_a_leading_dash_is_a_source_after_two_dashes(self):
        shutil.copy(self.places["given"], self.folder / "-dash.m3u8")
        self.assertEqual(self.found("--", "-dash.m3u8"), "-dash")

    def test_sources_where_nobody_answers_are_named_without_their_secrets(self):
        # Port 9 discards; nobody listens there.
        for url in ("http://127.0.0.1:9/x.m3u8", "HTTPS://127.0.0.1:9/x",
                    "https://127.0.0.1:9/x.m3u8?X-Amz-Credential=AKIDHIDDEN&X-Amz-Signature=5ec7e7",
                    "https://user:5ec7e7@127.0.0.1:9/x.m3u8"):
            for args, env in (((url,), {}), ((), {"MOMENTCUT_SOURCE": url})):
                with self.subTest(url, env=env):
                    done = self.momentcut(*args, *MOMENT, "--retries", "0", env={"no_proxy": "*", **env})
                    self.assert_refused(done, 75, "(?i)127.0.0.1:9/x")
                    self.assertNotIn("5ec7e7", done.stderr)

    def test_another_scheme_is_refused(self):
        self.assert_refused(self.momentcut("rtmp://host/x", *MOMENT), 64, "rtmp://host/x.*http, https or s3")

    def test_waiting_for_a_pipe_to_be_read_can_be_interrupted(self):
        fifo = self.folder / "fifo.m3u8"
        os.mkfifo(fifo)
        process = self.start(fifo, *MOMENT, "--progress", "json")
        self.wait_for_line(process.stderr, '"source"')
        process.terminate()
        process.wait(timeout=10)  # or it refuses what is no regular file, which is as good
        self.assertIn(process.returncode, (-15, 65, 66))


@unittest.skipUnless(os.geteuid() == 0, "needs root, to be another user")
class Permissions(Workplace):
    """What a user may not read is told apart from what is not there."""

    def setUp(self):
        super().setUp()
        shutil.copy(momentcut.binary(), self.folder / "program")
        self.copy = self.copied_source()

    def as_nobody(self, *args: object, **options):
        self.tmp.chmod(0o777)
        self.out.chmod(0o777)
        return self.finish(self.start(*args, user=NOBODY, group=NOBODY, extra_groups=[],
                                      program=self.folder / "program", **options))

    def test_a_playlist_that_may_not_be_read_is_a_matter_of_permission(self):
        (self.copy / "index.m3u8").chmod(0)
        self.assert_refused(self.as_nobody(self.copy / "index.m3u8", *MOMENT), 77, "index.m3u8.*Permission denied")

    def test_a_segment_that_may_not_be_read_is_a_matter_of_permission(self):
        (self.copy / "seg001.ts").chmod(0)
        done = self.as_nobody(self.copy / "index.m3u8", *MOMENT, "-o", self.clip)
        self.assert_refused(done, 77, "seg001.ts.*Permission denied")

    def test_a_folder_that_may_not_be_entered_is_a_matter_of_permission(self):
        self.copy.chmod(0)
        for source in (self.copy / "index.m3u8", self.copy):
            with self.subTest(source):
                self.assert_refused(self.as_nobody(source, *MOMENT), 77, "copy.*Permission denied")

    def test_a_source_that_may_only_be_read_is_enough(self):
        for path in (*self.copy.iterdir(), self.copy):
            path.chmod(0o555 if path.is_dir() else 0o444)
        done = self.as_nobody(self.copy / "index.m3u8", *MOMENT, *QUICK, "-o", self.clip)
        self.assert_done(done)
        self.assertEqual(done.stdout.decode(), f"{self.clip}\n")


class References(Workplace):
    """How a playlist may name its segments."""

    def plan(self, playlist: Path, *moment: str) -> dict:
        done = self.run_here(playlist, *(moment or MOMENT), "--dry-run", "--json")
        self.assertEqual(done.returncode, 0, done.stderr)
        return json.loads(done.stdout)

    def renamed(self, folder: Path, names: list[tuple[str, str]]) -> Path:
        """A copy of the source whose segments have these names and are referred to by these words."""
        folder.mkdir(parents=True, exist_ok=True)
        text = self.source.playlist.read_text()
        for segment, (name, word) in zip(self.source.segment_files(), names, strict=True):
            shutil.copy(segment, folder / name)
            text = text.replace(segment.name, word)
        return write(folder / "index.m3u8", text)

    def test_segments_may_be_named_in_every_customary_way(self):
        folder = self.folder / "rec"
        playlist = self.renamed(folder, [
            ("one segment.ts", "one%20segment.ts"), ("two segment.ts", "two segment.ts"),
            ("drei-ü-三.ts", "drei-ü-三.ts"), ("vier-ü.ts", "vier-%C3%BC.ts"),
            ("five.ts", "five.ts?token=a/b&expires=1"), ("six.ts", str(folder / "six.ts"))])
        plan = self.plan(playlist, "--start", "0", "--end", "end")
        self.assertEqual((plan["frames"], plan["actual"]), (720, {"start": 0, "end": 24}))

    def test_a_file_that_has_the_very_name_goes_before_the_decoded_one(self):
        playlist = self.renamed(self.folder / "rec", [
            ("0%20.ts", "0%20.ts"), ("1?x=1", "1?x=1"), ("100%.ts", "100%.ts"), ("c:d.ts", "c:d.ts"),
            ("-4.ts", "-4.ts"), ("it's \"5\".ts", "it's \"5\".ts")])
        write(self.folder / "rec" / "0 .ts", "not this one")
        write(self.folder / "rec" / "1", "nor this one")
        self.assertEqual(self.plan(playlist, "--start", "0", "--end", "end")["frames"], 720)

    def test_a_folder_with_an_odd_name_does_not_disturb_references(self):
        for name in ("50%25 off", "what?", "it's #1: \"go\" $HOME ;ls", "\u00fc\u4e09", "-x"):
            with self.subTest(name):
                playlist = self.renamed(self.folder / name, [
                    ("a b.ts", "a%20b.ts"), ("b.ts", "b.ts?token=1"), *[(f"{i}.ts", f"{i}.ts") for i in range(2, 6)]])
                self.assertEqual(self.plan(playlist)["frames"], 30)

    def test_references_lead_through_folders(self):
        playlist = self.renamed(self.folder / "rec" / "lists", [(f"{i}.ts", f"../media/{i}.ts") for i in range(6)])
        (self.folder / "rec/media").mkdir()
        for i in range(6):
            (self.folder / f"rec/lists/{i}.ts").rename(self.folder / f"rec/media/{i}.ts")
        self.assertEqual(self.plan(playlist)["frames"], 30)

    def test_byte_ranges_of_one_file_are_cut_as_the_segments_are(self):
        folder = self.folder / "ranges"
        folder.mkdir()
        text, offset = self.source.playlist.read_text().replace("VERSION:3", "VERSION:4"), 0
        with (folder / "all.ts").open("wb") as whole:
            for index, segment in enumerate(self.source.segment_files()):
                size = whole.write(segment.read_bytes())
                # Every second range goes without its offset: it begins where the one before ends.
                at = f"@{offset}" if index % 2 == 0 else ""
                text = text.replace(segment.name, f"#EXT-X-BYTERANGE:{size}{at}\nall.ts")
                offset += size
        playlist = write(folder / "index.m3u8", text)
        clips = []
        for name, source in (("ranges.mp4", playlist), ("segments.mp4", self.source.path)):
            self.assert_done(self.run_here(source, "--start", "7.5", "--end", "8.7", *QUICK, "-o", self.out / name))
            clips.append((self.out / name).read_bytes())
        measure.check_exact(self, measure.measure(self.out / "ranges.mp4"), self.source, 7.5, 8.7)
        self.assertEqual(clips[0], clips[1])

    def test_a_byte_range_past_the_end_of_its_file_is_refused(self):
        copy = self.copied_source()
        playlist = copy / "index.m3u8"
        size = (copy / "seg001.ts").stat().st_size
        playlist.write_text(playlist.read_text().replace("seg001.ts", f"#EXT-X-BYTERANGE:{size}@188\nseg001.ts"))
        self.assert_refused(self.cut_of(playlist), 65, r"index.m3u8:\d+: segment \"seg001.ts\" .*188 bytes.*range")

    def test_segments_under_a_scheme_nobody_speaks_are_refused(self):
        copy = self.copied_source()
        playlist = copy / "index.m3u8"
        playlist.write_text(playlist.read_text().replace("seg001.ts", "ftp://host/seg001.ts"))
        self.assert_refused(self.cut_of(playlist), 65, "index.m3u8:9: .*ftp://host/seg001.ts")

    def test_an_error_about_a_segment_keeps_its_secrets(self):
        whole = self.copied_source() / "index.m3u8"
        text = whole.read_text()
        for name in ("http://127.0.0.1:9/1.ts?X-Amz-Signature=5ec7e7", "gone.ts?X-Amz-Signature=5ec7e7"):
            with self.subTest(name):
                whole.write_text(text.replace("seg001.ts", name))
                done = self.run_here(whole, *MOMENT, *QUICK, "-o", self.clip, "--retries", "0", env={"no_proxy": "*"})
                self.assert_refused(done, 75 if "://" in name else 66, "index.m3u8:9: ")
                self.assertNotIn("5ec7e7", done.stderr)

    def cut_of(self, playlist: Path):
        return self.run_here(playlist, *MOMENT, *QUICK, "-o", self.clip)


class Renditions(Workplace):
    source_name = "ivs_recording"

    def chosen(self, wanted: str) -> str:
        done = self.momentcut(self.source.path, "--inspect", "--json", "-r", wanted)
        self.assertEqual(done.returncode, 0, done.stderr)
        return json.loads(done.stdout)["rendition"]["name"]

    def test_renditions_are_chosen_by_rank_name_height_and_rate(self):
        for wanted, name in {"best": "720p60", "worst": "160p30", "720p60": "720p60", "480p30": "480p30",
                             "480p": "480p30", "160p": "160p30", "720p": "720p60"}.items():
            with self.subTest(wanted):
                self.assertEqual(self.chosen(wanted), name)

    def test_a_rendition_that_does_not_exist_is_refused_with_a_list_of_those_that_do(self):
        for wanted in ("1080p", "720p30", "BEST", "../x", "nonsense\nline"):
            with self.subTest(wanted):
                done = self.momentcut(self.source.path, *MOMENT, "-r", wanted)
                self.assert_refused(done, 66, "no rendition")
                for name in ("720p60 (1280x720)", "480p30 (852x480)", "160p30 (284x160)", "best", "worst", "audio"):
                    self.assertIn(name, done.stderr)

    def test_a_media_playlist_has_no_other_rendition(self):
        playlist = self.source.renditions["480p30"].playlist
        self.assert_refused(self.momentcut(playlist, *MOMENT, "-r", "720p60"), 66, "720p60")

    def test_the_rendition_asked_for_is_the_one_cut(self):
        done = self.cut("-r", "480p", "--json")
        self.assert_done(done)
        self.assertEqual(json.loads(done.stdout)["rendition"], "480p30")
        video = read_movie(self.clip).track("vide")
        self.assertEqual((video.width, video.height, video.samples), (852, 480, 30))

    def test_the_working_folder_is_a_source_and_gives_the_name(self):
        done = self.run_here(*MOMENT, *QUICK, "-r", "worst", "-o", f"{self.out}/", cwd=self.source.path)
        self.assert_done(done)
        self.assertEqual(done.stdout.decode(), f"{self.out}/EyEKX6dRDP81-00h00m05s-00h00m06s.mp4\n")
        measure.check_exact(self, measure.measure(done.stdout.decode()[:-1]), self.source.renditions["160p30"], 5, 6)

    def test_a_folder_that_only_its_event_explains_is_cut(self):
        odd = self.folder / "odd"
        shutil.copytree(self.source.renditions["160p30"].playlist.parent, odd / "a b" / "low")
        write(odd / "events/recording-ended.json",
              event("the master.m3u8", "a b", [{"path": "low", "playlist": "playlist.m3u8"}]))
        write(odd / "a b" / "the master.m3u8",
              "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1,RESOLUTION=284x160\nlow/playlist.m3u8\n")
        done = self.run_here(odd, *MOMENT, *QUICK, "-o", self.clip)
        self.assert_done(done)
        measure.check_exact(self, measure.measure(self.clip), self.source.renditions["160p30"], 5, 6)

    def test_a_rendition_whose_playlist_is_missing_is_told_with_its_line(self):
        folder = self.folder / "rec"
        write(folder / "master.m3u8", "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\ngone/playlist.m3u8\n")
        self.assert_refused(self.momentcut(folder, *MOMENT), 66, r"master.m3u8:[23]: .*gone/playlist.m3u8.* is missing")


if __name__ == "__main__":
    sources.ensure("cfr30")
    unittest.main(argv=sys.argv)
