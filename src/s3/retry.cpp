#include "momentcut/s3/retry.hpp"

#include <algorithm>
#include <array>
#include <iterator>

#include "momentcut/core/text.hpp"

namespace momentcut::s3 {
namespace {

using core::ErrorKind;

constexpr std::string_view kOverloaded[] = {"RequestTimeout",
                                            "SlowDown",
                                            "RequestLimitExceeded",
                                            "BandwidthLimitExceeded",
                                            "InternalError",
                                            "ServiceUnavailable",
                                            "RequestThrottled",
                                            "TooManyRequestsException",
                                            "PriorRequestNotComplete",
                                            "OperationAborted",
                                            "ConditionalRequestConflict"};
constexpr std::string_view kElsewhere[] = {
    "PermanentRedirect", "AuthorizationHeaderMalformed", "AuthorizationQueryParametersError",
    "IllegalLocationConstraintException", "TemporaryRedirect"};
constexpr std::string_view kDenied[] = {
    "ExpiredToken",         "InvalidToken",          "InvalidAccessKeyId",
    "AccessDenied",         "SignatureDoesNotMatch", "TokenRefreshRequired",
    "RequestTimeTooSkewed", "AllAccessDisabled",     "RequestExpired"};

template <std::size_t N>
bool is_one_of(const std::string_view (&codes)[N], std::string_view code) {
  return std::find(std::begin(codes), std::end(codes), code) != std::end(codes);
}

bool is_redirect(int status) {
  return status == 301 || status == 307 || status == 308;
}

}  // namespace

Remedy remedy_for(int status, std::string_view code) {
  if (code == "ExpiredToken" || code == "TokenRefreshRequired") return Remedy::credentials;
  if (code == "RequestTimeTooSkewed") return Remedy::clock;
  if (is_one_of(kElsewhere, code) || is_redirect(status)) return Remedy::region;
  if (is_one_of(kOverloaded, code) || code.starts_with("Throttl")) return Remedy::wait;
  const bool passing = status == 429 || status == 500 || (status >= 502 && status <= 504);
  return passing ? Remedy::wait : Remedy::none;
}

ErrorKind kind_of(int status, std::string_view code) {
  if (is_one_of(kDenied, code) || status == 401 || status == 403) return ErrorKind::no_permission;
  if (status == 404 || status == 410) return ErrorKind::not_found;
  if (status == 501) return ErrorKind::unavailable;
  if (remedy_for(status, code) == Remedy::wait) return ErrorKind::temporary;
  return ErrorKind::protocol;
}

std::string advice_for(int status, std::string_view code) {
  if (code == "AccessDenied") return "check the rights of these credentials, and the name";
  if (code == "SignatureDoesNotMatch") return "check the secret access key";
  if (code == "InvalidAccessKeyId") return "check the access key id, and the endpoint it is for";
  if (code == "ExpiredToken" || code == "InvalidToken" || code == "TokenRefreshRequired") {
    return "get new temporary credentials";
  }
  if (code == "RequestTimeTooSkewed") return "set this machine's clock";
  if (code == "NoSuchBucket") return "check the bucket's name, and the endpoint";
  if (code == "NoSuchKey") return "check the key";
  if (code == "AllAccessDisabled") return "the bucket's owner has no access any more";
  if (is_one_of(kElsewhere, code)) return "say the bucket's region with --region";
  if (status == 401) return "give credentials, as with --header 'Authorization: …'";
  if (status == 403) return "check the rights; a signed URL may have expired";
  if (kind_of(status, code) == ErrorKind::temporary) return "try again later";
  return "";
}

std::chrono::milliseconds backoff(unsigned next, double random) {
  constexpr double kLongest = 20'000;
  const double bound =
      std::min(kLongest, 1000.0 * static_cast<double>(1U << std::min(next, 6U)) / 2);
  return std::chrono::milliseconds(static_cast<std::int64_t>(bound * std::clamp(random, 0.0, 1.0)));
}

std::optional<core::WallTime> parse_http_date(std::string_view text) {
  // "Sun, 06 Nov 1994 08:49:37 GMT": every field has its place. core/time reads the ISO form.
  static constexpr std::array<std::string_view, 12> kMonths = {
      "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  text = core::trimmed(text);
  if (text.size() != 29 || !text.ends_with(" GMT") || text.substr(3, 2) != ", ") return {};
  if (text[7] != ' ' || text[11] != ' ' || text[16] != ' ') return {};
  const auto month = std::find(kMonths.begin(), kMonths.end(), text.substr(8, 3));
  if (month == kMonths.end()) return {};
  const auto number = static_cast<int>(month - kMonths.begin()) + 1;
  std::string iso(text.substr(12, 4));
  iso += number < 10 ? "-0" : "-";
  iso += std::to_string(number);
  iso += '-';
  iso += text.substr(5, 2);
  iso += 'T';
  iso += text.substr(17, 8);
  iso += 'Z';
  return core::parse_wall_time(iso);
}

std::optional<std::chrono::milliseconds> parse_retry_after(std::string_view text,
                                                           core::WallTime now) {
  constexpr std::uint64_t kLongest = 1U << 30U;  // seconds; what anybody does with it is less
  text = core::trimmed(text);
  if (const auto seconds = core::parse_unsigned(text)) {
    return std::chrono::seconds(std::min(*seconds, kLongest));
  }
  const auto date = parse_http_date(text);
  if (!date) return {};
  return std::max(std::chrono::ceil<std::chrono::milliseconds>(*date - now),
                  std::chrono::milliseconds{});
}

std::optional<ContentRange> parse_content_range(std::string_view text) {
  text = core::trimmed(text);
  if (!core::lowered(text).starts_with("bytes ")) return {};
  text = core::trimmed(text.substr(6));
  const auto slash = text.find('/');
  if (slash == std::string_view::npos) return {};
  ContentRange range;
  const auto total = text.substr(slash + 1);
  range.total = core::parse_unsigned(total);
  if (!range.total && total != "*") return {};
  const auto part = text.substr(0, slash);
  if (part == "*") return range;
  const auto dash = part.find('-');
  if (dash == std::string_view::npos) return {};
  const auto first = core::parse_unsigned(part.substr(0, dash));
  const auto last = core::parse_unsigned(part.substr(dash + 1));
  if (!first || !last || *last < *first || (range.total && *last >= *range.total)) return {};
  range.part = std::pair(*first, *last);
  return range;
}

}  // namespace momentcut::s3
