#include "momentcut/cli/network.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "momentcut/core/text.hpp"
#include "momentcut/pipeline/naming.hpp"

namespace momentcut::cli {
namespace {

using core::Error;
using core::ErrorKind;

// As long as a signature may hold (AWS Signature Version 4).
constexpr std::chrono::hours kLongestPresign{7 * 24};
constexpr std::chrono::hours kUsualPresign{24};
constexpr std::size_t kMostMetadataBytes = 2048;  // names and values together (PutObject)

// RFC 9110 §5.1: what a field's name is made of.
bool is_token(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
  });
}

bool is_printable_ascii(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= 0x20 && c < 0x7f; });
}

bool is_field_value(std::string_view text) {
  return std::none_of(text.begin(), text.end(),
                      [](char c) { return (c >= 0 && c < 0x20 && c != '\t') || c == 0x7f; });
}

using Pairs = std::vector<std::pair<std::string, std::string>>;

// "name: value" or "name=value", as `separator` has it. What is wrong is told without the value: it
// may be a password.
Pairs pairs_of(const Settings& settings, std::string_view option, char separator,
               std::string_view form) {
  Pairs pairs;
  const auto found = settings.find(option);
  for (const auto& text : texts_of(settings, option)) {
    const auto at = text.find(separator);
    const auto name = core::trimmed(std::string_view(text).substr(0, at));
    if (at == std::string::npos || !is_token(name)) {
      throw Error(ErrorKind::usage, fmt::format("{} needs the form {}", found->origin, form));
    }
    const auto value = core::trimmed(std::string_view(text).substr(at + 1));
    if (!is_field_value(value)) {
      throw Error(ErrorKind::usage, fmt::format("{}: a control character in the value of {}",
                                                found->origin, core::quoted(name)));
    }
    pairs.emplace_back(name, value);
  }
  return pairs;
}

Pairs headers_of(const Settings& settings) {
  // What says which bytes are sent, and how, is decided request by request.
  static constexpr std::string_view kOurs[] = {"host",
                                               "range",
                                               "if-match",
                                               "if-none-match",
                                               "if-range",
                                               "if-modified-since",
                                               "if-unmodified-since",
                                               "accept-encoding",
                                               "expect",
                                               "upgrade",
                                               "content-length",
                                               "transfer-encoding",
                                               "te",
                                               "connection"};
  auto headers = pairs_of(settings, "header", ':', "'Name: value'");
  for (const auto& header : headers) {
    const auto name = core::lowered(header.first);
    if (std::find(std::begin(kOurs), std::end(kOurs), name) != std::end(kOurs)) {
      throw Error(ErrorKind::usage,
                  fmt::format("{}: {} is not for you to say", settings.find("header")->origin,
                              core::quoted(header.first)));
    }
  }
  return headers;
}

// S3 takes US-ASCII alone without tricks of encoding.
Pairs metadata_of(const Settings& settings) {
  auto metadata = pairs_of(settings, "metadata", '=', "NAME=VALUE");
  const auto refuse = [&](const std::string& reason) {
    return Error(ErrorKind::usage,
                 fmt::format("{}: {}", settings.find("metadata")->origin, reason));
  };
  std::size_t bytes = 0;
  for (auto& [name, value] : metadata) {
    name = core::lowered(name);
    bytes += name.size() + value.size();
    if (!is_printable_ascii(value)) {
      throw refuse(
          fmt::format("S3 takes printable ASCII alone, not the value of {}", core::quoted(name)));
    }
  }
  if (bytes > kMostMetadataBytes) {
    throw refuse(fmt::format("{} bytes, S3 takes {}", bytes, kMostMetadataBytes));
  }
  return metadata;
}

std::optional<std::chrono::seconds> presign_of(const Settings& settings) {
  const auto found = settings.find("presign-result");
  if (!found) return {};
  if (found->value.empty()) {
    // Alone on the command line. A variable that is set to nothing must not hand out URLs.
    return found->distance == 0 ? std::optional<std::chrono::seconds>(kUsualPresign) : std::nullopt;
  }
  const auto length = core::parse_length(found->value);
  if (!length || *length < std::chrono::seconds(1) || *length > kLongestPresign) {
    throw bad_value(*found, "a length of time from 1 s to 168h (7 days)");
  }
  return std::chrono::floor<std::chrono::seconds>(*length);
}

s3::Location destination_of(const Settings::Found& found) {
  s3::Location location;
  try {
    location = s3::parse_location(found.value);
    if (location.scheme == s3::Scheme::s3) {
      pipeline::check_template(s3::object_of(location).key);
      return location;
    }
  } catch (const Error& error) {
    throw Error(error.kind(), fmt::format("{}: {}", found.origin, error.what()), error.hint());
  }
  throw bad_value(found, "s3://BUCKET/KEY");
}

std::string plain_text_of(const Settings& settings, std::string_view option) {
  auto text = text_of(settings, option).value_or("");
  if (!is_printable_ascii(text)) {
    throw bad_value(*settings.find(option), "plain ASCII text");
  }
  return text;
}

}  // namespace

pipeline::NetworkOptions network_options(const Settings& settings) {
  pipeline::NetworkOptions options;
  const auto connections = number_of(settings, "connections", 1, 64);
  if (connections) options.connections = static_cast<unsigned>(*connections);
  if (const auto retries = number_of(settings, "retries", 0, 100)) {
    options.retries = static_cast<unsigned>(*retries);
  }
  if (const auto limit = length_of(settings, "timeout")) {
    options.connect_timeout = std::chrono::ceil<std::chrono::milliseconds>(*limit);
  }
  options.allow_http = settings.flag("allow-http");
  options.headers = headers_of(settings);
  options.user_agent = plain_text_of(settings, "user-agent");
  options.sign = settings.flag("sign");
  options.request_payer = settings.flag("request-payer");
  options.aws.profile = text_of(settings, "profile").value_or("");
  options.aws.region = text_of(settings, "region").value_or("");
  options.aws.endpoint_url = text_of(settings, "endpoint-url").value_or("");
  options.aws.no_sign_request = settings.flag("no-sign-request");
  options.environment = settings.environment;
  return options;
}

std::optional<pipeline::UploadOptions> upload_options(const Settings& settings) {
  const auto destination = settings.find("upload");
  if (!destination) {
    // On the command line, that is a slip; in the environment or the file, it waits for an upload.
    for (const auto option : {"metadata", "acl", "storage-class", "sse", "cache-control",
                              "no-clobber", "presign-result"}) {
      const auto found = settings.find(option);
      if (!found || found->distance > 0) continue;
      throw Error(ErrorKind::usage, fmt::format("--{} needs --upload", option));
    }
    return {};
  }
  pipeline::UploadOptions options;
  options.destination = destination_of(*destination);
  options.metadata = metadata_of(settings);
  options.acl = choice_of(settings, "acl").value_or("");
  options.storage_class = choice_of(settings, "storage-class").value_or("");
  options.encryption = choice_of(settings, "sse").value_or("");
  options.cache_control = plain_text_of(settings, "cache-control");
  options.keep_existing = settings.flag("no-clobber");
  options.presign = presign_of(settings);
  if (options.presign && settings.flag("no-sign-request")) {
    throw Error(ErrorKind::usage, "--presign-result needs credentials, --no-sign-request has none");
  }
  return options;
}

}  // namespace momentcut::cli
