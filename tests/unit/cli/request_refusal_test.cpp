// Requests that cannot be, and how they are told.
#include <string>

#include <doctest/doctest.h>

#include "core/thrown.hpp"
#include "momentcut/cli/request.hpp"
#include "print.hpp"

using namespace momentcut::cli;
using namespace std::chrono_literals;
using momentcut::core::ErrorKind;
using momentcut::core::thrown_by;

namespace {

Settings with(Values command_line, Values environment = {}, Values configuration = {}) {
  return {std::move(command_line), std::move(environment), std::move(configuration), "c.toml"};
}

Invocation made(Values command_line, Values environment = {}, Values configuration = {}) {
  return make_invocation(
      with(std::move(command_line), std::move(environment), std::move(configuration)));
}

std::string refusal(Values command_line, Values environment = {}, Values configuration = {}) {
  const auto error = thrown_by(
      [&] { made(std::move(command_line), std::move(environment), std::move(configuration)); });
  CHECK(error.kind() == ErrorKind::usage);
  return error.line();
}

// With a moment that is in order.
std::string refusal_of(const std::string& option, const std::string& value) {
  return refusal({{"start", "1"}, {"end", "2"}, {option, value}});
}

}  // namespace

TEST_CASE("a moment needs a start and an end") {
  CHECK(refusal({}) ==
        "no start given; momentcut [SOURCE] --start TIME --end TIME, or --duration TIME, or "
        "--last TIME");
  CHECK(refusal({{"end", "5"}}).starts_with("no start given; "));
  CHECK(refusal({{"start", "5"}}) ==
        "no end given; momentcut [SOURCE] --start TIME --end TIME, or --duration TIME, or "
        "--last TIME");
  CHECK(made({{"start", "5"}, {"duration", "2"}}).request.duration == 2s);
}

TEST_CASE("a source can be inspected without a moment") {
  CHECK(made({{"inspect", "1"}}).action == Action::inspect);
  CHECK(refusal({{"dry-run", "1"}}).starts_with("no start given"));
  CHECK(refusal({{"inspect", "1"}, {"dry-run", "1"}}) ==
        "both --inspect and --dry-run are given; give one of them");
}

TEST_CASE("a time that is none is told with the forms that are") {
  CHECK(refusal({{"start", "soon"}, {"end", "5"}}) ==
        "--start: \"soon\" is not a time; write 90, 90.25, 1:30, 1:02:03.5, 1h2m3s, 90s, 250ms, "
        "-30 (from the end), end or 2020-08-03T16:25:00Z");
  CHECK(refusal({{"start", "5"}}, {{"MOMENTCUT_END", "1:99"}})
            .starts_with("MOMENTCUT_END: \"1:99\" is not a time; write "));
  CHECK(refusal({{"start", "5"}}, {}, {{"end", ""}})
            .starts_with("end in c.toml: \"\" is not a time; write "));
  CHECK(refusal({{"start", "5"}, {"duration", "-5"}}) ==
        "--duration: \"-5\" is not a length of time; write 90, 90.25, 1:30, 1:02:03.5, 1h2m3s, 90s "
        "or 250ms");
  CHECK(refusal({{"start", "5"}, {"duration", "0"}}).starts_with("--duration: \"0\" is not"));
}

TEST_CASE("an end that is not after its start is refused where both count alike") {
  CHECK(refusal({{"start", "60"}, {"end", "60"}}) ==
        "the end (60 s) is not after the start (60 s)");
  CHECK(refusal({{"start", "1:30"}, {"end", "60"}}) ==
        "the end (60 s) is not after the start (90 s)");
  CHECK(refusal({{"start", "-30"}, {"end", "-40"}}) ==
        "the end (-40 s) is not after the start (-30 s)");
  CHECK(refusal({{"start", "end"}, {"end", "end"}}) ==
        "the end (0 s) is not after the start (0 s)");
  // What cannot be told before the recording's length is known is not.
  CHECK_NOTHROW(made({{"start", "60"}, {"end", "-60"}}));
  CHECK_NOTHROW(made({{"start", "-60"}, {"end", "60"}}));
  CHECK_NOTHROW(made({{"start", "-30"}, {"end", "end"}}));
  CHECK_NOTHROW(made({{"start", "end"}, {"duration", "1"}}));
}

TEST_CASE("an end and a duration exclude each other where they stand together") {
  const std::string both = "both --end and --duration are given; give one of them";
  CHECK(refusal({{"start", "1"}, {"end", "5"}, {"duration", "2"}}) == both);
  CHECK(refusal({{"start", "1"}}, {{"MOMENTCUT_END", "5"}, {"MOMENTCUT_DURATION", "2"}}) == both);
  CHECK(refusal({{"start", "1"}}, {}, {{"end", "5"}, {"duration", "2"}}) == both);
}

TEST_CASE("the nearer of an end and a duration wins") {
  const auto by_duration = made({{"start", "1"}, {"duration", "2"}}, {{"MOMENTCUT_END", "5"}});
  CHECK(by_duration.request.duration == 2s);
  const auto by_end = made({{"start", "1"}, {"end", "5"}}, {}, {{"duration", "2"}});
  CHECK_FALSE(by_end.request.duration);
  CHECK(by_end.request.end.offset == 5s);
  // A duration does not care how the end it overrides lies.
  CHECK_NOTHROW(made({{"start", "9"}, {"duration", "2"}}, {}, {{"end", "5"}}));
}

TEST_CASE("the environment's end or duration is nearer than the file's") {
  Invocation invocation;
  REQUIRE_NOTHROW(invocation =
                      made({{"start", "1"}}, {{"MOMENTCUT_END", "5"}}, {{"duration", "2"}}));
  CHECK_FALSE(invocation.request.duration);
  REQUIRE_NOTHROW(invocation =
                      made({{"start", "1"}}, {{"MOMENTCUT_DURATION", "2"}}, {{"end", "5"}}));
  CHECK(invocation.request.duration == 2s);
}

TEST_CASE("numbers have their ranges") {
  CHECK(refusal_of("crf", "52") == "--crf: \"52\" is not a whole number from 0 to 51");
  CHECK(refusal_of("threads", "0") == "--threads: \"0\" is not a whole number from 1 to 256");
  CHECK(refusal_of("threads", "257").starts_with("--threads: \"257\" is not"));
  CHECK(refusal_of("audio-bitrate", "15") ==
        "--audio-bitrate: \"15\" is not a whole number from 16 to 512");
  CHECK(refusal_of("audio-bitrate", "513").starts_with("--audio-bitrate: \"513\" is not"));
  for (const std::string value : {"", "x", "1.5", "-1", "+1", " 1", "0x10", "4294967314"}) {
    CAPTURE(value);
    CHECK(refusal_of("crf", value).starts_with("--crf: "));
  }
  const auto good = [](const std::string& option, const std::string& value) {
    return made({{"start", "1"}, {"end", "2"}, {option, value}}).request.encoding;
  };
  CHECK(good("crf", "0").crf == 0);
  CHECK(good("crf", "51").crf == 51);
  CHECK(good("threads", "1").threads == 1);
  CHECK(good("threads", "256").threads == 256);
  CHECK(good("audio-bitrate", "16").audio_kbps == 16);
  CHECK(good("audio-bitrate", "512").audio_kbps == 512);
}

TEST_CASE("choices are told where none of them is made") {
  CHECK(refusal_of("progress", "loud") ==
        "--progress: \"loud\" is not one of auto, bar, plain, json, none");
  CHECK(refusal_of("preset", "Slow") ==
        "--preset: \"Slow\" is not one of ultrafast, superfast, veryfast, faster, fast, medium, "
        "slow, slower, veryslow, placebo");
  CHECK(refusal_of("preset", "slow fast").starts_with("--preset: "));
  CHECK(refusal_of("preset", "").starts_with("--preset: "));
  CHECK(refusal({{"start", "1"}, {"end", "2"}}, {}, {{"progress", "x"}})
            .starts_with("progress in c.toml: \"x\" is not one of "));
}

TEST_CASE("every choice of progress is understood") {
  const auto mode = [](const std::string& word) {
    return made({{"start", "1"}, {"end", "2"}, {"progress", word}}).progress;
  };
  CHECK(mode("auto") == ProgressMode::automatic);
  CHECK(mode("bar") == ProgressMode::bar);
  CHECK(mode("plain") == ProgressMode::plain);
  CHECK(mode("json") == ProgressMode::json);
  CHECK(mode("none") == ProgressMode::none);
}

TEST_CASE("an empty text is no value") {
  for (const std::string option : {"rendition", "output", "ffmpeg", "ffprobe", "temp-dir"}) {
    CHECK(refusal_of(option, "") == "--" + option + " is empty");
  }
  CHECK(refusal({{"start", "1"}, {"end", "2"}}, {{"MOMENTCUT_RENDITION", ""}}) ==
        "MOMENTCUT_RENDITION is empty");
}

TEST_CASE("an empty source is told as what it is") {
  CHECK(refusal_of("source", "") == "SOURCE is empty");
}

TEST_CASE("options that exclude each other are refused") {
  CHECK(refusal({{"start", "1"}, {"end", "2"}, {"force", "1"}, {"skip-existing", "1"}}) ==
        "both --force and --skip-existing are given; give one of them");
  CHECK(refusal({{"start", "1"}, {"end", "2"}, {"output", "-"}, {"json", "1"}}) ==
        "--json and the clip cannot both go to stdout; write the clip to a file");
  CHECK_NOTHROW(
      made({{"start", "1"}, {"end", "2"}, {"output", "-"}, {"json", "1"}, {"dry-run", "1"}}));
}

TEST_CASE("a clip goes to stdout or to S3, not to both") {
  CHECK(refusal({{"start", "1"}, {"end", "2"}, {"output", "-"}, {"upload", "s3://bucket/"}}) ==
        "--upload and a clip on stdout exclude each other; write the clip to a file");
  CHECK_NOTHROW(
      made({{"start", "1"}, {"end", "2"}, {"output", "o.mp4"}, {"upload", "s3://bucket/"}}));
}

TEST_CASE("what is inspected is not uploaded") {
  CHECK_FALSE(made({{"inspect", "1"}, {"upload", "s3://bucket/"}}).request.upload);
  CHECK(made({{"start", "1"}, {"end", "2"}, {"dry-run", "1"}, {"upload", "s3://bucket/"}})
            .request.upload);
}

TEST_CASE("--force on the command line beats skip-existing in the file") {
  Invocation invocation;
  REQUIRE_NOTHROW(invocation = made({{"start", "1"}, {"end", "2"}, {"force", "1"}}, {},
                                    {{"skip-existing", "1"}}));
  CHECK(invocation.request.force);
  CHECK_FALSE(invocation.request.skip_existing);
}

TEST_CASE("an output's template is checked before any work") {
  CHECK(refusal_of("output", "{nam}.mp4").find("there is no field \"nam\"") != std::string::npos);
  CHECK(refusal_of("output", "{name.mp4").find("a brace is not closed") != std::string::npos);
}

TEST_CASE("quiet is quieter than verbose") {
  CHECK(made({{"inspect", "1"}, {"quiet", "1"}}).verbosity == -1);
  CHECK(made({{"inspect", "1"}, {"quiet", "1"}, {"verbose", "2"}}).verbosity == -1);
  CHECK(made({{"inspect", "1"}}, {{"MOMENTCUT_QUIET", "no"}}, {{"verbose", "1"}}).verbosity == 1);
}

TEST_CASE("a time limit is at least a millisecond") {
  const auto limit = [](const std::string& text) {
    return made({{"inspect", "1"}, {"stall-timeout", text}}).request.stall_timeout;
  };
  CHECK(limit("0.0001") == 1ms);
  CHECK(limit("1.0001") == 1'001ms);
  CHECK(limit("2m") == 2min);
  CHECK(refusal_of("stall-timeout", "0").starts_with("--stall-timeout: \"0\" is not a length"));
}

TEST_CASE("a date without a zone is refused, since nobody knows whose time it is") {
  CHECK(refusal({{"start", "2020-08-03T16:25:00"}, {"duration", "5"}}) ==
        "--start: \"2020-08-03T16:25:00\" does not say in which time zone; add Z for UTC, or an "
        "offset such as +02:00");
}

TEST_CASE("dates in the wrong order are refused before anything is read") {
  CHECK(refusal({{"start", "2020-08-03T16:25:00Z"}, {"end", "2020-08-03T18:25:00+02:00"}}) ==
        "the end (2020-08-03T16:25:00.000Z) is not after the start (2020-08-03T16:25:00.000Z)");
}

TEST_CASE("a limit for waiting needs waiting") {
  CHECK(refusal({{"last", "5"}, {"wait-timeout", "5"}}) ==
        "--wait-timeout without --wait; add --wait");
}

TEST_CASE("the newest of a stream, and a start or an end, are two things") {
  CHECK(refusal({{"last", "5"}, {"start", "5"}}) ==
        "both --last and --start are given; give one of them");
}

TEST_CASE("a copied clip has the recording's codec") {
  CHECK(
      refusal({{"last", "5"}, {"mode", "copy"}, {"video-codec", "h264"}}) ==
      "--mode copy and --video-codec exclude each other; a copied clip has the recording's codec");
}

TEST_CASE("HDR is kept by HEVC alone") {
  CHECK(refusal({{"last", "5"}, {"keep-hdr", "1"}}) ==
        "--keep-hdr does not go with the codec h264; add --video-codec hevc");
}
