// HTTP over libcurl: many transfers beside each other from one thread, bodies as streams, no
// policy. Redirects are not followed, cookies not kept, nothing is tried again unless the caller
// says so.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "momentcut/io/interrupt.hpp"

namespace momentcut::io {

using HttpFields = std::vector<std::pair<std::string, std::string>>;

// A part of a file as a request's body.
struct FileSlice {
  std::filesystem::path file;
  std::uint64_t offset = 0;
  std::uint64_t length = 0;
};

struct HttpRequest {
  std::string method = "GET";
  std::string url;  // http or https; its path is sent as it is, "/../" and all
  HttpFields headers;
  std::variant<std::monostate, std::string, FileSlice> body;
  bool decode = false;  // offer gzip, deflate and br, and hand on what they decode to
  bool direct = false;  // past any proxy
};

// The final status line and header fields of an answer (not those of "100 Continue").
struct HttpHead {
  int status = 0;     // 0: none came
  HttpFields fields;  // names in lower case

  // The first field of that (lower-case) name; nullptr: there is none.
  [[nodiscard]] const std::string* field(std::string_view name) const;
};

// What kept a transfer from its end.
enum class HttpFailure {
  none,         // it ended as HTTP has it, whatever the status
  resolve,      // no address for the host
  connect,      // no connection, or none in time
  proxy,        // a proxy does not let the request through, and will not (RFC 9110 §9.3.6)
  certificate,  // TLS: the server's certificate is not trusted
  tls,          // TLS otherwise
  stalled,      // no byte moved for the stall timeout
  broken,       // the connection ended before the body did
  protocol,     // what came is no HTTP, or too large a header
};

struct HttpOutcome {
  HttpHead head;
  std::uint64_t received = 0;  // bytes of the body that were handed on
  HttpFailure failure = HttpFailure::none;
  std::string reason;  // of the failure, one line without any URL
};

// One thing to get or send, with as many attempts as `on_end` asks for. Callbacks may throw: all
// transfers are then ended, and run() throws it; none of them is called after that. They may call
// run() themselves for something that they need, while the other transfers wait.
struct HttpTransfer {
  // Called just before each attempt. Must be there; the others may be empty.
  std::function<HttpRequest()> prepare;
  // The head has come.
  std::function<void(const HttpHead&)> on_head;
  // The next bytes of the body. false: that is enough, the transfer ends well. Empty: the body is
  // dropped.
  std::function<bool(std::string_view)> on_body;
  // The attempt is over; nullopt: and so is the transfer, else it is attempted again after that
  // time.
  std::function<std::optional<std::chrono::milliseconds>(const HttpOutcome&)> on_end;
};

struct HttpSettings {
  std::chrono::milliseconds connect_timeout{10'000};  // name, TCP and TLS together
  std::chrono::milliseconds stall_timeout{60'000};    // without a byte in either direction
  std::filesystem::path ca_bundle;                    // PEM; empty: the system's
  std::string user_agent;
};

class Http {
 public:
  // Throws core::Error: internal where libcurl cannot be used, not_found for a CA bundle that is
  // not there.
  Http(HttpSettings settings, Interrupt& interrupt);
  ~Http();
  Http(const Http&) = delete;
  Http& operator=(const Http&) = delete;

  // Carries out `transfers`, begun in their order, at most `at_once` of them beside each other (one
  // that waits for its next attempt does not count). Connections are kept for the next run. Throws
  // what a callback throws, and core::Error: interrupted on a signal, io for a file that cannot be
  // read or became shorter, internal for a request that cannot be sent; no transfer is under way
  // then.
  void run(std::vector<HttpTransfer> transfers, unsigned at_once);

  // The same, deaf to signals, for what has to be cleaned up; ended where it takes longer than
  // `limit`. on_end is not called for a transfer that was ended so.
  void run_undisturbed(std::vector<HttpTransfer> transfers, std::chrono::milliseconds limit);

 private:
  class Engine;
  std::unique_ptr<Engine> engine_;
};

}  // namespace momentcut::io
