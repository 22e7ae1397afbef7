// A server that says what a test tells it to, and a Remote that may ask it, over http or as S3.
#pragma once

#include <algorithm>
#include <cstdlib>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "io/folder.hpp"
#include "io/scripted_server.hpp"
#include "pipeline/world.hpp"

namespace momentcut::pipeline {

struct Answer {
  // NOLINTNEXTLINE(google-explicit-constructor): a text is an answer
  Answer(std::string said, bool then_gone = false) : text(std::move(said)), breaks_off(then_gone) {}
  std::string text;
  bool breaks_off;  // the connection ends after it
};

// An answer that promises more than it holds.
inline Answer cut_short(int status, const std::string& body, std::size_t promised,
                        const std::string& lines = "") {
  return {"HTTP/1.1 " + std::to_string(status) + " Said So\r\n" + lines +
              "Content-Length: " + std::to_string(promised) + "\r\n\r\n" + body,
          true};
}

inline std::string content_range(std::size_t first, std::size_t last, const std::string& total) {
  return "Content-Range: bytes " + std::to_string(first) + "-" + std::to_string(last) + "/" +
         total + "\r\n";
}

// What a server that has `content` says to a GET, for a part of it or for all.
inline Answer part_of(const std::string& content, const io::Asked& asked) {
  const std::string tag = "ETag: \"v1\"\r\n";
  const auto range = asked.field("range");
  if (!range.starts_with("bytes=")) return io::answer(200, content, tag);
  const auto dash = range.find('-');
  const auto first = core::parse_unsigned(range.substr(6, dash - 6)).value();
  const auto last = std::min<std::uint64_t>(
      core::parse_unsigned(range.substr(dash + 1)).value_or(content.size()), content.size() - 1);
  const auto total = std::to_string(content.size());
  if (first >= content.size()) {
    return io::answer(416, "", "Content-Range: bytes */" + total + "\r\n");
  }
  return io::answer(206, content.substr(first, last - first + 1),
                    tag + content_range(first, last, total));
}

// What S3 says of an error.
inline std::string s3_error(int status, const std::string& code, const std::string& elements = "",
                            const std::string& lines = "") {
  return io::answer(status,
                    "<?xml version=\"1.0\"?><Error><Code>" + code + "</Code>" + elements +
                        "<RequestId>4442587FB7D0A2F9</RequestId></Error>",
                    lines);
}

class Network {
 public:
  using Answering = std::function<Answer(const io::Asked&)>;

  // Gives each request the next of `answers`.
  explicit Network(std::vector<Answer> answers)
      : answers_(answers.begin(), answers.end()), server_([this](io::Connection& connection) {
          while (connection.hear()) {
            if (!give(connection, next())) return;
          }
        }) {
    prepare();
  }

  // Gives each request, none of which may have a body, what `answering` has for it.
  explicit Network(Answering answering)
      : server_([this, answering](io::Connection& connection) {
          for (io::Asked asked; connection.hear_head(asked);) {
            server_.note(asked);
            if (!give(connection, answering(asked))) return;
          }
        }) {
    prepare();
  }

  // What the Remote is made for. It is to be changed before the first use of world().
  Request request;
  std::vector<std::string> details, notes;

  // Makes it a request to S3, with keys that do not change.
  void speak_s3() {
    request.source = "s3://rec/p.m3u8";
    request.network.aws.endpoint_url = server_.url("");
    request.network.environment = {{"AWS_ACCESS_KEY_ID", "AKIDEXAMPLE"},
                                   {"AWS_SECRET_ACCESS_KEY", "hunter2"},
                                   {"AWS_EC2_METADATA_DISABLED", "true"}};
  }

  // The same with keys from a program, which counts how often it is run: AKID1, AKID2, …
  void speak_s3_by_process() {
    speak_s3();
    const auto count = (folder_ / "count").native();
    const auto program =
        folder_.write("keys", "echo run >> " + count + "\n" +
                                  "echo '{\"Version\": 1, \"AccessKeyId\": \"AKID'$(wc -l < " +
                                  count + ")'\", \"SecretAccessKey\": \"hunter2\"}'\n");
    const auto config = folder_.write(
        "config", "[default]\ncredential_process = /bin/sh " + program.native() + "\n");
    request.network.environment = {{"AWS_CONFIG_FILE", config.native()},
                                   {"AWS_SHARED_CREDENTIALS_FILE", (folder_ / "none").native()}};
  }
  [[nodiscard]] std::size_t process_runs() const {
    const auto lines = io::content_of(folder_ / "count");
    return static_cast<std::size_t>(std::count(lines.begin(), lines.end(), '\n'));
  }

  World& world() {
    if (!world_) {
      world_ = std::make_unique<World>(request);
      world_->observer.detail = [this](const std::string& text) { details.push_back(text); };
      world_->observer.note = [this](const std::string& text) { notes.push_back(text); };
    }
    return *world_;
  }
  Remote& remote() { return world().remote; }

  [[nodiscard]] s3::Location at(const std::string& path) const {
    return {s3::Scheme::http, server_.url(path)};
  }
  [[nodiscard]] static s3::Location object(const std::string& key) {
    return {s3::Scheme::s3, "s3://rec/" + key};
  }
  [[nodiscard]] static Ask ask_for(const s3::Location& location) {
    Ask ask;
    ask.location = location;
    ask.what = "it";
    return ask;
  }
  // What asking for a path comes to.
  Reply get(const std::string& path = "/0.ts") { return remote().ask(ask_for(at(path))); }
  Reply get_object(const std::string& key = "0.ts") { return remote().ask(ask_for(object(key))); }

  [[nodiscard]] const io::ScriptedServer& server() const { return server_; }
  [[nodiscard]] std::vector<io::Asked> asked() const { return server_.asked(); }
  [[nodiscard]] const io::Folder& folder() const { return folder_; }

 private:
  void prepare() {
    // Past any proxy of the machine that runs the tests.
    setenv("no_proxy", "*", 1);
    request.source = server_.url("/p.m3u8");
    request.stall_timeout = std::chrono::seconds(20);
  }

  Answer next() {
    const std::lock_guard lock(mutex_);
    if (answers_.empty()) return io::answer(404, "", "X-Script: ended\r\n");
    const auto answer = std::move(answers_.front());
    answers_.pop_front();
    return answer;
  }

  static bool give(io::Connection& connection, const Answer& answer) {
    connection.say(answer.text);
    return !answer.breaks_off;
  }

  io::Folder folder_;
  std::mutex mutex_;
  std::deque<Answer> answers_;
  io::ScriptedServer server_;
  std::unique_ptr<World> world_;
};

}  // namespace momentcut::pipeline
