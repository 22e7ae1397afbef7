#include "momentcut/pipeline/context.hpp"

#include <algorithm>

namespace momentcut::pipeline {

std::string_view stage_name(Stage stage) {
  switch (stage) {
    case Stage::prepare:
      return "prepare";
    case Stage::source:
      return "source";
    case Stage::wait:
      return "wait";
    case Stage::fetch:
      return "fetch";
    case Stage::measure:
      return "measure";
    case Stage::render:
      return "render";
    case Stage::verify:
      return "verify";
    case Stage::deliver:
      return "deliver";
    case Stage::upload:
      return "upload";
  }
  return "";
}

void Context::enter(Stage stage) {
  entries_.push_back({stage, Clock::now()});
  fraction_ = 0;
  progress(0);
}

std::vector<StageTime> Context::stage_times() const {
  const auto now = Clock::now();
  const auto seconds = [](Clock::duration d) { return std::chrono::duration<double>(d).count(); };
  std::vector<StageTime> times;
  for (std::size_t i = 0; i < entries_.size(); ++i) {
    const auto end = i + 1 < entries_.size() ? entries_[i + 1].at : now;
    const auto name = stage_name(entries_[i].stage);
    const auto known = std::find_if(times.begin(), times.end(),
                                    [&](const StageTime& t) { return t.stage == name; });
    // A stage that is entered again, as measuring is when a render falls short, adds up.
    auto& time = known != times.end() ? *known : times.emplace_back(StageTime{std::string(name)});
    time.seconds += seconds(end - entries_[i].at);
  }
  if (!entries_.empty()) times.push_back({"total", seconds(now - entries_.front().at)});
  return times;
}

void Context::progress(double fraction, double speed, std::optional<core::Time> left) {
  fraction_ = std::clamp(fraction, fraction_, 1.0);
  if (!observer_.progress || entries_.empty()) return;
  observer_.progress({entries_.back().stage, fraction_, speed, left});
}

void Context::note(const std::string& text) const {
  if (observer_.note) observer_.note(text);
}

void Context::detail(const std::string& text) const {
  if (observer_.detail) observer_.detail(text);
}

void Context::command(const std::vector<std::string>& argv) const {
  if (observer_.command) observer_.command(argv);
}

}  // namespace momentcut::pipeline
