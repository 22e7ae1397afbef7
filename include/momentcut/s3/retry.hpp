// What to make of a failed request: try again, when, or which error it is (AWS, "Error responses"
// and the SDKs' "Retry behavior"; RFC 9110 §10.2.3, §15).
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "momentcut/core/error.hpp"
#include "momentcut/core/time.hpp"

namespace momentcut::s3 {

// What helps against an answer that is no success.
enum class Remedy {
  none,         // the same request would fail the same way
  wait,         // the server is overloaded or out of order: later
  credentials,  // they have expired: renew them, once
  clock,        // ours is off: take the server's, once
  region,       // the bucket lies in another one
};

// `code` is the service's error code, empty for a server that is not S3 or says none. A HEAD has no
// body, and so no code.
Remedy remedy_for(int status, std::string_view code);

// The error that an answer comes to once nothing helped, and what its reader may check (may be
// empty).
core::ErrorKind kind_of(int status, std::string_view code);
std::string advice_for(int status, std::string_view code);

// How long to wait before attempt `next` (1 is the first repetition): `random` (0 to 1) of a bound
// that doubles from one second to twenty, as the SDKs have it.
std::chrono::milliseconds backoff(unsigned next, double random);

// A Retry-After or Date field: "120" or "Sun, 06 Nov 1994 08:49:37 GMT" (RFC 9110 §5.6.7; the two
// obsolete forms are not read).
std::optional<core::WallTime> parse_http_date(std::string_view text);
std::optional<std::chrono::milliseconds> parse_retry_after(std::string_view text,
                                                           core::WallTime now);

// "bytes 0-99/1000" or "bytes */1000" (RFC 9110 §14.4). Positions are inclusive, as the field has
// them; nullopt for another unit and for what is no such field.
struct ContentRange {
  std::optional<std::pair<std::uint64_t, std::uint64_t>> part;
  std::optional<std::uint64_t> total;
};
std::optional<ContentRange> parse_content_range(std::string_view text);

}  // namespace momentcut::s3
