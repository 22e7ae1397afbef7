// A loopback server that says to each connection what a test tells it to, byte for byte, and
// remembers what it was asked.
#pragma once

#include <algorithm>
#include <chrono>
#include <csignal>
#include <functional>
#include <initializer_list>
#include <list>
#include <mutex>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "momentcut/core/text.hpp"
#include "momentcut/io/descriptor.hpp"

namespace momentcut::io {

// A request as it came.
struct Asked {
  std::string head;  // up to the empty line, without it
  std::string body;

  [[nodiscard]] std::string line() const { return head.substr(0, head.find("\r\n")); }

  // The value of a field, "(none)" without one; `name` in lower case.
  [[nodiscard]] std::string field(const std::string& name) const {
    const auto lower = core::lowered(head);
    const auto at = lower.find("\r\n" + name + ":");
    if (at == std::string::npos) return "(none)";
    const auto value = at + name.size() + 3;
    return std::string(
        core::trimmed(std::string_view(head).substr(value, lower.find("\r\n", value) - value)));
  }
};

class ScriptedServer;

// The server's end of one connection.
class Connection {
 public:
  Connection(ScriptedServer& server, int fd, std::size_t number)
      : server_(&server), fd_(fd), number_(number) {}

  // Counted from 0.
  [[nodiscard]] std::size_t number() const { return number_; }

  // Waits for the header of the next request; false: the client has gone.
  bool hear_head(Asked& asked);
  // Waits for a whole request and makes a note of it; false: the client has gone.
  bool hear();
  // Takes a part of the request's body, `at_most` bytes of it; their number, 0: the client has
  // gone.
  std::size_t hear_some(std::size_t at_most) {
    if (heard_.empty() && !read_more()) return 0;
    const auto count = std::min(at_most, heard_.size());
    heard_.erase(0, count);
    return count;
  }
  // Says it all, unless the client has gone.
  void say(std::string_view text) const {
    while (!text.empty()) {
      const auto sent = send(fd_.get(), text.data(), text.size(), MSG_NOSIGNAL);
      if (sent <= 0) return;
      text.remove_prefix(static_cast<std::size_t>(sent));
    }
  }
  void pause(std::chrono::milliseconds time) const { std::this_thread::sleep_for(time); }
  // Says nothing until the client goes.
  void wait_for_end() {
    while (read_more()) heard_.clear();
  }
  // The connection is to end by a reset instead of in order.
  void reset_at_end() const {
    const linger at_once{1, 0};
    setsockopt(fd_.get(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  }
  void shut_down() const { shutdown(fd_.get(), SHUT_RDWR); }
  void close() {
    const std::lock_guard lock(closing_);
    fd_.reset();
  }
  void shut_down_if_open() {
    const std::lock_guard lock(closing_);
    if (fd_.open()) shut_down();
  }

 private:
  bool read_more() {
    char buffer[64U << 10U];
    const auto count = read(fd_.get(), buffer, sizeof buffer);
    if (count > 0) heard_.append(buffer, static_cast<std::size_t>(count));
    return count > 0;
  }

  ScriptedServer* server_;
  Descriptor fd_;
  std::size_t number_;
  std::mutex closing_;
  std::string heard_;
};

class ScriptedServer {
 public:
  using Script = std::function<void(Connection&)>;

  // Runs `script` for each connection, in a thread of its own, and closes it then.
  explicit ScriptedServer(Script script) : script_(std::move(script)) {
    listener_ = Descriptor(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    // A narrow window: what the script does not hear stays with the client.
    const int window = 64 << 10;
    setsockopt(listener_.get(), SOL_SOCKET, SO_RCVBUF, &window, sizeof window);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    auto* plain = reinterpret_cast<sockaddr*>(&address);
    socklen_t size = sizeof address;
    if (bind(listener_.get(), plain, size) != 0 || listen(listener_.get(), 100) != 0 ||
        getsockname(listener_.get(), plain, &size) != 0) {
      throw std::runtime_error("cannot listen on 127.0.0.1");
    }
    port_ = ntohs(address.sin_port);
    // The tests' signals are not for the server's threads.
    sigset_t all;
    sigset_t before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    accepting_ = std::jthread([this] { accept_all(); });
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
  }

  // Gives each request the next of `answers`, on whatever connection it comes.
  explicit ScriptedServer(std::vector<std::string> answers)
      : ScriptedServer([this](Connection& connection) {
          while (connection.hear()) connection.say(next_answer());
        }) {
    const std::lock_guard lock(mutex_);
    answers_ = std::move(answers);
  }

  ~ScriptedServer() {
    shutdown(listener_.get(), SHUT_RDWR);
    accepting_.join();
    for (auto& served : served_) served.connection.shut_down_if_open();
    served_.clear();
  }
  ScriptedServer(const ScriptedServer&) = delete;
  ScriptedServer& operator=(const ScriptedServer&) = delete;

  [[nodiscard]] std::string authority() const { return "127.0.0.1:" + std::to_string(port_); }
  [[nodiscard]] std::string url(const std::string& path = "/") const {
    return "http://" + authority() + path;
  }

  // What it was asked so far, in the order in which requests were complete.
  [[nodiscard]] std::vector<Asked> asked() const {
    const std::lock_guard lock(mutex_);
    return asked_;
  }
  [[nodiscard]] std::size_t connections() const {
    const std::lock_guard lock(mutex_);
    return connections_;
  }
  void note(Asked asked) {
    const std::lock_guard lock(mutex_);
    asked_.push_back(std::move(asked));
  }

 private:
  struct Served {
    Served(ScriptedServer& server, int fd, std::size_t number)
        : connection(server, fd, number), thread([this, &server] {
            server.script_(connection);
            connection.close();
          }) {}
    Connection connection;
    std::jthread thread;
  };

  void accept_all() {
    for (;;) {
      const int fd = accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC);
      if (fd < 0) return;
      const std::lock_guard lock(mutex_);
      served_.emplace_back(*this, fd, connections_++);
    }
  }

  std::string next_answer() {
    const std::lock_guard lock(mutex_);
    if (answered_ == answers_.size())
      return "HTTP/1.1 500 Script Ended\r\nContent-Length: 0\r\n\r\n";
    return answers_[answered_++];
  }

  Script script_;
  Descriptor listener_;
  unsigned port_ = 0;
  mutable std::mutex mutex_;
  std::vector<std::string> answers_;
  std::size_t answered_ = 0;
  std::vector<Asked> asked_;
  std::size_t connections_ = 0;
  std::list<Served> served_;
  std::jthread accepting_;
};

inline bool Connection::hear_head(Asked& asked) {
  std::size_t end = 0;
  while ((end = heard_.find("\r\n\r\n")) == std::string::npos) {
    if (!read_more()) return false;
  }
  asked.head = heard_.substr(0, end);
  heard_.erase(0, end + 4);
  return true;
}

inline bool Connection::hear() {
  Asked asked;
  if (!hear_head(asked)) return false;
  const auto length = core::parse_unsigned(asked.field("content-length")).value_or(0);
  while (heard_.size() < length) {
    if (!read_more()) return false;
  }
  asked.body = heard_.substr(0, length);
  heard_.erase(0, length);
  server_->note(std::move(asked));
  return true;
}

// A whole answer: status, further header lines (each with its end), body.
inline std::string answer(int status, const std::string& body = "", const std::string& lines = "") {
  return "HTTP/1.1 " + std::to_string(status) + " Said So\r\n" + lines +
         "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

}  // namespace momentcut::io
