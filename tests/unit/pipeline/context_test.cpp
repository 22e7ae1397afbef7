// Stages, and what is told of them.
#include "momentcut/pipeline/context.hpp"

#include <string>
#include <thread>
#include <vector>

#include <doctest/doctest.h>

#include "print.hpp"

using namespace momentcut::pipeline;
using namespace std::chrono_literals;

namespace {

// A context, and all that it tells.
struct Watched {
  Watched() : context(observer, interrupt, 5s) {
    observer.progress = [this](const Progress& progress) { told.push_back(progress); };
  }
  momentcut::io::Interrupt interrupt;
  Observer observer;
  Context context;
  std::vector<Progress> told;
};

}  // namespace

TEST_CASE("every stage has its name") {
  CHECK(stage_name(Stage::prepare) == "prepare");
  CHECK(stage_name(Stage::source) == "source");
  CHECK(stage_name(Stage::fetch) == "fetch");
  CHECK(stage_name(Stage::measure) == "measure");
  CHECK(stage_name(Stage::render) == "render");
  CHECK(stage_name(Stage::verify) == "verify");
  CHECK(stage_name(Stage::deliver) == "deliver");
  CHECK(stage_name(Stage::upload) == "upload");
}

TEST_CASE("progress never falls within a stage, and begins anew with the next") {
  Watched watched;
  watched.context.enter(Stage::measure);
  watched.context.progress(0.5);
  watched.context.progress(0.25, 2, 3s);
  watched.context.progress(-1);
  watched.context.progress(7);
  watched.context.progress(0.9);
  watched.context.enter(Stage::render);
  watched.context.progress(0.1);
  std::vector<double> fractions;
  for (const auto& progress : watched.told) fractions.push_back(progress.fraction);
  CHECK(fractions == std::vector<double>{0, 0.5, 0.5, 0.5, 1, 1, 0, 0.1});
  CHECK(watched.told[2].speed == 2);
  CHECK(watched.told[2].left == 3s);
  CHECK(watched.told[5].stage == Stage::measure);
  CHECK(watched.told[6].stage == Stage::render);
}

TEST_CASE("the stage under way is the one entered last") {
  Watched watched;
  CHECK(watched.context.stage() == Stage::prepare);
  watched.context.enter(Stage::source);
  watched.context.enter(Stage::fetch);
  CHECK(watched.context.stage() == Stage::fetch);
}

TEST_CASE("before the first stage there is no progress") {
  Watched watched;
  watched.context.progress(0.5);
  CHECK(watched.told.empty());
  CHECK(watched.context.stage_times().empty());
}

TEST_CASE("stages that are entered again add up, and all of them are the total") {
  Watched watched;
  for (const auto stage : {Stage::measure, Stage::render, Stage::measure, Stage::render}) {
    watched.context.enter(stage);
    std::this_thread::sleep_for(2ms);
  }
  const auto times = watched.context.stage_times();
  REQUIRE(times.size() == 3);
  CHECK(times[0].stage == "measure");
  CHECK(times[1].stage == "render");
  CHECK(times[2].stage == "total");
  CHECK(times[0].seconds >= 0.004);
  CHECK(times[1].seconds >= 0.004);
  CHECK(times[0].seconds + times[1].seconds == doctest::Approx(times[2].seconds));
}

TEST_CASE("stage times go on until the next stage begins") {
  Watched watched;
  watched.context.enter(Stage::source);
  const auto before = watched.context.stage_times().front().seconds;
  std::this_thread::sleep_for(2ms);
  const auto after = watched.context.stage_times().front().seconds;
  CHECK(after > before);
  watched.context.enter(Stage::deliver);
  const auto ended = watched.context.stage_times().front().seconds;
  std::this_thread::sleep_for(2ms);
  CHECK(watched.context.stage_times().front().seconds == ended);
}

TEST_CASE("notes, details and commands reach the watcher") {
  Watched watched;
  std::vector<std::string> told;
  watched.observer.note = [&](const std::string& text) { told.push_back("note " + text); };
  watched.observer.detail = [&](const std::string& text) { told.push_back("detail " + text); };
  watched.observer.command = [&](const std::vector<std::string>& argv) {
    told.push_back("command " + argv.at(0));
  };
  watched.context.note("a");
  watched.context.detail("b");
  watched.context.command({"c"});
  CHECK(told == std::vector<std::string>{"note a", "detail b", "command c"});
  CHECK(watched.context.stall_timeout() == 5s);
  CHECK(&watched.context.interrupt() == &watched.interrupt);
}

TEST_CASE("nobody need watch") {
  momentcut::io::Interrupt interrupt;
  const Observer nobody;
  Context context(nobody, interrupt, 1s);
  context.enter(Stage::render);
  CHECK_NOTHROW(context.progress(0.5));
  CHECK_NOTHROW(context.note("a"));
  CHECK_NOTHROW(context.detail("b"));
  CHECK_NOTHROW(context.command({"c"}));
  CHECK(context.stage_times().size() == 2);
}
