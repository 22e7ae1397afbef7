#include "momentcut/pipeline/exchange.hpp"

#include <algorithm>
#include <random>
#include <utility>

#include <fmt/format.h>

#include "momentcut/core/text.hpp"
#include "momentcut/io/digest.hpp"
#include "momentcut/pipeline/failure.hpp"
#include "momentcut/s3/retry.hpp"
#include "momentcut/s3/url.hpp"

namespace momentcut::pipeline {
namespace {

using core::Error;
using core::ErrorKind;
using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

constexpr std::size_t kMostErrorBytes = 64U << 10U;
constexpr unsigned kMostRedirects = 10;
constexpr unsigned kMostLessons = 4;
constexpr unsigned kMostRestarts = 3;
// A server that asks for more patience than this does not get it.
constexpr milliseconds kMostPatience = std::chrono::minutes(5);
// Slower than this over the stall timeout is as good as nothing.
constexpr std::uint64_t kSlowest = 1024;  // bytes a second
// What makes up for a connection that broke.
constexpr std::uint64_t kProgress = 16U << 10U;  // bytes

bool is_secret(std::string_view header) {
  const auto name = core::lowered(header);
  return name == "authorization" || name == "cookie" || name == "proxy-authorization";
}

double random_fraction() {
  static std::minstd_rand engine(std::random_device{}());
  return std::uniform_real_distribution<double>(0, 1)(engine);
}

bool is_redirect(int status) {
  return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

bool never_sent(io::HttpFailure failure) {
  return failure == io::HttpFailure::resolve || failure == io::HttpFailure::connect;
}

// A weak tag says that the content means the same, not that its bytes are the same.
std::string strong_tag(const io::HttpHead& head) {
  const auto* tag = head.field("etag");
  return tag == nullptr || tag->starts_with("W/") ? "" : *tag;
}

}  // namespace

const std::string* Reply::field(std::string_view name) const {
  const auto found = std::find_if(fields.begin(), fields.end(),
                                  [&](const auto& field) { return field.first == name; });
  return found == fields.end() ? nullptr : &found->second;
}

void require_no_downgrade(bool from_secure, const s3::Location& to, bool to_secure, bool allow_http,
                          const std::string& what) {
  if (!from_secure || to_secure || allow_http) return;
  throw Error(ErrorKind::bad_data,
              fmt::format("{} leads from https to {}", what, core::quoted(to.text)),
              "permit it with --allow-http");
}

Exchange::Exchange(Ask ask, const ExchangeRules& rules, std::function<S3Access&()> access,
                   Context& context)
    : ask_(std::move(ask)), rules_(rules), access_(std::move(access)), context_(context) {
  reply_.location = ask_.location;
}

io::HttpTransfer Exchange::transfer() {
  return {[this] { return prepare(); }, [this](const io::HttpHead& head) { take_head(head); },
          [this](std::string_view bytes) { return take_body(bytes); },
          [this](const io::HttpOutcome& outcome) { return end(outcome); }};
}

io::HttpRequest Exchange::prepare() {
  if (ask_.begun) ask_.begun();
  ++reply_.attempts;
  io::HttpRequest request;
  request.method = ask_.method;
  request.headers = ask_.headers;
  request.body = ask_.body;
  request.decode = ask_.decode;
  // A text is short, and begins anew.
  if (!ask_.take) {
    reply_.received = 0;
    reply_.body.clear();
  }
  received_before_ = reply_.received;
  error_body_.clear();
  stalling_ = false;
  changed_ = false;
  pace_since_ = Clock::now();
  pace_bytes_ = 0;
  if (!ask_.span.whole() || reply_.received > 0) {
    const auto first = ask_.span.offset + reply_.received;
    const bool open = ask_.span.length >= ByteSpan{}.length;
    request.headers.emplace_back(
        "Range", open ? fmt::format("bytes={}-", first)
                      : fmt::format("bytes={}-{}", first, first + wanted_left() - 1));
    if (reply_.received > 0 && !etag_.empty()) request.headers.emplace_back("If-Match", etag_);
  }
  if (reply_.location.scheme == s3::Scheme::s3) {
    prepare_for_s3(request);
  } else {
    prepare_for_http(request);
  }
  context_.detail(fmt::format(
      "{} {}{}", request.method, core::redacted(request.url),
      reply_.received > 0 ? fmt::format(", from byte {} on", ask_.span.offset + reply_.received)
                          : ""));
  return request;
}

void Exchange::prepare_for_s3(io::HttpRequest& request) {
  const auto object = s3::object_of(reply_.location);
  auto& access = access_();
  if (request.method == "GET" || request.method == "HEAD") {
    request.url = access.presigned(request.method, object, ask_.query);
    return;
  }
  if (payload_sha256_.empty()) {
    const bool has_body = !std::holds_alternative<std::monostate>(ask_.body);
    if (has_body) content_md5_ = digest_of_body(io::Algorithm::md5).base64();
    payload_sha256_ = digest_of_body(io::Algorithm::sha256).hex();
  }
  if (!content_md5_.empty()) request.headers.emplace_back("Content-MD5", content_md5_);
  access.sign(request, object, ask_.query, payload_sha256_);
}

io::Digest Exchange::digest_of_body(io::Algorithm algorithm) const {
  if (const auto* slice = std::get_if<io::FileSlice>(&ask_.body)) {
    return io::digest_of(algorithm, slice->file, slice->offset, slice->length,
                         context_.interrupt());
  }
  const auto* text = std::get_if<std::string>(&ask_.body);
  return io::digest_of(algorithm, text != nullptr ? *text : std::string());
}

void Exchange::prepare_for_http(io::HttpRequest& request) {
  request.url = s3::encoded_where_needed(s3::without_fragment(reply_.location.text));
  const bool is_own = s3::origin_of(request.url) == rules_.secret_origin;
  for (const auto& header : rules_.headers) {
    if (is_own || !is_secret(header.first)) request.headers.push_back(header);
  }
}

bool Exchange::is_answer(int status) const {
  return status / 100 == 2 ||
         (status > 0 && ask_.accepts && ask_.accepts(status, service_error().code));
}

s3::ServiceError Exchange::service_error() const {
  return s3::parse_error(error_body_).value_or(s3::ServiceError{});
}

void Exchange::take_head(const io::HttpHead& head) {
  good_ = head.status / 100 == 2;
  skip_ = 0;
  if (good_ && ask_.method == "GET") expect_part(head);
}

// Where in the resource the body of a good answer begins, and whether it is still the same
// resource.
void Exchange::expect_part(const io::HttpHead& head) {
  const auto first = ask_.span.offset + reply_.received;
  const auto tag = strong_tag(head);
  if (reply_.received == 0) {
    etag_ = tag;
  } else if (tag != etag_) {
    // Bytes of this answer do not follow those that are here.
    changed_ = true;
    good_ = false;
    return;
  }
  const auto* length = head.field("content-length");
  const auto size = length != nullptr ? core::parse_unsigned(*length) : std::nullopt;
  if (ask_.sized && size && reply_.received == 0) {
    const auto before = head.status == 206 ? 0 : std::min(*size, first);
    ask_.sized(std::min(*size - before, ask_.span.length));
  }
  if (head.status != 206) {
    // The whole of it, though a part may have been asked for.
    skip_ = first;
    if (!ask_.decode) reply_.total = size;
    return;
  }
  const auto* field = head.field("content-range");
  const auto range = field != nullptr ? s3::parse_content_range(*field) : std::nullopt;
  if (!range || !range->part || range->part->first != first) {
    throw Error(ErrorKind::protocol,
                fmt::format("{}: the server sent another part than the one asked for", ask_.what));
  }
  if (reply_.received > 0 && reply_.total && range->total && *range->total != *reply_.total) {
    changed_ = true;
    good_ = false;
    return;
  }
  reply_.total = range->total;
}

void Exchange::give(std::string_view bytes) {
  reply_.received += bytes.size();
  if (ask_.take) {
    enough_ = !ask_.take(bytes);
    return;
  }
  if (reply_.body.size() + bytes.size() > ask_.at_most) {
    throw Error(ErrorKind::bad_data,
                fmt::format("{} is larger than {} bytes", ask_.what, ask_.at_most),
                "is it what it should be?");
  }
  reply_.body += bytes;
}

// A trickle is no progress.
bool Exchange::is_stalling() {
  const auto now = Clock::now();
  const auto limit = rules_.stall_timeout;
  if (now - pace_since_ < limit) return false;
  const auto least = kSlowest * static_cast<std::uint64_t>(limit.count()) / 1000;
  const bool slow = pace_bytes_ < least;
  pace_since_ = now;
  pace_bytes_ = 0;
  return slow;
}

bool Exchange::take_body(std::string_view bytes) {
  pace_bytes_ += bytes.size();
  if (changed_) return false;
  if (!good_) {
    error_body_.append(
        bytes.substr(0, kMostErrorBytes - std::min(kMostErrorBytes, error_body_.size())));
    return error_body_.size() < kMostErrorBytes && !is_stalling();
  }
  const auto skipped = std::min<std::uint64_t>(skip_, bytes.size());
  skip_ -= skipped;
  bytes.remove_prefix(skipped);
  bytes = bytes.substr(0, std::min<std::uint64_t>(bytes.size(), wanted_left()));
  if (!bytes.empty()) give(bytes);
  if (wanted_left() == 0 || enough_) return false;
  stalling_ = is_stalling();
  return !stalling_;
}

Exchange::Wait Exchange::end(const io::HttpOutcome& outcome) {
  const auto status = outcome.head.status;
  const bool broke = outcome.failure != io::HttpFailure::none || stalling_ || changed_;
  if (!broke && is_answer(status)) return end_well(outcome.head);
  if (!broke && reply_.location.scheme != s3::Scheme::s3 && is_redirect(status)) {
    return redirected(outcome.head);
  }
  // The end of the resource was the last thing that was missing.
  if (!broke && status == 416) {
    const auto* field = outcome.head.field("content-range");
    const auto range = field != nullptr ? s3::parse_content_range(*field) : std::nullopt;
    if (range && range->total && *range->total <= ask_.span.offset + reply_.received) {
      reply_.total = range->total;
      return end_well(outcome.head);
    }
  }
  return again_or_fail(outcome);
}

Exchange::Wait Exchange::end_well(const io::HttpHead& head) {
  // A server may send less than it was asked for, and be in the right (RFC 9110 §15.3.7).
  const auto reached = ask_.span.offset + reply_.received;
  const bool is_short = head.status == 206 && !enough_ && wanted_left() > 0 && reply_.total &&
                        reached < *reply_.total;
  if (is_short && reply_.received == received_before_) {
    throw Error(ErrorKind::protocol, ask_.what + ": the server holds back what is left");
  }
  if (is_short) return milliseconds(0);
  reply_.status = head.status;
  reply_.fields = head.fields;
  if (!good_) reply_.body = std::move(error_body_);
  if (ask_.done) ask_.done(reply_);
  return {};
}

Exchange::Wait Exchange::redirected(const io::HttpHead& head) {
  const auto* to = head.field("location");
  if (to == nullptr || to->empty()) {
    throw Error(ErrorKind::protocol, ask_.what + ": redirected without saying where to");
  }
  if (++redirects_ > kMostRedirects) {
    throw Error(ErrorKind::protocol,
                fmt::format("{}: redirected more than {} times", ask_.what, kMostRedirects));
  }
  const auto scheme = core::lowered(s3::url_parts(*to).scheme);
  if (!scheme.empty() && scheme != "http" && scheme != "https") {
    throw Error(ErrorKind::bad_data,
                fmt::format("{} is redirected to {}", ask_.what, core::quoted(*to)));
  }
  const auto next = s3::resolve(reply_.location, *to);
  require_no_downgrade(reply_.location.scheme == s3::Scheme::https, next,
                       next.scheme == s3::Scheme::https, rules_.allow_http,
                       ask_.what + ": a redirect");
  reply_.location = next;
  return milliseconds(0);
}

Exchange::Wait Exchange::again_or_fail(const io::HttpOutcome& outcome) {
  // Bytes are progress, unless they trickle: what breaks every so often gets there in the end.
  if (!stalling_ && reply_.received >= received_by_then_ + kProgress) {
    failures_ = 0;
    received_by_then_ = reply_.received;
  }
  ++failures_;
  const bool broke = outcome.failure != io::HttpFailure::none || stalling_;
  if (changed_ || (!broke && reply_.received > 0 && outcome.head.status == 412)) {
    return begin_anew();
  }
  const auto error = service_error();
  if (!broke && may_learn(outcome.head.status, error) &&
      access_().learn(s3::object_of(reply_.location), outcome.head, error)) {
    ++lessons_;
    return milliseconds(0);
  }
  const auto failure = stalling_ ? stall_error(ask_.what, rules_.stall_timeout)
                                 : failure_of(ask_.what, outcome, error);
  const bool may_be_done = broke && !ask_.repeatable && !never_sent(outcome.failure);
  if (may_be_done) throw Error(failure);
  const bool passing = broke ? failure.kind() == ErrorKind::temporary
                             : s3::remedy_for(outcome.head.status, error.code) == s3::Remedy::wait;
  if (!passing || failures_ >= rules_.most_attempts) throw Error(failure);
  return wait_or_fail(outcome.head, failure);
}

bool Exchange::may_learn(int status, const s3::ServiceError& error) {
  if (reply_.location.scheme != s3::Scheme::s3 || lessons_ >= kMostLessons) return false;
  // New credentials that have expired, too, are not worth a third try.
  const bool expired = s3::remedy_for(status, error.code) == s3::Remedy::credentials;
  return !(expired && std::exchange(renewed_, true));
}

// What is here is of content that is gone.
Exchange::Wait Exchange::begin_anew() {
  if (++restarts_ > kMostRestarts || !ask_.forget || !ask_.forget()) {
    throw Error(ErrorKind::temporary, ask_.what + " changed while it was read", "try again");
  }
  context_.detail(ask_.what + " changed while it was read; once more from its beginning");
  reply_.received = 0;
  reply_.total.reset();
  received_by_then_ = 0;
  return milliseconds(0);
}

Exchange::Wait Exchange::wait_or_fail(const io::HttpHead& head, const Error& error) {
  auto wait = s3::backoff(failures_, random_fraction());
  const auto* field = head.field("retry-after");
  const auto now = std::chrono::time_point_cast<core::Time>(std::chrono::system_clock::now());
  if (const auto asked = field != nullptr ? s3::parse_retry_after(*field, now) : std::nullopt) {
    if (*asked > kMostPatience) {
      throw Error(error.kind(), error.what(),
                  fmt::format("the server asks to come back in {} s",
                              std::chrono::ceil<std::chrono::seconds>(*asked).count()));
    }
    wait = std::max(wait, *asked);
  }
  context_.detail(fmt::format("{}; again in {} s", error.what(), core::format_seconds(wait)));
  return wait;
}

}  // namespace momentcut::pipeline
