// What AWS settings are resolved from, and what comes of it, for tests to look at.
#pragma once

#include <string>

#include <doctest/doctest.h>

#include "core/thrown.hpp"
#include "momentcut/s3/credentials.hpp"

namespace momentcut::s3 {

// The command line, the environment and the shared files. Secrets in it contain "hunter2".
struct World {
  AwsOptions options;
  Environment environment;
  std::string config;
  std::string credentials;

  [[nodiscard]] AwsSettings settings() const {
    return resolve_settings(options, environment, parse_ini(config, "config"),
                            parse_ini(credentials, "credentials"));
  }

  template <typename Source>
  [[nodiscard]] Source source() const {
    const auto found = settings().source;
    REQUIRE(std::holds_alternative<Source>(found));
    return std::get<Source>(found);
  }

  // The line of the error that it is refused with, which shows no secret.
  [[nodiscard]] std::string refusal(core::ErrorKind kind = core::ErrorKind::configuration) const {
    const auto error = core::thrown_by([&] { (void)settings(); });
    CHECK(error.kind() == kind);
    CHECK(error.line().find("hunter2") == std::string::npos);
    CHECK(error.line().find("Hunter2") == std::string::npos);
    CHECK(error.line().find('\n') == std::string::npos);
    return error.line();
  }
};

}  // namespace momentcut::s3
