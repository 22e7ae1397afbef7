// What the painter paints.
#include "momentcut/cli/progress.hpp"

#include <algorithm>
#include <cstdio>
#include <string>
#include <vector>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "momentcut/core/text.hpp"
#include "print.hpp"

using namespace momentcut::cli;
using namespace std::chrono_literals;
using momentcut::pipeline::Observer;
using momentcut::pipeline::Progress;
using momentcut::pipeline::Stage;

namespace {

// What `paint` makes a painter write.
template <typename Paint>
std::string painted(bool is_terminal, ProgressMode mode, int verbosity, Paint paint) {
  std::FILE* file = std::tmpfile();
  REQUIRE(file != nullptr);
  {
    ProgressPainter painter(file, is_terminal, mode, verbosity);
    paint(painter.observer());
  }
  std::string text;
  std::rewind(file);
  for (int c = std::fgetc(file); c != EOF; c = std::fgetc(file)) text += static_cast<char>(c);
  std::fclose(file);
  return text;
}

std::string painted_progress(bool is_terminal, ProgressMode mode, int verbosity,
                             const std::vector<Progress>& steps) {
  return painted(is_terminal, mode, verbosity, [&](const Observer& observer) {
    for (const auto& step : steps) observer.progress(step);
  });
}

const std::vector<Progress> kSteps{{Stage::render, 0, 0, {}},
                                   {Stage::render, 0.5, 2, 3s},
                                   {Stage::render, 1, 2, {}},
                                   {Stage::verify, 0, 0, {}},
                                   {Stage::verify, 1, 0, {}}};

}  // namespace

TEST_CASE("a bar is as full as its stage is done") {
  CHECK(bar_line({Stage::render, 0, 0, {}}, 80) == "render  [" + std::string(30, ' ') + "]   0%");
  CHECK(bar_line({Stage::render, 0.5, 0, {}}, 80) ==
        "render  [" + std::string(15, '#') + std::string(15, ' ') + "]  50%");
  CHECK(bar_line({Stage::deliver, 1, 0, {}}, 80) == "deliver [" + std::string(30, '#') + "] 100%");
  CHECK(bar_line({Stage::render, 0.25, 3.21, 12'345ms}, 80) ==
        "render  [" + std::string(7, '#') + std::string(23, ' ') + "]  25%  3.2x  0:00:13 left");
}

TEST_CASE("a bar fits its terminal") {
  for (std::size_t columns = 0; columns <= 120; ++columns) {
    CAPTURE(columns);
    for (const double fraction : {0.0, 0.37, 1.0}) {
      CHECK(bar_line({Stage::render, fraction, 12.3, 3h}, columns).size() <=
            (columns == 0 ? 0 : columns - 1));
    }
  }
}

TEST_CASE("a bar never shrinks while its stage goes on") {
  std::ptrdiff_t before = 0;
  for (int i = 0; i <= 1'000; ++i) {
    const auto line = bar_line({Stage::render, i / 1000.0, 0, {}}, 60);
    const auto full = std::count(line.begin(), line.end(), '#');
    CHECK(full >= before);
    before = full;
  }
  CHECK(before == 30);
}

TEST_CASE("a plain line says the stage and how far it is") {
  CHECK(plain_line({Stage::prepare, 0, 0, {}}) == "prepare 0%");
  CHECK(plain_line({Stage::measure, 0.999, 0, {}}) == "measure 99%");
  CHECK(plain_line({Stage::render, 0.5, 21.74, 90s}) == "render 50%  21.7x  0:01:30 left");
  CHECK(plain_line({Stage::source, 1, 0, {}}) == "source 100%");
}

TEST_CASE("a JSON line reads back as what it says") {
  const auto bare = nlohmann::json::parse(json_line({Stage::verify, 0.125, 0, {}}));
  CHECK(bare["stage"] == "verify");
  CHECK(bare["fraction"] == 0.125);
  CHECK(bare.size() == 2);
  const auto full = nlohmann::json::parse(json_line({Stage::render, 1.0 / 3, 2.5, 1'250ms}));
  CHECK(full["stage"] == "render");
  CHECK(full["fraction"].get<double>() == doctest::Approx(1.0 / 3).epsilon(0.001));
  CHECK(full["speed"] == 2.5);
  CHECK(full["left"] == 1.25);
  CHECK(full.size() == 4);
}

TEST_CASE("automatic progress is a bar on a terminal and nothing elsewhere") {
  CHECK(painted_progress(false, ProgressMode::automatic, 0, kSteps).empty());
  const auto bar = painted_progress(true, ProgressMode::automatic, 0, kSteps);
  CHECK(bar.find("\rrender  [") != std::string::npos);
  CHECK(bar.find('\n') == std::string::npos);
}

TEST_CASE("a bar is wiped off at the end") {
  const auto bar = painted_progress(true, ProgressMode::bar, 0, kSteps);
  CHECK(bar.ends_with("\r\x1b[K"));
  CHECK(painted(true, ProgressMode::bar, 0, [](const Observer&) {}).empty());
}

TEST_CASE("a bar that is asked for is painted without a terminal, too") {
  CHECK(painted_progress(false, ProgressMode::bar, 0, kSteps).find("100%") != std::string::npos);
}

TEST_CASE("plain progress tells every end of a stage, in order") {
  const auto text = painted_progress(false, ProgressMode::plain, 0, kSteps);
  const auto render = text.find("render 100%");
  const auto verify = text.find("verify 100%");
  REQUIRE(render != std::string::npos);
  REQUIRE(verify != std::string::npos);
  CHECK(render < verify);
  CHECK(text.find('\r') == std::string::npos);
  CHECK(text.ends_with("\n"));
}

TEST_CASE("progress in JSON is a value a line, and never falls within a stage") {
  const auto text = painted_progress(true, ProgressMode::json, 0, kSteps);
  std::string stage;
  double fraction = 0;
  std::size_t lines = 0;
  for (const auto line : momentcut::core::split(text, '\n')) {
    if (line.empty()) continue;
    const auto json = nlohmann::json::parse(line);
    if (json["stage"] != stage) fraction = 0;
    CHECK(json["fraction"].get<double>() >= fraction);
    fraction = json["fraction"];
    stage = json["stage"];
    ++lines;
  }
  CHECK(lines >= 3);
  CHECK(stage == "verify");
  CHECK(fraction == 1);
}

TEST_CASE("quick news of one stage is not all painted") {
  std::vector<Progress> steps;
  for (int i = 0; i < 1'000; ++i) steps.push_back({Stage::render, i / 1000.0, 0, {}});
  const auto text = painted_progress(true, ProgressMode::bar, 0, steps);
  CHECK(std::count(text.begin(), text.end(), '[') < 1'000);
}

TEST_CASE("no progress is none, also where it is asked for quietly") {
  CHECK(painted_progress(true, ProgressMode::none, 2, kSteps).empty());
  for (const auto mode : {ProgressMode::bar, ProgressMode::plain, ProgressMode::json}) {
    CHECK(painted_progress(true, mode, -1, kSteps).empty());
  }
}

TEST_CASE("notes, details and commands are told by verbosity") {
  const auto told = [](int verbosity) {
    return painted(false, ProgressMode::none, verbosity, [](const Observer& observer) {
      if (observer.note) observer.note("shorter");
      if (observer.detail) observer.detail("how");
      if (observer.command) observer.command({"ffmpeg", "-i", "a b", "x\ny"});
    });
  };
  CHECK(told(-1).empty());
  CHECK(told(0) == "momentcut: note: shorter\n");
  CHECK(told(1) == "momentcut: note: shorter\nhow\n");
  CHECK(told(2) == "momentcut: note: shorter\nhow\n+ ffmpeg -i 'a b' 'x?y'\n");
}

TEST_CASE("a note does not stand in a bar's line") {
  const auto text = painted(true, ProgressMode::bar, 0, [](const Observer& observer) {
    observer.progress({Stage::render, 0.5, 0, {}});
    observer.note("shorter");
  });
  CHECK(text.ends_with("%\x1b[K\r\x1b[Kmomentcut: note: shorter\n"));
}

TEST_CASE("a stderr that cannot be written to does not stop a cut") {
  std::FILE* full = std::fopen("/dev/full", "we");
  REQUIRE(full != nullptr);
  std::setvbuf(full, nullptr, _IONBF, 0);  // as stderr is
  {
    ProgressPainter painter(full, false, ProgressMode::plain, 2);
    const auto observer = painter.observer();
    CHECK_NOTHROW(observer.progress({Stage::render, 1, 0, {}}));
    CHECK_NOTHROW(observer.note("shorter"));
    CHECK_NOTHROW(observer.detail("how"));
    CHECK_NOTHROW(observer.command({"ffmpeg"}));
  }
  std::fclose(full);
}
