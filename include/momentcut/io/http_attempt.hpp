// One attempt at an HTTP transfer: a libcurl handle, what it is told to do and what came of it.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <curl/curl.h>

#include "momentcut/io/descriptor.hpp"
#include "momentcut/io/http.hpp"
#include "momentcut/io/http_head.hpp"

namespace momentcut::io {

// Can be begun again and again; each time its handle is to be added to a multi handle after begin()
// and removed from it between stop() and end().
class HttpAttempt {
 public:
  using Clock = std::chrono::steady_clock;

  // Throws core::Error(internal) when libcurl has no handle for us.
  HttpAttempt();
  ~HttpAttempt();
  HttpAttempt(const HttpAttempt&) = delete;
  HttpAttempt& operator=(const HttpAttempt&) = delete;

  [[nodiscard]] CURL* handle() const { return easy_; }

  // Makes the handle ready. `settings`, `transfer` and `thrown` stay alive until end(). What a
  // callback throws goes to `thrown`; once something is there, callbacks are not called. Throws
  // core::Error: io for a file that cannot be opened, internal for a request that cannot be sent.
  void begin(const HttpSettings& settings, HttpRequest request, const HttpTransfer& transfer,
             std::exception_ptr& thrown);

  // When it has stalled, if nothing moves until then.
  [[nodiscard]] Clock::time_point deadline() const;
  // Time in which we could not listen is no silence of the server's.
  void excuse(Clock::duration time) { last_move_ += time; }

  // Calls no callback of the transfer from here on.
  void stop() { over_ = true; }

  // What came of it: by libcurl's word, or nullopt for a stall.
  HttpOutcome end(std::optional<CURLcode> result);

 private:
  void set_connection(const HttpSettings& settings, const HttpRequest& request);
  void set_headers(const HttpRequest& request);
  void set_body(HttpRequest& request);
  void set_callbacks();
  [[nodiscard]] bool has_sent_all() const;
  void give_up(HttpFailure failure, std::string reason);

  // Runs what a callback of libcurl's has to do; `abort` where it may not, or throws.
  template <typename Result, typename Call>
  Result guarded(Result abort, Call call) noexcept;
  bool take_header(std::string_view line);
  bool take_body(std::string_view bytes);
  std::size_t give_body(char* room, std::size_t size);

  static std::size_t on_header(char* data, std::size_t size, std::size_t count, void* self);
  static std::size_t on_write(char* data, std::size_t size, std::size_t count, void* self);
  static std::size_t on_read(char* room, std::size_t size, std::size_t count, void* self);
  static int on_seek(void* self, curl_off_t offset, int origin);
  static int on_connected(void* self, char* to, char* from, int to_port, int from_port);
  static int on_progress(void* self, curl_off_t, curl_off_t, curl_off_t, curl_off_t sent);

  struct FreeList {
    void operator()(curl_slist* list) const { curl_slist_free_all(list); }
  };

  CURL* easy_;
  std::array<char, CURL_ERROR_SIZE> error_{};
  std::unique_ptr<curl_slist, FreeList> headers_;
  const HttpTransfer* transfer_ = nullptr;
  std::exception_ptr* thrown_ = nullptr;

  bool has_body_ = false;
  std::string text_;  // the body, unless it is a part of a file
  FileSlice slice_;
  Descriptor file_;
  std::uint64_t length_ = 0;
  std::uint64_t given_ = 0;  // of the body, to libcurl

  HttpHeadReader reader_;
  std::uint64_t received_ = 0;
  bool over_ = false;                    // by our own decision; no callback is called any more
  std::optional<HttpFailure> decision_;  // what that was
  std::string reason_;

  std::chrono::milliseconds stall_timeout_{};
  bool connected_ = false;
  Clock::time_point last_move_;
  curl_off_t sent_ = 0;
};

}  // namespace momentcut::io
