// Where settings come from, and which of them counts.
#include "momentcut/cli/request.hpp"

#include <string>

#include <doctest/doctest.h>

#include "print.hpp"

using namespace momentcut::cli;
using namespace std::chrono_literals;
using momentcut::core::Position;

namespace {

// A whole moment on the command line, and these besides.
Settings settings(Values command_line = {}, Values environment = {}, Values configuration = {}) {
  command_line.insert({{"start", "60"}, {"end", "120"}});
  return {std::move(command_line), std::move(environment), std::move(configuration), "c.toml"};
}

Invocation invocation(Values command_line = {}, Values environment = {},
                      Values configuration = {}) {
  return make_invocation(
      settings(std::move(command_line), std::move(environment), std::move(configuration)));
}

}  // namespace

TEST_CASE("with nothing set, everything has its default") {
  const auto made = invocation();
  CHECK(made.action == Action::cut);
  CHECK_FALSE(made.json);
  CHECK(made.verbosity == 0);
  CHECK(made.progress == ProgressMode::automatic);
  const auto& request = made.request;
  CHECK_FALSE(request.source);
  CHECK_FALSE(request.rendition);
  CHECK_FALSE(request.output);
  CHECK(request.start == Position{Position::Origin::start, 60s});
  CHECK(request.end == Position{Position::Origin::start, 120s});
  CHECK_FALSE(request.duration);
  CHECK_FALSE(request.force);
  CHECK_FALSE(request.skip_existing);
  CHECK_FALSE(request.want_digest);
  CHECK_FALSE(request.keep_temp);
  CHECK_FALSE(request.encoding.crf);
  CHECK_FALSE(request.wait);
  CHECK_FALSE(request.allow_gaps);
  CHECK_FALSE(request.audio);
  CHECK(request.encoding.preset == "veryfast");
  CHECK(request.encoding.audio_kbps == 192);
  CHECK(request.encoding.threads == 0);
  CHECK(request.ffmpeg == "ffmpeg");
  CHECK(request.ffprobe == "ffprobe");
  CHECK(request.temp_dir == "/tmp");
  CHECK(request.stall_timeout == 60s);
  CHECK(request.network.connections == 8);
  CHECK_FALSE(request.upload);
}

TEST_CASE("the mode is exact unless another one is asked for") {
  using momentcut::pipeline::Mode;
  CHECK(invocation().request.mode == Mode::exact);
  CHECK(invocation({{"mode", "exact"}}).request.mode == Mode::exact);
  CHECK(invocation({{"mode", "smart"}}).request.mode == Mode::smart);
  CHECK(invocation({{"mode", "smart-only"}}).request.mode == Mode::smart_only);
  CHECK(invocation({{"mode", "copy"}}).request.mode == Mode::copy);
}

TEST_CASE("the newest of a stream counts from its end") {
  const auto made =
      make_invocation({{{"last", "30s"}, {"wait", "1"}, {"wait-timeout", "2m"}}, {}, {}, "c.toml"});
  CHECK(made.request.start == Position{Position::Origin::end, -30s});
  CHECK(made.request.end == Position{Position::Origin::end, 0s});
  CHECK(made.request.wait);
  CHECK(made.request.wait_timeout == 120s);
}

TEST_CASE("everything can be set") {
  const auto made = invocation({{"source", "rec"},
                                {"rendition", "720p60"},
                                {"output", "o.mp4"},
                                {"force", "1"},
                                {"json", "1"},
                                {"verbose", "2"},
                                {"progress", "plain"},
                                {"crf", "23"},
                                {"preset", "slow"},
                                {"audio-bitrate", "96"},
                                {"threads", "4"},
                                {"ffmpeg", "/opt/ffmpeg"},
                                {"ffprobe", "/opt/ffprobe"},
                                {"temp-dir", "/scratch"},
                                {"keep-temp", "1"},
                                {"stall-timeout", "1m30s"},
                                {"connections", "3"},
                                {"upload", "s3://bucket/"}});
  const auto& request = made.request;
  CHECK(request.source == "rec");
  CHECK(request.rendition == "720p60");
  CHECK(request.output == "o.mp4");
  CHECK(request.force);
  CHECK(made.json);
  CHECK(request.want_digest);
  CHECK(made.verbosity == 2);
  CHECK(made.progress == ProgressMode::plain);
  CHECK(request.encoding.crf == 23);
  CHECK(request.encoding.preset == "slow");
  CHECK(request.encoding.audio_kbps == 96);
  CHECK(request.encoding.threads == 4);
  CHECK(request.ffmpeg == "/opt/ffmpeg");
  CHECK(request.ffprobe == "/opt/ffprobe");
  CHECK(request.temp_dir == "/scratch");
  CHECK(request.keep_temp);
  CHECK(request.stall_timeout == 90s);
  CHECK(request.network.connections == 3);
  REQUIRE(request.upload);
  CHECK(request.upload->destination.text == "s3://bucket/");
}

TEST_CASE("the command line goes before the environment, and that before the file") {
  const Values cl{{"source", "cl"}, {"crf", "1"}, {"preset", "fast"}, {"progress", "bar"}};
  const Values env{{"MOMENTCUT_SOURCE", "env"},
                   {"MOMENTCUT_CRF", "2"},
                   {"MOMENTCUT_PRESET", "slow"},
                   {"MOMENTCUT_PROGRESS", "plain"},
                   {"MOMENTCUT_STALL_TIMEOUT", "2s"}};
  const Values file{{"source", "file"},      {"crf", "3"},
                    {"preset", "slower"},    {"progress", "json"},
                    {"stall-timeout", "3s"}, {"rendition", "720p"}};
  const auto all = invocation(cl, env, file);
  CHECK(all.request.source == "cl");
  CHECK(all.request.encoding.crf == 1);
  CHECK(all.request.encoding.preset == "fast");
  CHECK(all.progress == ProgressMode::bar);
  CHECK(all.request.stall_timeout == 2s);
  CHECK(all.request.rendition == "720p");
  const auto two = invocation({}, env, file);
  CHECK(two.request.source == "env");
  CHECK(two.request.encoding.crf == 2);
  CHECK(two.request.encoding.preset == "slow");
  CHECK(two.progress == ProgressMode::plain);
  CHECK(two.request.stall_timeout == 2s);
  const auto one = invocation({}, {}, file);
  CHECK(one.request.source == "file");
  CHECK(one.request.encoding.crf == 3);
  CHECK(one.request.encoding.preset == "slower");
  CHECK(one.progress == ProgressMode::json);
  CHECK(one.request.stall_timeout == 3s);
}

TEST_CASE("flags follow the same order, so that a nearer no beats a farther yes") {
  CHECK(invocation({}, {}, {{"force", "true"}}).request.force);
  CHECK_FALSE(invocation({}, {{"MOMENTCUT_FORCE", "no"}}, {{"force", "true"}}).request.force);
  CHECK(invocation({}, {{"MOMENTCUT_FORCE", "yes"}}, {{"force", "false"}}).request.force);
  CHECK(invocation({{"force", "1"}}, {{"MOMENTCUT_FORCE", "no"}}).request.force);
  CHECK(invocation({{"verbose", "1"}}, {{"MOMENTCUT_VERBOSE", "2"}}).verbosity == 1);
  CHECK(invocation({}, {{"MOMENTCUT_VERBOSE", "2"}}, {{"verbose", "1"}}).verbosity == 2);
}

TEST_CASE("times can come from anywhere") {
  Settings from_afar{{}, {{"MOMENTCUT_START", "-90"}}, {{"end", "end"}}, "c.toml"};
  const auto made = make_invocation(from_afar);
  CHECK(made.request.start == Position{Position::Origin::end, -90s});
  CHECK(made.request.end == Position{Position::Origin::end, 0s});
}

TEST_CASE("what only the command line may say is not taken from elsewhere") {
  const auto made =
      invocation({}, {{"MOMENTCUT_INSPECT", "1"}, {"MOMENTCUT_DRY_RUN", "1"}}, {{"inspect", "1"}});
  CHECK(made.action == Action::cut);
  CHECK(invocation({{"inspect", "1"}}).action == Action::inspect);
  CHECK(invocation({{"dry-run", "1"}}).action == Action::plan);
}

TEST_CASE("temporary files go where TMPDIR says, unless told otherwise") {
  CHECK(invocation({}, {{"TMPDIR", "/var/tmp"}}).request.temp_dir == "/var/tmp");
  CHECK(invocation({}, {{"TMPDIR", ""}}).request.temp_dir == "/tmp");
  CHECK(invocation({}, {{"TMPDIR", "/var/tmp"}}, {{"temp-dir", "/a"}}).request.temp_dir == "/a");
  CHECK(invocation({}, {{"TMPDIR", "/t"}, {"MOMENTCUT_TEMP_DIR", "/b"}}, {{"temp-dir", "/a"}})
            .request.temp_dir == "/b");
}
