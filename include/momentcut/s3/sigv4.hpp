// AWS Signature Version 4 for S3: presigned queries and signed headers, over one canonical request
// (AWS, "Authenticating Requests: Using Query Parameters" and "… Using the Authorization Header").
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "momentcut/core/time.hpp"

namespace momentcut::s3 {

struct Credentials {
  std::string access_key;
  std::string secret_key;
  std::string session_token;              // of temporary credentials, else empty
  std::optional<core::WallTime> expires;  // nullopt: they do not, as far as is known
};

// Names and values as they are meant, not encoded.
using Fields = std::vector<std::pair<std::string, std::string>>;

// What is signed of a request. It must be sent exactly so.
struct SignableRequest {
  std::string method = "GET";
  std::string host;  // with its port unless that is the scheme's own
  std::string path;  // as it is sent: encoded, beginning with '/'
  Fields query;
  Fields headers;  // to sign beside `host`; names in any case
};

struct SigningScope {
  std::string region;
  std::string service = "s3";
};

// The payload hash of a request whose body is not signed.
inline constexpr std::string_view kUnsignedPayload = "UNSIGNED-PAYLOAD";

// Strict encoding: all but A-Z a-z 0-9 - . _ ~ become "%XX", upper case; '/' is kept if
// `keep_slashes`.
std::string percent_encoded(std::string_view text, bool keep_slashes = false);

// "a=1&b=": strictly encoded and sorted by encoded name, then encoded value.
std::string canonical_query(const Fields& query);

// The whole query string (without '?') under which `request` can be sent by whoever has the URL,
// from `now` on for `lifetime` (1 s to 7 days; throws core::Error(internal) for another). The
// payload is unsigned.
std::string presigned_query(const SignableRequest& request, const Credentials& credentials,
                            const SigningScope& scope, core::WallTime now,
                            std::chrono::seconds lifetime);

// The headers to send beside those of `request`: x-amz-date, x-amz-content-sha256,
// x-amz-security-token (if there is a token) and authorization. `payload_sha256` is hexadecimal, or
// kUnsignedPayload.
Fields signed_headers(const SignableRequest& request, const Credentials& credentials,
                      const SigningScope& scope, core::WallTime now,
                      std::string_view payload_sha256);

}  // namespace momentcut::s3
