// Clips that are not what was promised.
#include "momentcut/cut/verify.hpp"

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include "cut/packets.hpp"
#include "print.hpp"

using namespace momentcut::cut;
using momentcut::core::TimeBase;

namespace {

constexpr std::int64_t kSecond = kSampleRate;

Stream audio_from(std::int64_t first_sample, std::int64_t samples) {
  Stream audio;
  audio.time_base = {1, kSampleRate};
  for (std::int64_t at = 0; at < samples; at += 1'024) {
    audio.packets.push_back({first_sample + at, first_sample + at,
                             std::min<std::int64_t>(1'024, samples - at), -1, true});
  }
  return audio;
}

// A second of 25 frames with its audio, as promised and as found.
const Expectation kPromised = [] {
  Expectation expected;
  for (std::int64_t i = 0; i < 25; ++i) expected.frames.push_back(i * kFrame);
  expected.audio_samples = kSecond;
  return expected;
}();

Probe good_clip() {
  Probe clip;
  clip.video = video_of(plain_frames(0, 25, 25));
  clip.audio = audio_from(0, kSecond);
  return clip;
}

RenderJob job_of(std::vector<Piece> pieces) {
  RenderJob job;
  job.pieces = std::move(pieces);
  return job;
}

std::string flaw_of(const Probe& clip, const Expectation& expected = kPromised) {
  const auto flaw = find_flaw(expected, clip);
  return flaw ? flaw->what : "none";
}

}  // namespace

TEST_CASE("a clip that is as promised has no flaw") {
  CHECK(flaw_of(good_clip()) == "none");
}

TEST_CASE("what is promised of a piece are its frames in the clip's own ticks") {
  Piece piece;
  piece.base = {1, 1'000};
  piece.first = 5'000;
  piece.end = 5'100;
  piece.timestamps = {5'000, 5'033, 5'067};
  const auto expected = expected_of(job_of({piece}));
  CHECK(expected.frames == std::vector<std::int64_t>{0, 2'970, 6'030});
  CHECK_FALSE(expected.audio_samples);
  piece.timestamps.clear();
  piece.audio = AudioCut{};
  CHECK(expected_of(job_of({piece})).audio_samples == 4'800);
  CHECK(expected_of(job_of({piece})).frames.empty());
}

TEST_CASE("the frames of each piece are promised from where the one before it ends") {
  Piece one;
  one.first = 900'000;
  one.end = 906'006;
  one.timestamps = {900'000, 903'003};
  Piece other;
  other.base = {1, 1'000};
  other.first = 70;
  other.end = 170;
  other.timestamps = {80, 120};  // its first frame comes after its beginning
  auto expected = expected_of(job_of({one, other, one}));
  CHECK(expected.frames == std::vector<std::int64_t>{0, 3'003, 6'906, 10'506, 15'006, 18'009});
  CHECK_FALSE(expected.audio_samples);
  // With audio in one of them the clip has audio from its beginning to its end.
  other.audio = AudioCut{};
  expected = expected_of(job_of({one, other, one}));
  CHECK(expected.audio_samples == 11'206);  // 21012 ticks are 11206.4
}

TEST_CASE("streams that are missing or that nobody asked for are flaws") {
  auto clip = good_clip();
  clip.video.reset();
  CHECK(flaw_of(clip) == "it has no video");
  clip = good_clip();
  clip.audio.reset();
  CHECK(flaw_of(clip) == "it has no audio");
  auto expected = kPromised;
  expected.frames.clear();
  CHECK(flaw_of(good_clip(), expected) == "it has video where none was to be");
  expected = kPromised;
  expected.audio_samples.reset();
  CHECK(flaw_of(good_clip(), expected) == "it has audio where none was to be");
  CHECK(flaw_of({}) == "it has no video");
  CHECK(flaw_of({}, {}) == "none");
}

TEST_CASE("a clip with a frame too many or too few is flawed") {
  auto clip = good_clip();
  clip.video->packets.push_back({25 * kFrame, 25 * kFrame, kFrame, -1, false});
  CHECK(flaw_of(clip) == "it has 26 frames where 25 were to be");
  CHECK_FALSE(find_flaw(kPromised, clip)->head_missing);
  clip = good_clip();
  clip.video->packets.clear();
  CHECK(flaw_of(clip) == "it has 0 frames where 25 were to be");
  clip.video->packets = plain_frames(0, 1, 1);
  CHECK(flaw_of(clip) == "it has 1 frame where 25 were to be");
}

TEST_CASE("frames that are missing at the beginning can be mended by an earlier start") {
  // As they are, and as the muxer moves them to time 0.
  for (const std::int64_t shift : {0, 3 * 3'600}) {
    auto clip = good_clip();
    auto& packets = clip.video->packets;
    packets.erase(packets.begin(), packets.begin() + 3);
    for (auto& packet : packets) packet.pts -= shift;
    const auto flaw = find_flaw(kPromised, clip);
    REQUIRE(flaw);
    CHECK(flaw->what == "it has 22 frames where 25 were to be");
    CHECK(flaw->head_missing);
  }
}

TEST_CASE("a clip without a single frame may be mended by an earlier start as well") {
  auto clip = good_clip();
  clip.video->packets.clear();
  CHECK(find_flaw(kPromised, clip)->head_missing);
  clip.video.reset();
  CHECK(find_flaw(kPromised, clip)->head_missing);
  auto expected = kPromised;
  expected.frames.clear();
  CHECK_FALSE(find_flaw(expected, good_clip())->head_missing);
}

TEST_CASE("frames that are missing in the middle cannot be mended by an earlier start") {
  auto clip = good_clip();
  clip.video->packets.erase(clip.video->packets.begin() + 10);
  const auto flaw = find_flaw(kPromised, clip);
  REQUIRE(flaw);
  CHECK(flaw->what == "it has 24 frames where 25 were to be");
  CHECK_FALSE(flaw->head_missing);
}

TEST_CASE("of frames of a variable rate, a missing end is not a missing beginning") {
  Expectation expected;
  expected.frames = {0, 3'600, 7'200, 20'000, 21'000};
  Probe clip;
  clip.video = video_of({{0, 0, 0, -1, true}, {3'600, 0, 0, -1, false}, {7'200, 0, 0, -1, false}});
  const auto flaw = find_flaw(expected, clip);
  REQUIRE(flaw);
  CHECK_FALSE(flaw->head_missing);
}

TEST_CASE("a frame at the wrong time is a flaw, one tick off is rounding") {
  auto clip = good_clip();
  clip.video->packets[7].pts += 1;
  CHECK(flaw_of(clip) == "none");
  clip.video->packets[7].pts -= 2;
  CHECK(flaw_of(clip) == "none");
  clip.video->packets[7].pts += 3;
  CHECK(flaw_of(clip) == "frame 7 is at 0.280022 s where it was to be at 0.28 s");
  clip = good_clip();
  for (auto& packet : clip.video->packets) packet.pts += kFrame;
  CHECK(flaw_of(clip) == "frame 0 is at 0.04 s where it was to be at 0 s");
  CHECK_FALSE(find_flaw(kPromised, clip)->head_missing);
}

TEST_CASE("frames in a clip's decoding order are compared in the order they are shown") {
  auto clip = good_clip();
  std::swap(clip.video->packets[3], clip.video->packets[5]);
  CHECK(flaw_of(clip) == "none");
}

TEST_CASE("a clip in another time base is compared in the same ticks") {
  auto clip = good_clip();
  clip.video->time_base = {1, 180'000};
  for (auto& packet : clip.video->packets) packet.pts *= 2;
  CHECK(flaw_of(clip) == "none");
}

TEST_CASE("audio may be off by what its coder primes and pads, and no more") {
  auto clip = good_clip();
  clip.audio = audio_from(-1'024, kSecond + 2'048);
  CHECK(flaw_of(clip) == "none");
  clip.audio = audio_from(-2'048, kSecond + 2'048);
  CHECK(flaw_of(clip) == "none");
  clip.audio = audio_from(0, kSecond - 2'048);
  CHECK(flaw_of(clip) == "none");
  clip.audio = audio_from(0, kSecond - 2'400);
  CHECK(flaw_of(clip) == "its audio ends -50 ms off");
  clip.audio = audio_from(0, kSecond + 2'400);
  CHECK(flaw_of(clip) == "its audio ends 50 ms off");
  clip.audio = audio_from(2'400, kSecond - 2'400);
  CHECK(flaw_of(clip) == "its audio starts 50 ms off");
  clip.audio = audio_from(-2'400, kSecond + 2'400);
  CHECK(flaw_of(clip) == "its audio starts -50 ms off");
  clip.audio = audio_from(0, 0);
  CHECK(flaw_of(clip) == "its audio is empty");
}

TEST_CASE("video is looked at before audio") {
  auto clip = good_clip();
  clip.video->packets.pop_back();
  clip.audio = audio_from(0, 0);
  CHECK(flaw_of(clip) == "it has 24 frames where 25 were to be");
}

TEST_CASE("audio with a hole in it is a flaw") {
  auto clip = good_clip();
  auto& packets = clip.audio->packets;
  packets.erase(packets.begin() + 10, packets.begin() + 30);
  CHECK(flaw_of(clip) != "none");
}

TEST_CASE("audio that does not tell when it starts is a flaw") {
  auto clip = good_clip();
  clip.audio->packets.front().pts = kNoTimestamp;
  CHECK(flaw_of(clip) != "none");
}

TEST_CASE("the cues of the subtitles are promised, and each is looked for") {
  using namespace std::chrono_literals;
  auto job = job_of({Piece{}});
  job.subtitles = Subtitles{"s.vtt", "eng", {0s, 500ms}};
  CHECK(expected_of(job).cues == std::vector<momentcut::core::Time>{0s, 500ms});

  auto expected = kPromised;
  expected.cues = {0s, 500ms};
  auto clip = good_clip();
  CHECK(flaw_of(clip, expected) == "it has no subtitles");
  clip.subtitles = Stream{};
  clip.subtitles->time_base = {1, 1'000};
  clip.subtitles->packets = {
      {0, 0, 400, -1, true}, {400, 400, 101, -1, true}, {501, 501, 300, -1, true}};
  CHECK(flaw_of(clip, expected) == "none");
  CHECK(flaw_of(clip) == "it has subtitles where none were to be");
  clip.subtitles->packets.back().pts = 503;
  CHECK(flaw_of(clip, expected) == "its subtitle of 0.5 s is missing");
  clip.subtitles->packets.clear();
  CHECK(flaw_of(clip, expected) == "its subtitle of 0 s is missing");
}
