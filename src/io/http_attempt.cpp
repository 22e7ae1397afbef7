#include "momentcut/io/http_attempt.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <new>
#include <type_traits>
#include <utility>

#include <fcntl.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include "momentcut/core/error.hpp"
#include "momentcut/core/text.hpp"
#include "momentcut/core/time.hpp"

namespace momentcut::io {
namespace {

using core::Error;
using core::ErrorKind;

constexpr std::size_t kMostReason = 200;
constexpr int kBuffer = 256 << 10;

template <typename Value>
void set(CURL* easy, CURLoption option, Value value) {
  static_assert(!std::is_same_v<Value, int>, "libcurl takes longs");
  if (curl_easy_setopt(easy, option, value) != CURLE_OK) {
    throw Error(ErrorKind::internal,
                fmt::format("libcurl refuses its option {}", static_cast<int>(option)));
  }
}

// Whether a proxy answered CONNECT, and trying again cannot help: 4xx, but for what is to pass.
bool is_refused_by_proxy(CURL* easy) {
  long status = 0;
  (void)curl_easy_getinfo(easy, CURLINFO_HTTP_CONNECTCODE, &status);
  return status >= 400 && status < 500 && status != 408 && status != 429;
}

HttpFailure failure_of(CURLcode code, bool connected) {
  switch (code) {
    case CURLE_OK:
      return HttpFailure::none;
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_RESOLVE_PROXY:
      return HttpFailure::resolve;
    case CURLE_COULDNT_CONNECT:
    case CURLE_NO_CONNECTION_AVAILABLE:
    case CURLE_PROXY:
      return HttpFailure::connect;
    case CURLE_OPERATION_TIMEDOUT:  // the connect timeout, as no other is set
      return connected ? HttpFailure::stalled : HttpFailure::connect;
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_ISSUER_ERROR:
    case CURLE_SSL_INVALIDCERTSTATUS:
      return HttpFailure::certificate;
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CIPHER:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_CRL_BADFILE:
    case CURLE_SSL_ENGINE_INITFAILED:
    case CURLE_SSL_SHUTDOWN_FAILED:
    case CURLE_USE_SSL_FAILED:
      return HttpFailure::tls;
    case CURLE_WEIRD_SERVER_REPLY:
    case CURLE_HTTP2:
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_URL_MALFORMAT:
    case CURLE_BAD_CONTENT_ENCODING:
    case CURLE_FILESIZE_EXCEEDED:  // a Content-Length past 64 bits
    case CURLE_OUT_OF_MEMORY:      // this is how 7.88 says that a header line is past 100 KiB
      return HttpFailure::protocol;
    default:
      // Before the connection is whole (a proxy may still have to agree) nothing can break off.
      return connected ? HttpFailure::broken : HttpFailure::connect;
  }
}

// The kernel would take megabytes at once and send them slowly, which would look like silence.
int keep_little_unsent(void*, curl_socket_t socket, curlsocktype) {
  const int most = kBuffer;
  (void)setsockopt(socket, IPPROTO_TCP, TCP_NOTSENT_LOWAT, &most, sizeof most);
  return CURL_SOCKOPT_OK;
}

// libcurl's words for it, in one line and without a proxy's URL, which may hold a password.
std::string reason_of(CURLcode code, std::string_view said) {
  if (code == CURLE_OUT_OF_MEMORY) return "a header line that is too long";
  if (said.empty() || said.find("://") != std::string_view::npos ||
      said.find('@') != std::string_view::npos) {
    said = curl_easy_strerror(code);
  }
  return core::printable(said.substr(0, core::whole_characters(said, kMostReason)));
}

bool holds_line_break(std::string_view text) {
  return text.find_first_of(std::string_view("\r\n\0", 3)) != std::string_view::npos;
}

Error file_error(const FileSlice& slice, const std::string& why) {
  return {ErrorKind::io, "cannot read " + core::quoted(slice.file.native(), 400) + ": " + why};
}

}  // namespace

HttpAttempt::HttpAttempt() : easy_(curl_easy_init()) {
  if (easy_ == nullptr) throw Error(ErrorKind::internal, "libcurl has no handle left");
}

HttpAttempt::~HttpAttempt() {
  over_ = true;
  curl_easy_cleanup(easy_);
}

void HttpAttempt::begin(const HttpSettings& settings, HttpRequest request,
                        const HttpTransfer& transfer, std::exception_ptr& thrown) {
  curl_easy_reset(easy_);
  error_.front() = '\0';
  transfer_ = &transfer;
  thrown_ = &thrown;
  reader_ = {};
  received_ = given_ = length_ = 0;
  sent_ = 0;
  over_ = connected_ = has_body_ = false;
  decision_.reset();
  reason_.clear();
  stall_timeout_ = settings.stall_timeout;
  last_move_ = Clock::now();
  set_connection(settings, request);
  set_headers(request);
  set_body(request);
  set_callbacks();
}

void HttpAttempt::set_connection(const HttpSettings& settings, const HttpRequest& request) {
  set(easy_, CURLOPT_URL, request.url.c_str());
  set(easy_, CURLOPT_PROTOCOLS_STR, "http,https");
  set(easy_, CURLOPT_PATH_AS_IS, 1L);
  set(easy_, CURLOPT_FOLLOWLOCATION, 0L);
  set(easy_, CURLOPT_NETRC, static_cast<long>(CURL_NETRC_IGNORED));
  set(easy_, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_2TLS));
  set(easy_, CURLOPT_HTTP09_ALLOWED, 0L);
  set(easy_, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  set(easy_, CURLOPT_SSL_VERIFYPEER, 1L);
  set(easy_, CURLOPT_SSL_VERIFYHOST, 2L);
  if (!settings.ca_bundle.empty()) set(easy_, CURLOPT_CAINFO, settings.ca_bundle.c_str());
  if (!settings.user_agent.empty()) set(easy_, CURLOPT_USERAGENT, settings.user_agent.c_str());
  if (request.decode) set(easy_, CURLOPT_ACCEPT_ENCODING, "gzip, deflate, br");
  if (request.direct) {
    set(easy_, CURLOPT_PROXY, "");
    set(easy_, CURLOPT_NOPROXY, "*");
  }
  const auto timeout = std::max<std::int64_t>(settings.connect_timeout.count(), 1);
  set(easy_, CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(timeout));
  set(easy_, CURLOPT_TCP_KEEPALIVE, 1L);
  // Refused where a handle has kept its buffer from a shared HTTP/2 connection, which does as well.
  (void)curl_easy_setopt(easy_, CURLOPT_BUFFERSIZE, static_cast<long>(kBuffer));
  (void)curl_easy_setopt(easy_, CURLOPT_UPLOAD_BUFFERSIZE, static_cast<long>(kBuffer));
  set(easy_, CURLOPT_SOCKOPTFUNCTION, &keep_little_unsent);
  set(easy_, CURLOPT_NOSIGNAL, 1L);
  // A name that does not resolve must not hold up the end: its thread is left to itself.
  set(easy_, CURLOPT_QUICK_EXIT, 1L);
}

void HttpAttempt::set_headers(const HttpRequest& request) {
  headers_.reset();
  const auto append = [this](const std::string& line) {
    auto* list = curl_slist_append(headers_.get(), line.c_str());
    if (list == nullptr) throw std::bad_alloc();
    (void)headers_.release();
    headers_.reset(list);
  };
  // Without a value, libcurl leaves its own header out: no wait for "100 Continue".
  append("Expect:");
  for (const auto& [name, value] : request.headers) {
    if (holds_line_break(name) || holds_line_break(value)) {
      throw Error(ErrorKind::internal, "a request's header holds a line break");
    }
    append(value.empty() ? name + ";" : fmt::format("{}: {}", name, value));
  }
  set(easy_, CURLOPT_HTTPHEADER, headers_.get());
}

void HttpAttempt::set_body(HttpRequest& request) {
  text_.clear();
  file_.reset();
  if (auto* text = std::get_if<std::string>(&request.body)) {
    text_ = std::move(*text);
    length_ = text_.size();
  } else if (auto* slice = std::get_if<FileSlice>(&request.body)) {
    slice_ = std::move(*slice);
    length_ = slice_.length;
    file_ = Descriptor(open(slice_.file.c_str(), O_RDONLY | O_CLOEXEC));
    if (!file_.open()) throw file_error(slice_, std::strerror(errno));
  }
  has_body_ = request.body.index() != 0 || request.method == "PUT" || request.method == "POST";
  if (request.method == "HEAD") {
    if (has_body_) throw Error(ErrorKind::internal, "HEAD has no body");
    set(easy_, CURLOPT_NOBODY, 1L);
    return;
  }
  if (has_body_) {
    // PUT to libcurl, whatever it is called, since its POST has ideas about the Content-Type.
    set(easy_, CURLOPT_UPLOAD, 1L);
    set(easy_, CURLOPT_INFILESIZE_LARGE, static_cast<curl_off_t>(length_));
  }
  if (request.method != "GET" || has_body_) {
    set(easy_, CURLOPT_CUSTOMREQUEST, request.method.c_str());
  }
}

void HttpAttempt::set_callbacks() {
  set(easy_, CURLOPT_ERRORBUFFER, error_.data());
  set(easy_, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
  set(easy_, CURLOPT_HEADERFUNCTION, &HttpAttempt::on_header);
  set(easy_, CURLOPT_HEADERDATA, this);
  set(easy_, CURLOPT_WRITEFUNCTION, &HttpAttempt::on_write);
  set(easy_, CURLOPT_WRITEDATA, this);
  set(easy_, CURLOPT_READFUNCTION, &HttpAttempt::on_read);
  set(easy_, CURLOPT_READDATA, this);
  set(easy_, CURLOPT_SEEKFUNCTION, &HttpAttempt::on_seek);
  set(easy_, CURLOPT_SEEKDATA, this);
  set(easy_, CURLOPT_PREREQFUNCTION, &HttpAttempt::on_connected);
  set(easy_, CURLOPT_PREREQDATA, this);
  set(easy_, CURLOPT_NOPROGRESS, 0L);
  set(easy_, CURLOPT_XFERINFOFUNCTION, &HttpAttempt::on_progress);
  set(easy_, CURLOPT_XFERINFODATA, this);
}

HttpAttempt::Clock::time_point HttpAttempt::deadline() const {
  // Until there is a connection, its own timeout counts.
  return connected_ ? last_move_ + stall_timeout_ : Clock::time_point::max();
}

HttpOutcome HttpAttempt::end(std::optional<CURLcode> result) {
  over_ = true;
  if (!result) {
    const auto time = core::format_seconds(stall_timeout_);
    give_up(HttpFailure::stalled, "no byte moved for " + time + " s");
  }
  HttpOutcome outcome;
  if (reader_.whole()) outcome.head = reader_.head();
  outcome.received = received_;
  if (decision_) {
    outcome.failure = *decision_;
    outcome.reason = reason_;
  } else if (*result != CURLE_OK) {
    outcome.failure = !connected_ && is_refused_by_proxy(easy_) ? HttpFailure::proxy
                                                                : failure_of(*result, connected_);
    outcome.reason = reason_of(*result, error_.data());
    // An answer that comes before the body has been sent is the answer, even if the server then
    // closes the door on the rest.
    const bool unsent = *result == CURLE_SEND_ERROR || !has_sent_all();
    if (outcome.failure == HttpFailure::broken && reader_.whole() && unsent) {
      outcome.failure = HttpFailure::none;
      outcome.reason.clear();
    }
  } else if (!reader_.whole()) {
    outcome.failure = HttpFailure::broken;
    outcome.reason = "the connection ended within the header";
  }
  file_.reset();
  curl_easy_reset(easy_);
  return outcome;
}

bool HttpAttempt::has_sent_all() const {
  curl_off_t sent = 0;
  (void)curl_easy_getinfo(easy_, CURLINFO_SIZE_UPLOAD_T, &sent);
  return given_ == length_ && static_cast<std::uint64_t>(sent) >= length_;
}

void HttpAttempt::give_up(HttpFailure failure, std::string reason) {
  over_ = true;
  decision_ = failure;
  reason_ = std::move(reason);
}

template <typename Result, typename Call>
Result HttpAttempt::guarded(Result abort, Call call) noexcept {
  if (over_ || *thrown_) return abort;
  try {
    return call();
  } catch (...) {
    *thrown_ = std::current_exception();
    return abort;
  }
}

bool HttpAttempt::take_header(std::string_view line) {
  last_move_ = Clock::now();
  const bool was_whole = reader_.whole();
  if (!reader_.take(line)) {
    give_up(HttpFailure::protocol, reader_.complaint());
    return false;
  }
  if (reader_.whole() && !was_whole && transfer_->on_head) transfer_->on_head(reader_.head());
  return true;
}

bool HttpAttempt::take_body(std::string_view bytes) {
  last_move_ = Clock::now();
  const bool more = !transfer_->on_body || transfer_->on_body(bytes);
  received_ += bytes.size();
  if (!more) give_up(HttpFailure::none, "");
  return more;
}

std::size_t HttpAttempt::give_body(char* room, std::size_t size) {
  size = static_cast<std::size_t>(std::min<std::uint64_t>(size, length_ - given_));
  if (!file_.open()) {
    text_.copy(room, size, static_cast<std::size_t>(given_));
  } else if (size > 0) {
    ssize_t count = 0;
    do {
      count = pread(file_.get(), room, size, static_cast<off_t>(slice_.offset + given_));
    } while (count < 0 && errno == EINTR);
    if (count < 0) throw file_error(slice_, std::strerror(errno));
    if (count == 0) throw file_error(slice_, "it became shorter while it was sent");
    size = static_cast<std::size_t>(count);
  }
  given_ += size;
  return size;
}

std::size_t HttpAttempt::on_header(char* data, std::size_t size, std::size_t count, void* self) {
  auto& attempt = *static_cast<HttpAttempt*>(self);
  return attempt.guarded(std::size_t{0}, [&] {
    return attempt.take_header({data, size * count}) ? size * count : 0;
  });
}

std::size_t HttpAttempt::on_write(char* data, std::size_t size, std::size_t count, void* self) {
  auto& attempt = *static_cast<HttpAttempt*>(self);
  return attempt.guarded(std::size_t{0}, [&] {
    return attempt.take_body({data, size * count}) ? size * count : 0;
  });
}

std::size_t HttpAttempt::on_read(char* room, std::size_t size, std::size_t count, void* self) {
  auto& attempt = *static_cast<HttpAttempt*>(self);
  return attempt.guarded(std::size_t{CURL_READFUNC_ABORT},
                         [&] { return attempt.give_body(room, size * count); });
}

int HttpAttempt::on_seek(void* self, curl_off_t offset, int origin) {
  auto& attempt = *static_cast<HttpAttempt*>(self);
  if (origin != SEEK_SET || offset < 0) return CURL_SEEKFUNC_CANTSEEK;
  attempt.given_ = std::min(static_cast<std::uint64_t>(offset), attempt.length_);
  return CURL_SEEKFUNC_OK;
}

int HttpAttempt::on_connected(void* self, char*, char*, int, int) {
  auto& attempt = *static_cast<HttpAttempt*>(self);
  attempt.connected_ = true;
  attempt.last_move_ = Clock::now();
  return CURL_PREREQFUNC_OK;
}

int HttpAttempt::on_progress(void* self, curl_off_t, curl_off_t, curl_off_t, curl_off_t sent) {
  auto& attempt = *static_cast<HttpAttempt*>(self);
  if (attempt.over_ || *attempt.thrown_) return 1;
  if (std::exchange(attempt.sent_, sent) != sent) attempt.last_move_ = Clock::now();
  return 0;
}

}  // namespace momentcut::io
