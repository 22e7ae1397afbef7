// ffprobe's compact lines, as ffprobe 4.4 to 7 print them.
#include "momentcut/cut/probe.hpp"

#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "print.hpp"

using namespace momentcut::cut;
using momentcut::core::TimeBase;

namespace {

Probe probe_of(const std::vector<std::string>& lines) {
  ProbeReader reader;
  for (const auto& line : lines) reader.line(line);
  return reader.finish();
}

const std::vector<std::string> kReal{
    "packet|codec_type=video|stream_index=0|pts=133200|dts=126000|duration=3600|pos=564|flags=K_|"
    "side_data|",
    "",
    "packet|codec_type=video|stream_index=0|pts=144000|dts=129600|duration=3600|pos=2256|flags=__|"
    "side_data|",
    "",
    "packet|codec_type=audio|stream_index=1|pts=131110|dts=131110|duration=2089|pos=N/A|flags=K_",
    "program|stream|index=0|codec_name=h264|codec_type=video|width=64|height=48|time_base=1/90000",
    "stream|index=1|codec_name=aac|codec_type=audio|sample_rate=44100|channels=1|time_base=1/90000",
    "",
    "stream|index=0|codec_name=h264|codec_type=video|width=64|height=48|time_base=1/90000",
    "stream|index=1|codec_name=aac|codec_type=audio|sample_rate=44100|channels=1|time_base=1/"
    "90000"};

}  // namespace

TEST_CASE("a transport stream's video and audio are told apart with their packets") {
  const auto probe = probe_of(kReal);
  REQUIRE(probe.video);
  CHECK(probe.video->index == 0);
  CHECK(probe.video->codec == "h264");
  CHECK(probe.video->width == 64);
  CHECK(probe.video->height == 48);
  CHECK(probe.video->time_base == TimeBase{1, 90'000});
  REQUIRE(probe.video->packets.size() == 2);
  CHECK(probe.video->packets[0].pts == 133'200);
  CHECK(probe.video->packets[0].dts == 126'000);
  CHECK(probe.video->packets[0].duration == 3'600);
  CHECK(probe.video->packets[0].position == 564);
  CHECK(probe.video->packets[0].key);
  CHECK_FALSE(probe.video->packets[1].key);
  REQUIRE(probe.audio);
  CHECK(probe.audio->index == 1);
  CHECK(probe.audio->sample_rate == 44'100);
  CHECK(probe.audio->channels == 1);
  REQUIRE(probe.audio->packets.size() == 1);
  CHECK(probe.audio->packets[0].position == -1);
}

TEST_CASE("what ffprobe does not know stays unknown") {
  const auto probe = probe_of(
      {"packet|codec_type=video|stream_index=0|pts=N/A|dts=N/A|duration=N/A|pos=N/A|flags=__",
       "packet|codec_type=video|stream_index=0|pts=|dts=12x|duration=1.5|pos=-|flags=",
       "packet|codec_type=video|stream_index=0",
       "stream|index=0|codec_name=h264|codec_type=video|width=N/A|height=N/A|time_base=0/0"});
  REQUIRE(probe.video);
  REQUIRE(probe.video->packets.size() == 3);
  for (const auto& packet : probe.video->packets) {
    CHECK(packet.pts == kNoTimestamp);
    CHECK(packet.dts == kNoTimestamp);
    CHECK(packet.duration == 0);
    CHECK(packet.position == -1);
    CHECK_FALSE(packet.key);
  }
  CHECK(probe.video->width == 0);
  CHECK(probe.video->height == 0);
  CHECK(probe.video->time_base == TimeBase{1, 90'000});
}

TEST_CASE("timestamps may be negative, and large") {
  const auto probe = probe_of(
      {"packet|codec_type=audio|stream_index=0|pts=-1024|dts=-900000000000000|duration=1024",
       "packet|codec_type=audio|stream_index=0|pts=9223372036854775808|dts=8589934591"});
  REQUIRE(probe.audio);
  CHECK(probe.audio->packets[0].pts == -1'024);
  CHECK(probe.audio->packets[0].dts == -900'000'000'000'000);
  CHECK(probe.audio->packets[1].pts == kNoTimestamp);
  CHECK(probe.audio->packets[1].dts == 8'589'934'591);
}

TEST_CASE("flags of every release mark key frames by a K") {
  const auto probe = probe_of({"packet|codec_type=video|stream_index=0|pts=1|flags=K__",
                               "packet|codec_type=video|stream_index=0|pts=2|flags=K_",
                               "packet|codec_type=video|stream_index=0|pts=3|flags=___",
                               "packet|codec_type=video|stream_index=0|pts=4|flags=_DC"});
  REQUIRE(probe.video);
  CHECK(probe.video->packets[0].key);
  CHECK(probe.video->packets[1].key);
  CHECK_FALSE(probe.video->packets[2].key);
  CHECK_FALSE(probe.video->packets[3].key);
}

TEST_CASE("side data after a packet does not change it") {
  const auto probe = probe_of(
      {"packet|codec_type=video|stream_index=0|pts=7|dts=5|duration=2|pos=188|flags=K_|side_data|"
       "side_data_type=MPEGTS Stream ID|id=224",
       "packet|codec_type=video|stream_index=0|pts=9|dts=7|duration=2|pos=376|flags=__|side_data|"
       "side_data_type=Display Matrix|displaymatrix=\\n00000000: 0 65536 0\\n|rotation=-90"});
  REQUIRE(probe.video);
  REQUIRE(probe.video->packets.size() == 2);
  CHECK(probe.video->packets[0].pts == 7);
  CHECK(probe.video->packets[0].position == 188);
  CHECK(probe.video->packets[1].dts == 7);
  CHECK(probe.video->index == 0);
}

TEST_CASE("of several streams of a kind the first one counts") {
  const auto probe = probe_of({"packet|codec_type=audio|stream_index=3|pts=30|flags=K_",
                               "packet|codec_type=audio|stream_index=1|pts=10|flags=K_",
                               "packet|codec_type=video|stream_index=2|pts=20|flags=K_",
                               "packet|codec_type=data|stream_index=0|pts=5|flags=K_",
                               "stream|index=0|codec_name=timed_id3|codec_type=data",
                               "stream|index=1|codec_name=aac|codec_type=audio",
                               "stream|index=2|codec_name=h264|codec_type=video",
                               "stream|index=3|codec_name=ac3|codec_type=audio"});
  REQUIRE(probe.video);
  CHECK(probe.video->index == 2);
  REQUIRE(probe.audio);
  CHECK(probe.audio->index == 1);
  CHECK(probe.audio->codec == "aac");
  REQUIRE(probe.audio->packets.size() == 1);
  CHECK(probe.audio->packets[0].pts == 10);
}

TEST_CASE("streams count without their packets, and packets without their stream") {
  const auto listed = probe_of({"stream|index=0|codec_name=h264|codec_type=video|width=64"});
  REQUIRE(listed.video);
  CHECK(listed.video->packets.empty());
  CHECK_FALSE(listed.audio);
  const auto packets = probe_of({"packet|codec_type=audio|stream_index=4|pts=1"});
  REQUIRE(packets.audio);
  CHECK(packets.audio->index == 4);
  CHECK(packets.audio->codec.empty());
}

TEST_CASE("lines and fields that mean nothing are skipped") {
  const auto probe = probe_of({"", "garbage", "packet", "packet|", "packet|codec_type=video|pts=1",
                               "packet|codec_type=video|stream_index=x|pts=1", "frame|pts=1",
                               "program|program_id=1", "program|", "stream|codec_type=video",
                               "packet|codec_type=subtitle|stream_index=9|pts=1", "format|nb=2"});
  CHECK_FALSE(probe.video);
  CHECK_FALSE(probe.audio);
}

TEST_CASE("timestamps that no clock reaches are as good as none") {
  const auto probe = probe_of(
      {"packet|codec_type=video|stream_index=0|pts=9223372036854775807|dts=-9223372036854775807|"
       "duration=9223372036854775807",
       "packet|codec_type=video|stream_index=0|pts=17000000000000000|dts=-5|duration=3600",
       "packet|codec_type=audio|stream_index=1|pts=200000000000|dts=99000000000",
       "stream|index=0|codec_type=video|time_base=1/10000000",
       "stream|index=1|codec_type=audio|time_base=1/1", "format|start_time=1e300"});
  REQUIRE(probe.video);
  REQUIRE(probe.video->packets.size() == 2);
  CHECK(probe.video->packets[0].pts == kNoTimestamp);
  CHECK(probe.video->packets[0].dts == kNoTimestamp);
  CHECK(probe.video->packets[0].duration == 0);
  CHECK(probe.video->packets[1].pts == 17'000'000'000'000'000);
  CHECK(probe.video->packets[1].dts == -5);
  CHECK(probe.video->packets[1].duration == 3'600);
  REQUIRE(probe.audio);
  CHECK(probe.audio->packets.front().pts == kNoTimestamp);
  CHECK(probe.audio->packets.front().dts == 99'000'000'000);
  CHECK(probe.start == 0);
}

TEST_CASE("a file's start time is exact to the microsecond") {
  CHECK(probe_of({"format|start_time=1.400000"}).start == 1'400'000);
  CHECK(probe_of({"format|start_time=-0.023021"}).start == -23'021);
  CHECK(probe_of({"format|start_time=95443.717689"}).start == 95'443'717'689);
  CHECK(probe_of({"format|start_time=N/A"}).start == 0);
  CHECK(probe_of({}).start == 0);
}

TEST_CASE("the first picture that was decoded tells whether it is an intra picture") {
  CHECK(probe_of({"frame|pict_type=I"}).starts_intra);
  CHECK(
      probe_of({"frame|pict_type=I|side_data|side_data_type=x", "frame|pict_type=P"}).starts_intra);
  CHECK_FALSE(probe_of({"frame|pict_type=P", "frame|pict_type=I"}).starts_intra);
  CHECK_FALSE(probe_of({"frame|pict_type=?"}).starts_intra);
  CHECK_FALSE(probe_of({"packet|pict_type=I"}).starts_intra);
  CHECK_FALSE(probe_of({}).starts_intra);
}

TEST_CASE("a reader is empty after it has finished") {
  ProbeReader reader;
  for (const auto& line : kReal) reader.line(line);
  CHECK(reader.finish().video);
  const auto again = reader.finish();
  CHECK_FALSE(again.video);
  CHECK_FALSE(again.audio);
}
