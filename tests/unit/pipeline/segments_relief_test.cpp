// Connections that have nothing left to do, and take over from those that have too much.
#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include <doctest/doctest.h>

#include "core/thrown.hpp"
#include "momentcut/hls/parse.hpp"
#include "momentcut/pipeline/segments.hpp"
#include "pipeline/served.hpp"
#include "print.hpp"

using namespace momentcut;
using namespace momentcut::pipeline;
using namespace std::chrono_literals;
using core::ErrorKind;
using core::thrown_by;
using io::answer;

namespace {

constexpr std::size_t kLarge = 6U << 20U;
const std::string kTag = "ETag: \"v1\"\r\n";

std::string letters(std::size_t count, char first) {
  std::string text(count, first);
  for (std::size_t i = 0; i < count; ++i) {
    text[i] = static_cast<char>(first + static_cast<int>((i / 1000) % 10));
  }
  return text;
}

// Two segments over two connections: "/0.ts" hangs after its beginning until somebody asks for its
// rest, "/1.ts" is here at once. The rest is answered by `rest`.
class Bench {
 public:
  using Rest = std::function<Answer(const io::Asked&)>;

  Bench(std::string slow, std::string quick, Rest rest, std::string head_of_slow = "")
      : slow_(std::move(slow)),
        quick_(std::move(quick)),
        rest_(std::move(rest)),
        head_(head_of_slow.empty() ? "Content-Length: " + std::to_string(slow_.size()) + "\r\n"
                                   : std::move(head_of_slow)),
        server_([this](io::Connection& connection) { serve(connection); }),
        world_(two_connections()),
        temp_("/tmp") {
    setenv("no_proxy", "*", 1);
    source_.location = {s3::Scheme::http, server_.url("/p.m3u8")};
    source_.media = std::get<hls::MediaPlaylist>(
        hls::parse("#EXTM3U\n#EXTINF:6,\n0.ts\n#EXTINF:6,\n1.ts\n", {"p.m3u8", {}, {}}));
  }

  void bring() { segments_.bring({{0}, {1}}); }
  Segments& segments() { return segments_; }
  std::string content(std::size_t segment) {
    const auto held = segments_.held(segment);
    return io::content_of(held.file).substr(held.offset, held.size);
  }
  // The ranges that were asked for, in this order.
  [[nodiscard]] std::vector<std::string> ranges() const {
    std::vector<std::string> ranges;
    for (const auto& asked : server_.asked()) {
      if (asked.field("range") != "(none)") ranges.push_back(asked.field("range"));
    }
    return ranges;
  }
  // How often the slow one was asked for as a whole.
  [[nodiscard]] std::size_t times_whole() const {
    const auto asked = server_.asked();
    return static_cast<std::size_t>(std::count_if(asked.begin(), asked.end(), [](const auto& a) {
      return a.field("range") == "(none)" && a.line().find("/0.ts") != std::string::npos;
    }));
  }
  // How many files are left, beside those of the two segments.
  [[nodiscard]] std::size_t other_files() const {
    const auto names = std::filesystem::directory_iterator(temp_.path());
    return static_cast<std::size_t>(std::count_if(begin(names), end(names), [](const auto& file) {
      return file.path().extension() != ".segment";
    }));
  }

 private:
  static Request two_connections() {
    Request request;
    request.network.connections = 2;
    request.network.retries = 0;
    return request;
  }

  void serve(io::Connection& connection) {
    for (io::Asked asked; connection.hear_head(asked);) {
      server_.note(asked);
      if (asked.field("range") != "(none)") {
        connection.say(rest_(asked).text);
        relieved_ = true;
      } else if (asked.line().find("/1.ts") != std::string::npos) {
        // Not before the other one has begun.
        while (!begun_) connection.pause(1ms);
        connection.say(answer(200, quick_, kTag + "Accept-Ranges: bytes\r\n"));
      } else {
        hang(connection);
      }
    }
  }

  void hang(io::Connection& connection) {
    const bool is_sized = head_.starts_with("Content-Length");
    const std::size_t first = is_sized ? std::min<std::size_t>(1U << 20U, slow_.size() / 2) : 0;
    if (is_sized) connection.say("HTTP/1.1 200 OK\r\n" + kTag + head_ + "\r\n");
    connection.say(slow_.substr(0, first));
    begun_ = true;
    for (int i = 0; i < 300 && !relieved_; ++i) connection.pause(10ms);
    if (!is_sized) connection.say("HTTP/1.1 200 OK\r\n" + kTag + head_ + "\r\n");
    connection.say(slow_.substr(first));
    if (!is_sized) connection.shut_down();
  }

  std::string slow_, quick_;
  Rest rest_;
  std::string head_;
  std::atomic<bool> begun_ = false, relieved_ = false;
  io::ScriptedServer server_;
  World world_;
  io::TempDir temp_;
  Source source_;
  Segments segments_{source_, "v", world_.remote, temp_, world_.context};
};

}  // namespace

TEST_CASE("a connection with nothing left takes over half of what another one has left") {
  const auto slow = letters(kLarge, 'a');
  Bench bench(slow, "quick", [&](const io::Asked& asked) { return part_of(slow, asked); });
  bench.bring();
  // How much was here already is a matter of time; half of the rest is not.
  REQUIRE_FALSE(bench.ranges().empty());
  const auto range = bench.ranges().front();
  REQUIRE(range.starts_with("bytes="));
  REQUIRE(range.ends_with('-'));
  const auto first = core::parse_unsigned(range.substr(6, range.size() - 7));
  REQUIRE(first);
  CHECK(*first >= kLarge / 2);
  CHECK(*first <= (kLarge + (1U << 20U)) / 2);
  CHECK(bench.content(0) == slow);
  CHECK(bench.content(1) == "quick");
  CHECK(bench.segments().held(0).complete());
  CHECK(bench.segments().held(0).whole == kLarge);
  CHECK(bench.segments().bytes_received() == kLarge + 5);
  CHECK(bench.other_files() == 0);
}

TEST_CASE("what a connection has taken over is taken over in its turn, down to what is worth it") {
  const auto slow = letters(kLarge, 'a');
  Bench bench(slow, "quick", [&](const io::Asked& asked) { return part_of(slow, asked); });
  bench.bring();
  const auto ranges = bench.ranges();
  // The slow one hangs until the first half is answered, and keeps less and less for itself.
  CHECK(ranges.size() <= 3);
  std::size_t end = kLarge;
  for (const auto& range : ranges) {
    CAPTURE(range);
    const auto dash = range.find('-');
    const auto first = core::parse_unsigned(range.substr(6, dash - 6));
    REQUIRE(first);
    CHECK(*first < end);
    if (end < kLarge) CHECK(range.substr(dash + 1) == std::to_string(end - 1));
    end = *first;
  }
  CHECK(bench.content(0) == slow);
  CHECK(bench.other_files() == 0);
}

TEST_CASE("a small rest is not worth another request") {
  const auto slow = letters((1U << 20U) - 1, 'a');
  Bench bench(slow, "quick", [&](const io::Asked& asked) { return part_of(slow, asked); });
  bench.bring();
  CHECK(bench.ranges().empty());
  CHECK(bench.content(0) == slow);
}

TEST_CASE("a segment whose halves are of different contents is fetched again, whole") {
  const auto slow = letters(kLarge, 'a');
  Bench bench(slow, "quick", [&](const io::Asked& asked) {
    auto text = part_of(std::string(kLarge, 'x'), asked).text;
    return text.replace(text.find("\"v1\""), 4, "\"v2\"");
  });
  bench.bring();
  CHECK(bench.content(0) == slow);
  CHECK(bench.segments().held(0).complete());
  CHECK(bench.other_files() == 0);
}

TEST_CASE("halves whose server gives no tags are told apart by their sizes") {
  const auto slow = letters(kLarge, 'a');
  Bench bench(slow, "quick", [&](const io::Asked& asked) {
    auto text = part_of(std::string(kLarge + 10, 'x'), asked).text;
    return text.replace(text.find("ETag: \"v1\"\r\n"), 12, "");
  });
  bench.bring();
  CHECK(bench.content(0) == slow);
}

TEST_CASE("halves without a tag on one side fit where their sizes do") {
  const auto slow = letters(kLarge, 'a');
  Bench bench(slow, "quick", [&](const io::Asked& asked) {
    auto text = part_of(slow, asked).text;
    return text.replace(text.find("ETag: \"v1\"\r\n"), 12, "");
  });
  bench.bring();
  CHECK(bench.content(0) == slow);
  CHECK_FALSE(bench.ranges().empty());
  CHECK(bench.times_whole() == 1);
}

TEST_CASE("a rest that a server refuses does no harm where its size was only guessed") {
  const auto refusals = {answer(416, "", "Content-Range: bytes */100\r\n"), answer(416)};
  for (const auto& refusal : refusals) {
    // The quick one is large, and the slow one is taken to be like it.
    const auto quick = letters(kLarge, 'k');
    const auto slow = letters(100, 'a');
    Bench bench(
        slow, quick, [&](const io::Asked&) { return Answer(refusal); }, "Connection: close\r\n");
    bench.bring();
    CHECK(bench.ranges() == std::vector{"bytes=" + std::to_string(kLarge / 2) + "-"});
    CHECK(bench.content(0) == slow);
    CHECK(bench.segments().held(0).complete());
    CHECK(bench.content(1) == quick);
  }
}

TEST_CASE("a rest behind a gap is not joined, and what is there fetched again") {
  // The slow one ends before the place from which its rest came.
  const auto quick = letters(kLarge, 'k');
  Bench bench(
      letters(100, 'a'), quick, [&](const io::Asked& asked) { return part_of(quick, asked); },
      "Connection: close\r\n");
  bench.bring();
  CHECK(bench.content(0) == letters(100, 'a'));
}

TEST_CASE("a rest that a server refuses though it has it is fetched with the whole") {
  const auto slow = letters(kLarge, 'a');
  Bench bench(slow, "quick", [&](const io::Asked&) { return Answer(answer(416)); });
  bench.bring();
  CHECK(bench.content(0) == slow);
}
