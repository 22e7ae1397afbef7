#include "momentcut/pipeline/credentials.hpp"

#include <type_traits>
#include <utility>
#include <variant>

#include <fmt/format.h>

#include "momentcut/core/error.hpp"
#include "momentcut/core/text.hpp"
#include "momentcut/io/files.hpp"
#include "momentcut/io/process.hpp"
#include "momentcut/s3/retry.hpp"
#include "momentcut/s3/xml.hpp"

namespace momentcut::pipeline {
namespace {

using core::Error;
using core::ErrorKind;

constexpr std::size_t kMostAnswerBytes = 64U << 10U;
constexpr int kMostAttempts = 3;
constexpr std::chrono::milliseconds kPause{500};

// What answers for a container or an instance is on the same machine, or it is not there.
io::HttpSettings near_settings(io::HttpSettings settings) {
  settings.connect_timeout = std::chrono::milliseconds(1'000);
  settings.stall_timeout = std::chrono::milliseconds(5'000);
  return settings;
}

std::string token_in(const std::string& path) {
  try {
    auto text = io::read_file(path, kMostAnswerBytes);
    while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) text.pop_back();
    if (text.empty() || text.find_first_of("\r\n") != std::string::npos) {
      throw Error(ErrorKind::configuration, core::quoted(path, 400) + " holds no token");
    }
    return text;
  } catch (const Error& error) {
    throw Error(ErrorKind::configuration, fmt::format("AWS credentials: {}", error.what()));
  }
}

}  // namespace

CredentialProvider::CredentialProvider(s3::CredentialSource source, std::string sts_url,
                                       const io::HttpSettings& settings, Context& context)
    : source_(std::move(source)),
      sts_url_(std::move(sts_url)),
      context_(context),
      local_(near_settings(settings), context.interrupt()),
      remote_(settings, context.interrupt()) {}

std::optional<s3::Credentials> CredentialProvider::get(core::WallTime now) {
  if (std::holds_alternative<s3::Anonymous>(source_)) return {};
  if (const auto* fixed = std::get_if<s3::Credentials>(&source_)) return *fixed;
  if (!known_ || s3::is_due(*known_, now)) known_ = fetch();
  return known_;
}

bool CredentialProvider::renew() {
  known_.reset();
  return !std::holds_alternative<s3::Anonymous>(source_) &&
         !std::holds_alternative<s3::Credentials>(source_);
}

s3::Credentials CredentialProvider::fetch() {
  return std::visit(
      [this](const auto& source) -> s3::Credentials {
        using Source = std::decay_t<decltype(source)>;
        if constexpr (std::is_same_v<Source, s3::Credentials> ||
                      std::is_same_v<Source, s3::Anonymous>) {
          return {};
        } else {
          return fetch_from(source);
        }
      },
      source_);
}

s3::Credentials CredentialProvider::fetch_from(const s3::ProcessCredentials& source) {
  std::string output;
  const io::Command command{source.argv,
                            [&output](std::string_view line) {
                              if (output.size() < kMostAnswerBytes) output.append(line) += '\n';
                            },
                            context_.stall_timeout()};
  io::Outcome outcome;
  try {
    outcome = io::run(command, context_.interrupt());
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::unavailable) throw;
    throw Error(ErrorKind::configuration, fmt::format("credential_process: {}", error.what()));
  }
  // Its words may hold secrets, and so may what it prints.
  if (!outcome.ok()) {
    const auto how = outcome.hung ? std::string("hung")
                     : outcome.signal != 0
                         ? fmt::format("was ended by signal {}", outcome.signal)
                         : fmt::format("failed (exit status {})", outcome.exit_status);
    throw Error(ErrorKind::no_permission,
                fmt::format("credential_process {} {}", core::quoted(source.argv[0], 400), how),
                "run it by hand to see why");
  }
  return s3::parse_process_credentials(output);
}

std::string CredentialProvider::ask(io::HttpRequest request, std::string_view what) {
  const bool is_near = request.direct;
  std::string body;
  std::string failure;
  bool gone = false;
  int attempts = 0;
  io::HttpTransfer transfer;
  transfer.prepare = [&] {
    body.clear();
    return request;
  };
  transfer.on_body = [&](std::string_view bytes) {
    body.append(bytes.substr(0, kMostAnswerBytes - std::min(kMostAnswerBytes, body.size())));
    return body.size() < kMostAnswerBytes;
  };
  transfer.on_end =
      [&](const io::HttpOutcome& outcome) -> std::optional<std::chrono::milliseconds> {
    const auto status = outcome.head.status;
    failure = outcome.failure != io::HttpFailure::none ? outcome.reason
              : status / 100 != 2                      ? fmt::format("HTTP status {}", status)
                                                       : "";
    if (failure.empty()) return {};
    const auto error = s3::parse_error(body);
    if (error && !error->code.empty()) failure += ", " + core::printable(error->code);
    // Nobody there: this is no container and no instance.
    gone = is_near && (outcome.failure == io::HttpFailure::connect ||
                       outcome.failure == io::HttpFailure::resolve);
    const bool passing =
        outcome.failure != io::HttpFailure::none ||
        s3::remedy_for(status, error ? error->code : std::string()) == s3::Remedy::wait;
    if (gone || !passing || ++attempts >= kMostAttempts) return {};
    return kPause * attempts;
  };
  std::vector<io::HttpTransfer> transfers;
  transfers.push_back(std::move(transfer));
  (is_near ? local_ : remote_).run(std::move(transfers), 1);
  if (failure.empty()) return body;
  throw Error(ErrorKind::no_permission,
              fmt::format("no AWS credentials from {}: {}", what, failure),
              gone ? "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or name a profile with "
                     "--profile; --no-sign-request reads public buckets"
                   : "check the role and the token");
}

s3::Credentials CredentialProvider::fetch_from(const s3::WebIdentity& source) {
  const s3::Fields form{{"Action", "AssumeRoleWithWebIdentity"},
                        {"Version", "2011-06-15"},
                        {"RoleArn", source.role_arn},
                        {"RoleSessionName", source.session_name},
                        {"WebIdentityToken", token_in(source.token_file)}};
  io::HttpRequest request;
  request.method = "POST";
  request.url = sts_url_;
  request.headers = {{"Content-Type", "application/x-www-form-urlencoded"}};
  request.body = s3::canonical_query(form);
  return s3::parse_assumed_role(ask(std::move(request), "the web identity's role"));
}

s3::Credentials CredentialProvider::fetch_from(const s3::ContainerEndpoint& source) {
  io::HttpRequest request;
  request.url = source.url;
  request.direct = true;
  const auto token = source.token_file.empty() ? source.token : token_in(source.token_file);
  if (!token.empty()) request.headers.emplace_back("Authorization", token);
  return s3::parse_served_credentials(ask(std::move(request), "the container's endpoint"));
}

// IMDSv2: a session token first ("Retrieve instance metadata", Amazon EC2 User Guide).
s3::Credentials CredentialProvider::fetch_from(const s3::InstanceMetadata& source) {
  constexpr std::string_view kWhat = "the instance's metadata";
  io::HttpRequest request;
  request.direct = true;
  request.method = "PUT";
  request.url = source.url + "/latest/api/token";
  request.headers = {{"X-aws-ec2-metadata-token-ttl-seconds", "21600"}};
  const auto token = ask(request, kWhat);
  if (token.empty() || token.find_first_of("\r\n") != std::string::npos) {
    throw Error(ErrorKind::protocol, "the instance's metadata gave no session token");
  }
  const auto roles = source.url + "/latest/meta-data/iam/security-credentials/";
  request.method = "GET";
  request.headers = {{"X-aws-ec2-metadata-token", token}};
  request.url = roles;
  const auto answer = ask(request, kWhat);
  const auto role = core::trimmed(std::string_view(answer).substr(0, answer.find_first_of("\r\n")));
  request.url = roles + s3::percent_encoded(role);
  return s3::parse_served_credentials(ask(request, kWhat));
}

}  // namespace momentcut::pipeline
