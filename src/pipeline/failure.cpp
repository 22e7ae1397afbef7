#include "momentcut/pipeline/failure.hpp"

#include <fmt/format.h>

#include "momentcut/core/text.hpp"
#include "momentcut/core/time.hpp"
#include "momentcut/s3/retry.hpp"

namespace momentcut::pipeline {
namespace {

using core::Error;
using core::ErrorKind;

constexpr auto kAllowMore = "try again later, or allow more with --stall-timeout";

Error status_error(const std::string& what, int status, const s3::ServiceError& error) {
  auto text = error.code.empty() ? fmt::format("{}: HTTP status {}", what, status)
                                 : fmt::format("{}: {} (HTTP status {})", what,
                                               core::printable(error.code), status);
  if (!error.request_id.empty()) {
    text += fmt::format(", request {}", core::printable(error.request_id));
  }
  return {s3::kind_of(status, error.code), text, s3::advice_for(status, error.code)};
}

}  // namespace

Error failure_of(const std::string& what, const io::HttpOutcome& outcome,
                 const s3::ServiceError& error) {
  const auto why = fmt::format("{}: {}", what, outcome.reason);
  switch (outcome.failure) {
    case io::HttpFailure::none:
      return status_error(what, outcome.head.status, error);
    case io::HttpFailure::certificate:
      return {ErrorKind::protocol, why, "name its authority's certificate in AWS_CA_BUNDLE"};
    case io::HttpFailure::tls:
    case io::HttpFailure::protocol:
      return {ErrorKind::protocol, why};
    case io::HttpFailure::proxy:
      return {ErrorKind::no_permission, why,
              "see to the proxy's user and password in https_proxy, or go past it with no_proxy"};
    case io::HttpFailure::stalled:
      return {ErrorKind::temporary, why, kAllowMore};
    case io::HttpFailure::resolve:
    case io::HttpFailure::connect:
    case io::HttpFailure::broken:
      return {ErrorKind::temporary, why, "try again later"};
  }
  return {ErrorKind::internal, why};
}

Error stall_error(const std::string& what, std::chrono::milliseconds limit) {
  return {ErrorKind::temporary,
          fmt::format("{}: hardly a byte came for {} s", what, core::format_seconds(limit)),
          kAllowMore};
}

}  // namespace momentcut::pipeline
