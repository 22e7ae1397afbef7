// One thing to ask a server for, through all its attempts: resumed, redirected, signed again.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "momentcut/core/error.hpp"
#include "momentcut/io/digest.hpp"
#include "momentcut/io/http.hpp"
#include "momentcut/pipeline/context.hpp"
#include "momentcut/pipeline/s3_access.hpp"
#include "momentcut/s3/location.hpp"
#include "momentcut/s3/xml.hpp"

namespace momentcut::pipeline {

// Bytes [offset, offset + length) of a resource; less where it ends before.
struct ByteSpan {
  std::uint64_t offset = 0;
  std::uint64_t length = std::numeric_limits<std::int64_t>::max();

  [[nodiscard]] bool whole() const {
    return offset == 0 && length >= std::numeric_limits<std::int64_t>::max();
  }
};

struct Reply {
  int status = 0;
  io::HttpFields fields;
  std::string body;
  s3::Location location;               // after redirects
  std::uint64_t received = 0;          // bytes of the body
  std::optional<std::uint64_t> total;  // size of the whole resource, where the server says
  unsigned attempts = 0;               // that it took

  [[nodiscard]] const std::string* field(std::string_view name) const;
};

struct Ask {
  s3::Location location;  // http, https or s3
  std::string what;       // for messages, with its place: "playlist.m3u8:7: segment …"
  std::string method = "GET";
  s3::Fields query;        // S3 subresources
  io::HttpFields headers;  // beside those that are always sent
  std::variant<std::monostate, std::string, io::FileSlice> body;
  ByteSpan span;
  // Takes the body of a good answer, each byte once and in order, over however many attempts;
  // false: that is enough of it. Empty: it becomes Reply::body.
  std::function<bool(std::string_view)> take;
  // Drops what was taken, where that can still be done: the content changed meanwhile.
  std::function<bool()> forget;
  std::size_t at_most = 64U << 20U;  // of a body that is not taken
  bool decode = false;               // a compressed text is decoded
  // Doing it twice does no harm, so that it may be tried again where the answer got lost.
  bool repeatable = true;
  // Which other than a success is an answer, too, not an error; `code` is S3's, or empty.
  std::function<bool(int status, std::string_view code)> accepts;
  std::function<void()> begun;               // called before each attempt
  std::function<void(std::uint64_t)> sized;  // told how large a good answer is, where it says
  std::function<void(const Reply&)> done;    // called as soon as it is answered
};

// What all exchanges share.
struct ExchangeRules {
  unsigned most_attempts = 5;
  std::chrono::milliseconds stall_timeout{60'000};
  bool allow_http = false;
  io::HttpFields headers;
  std::string secret_origin;  // Authorization and Cookie among `headers` go nowhere else
};

// Refuses a step from an encrypted place to one that is not, with core::Error(bad_data), unless
// `allow_http`. `what` names the step in the message.
void require_no_downgrade(bool from_secure, const s3::Location& to, bool to_secure, bool allow_http,
                          const std::string& what);

class Exchange {
 public:
  // `access` gives the S3 side, when it is first needed.
  Exchange(Ask ask, const ExchangeRules& rules, std::function<S3Access&()> access,
           Context& context);

  // What io::Http is to carry out. The exchange must outlive it. Its callbacks throw core::Error
  // once nothing helps any more.
  io::HttpTransfer transfer();

  // Its parts, for who has more than one exchange carried out in one place.
  using Wait = std::optional<std::chrono::milliseconds>;
  io::HttpRequest prepare();
  void take_head(const io::HttpHead& head);
  bool take_body(std::string_view bytes);
  Wait end(const io::HttpOutcome& outcome);

  // The answer, once the transfer is over.
  Reply reply() { return std::move(reply_); }

 private:
  void prepare_for_s3(io::HttpRequest& request);
  [[nodiscard]] io::Digest digest_of_body(io::Algorithm algorithm) const;
  void prepare_for_http(io::HttpRequest& request);

  [[nodiscard]] bool is_answer(int status) const;
  [[nodiscard]] s3::ServiceError service_error() const;
  [[nodiscard]] bool is_stalling();
  [[nodiscard]] std::uint64_t wanted_left() const { return ask_.span.length - reply_.received; }
  void expect_part(const io::HttpHead& head);
  void give(std::string_view bytes);
  Wait end_well(const io::HttpHead& head);
  Wait redirected(const io::HttpHead& head);
  Wait again_or_fail(const io::HttpOutcome& outcome);
  [[nodiscard]] bool may_learn(int status, const s3::ServiceError& error);
  Wait begin_anew();
  Wait wait_or_fail(const io::HttpHead& head, const core::Error& error);

  Ask ask_;
  const ExchangeRules& rules_;
  std::function<S3Access&()> access_;
  Context& context_;
  Reply reply_;
  std::string etag_;  // of the first good answer, to resume the same content

  // Of the attempt under way.
  bool good_ = false;
  std::uint64_t skip_ = 0;             // bytes of the body that are had already
  std::uint64_t received_before_ = 0;  // bytes that earlier attempts brought
  std::string error_body_;
  bool stalling_ = false;
  bool changed_ = false;
  bool enough_ = false;
  std::chrono::steady_clock::time_point pace_since_;
  std::uint64_t pace_bytes_ = 0;

  unsigned failures_ = 0;               // in a row, without progress between them
  std::uint64_t received_by_then_ = 0;  // when they were last counted anew
  unsigned redirects_ = 0;
  unsigned restarts_ = 0;
  bool renewed_ = false;                      // the credentials
  unsigned lessons_ = 0;                      // what S3Access learnt
  std::string payload_sha256_, content_md5_;  // of the body; computed when it is first sent
};

}  // namespace momentcut::pipeline
