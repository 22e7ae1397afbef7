// Live playlists, loaded again.
#include "momentcut/pipeline/follower.hpp"

#include <chrono>
#include <csignal>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "core/thrown.hpp"
#include "momentcut/hls/parse.hpp"
#include "pipeline/served.hpp"

using namespace momentcut;
using namespace momentcut::pipeline;
using namespace std::chrono_literals;
using core::ErrorKind;
using core::thrown_by;
using Clock = Follower::Clock;

namespace {

std::string playlist(int first, int last, const std::string& tail = "") {
  auto text = fmt::format("#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXT-X-MEDIA-SEQUENCE:{}\n", first);
  for (int i = first; i <= last; ++i) text += fmt::format("#EXTINF:1,\n{}.ts\n", i);
  return text + tail;
}

// A playlist of segments 5 to 6, and what the server says when it is loaded again.
struct Bench {
  explicit Bench(const std::vector<std::string>& loads) : network(answers(loads)) {
    rendition.location = network.at("/p.m3u8");
    rendition.media = std::get<hls::MediaPlaylist>(hls::parse(playlist(5, 6), {"p.m3u8", {}, {}}));
    auto& world = network.world();
    context.emplace(world.observer, world.interrupt, 10ms);
    follower.emplace(entry, rendition, world.remote, *context);
  }
  static std::vector<Answer> answers(const std::vector<std::string>& loads) {
    std::vector<Answer> answers;
    for (const auto& load : loads) answers.emplace_back(io::answer(200, load));
    return answers;
  }
  // Without waiting: the deadline is over.
  bool reload() { return follower->reload(Clock::now()); }

  Network network;
  Entry entry;
  Rendition rendition;
  std::optional<Context> context;
  std::optional<Follower> follower;
};

}  // namespace

TEST_CASE("a live playlist grows until it ends") {
  Bench bench({playlist(6, 7), playlist(6, 7), playlist(7, 8, "#EXT-X-ENDLIST\n")});
  CHECK(bench.reload());
  CHECK(bench.rendition.media.segments.size() == 3);
  CHECK_FALSE(bench.reload());
  CHECK_FALSE(bench.follower->ended());
  CHECK(bench.reload());
  CHECK(bench.follower->ended());
  CHECK(bench.rendition.media.segments.size() == 4);
}

TEST_CASE("a playlist is not loaded before it is due") {
  Bench bench({playlist(5, 7)});
  const auto begun = Clock::now();
  CHECK(bench.follower->reload(Clock::time_point::max()));
  CHECK(Clock::now() - begun > 900ms);
}

TEST_CASE("a load that is older than the last is passed over, but not for ever") {
  Bench bench({playlist(3, 9), playlist(6, 7), playlist(1, 2), playlist(2, 3), playlist(3, 4)});
  CHECK_FALSE(bench.reload());
  CHECK(bench.rendition.media.segments.size() == 2);
  CHECK(bench.reload());
  CHECK_FALSE(bench.reload());
  CHECK_FALSE(bench.reload());
  const auto error = thrown_by([&] { bench.reload(); });
  CHECK(error.kind() == ErrorKind::protocol);
  CHECK(std::string(error.what()).find("runs backwards, from 6 to 3") != std::string::npos);
}

TEST_CASE("segments that left before they were seen cannot be had any more") {
  Bench bench({playlist(9, 10)});
  const auto error = thrown_by([&] { bench.reload(); });
  CHECK(error.kind() == ErrorKind::temporary);
  CHECK(std::string(error.what()).starts_with("2 segments left "));
}

TEST_CASE("a stream that stands still is told after three target durations") {
  Bench bench({playlist(5, 6), playlist(5, 6)});
  CHECK_FALSE(bench.reload());
  std::this_thread::sleep_for(3'050ms);
  const auto error = thrown_by([&] { bench.reload(); });
  CHECK(error.kind() == ErrorKind::temporary);
  CHECK(std::string(error.what()).ends_with("has not grown for 3 s"));
}

TEST_CASE("a signal ends the waiting") {
  Bench bench({});
  std::raise(SIGTERM);
  CHECK(thrown_by([&] { bench.follower->reload(Clock::time_point::max()); }).kind() ==
        ErrorKind::interrupted);
}
