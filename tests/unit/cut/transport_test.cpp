#include "momentcut/cut/transport.hpp"

#include <string>

#include <doctest/doctest.h>

using momentcut::cut::kTransportPacketBytes;
using momentcut::cut::TransportWatch;

namespace {

// A packet of `pid` with a payload, or with an adaptation field alone.
std::string packet(unsigned pid, unsigned counter, bool payload = true) {
  std::string bytes(kTransportPacketBytes, '\xff');
  bytes[0] = 0x47;
  bytes[1] = static_cast<char>(pid >> 8U);
  bytes[2] = static_cast<char>(pid & 0xffU);
  bytes[3] = static_cast<char>((payload ? 0x10U : 0x20U) | (counter & 0x0fU));
  if (!payload) bytes[4] = bytes[5] = 0;
  return bytes;
}

// The same, telling that the counter starts anew.
std::string announced(unsigned pid, unsigned counter) {
  auto bytes = packet(pid, counter);
  bytes[3] = static_cast<char>(0x30U | counter);
  bytes[4] = 1;
  bytes[5] = '\x80';
  return bytes;
}

std::string damage_of(const std::string& bytes, std::size_t piece = 1000) {
  TransportWatch watch;
  for (std::size_t at = 0; at < bytes.size(); at += piece) watch.pass(bytes.substr(at, piece));
  return watch.damage(true);
}

}  // namespace

TEST_CASE("packets whose counters follow are whole, in pieces of any size") {
  std::string bytes;
  for (unsigned i = 0; i < 40; ++i) bytes += packet(256, i) + packet(257, i + 5);
  for (const std::size_t piece : {1U, 100U, 187U, 188U, 189U, 5000U})
    CHECK(damage_of(bytes, piece).empty());
}

TEST_CASE("a counter that leaps tells of missing packets") {
  CHECK(damage_of(packet(256, 0) + packet(256, 2)) == "packets are missing in it");
  CHECK(damage_of(packet(256, 15) + packet(256, 0)).empty());
}

TEST_CASE("a packet may be sent twice, and one without a payload does not count") {
  CHECK(damage_of(packet(256, 3) + packet(256, 3) + packet(256, 4)).empty());
  CHECK(damage_of(packet(256, 3) + packet(256, 3, false) + packet(256, 4)).empty());
}

TEST_CASE("an announced discontinuity is none") {
  CHECK(damage_of(packet(256, 3) + announced(256, 9) + packet(256, 10)).empty());
}

TEST_CASE("the null packets' counter means nothing") {
  CHECK(damage_of(packet(0x1fff, 3) + packet(0x1fff, 9)).empty());
}

TEST_CASE("a segment that ends within a packet is damaged, its head is not") {
  TransportWatch watch;
  watch.pass(packet(256, 0) + packet(256, 1).substr(0, 100));
  CHECK(watch.damage(false).empty());
  CHECK(watch.damage(true) == "it ends within a packet");
}

TEST_CASE("bytes that are no packets are told from packets") {
  CHECK(damage_of(packet(256, 0) + packet(256, 1) + std::string(188, 'x')) ==
        "bytes in it are no MPEG-TS packets");
  CHECK(damage_of("<html>" + std::string(400, ' ')) == "it is not MPEG-TS");
  CHECK(damage_of("") == "it is not MPEG-TS");
  CHECK_FALSE(TransportWatch().began_with_packets());
}
