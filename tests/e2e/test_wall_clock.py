"""Tests of times by the clock on the wall, which EXT-X-PROGRAM-DATE-TIME maps to the recording's."""

import json
import subprocess
import unittest
from datetime import datetime, timedelta, timezone

import ivs
import measure
import sources
from workplace import QUICK, Workplace


def at(seconds: float, zone: timezone = timezone.utc) -> str:
    """The date of a moment of the IVS recording."""
    return (ivs.FIRST_FRAME_AT + timedelta(seconds=seconds)).astimezone(zone).isoformat().replace("+00:00", "Z")


class WallCase(Workplace):
    source_name = "ivs_recording"

    def setUp(self) -> None:
        super().setUp()
        self.small = self.source.renditions["160p30"]

    def cut(self, *args: object) -> subprocess.CompletedProcess:
        return self.run_here(self.source.path, "-r", "160p30", *QUICK, "-o", self.clip, "--json", *args)

    def check(self, done: subprocess.CompletedProcess, start: float, end: float) -> dict:
        self.assert_done(done)
        measure.check_exact(self, measure.measure(self.clip), self.small, start, end)
        return json.loads(done.stdout)


class Dates(WallCase):
    def test_a_date_is_the_moment_of_the_recording(self):
        receipt = self.check(self.cut("--start", at(9.5), "--end", at(11)), 9.5, 11)
        self.assertEqual(receipt["requested"], {"start": 9.5, "end": 11.0})
        utc = {key: datetime.fromisoformat(value.replace("Z", "+00:00")) for key, value in receipt["utc"].items()}
        self.assertEqual(utc, {"start": ivs.FIRST_FRAME_AT + timedelta(seconds=9.5),
                               "end": ivs.FIRST_FRAME_AT + timedelta(seconds=11)})

    def test_a_date_may_be_of_another_zone_and_meet_other_times(self):
        self.check(self.cut("--start", at(20, timezone(timedelta(hours=2))), "--duration", "1.5"), 20, 21.5)

    def test_the_end_of_the_recording_is_a_date(self):
        self.check(self.cut("--start", at(29), "--end", at(30)), 29, 30)

    def test_the_clip_says_when_it_was_made(self):
        self.assert_done(self.cut("--start", "10", "--end", "11"))
        probe = subprocess.run(["ffprobe", "-v", "error", "-show_entries", "format_tags=creation_time", "-of",
                                "csv=p=0", str(self.clip)], check=True, capture_output=True, text=True)
        made = ivs.FIRST_FRAME_AT + timedelta(seconds=10)
        self.assertEqual(probe.stdout.strip()[:19], made.strftime("%Y-%m-%dT%H:%M:%S"))


class Refusals(WallCase):
    def test_a_date_without_a_zone_is_nobody_s(self):
        self.assert_refused(self.cut("--start", at(9).rstrip("Z"), "--duration", "1"), 64,
                            "does not say in which time zone; add Z for UTC")

    def test_a_date_that_is_not_covered_is_told_with_the_nearest(self):
        self.assert_refused(self.cut("--start", at(-60), "--duration", "1"), 66,
                            f"is not in the recording; the nearest times that it covers are from {at(0)[:19]}")
        self.assert_refused(self.cut("--start", at(90), "--duration", "1"), 66,
                            f"is not in the recording; the nearest times that it covers are up to {at(30)[:19]}")

    def test_a_recording_without_dates_has_none(self):
        done = self.run_here(sources.ensure("cfr30").path, "--start", at(9), "--duration", "1", *QUICK, "-o", self.clip)
        self.assert_refused(done, 66, "the recording has no dates")


class Runs(Workplace):
    """Runs with a date each, and time between them that nobody recorded."""

    source_name = "fmp4_runs"

    def test_a_date_is_told_from_its_own_run(self):
        for run in self.source.runs:
            with self.subTest(run=run["first_segment"]):
                first = self.source.time(run["first_frame"])
                begun = datetime.fromisoformat(run["wall_clock"].replace("Z", "+00:00"))
                start = (begun + timedelta(seconds=2)).isoformat()
                done = self.run_here(self.source.path, "--start", start, "--duration", "1.5", *QUICK, "-o", self.clip,
                                     "--force")
                self.assert_done(done)
                measure.check_exact(self, measure.measure(self.clip), self.source, round(first + 2, 6),
                                    round(first + 3.5, 6))

    def test_a_date_between_two_runs_is_told_with_both(self):
        run = self.source.runs[1]
        begun = datetime.fromisoformat(run["wall_clock"].replace("Z", "+00:00"))
        done = self.run_here(self.source.path, "--start", (begun - timedelta(seconds=1)).isoformat(), "--duration",
                             "1", *QUICK, "-o", self.clip)
        self.assert_refused(done, 66, "the nearest times that it covers are up to .* and from .* on")


if __name__ == "__main__":
    unittest.main()
