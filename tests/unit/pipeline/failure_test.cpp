// What failed attempts come to.
#include "momentcut/pipeline/failure.hpp"

#include <doctest/doctest.h>

#include "print.hpp"

using namespace momentcut;
using core::ErrorKind;
using pipeline::failure_of;
using pipeline::stall_error;

namespace {

io::HttpOutcome answered(int status) {
  io::HttpOutcome outcome;
  outcome.head.status = status;
  return outcome;
}

io::HttpOutcome broken(io::HttpFailure failure) {
  io::HttpOutcome outcome;
  outcome.failure = failure;
  outcome.reason = "it broke";
  return outcome;
}

}  // namespace

TEST_CASE("a status that is no success is told with the service's own words") {
  const auto plain = failure_of("x.ts", answered(404), {});
  CHECK(plain.line() == "x.ts: HTTP status 404");
  CHECK(plain.kind() == ErrorKind::not_found);
  s3::ServiceError error;
  error.code = "SignatureDoesNotMatch";
  error.request_id = "tx\n1";
  const auto named = failure_of("x.ts", answered(403), error);
  CHECK(named.line() ==
        "x.ts: SignatureDoesNotMatch (HTTP status 403), request tx?1; check the secret access key");
  CHECK(named.kind() == ErrorKind::no_permission);
}

TEST_CASE("trying later helps where the way to the server failed, not where it speaks nonsense") {
  using io::HttpFailure;
  for (const auto failure :
       {HttpFailure::resolve, HttpFailure::connect, HttpFailure::stalled, HttpFailure::broken}) {
    const auto error = failure_of("x.ts", broken(failure), {});
    CHECK(error.kind() == ErrorKind::temporary);
    CHECK(error.line().starts_with("x.ts: it broke; try again later"));
  }
  for (const auto failure : {HttpFailure::certificate, HttpFailure::tls, HttpFailure::protocol}) {
    CHECK(failure_of("x.ts", broken(failure), {}).kind() == ErrorKind::protocol);
  }
  CHECK(failure_of("x.ts", broken(HttpFailure::certificate), {}).hint().find("AWS_CA_BUNDLE") !=
        std::string::npos);
}

TEST_CASE("a proxy that lets nothing through is told with where it is set") {
  const auto error = failure_of("x.ts", broken(io::HttpFailure::proxy), {});
  CHECK(error.kind() == ErrorKind::no_permission);
  CHECK(error.hint().find("https_proxy") != std::string::npos);
}

TEST_CASE("a trickle is told with the time it was given") {
  const auto error = stall_error("x.ts", std::chrono::milliseconds(2500));
  CHECK(error.kind() == ErrorKind::temporary);
  CHECK(std::string(error.what()) == "x.ts: hardly a byte came for 2.5 s");
}
