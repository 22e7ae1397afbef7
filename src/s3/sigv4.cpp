#include "momentcut/s3/sigv4.hpp"

#include <algorithm>
#include <array>
#include <climits>
#include <map>

#include <fmt/format.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "momentcut/core/error.hpp"
#include "momentcut/core/text.hpp"

namespace momentcut::s3 {
namespace {

using core::Error;
using core::ErrorKind;

constexpr std::string_view kAlgorithm = "AWS4-HMAC-SHA256";
constexpr std::chrono::seconds kShortestLifetime{1};
constexpr std::chrono::seconds kLongestLifetime{604'800};

using Digest = std::array<unsigned char, 32>;

std::string_view bytes_of(const Digest& digest) {
  return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

std::string hexadecimal(const Digest& digest) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  text.reserve(2 * digest.size());
  for (const unsigned byte : digest) {
    text += kDigits[byte >> 4U];
    text += kDigits[byte & 0xFU];
  }
  return text;
}

Digest sha256(std::string_view text) {
  Digest digest{};
  if (EVP_Digest(text.data(), text.size(), digest.data(), nullptr, EVP_sha256(), nullptr) != 1) {
    throw Error(ErrorKind::internal, "cannot sign a request: OpenSSL has no SHA-256");
  }
  return digest;
}

Digest hmac(std::string_view key, std::string_view text) {
  Digest digest{};
  const auto* data = reinterpret_cast<const unsigned char*>(text.data());
  if (key.size() > INT_MAX || HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), data,
                                   text.size(), digest.data(), nullptr) == nullptr) {
    throw Error(ErrorKind::internal, "cannot sign a request: OpenSSL has no HMAC-SHA256");
  }
  return digest;
}

// When and for what a signature is valid.
struct Stamp {
  std::string moment;  // "20130524T000000Z"
  std::string day;     // "20130524"
  std::string scope;   // "20130524/us-east-1/s3/aws4_request"
};

Stamp stamp_of(const SigningScope& scope, core::WallTime now) {
  const auto second = std::chrono::floor<std::chrono::seconds>(now);
  const auto midnight = std::chrono::floor<std::chrono::days>(second);
  const std::chrono::year_month_day date(midnight);
  const std::chrono::hh_mm_ss clock(second - midnight);
  Stamp stamp;
  stamp.day = fmt::format("{:04}{:02}{:02}", static_cast<int>(date.year()),
                          static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()));
  stamp.moment = fmt::format("{}T{:02}{:02}{:02}Z", stamp.day, clock.hours().count(),
                             clock.minutes().count(), clock.seconds().count());
  stamp.scope = fmt::format("{}/{}/{}/aws4_request", stamp.day, scope.region, scope.service);
  return stamp;
}

// Trimmed, and every inner run of spaces and tabs as one space.
std::string canonical_value(std::string_view value) {
  std::string canonical;
  bool in_run = false;
  for (const char c : core::trimmed(value)) {
    const bool is_space = c == ' ' || c == '\t';
    if (!is_space) canonical += c;
    if (is_space && !in_run) canonical += ' ';
    in_run = is_space;
  }
  return canonical;
}

struct CanonicalHeaders {
  std::string lines;  // "host:…\nrange:…\n"
  std::string names;  // "host;range"
};

CanonicalHeaders canonical_headers(std::string_view host, const Fields& headers) {
  std::map<std::string, std::string> by_name;
  by_name.emplace("host", canonical_value(host));
  for (const auto& [name, value] : headers) {
    const auto [place, is_new] = by_name.try_emplace(core::lowered(core::trimmed(name)));
    if (!is_new) place->second += ',';
    place->second += canonical_value(value);
  }
  CanonicalHeaders canonical;
  for (const auto& [name, values] : by_name) {
    canonical.lines += fmt::format("{}:{}\n", name, values);
    if (!canonical.names.empty()) canonical.names += ';';
    canonical.names += name;
  }
  return canonical;
}

std::string canonical_request(const SignableRequest& request, std::string_view query,
                              const CanonicalHeaders& headers, std::string_view payload_sha256) {
  return fmt::format("{}\n{}\n{}\n{}\n{}\n{}", request.method, request.path, query, headers.lines,
                     headers.names, payload_sha256);
}

std::string signature_of(std::string_view canonical_request, const Credentials& credentials,
                         const SigningScope& scope, const Stamp& stamp) {
  const auto text = fmt::format("{}\n{}\n{}\n{}", kAlgorithm, stamp.moment, stamp.scope,
                                hexadecimal(sha256(canonical_request)));
  auto key = hmac("AWS4" + credentials.secret_key, stamp.day);
  for (const std::string_view part : {scope.region, scope.service, std::string("aws4_request")}) {
    key = hmac(bytes_of(key), part);
  }
  return hexadecimal(hmac(bytes_of(key), text));
}

bool is_unreserved(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '.' || c == '_' || c == '~';
}

}  // namespace

std::string percent_encoded(std::string_view text, bool keep_slashes) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string encoded;
  encoded.reserve(text.size() + text.size() / 4);
  for (const char c : text) {
    if (is_unreserved(c) || (c == '/' && keep_slashes)) {
      encoded += c;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    encoded += '%';
    encoded += kDigits[byte >> 4U];
    encoded += kDigits[byte & 0xFU];
  }
  return encoded;
}

std::string canonical_query(const Fields& query) {
  // Pairs are sorted, not "name=value" texts: '=' would come after '-' and '.', and so "a" after
  // "a-b".
  Fields encoded;
  encoded.reserve(query.size());
  for (const auto& [name, value] : query) {
    encoded.emplace_back(percent_encoded(name), percent_encoded(value));
  }
  std::sort(encoded.begin(), encoded.end());
  std::string text;
  for (const auto& [name, value] : encoded) {
    if (!text.empty()) text += '&';
    text += name;
    text += '=';
    text += value;
  }
  return text;
}

std::string presigned_query(const SignableRequest& request, const Credentials& credentials,
                            const SigningScope& scope, core::WallTime now,
                            std::chrono::seconds lifetime) {
  if (lifetime < kShortestLifetime || lifetime > kLongestLifetime) {
    throw Error(ErrorKind::internal,
                fmt::format("a URL cannot be presigned for {} s: S3 takes {} to {} s",
                            lifetime.count(), kShortestLifetime.count(), kLongestLifetime.count()));
  }
  const auto stamp = stamp_of(scope, now);
  const auto headers = canonical_headers(request.host, request.headers);
  auto fields = request.query;
  fields.emplace_back("X-Amz-Algorithm", kAlgorithm);
  fields.emplace_back("X-Amz-Credential", credentials.access_key + '/' + stamp.scope);
  fields.emplace_back("X-Amz-Date", stamp.moment);
  fields.emplace_back("X-Amz-Expires", fmt::format("{}", lifetime.count()));
  fields.emplace_back("X-Amz-SignedHeaders", headers.names);
  if (!credentials.session_token.empty()) {
    fields.emplace_back("X-Amz-Security-Token", credentials.session_token);
  }
  const auto query = canonical_query(fields);
  const auto canonical = canonical_request(request, query, headers, kUnsignedPayload);
  return query + "&X-Amz-Signature=" + signature_of(canonical, credentials, scope, stamp);
}

Fields signed_headers(const SignableRequest& request, const Credentials& credentials,
                      const SigningScope& scope, core::WallTime now,
                      std::string_view payload_sha256) {
  const auto stamp = stamp_of(scope, now);
  Fields added{{"x-amz-date", stamp.moment}, {"x-amz-content-sha256", std::string(payload_sha256)}};
  if (!credentials.session_token.empty()) {
    added.emplace_back("x-amz-security-token", credentials.session_token);
  }
  auto all = request.headers;
  all.insert(all.end(), added.begin(), added.end());
  const auto headers = canonical_headers(request.host, all);
  const auto canonical =
      canonical_request(request, canonical_query(request.query), headers, payload_sha256);
  added.emplace_back("authorization",
                     fmt::format("{} Credential={}/{}, SignedHeaders={}, Signature={}", kAlgorithm,
                                 credentials.access_key, stamp.scope, headers.names,
                                 signature_of(canonical, credentials, scope, stamp)));
  return added;
}

}  // namespace momentcut::s3
