// What holds of every plan for a copy, over many videos that chance makes the same way each time.
#include <algorithm>
#include <cstdint>
#include <random>
#include <string>
#include <variant>
#include <vector>

#include <doctest/doctest.h>

#include "cut/coded.hpp"
#include "momentcut/cut/smart.hpp"
#include "print.hpp"

using namespace momentcut::cut;

namespace {

using Times = std::vector<std::int64_t>;

// Pictures between two that they refer to, at most.
constexpr int kMostBetween = 4;

class Chance {
 public:
  explicit Chance(unsigned seed) : engine_(seed) {}
  // From `least` to `most`. The library's own distributions differ between libraries.
  int number(int least, int most) {
    return least + static_cast<int>(engine_() % static_cast<unsigned>(most - least + 1));
  }
  bool heads() { return number(0, 1) == 1; }

 private:
  std::mt19937 engine_;
};

// Appends those in (from, to), which are decoded between them: one after the other, or by halves.
void append_between(Group& group, int from, int to, bool pyramid) {
  if (!pyramid) {
    for (int i = from + 1; i < to; ++i) group.push_back(i);
    return;
  }
  if (to - from < 2) return;
  const int middle = (from + to) / 2;
  group.push_back(middle);
  append_between(group, from, middle, true);
  append_between(group, middle, to, true);
}

// A group as some encoder might make it. An open one begins with pictures that are decoded after
// its key, and shown before it.
Group chance_group(Chance& chance, bool open) {
  Group group;
  int last = open ? chance.number(0, kMostBetween) : 0;
  group.push_back(last);
  append_between(group, -1, last, chance.heads());
  for (int mini = chance.number(0, 6); mini > 0; --mini) {
    const int next = last + chance.number(1, kMostBetween + 1);
    group.push_back(next);
    append_between(group, last, next, chance.heads());
    last = next;
  }
  return group;
}

// Gives every frame a length of its own, and decodes in the same rhythm.
void make_irregular(Coded& made, Chance& chance) {
  Times shown;
  std::int64_t at = chance.number(-100'000, 100'000);
  for (std::size_t i = 0; i < made.video.packets.size(); ++i) {
    shown.push_back(at);
    at += chance.number(1, 9'000);
  }
  std::int64_t delay = 0;
  for (std::size_t i = 0; i < made.video.packets.size(); ++i) {
    auto& packet = made.video.packets[i];
    packet.pts = shown[static_cast<std::size_t>(packet.pts / kFrame)];
    delay = std::max(delay, shown[i] - packet.pts);
  }
  for (std::size_t i = 0; i < made.video.packets.size(); ++i) {
    made.video.packets[i].dts = shown[i] - delay;
  }
  for (auto& key : made.keys) key = shown[static_cast<std::size_t>(key / kFrame)];
}

Coded chance_video(Chance& chance, bool open) {
  std::vector<Group> groups;
  for (int group = chance.number(1, 8); group > 0; --group) {
    groups.push_back(chance_group(chance, open && !groups.empty()));
  }
  auto made = coded(groups, kMostBetween);
  if (chance.heads()) make_irregular(made, chance);
  return made;
}

Times shown_by(const Stream& video) {
  Times shown;
  for (const auto& packet : video.packets) shown.push_back(packet.pts);
  std::sort(shown.begin(), shown.end());
  return shown;
}

FrameCut chance_frames(Chance& chance, const Stream& video) {
  const auto shown = shown_by(video);
  const auto last = static_cast<int>(shown.size()) - 1;
  const auto first = chance.number(0, last);
  const auto end = static_cast<std::size_t>(chance.number(first, last)) + 1;
  return frames_between(video, shown[static_cast<std::size_t>(first)],
                        end < shown.size() ? shown[end] : end_of_last_frame(shown, video));
}

// Of the packets that a plan copies, when they are shown, in that order.
Times copied_by(const CopyPlan& plan, const Stream& video) {
  Times copied;
  for (auto i = plan.first; i < plan.last; ++i) {
    if (video.packets[i].pts >= video.packets[plan.first].pts) {
      copied.push_back(video.packets[i].pts);
    }
  }
  std::sort(copied.begin(), copied.end());
  return copied;
}

Times joined(const Times& head, const Times& copied, const Times& tail) {
  auto all = head;
  all.insert(all.end(), copied.begin(), copied.end());
  all.insert(all.end(), tail.begin(), tail.end());
  return all;
}

bool may_begin(const FrameCut& frames, std::int64_t key) {
  const auto at = std::find(frames.timestamps.begin(), frames.timestamps.end(), key);
  const auto before = static_cast<std::size_t>(at - frames.timestamps.begin());
  return at != frames.timestamps.end() && (before == 0 || before >= kLeastHead);
}

}  // namespace

TEST_CASE("head, copied packets and tail are the clip's frames, in order, each once") {
  Chance chance(20'200'803);
  int plans = 0;
  for (int round = 0; round < 600; ++round) {
    CAPTURE(round);
    const auto made = chance_video(chance, false);
    const auto frames = chance_frames(chance, made.video);
    const auto found = plan_copy(made.video, frames, made.keys);
    const auto begin = std::find_if(made.keys.begin(), made.keys.end(),
                                    [&](std::int64_t key) { return may_begin(frames, key); });
    REQUIRE(std::holds_alternative<CopyPlan>(found) == (begin != made.keys.end()));
    if (begin == made.keys.end()) continue;
    ++plans;
    const auto& plan = std::get<CopyPlan>(found);
    const auto copied = copied_by(plan, made.video);
    REQUIRE(joined(plan.head.timestamps, copied, plan.tail.timestamps) == frames.timestamps);
    CHECK(plan.copied() == copied.size());
    CHECK(plan.leading == 0);
    // Copying begins at a key. What is copied follows on from it without a gap in the order of
    // decoding, so that whatever a packet refers to is copied as well.
    CHECK(made.video.packets[plan.first].pts == *begin);
    CHECK(plan.last - plan.first == copied.size());
    CHECK(plan.tail.timestamps.size() <= kMostBetween);
  }
  CHECK(plans > 200);
}

TEST_CASE("a plan with pictures before its key copies the frames from there on") {
  Chance chance(8'216);
  int plans = 0;
  for (int round = 0; round < 600; ++round) {
    CAPTURE(round);
    const auto made = chance_video(chance, true);
    const auto frames = chance_frames(chance, made.video);
    const auto found = plan_copy(made.video, frames, made.keys);
    const auto* plan = std::get_if<CopyPlan>(&found);
    if (plan == nullptr) continue;
    ++plans;
    const auto copied = copied_by(*plan, made.video);
    REQUIRE(joined(plan->head.timestamps, copied, plan->tail.timestamps) == frames.timestamps);
    CHECK(plan->copied() == copied.size());
    CHECK(std::count(made.keys.begin(), made.keys.end(), copied.front()) == 1);
  }
  CHECK(plans > 200);
}

TEST_CASE("to its copyable end, a clip from a key on is copied without any edge") {
  Chance chance(99);
  for (int round = 0; round < 600; ++round) {
    CAPTURE(round);
    const auto made = chance_video(chance, chance.heads());
    const auto shown = shown_by(made.video);
    const auto start = made.keys[static_cast<std::size_t>(
        chance.number(0, static_cast<int>(made.keys.size()) - 1))];
    const auto wanted = chance_frames(chance, made.video).end;
    if (wanted <= start) continue;
    const auto end = copyable_end(made.video, start, wanted);
    REQUIRE(end >= wanted);
    const auto more = frames_between(made.video, wanted, end).timestamps.size();
    CHECK(more <= kMostBetween + 1);
    const auto found =
        plan_copy(made.video, frames_between(made.video, start, end), std::vector{start}, 0);
    REQUIRE(std::holds_alternative<CopyPlan>(found));
    CHECK_FALSE(std::get<CopyPlan>(found).has_edges());
  }
}
