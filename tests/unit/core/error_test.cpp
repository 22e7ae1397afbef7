// What an error tells: its line and its exit code.
#include "momentcut/core/error.hpp"

#include <csignal>
#include <stdexcept>
#include <string>
#include <utility>

#include <doctest/doctest.h>

using momentcut::core::Error;
using momentcut::core::ErrorKind;

TEST_CASE("every kind of error has its code of sysexits.h") {
  const std::pair<ErrorKind, int> codes[] = {
      {ErrorKind::usage, 64},        {ErrorKind::bad_data, 65},
      {ErrorKind::not_found, 66},    {ErrorKind::unavailable, 69},
      {ErrorKind::internal, 70},     {ErrorKind::cannot_create, 73},
      {ErrorKind::io, 74},           {ErrorKind::temporary, 75},
      {ErrorKind::protocol, 76},     {ErrorKind::no_permission, 77},
      {ErrorKind::configuration, 78}};
  for (const auto& [kind, code] : codes) {
    CHECK(Error(kind, "m").exit_code() == code);
    CHECK(Error(kind, "m").kind() == kind);
  }
}

TEST_CASE("an interruption exits like a shell says a signal does") {
  CHECK(Error::interrupted_by(SIGINT).exit_code() == 130);
  CHECK(Error::interrupted_by(SIGTERM).exit_code() == 143);
  CHECK(Error::interrupted_by(SIGHUP).exit_code() == 129);
  CHECK(Error::interrupted_by(SIGTERM).kind() == ErrorKind::interrupted);
  CHECK(Error::interrupted_by(SIGTERM).signal() == SIGTERM);
  CHECK(Error::interrupted_by(SIGTERM).line() == "interrupted");
}

TEST_CASE("an error's line is its message, and its hint where it has one") {
  CHECK(Error(ErrorKind::io, "cannot read \"x\"").line() == "cannot read \"x\"");
  CHECK(Error(ErrorKind::usage, "no start given", "write --start").line() ==
        "no start given; write --start");
}

TEST_CASE("an error is a standard exception that keeps its parts through copies") {
  const Error original(ErrorKind::usage, "message", "hint");
  try {
    throw original;
  } catch (const std::exception& caught) {
    CHECK(std::string(caught.what()) == "message");
  }
  const Error copy = original;
  CHECK(copy.hint() == "hint");
  CHECK(copy.signal() == 0);
}
