// The one exception type, and what each kind of failure means to the caller of the program.
#pragma once

#include <stdexcept>
#include <string>

namespace momentcut::core {

// Kinds are sysexits.h's classes, so that cron and scripts can tell a retry from a mistake.
enum class ErrorKind {
  usage,          // 64: the command line, the environment or a value in them
  bad_data,       // 65: a playlist or media that cannot be cut
  not_found,      // 66: no such input, or a range outside the stream
  unavailable,    // 69: a service or program that momentcut needs is not there
  internal,       // 70: a mistake of momentcut's own
  cannot_create,  // 73: the output cannot be created
  io,             // 74: reading or writing failed
  temporary,      // 75: trying again later may help
  protocol,       // 76: the remote side broke its protocol
  no_permission,  // 77: access denied
  configuration,  // 78: the configuration file
  interrupted,    // 128 + signal: ended by SIGINT, SIGTERM or SIGHUP
};

// What went wrong and where (`what()`), and what to do about it (`hint()`, may be empty). Both are
// single lines without a final full stop; main joins them into the one line a user sees.
class Error : public std::runtime_error {
 public:
  Error(ErrorKind kind, const std::string& message, std::string hint = {});

  // An interruption by `signal`, which main raises again once everything is cleaned up.
  static Error interrupted_by(int signal);

  [[nodiscard]] ErrorKind kind() const noexcept { return kind_; }
  [[nodiscard]] const std::string& hint() const noexcept { return hint_; }
  [[nodiscard]] int signal() const noexcept { return signal_; }
  [[nodiscard]] int exit_code() const noexcept;

  // "message; hint", or just the message: the text of the line on stderr.
  [[nodiscard]] std::string line() const;

 private:
  ErrorKind kind_;
  std::string hint_;
  int signal_ = 0;
};

}  // namespace momentcut::core
