// Talks to HTTP servers and to S3: what is asked for is signed when it is sent, and tried again
// where that can help.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "momentcut/io/http.hpp"
#include "momentcut/pipeline/context.hpp"
#include "momentcut/pipeline/exchange.hpp"
#include "momentcut/pipeline/request.hpp"
#include "momentcut/pipeline/s3_access.hpp"
#include "momentcut/s3/location.hpp"

namespace momentcut::pipeline {

class Remote {
 public:
  // Asks nobody anything yet. Throws core::Error(configuration) where AWS settings are needed and
  // wrong.
  Remote(const Request& request, Context& context);

  // Asks all of them, as many at once as the request permits, and begins in their order. Throws
  // core::Error for the first that cannot be had, every other then being ended.
  // A place that is free while nothing waits for one asks `spare` for more to do.
  std::vector<Reply> ask(std::vector<Ask> asks,
                         const std::function<std::optional<Ask>()>& spare = {});
  Reply ask(Ask ask);

  // The same, deaf to signals, for what must not stop half-way. nullopt: it took longer than
  // `limit`.
  std::optional<Reply> ask_undisturbed(Ask ask, std::chrono::milliseconds limit);

  // `location` as S3's where the user wants such URLs signed, else as it is.
  s3::Location signed_if_wanted(const s3::Location& location);

  // What the playlist at `base` means by `reference`, as far as the rules permit it: s3::resolve(),
  // no step from https to http. `what` names the reference in messages.
  s3::Location follow(const s3::Location& base, const std::string& reference,
                      const std::string& what);

  // A URL under which others can read `object` for `lifetime`.
  std::string shared_url(const s3::Object& object, std::chrono::seconds lifetime);

  [[nodiscard]] unsigned connections() const { return connections_; }

 private:
  io::Http& http();
  std::unique_ptr<Exchange> exchange_for(Ask ask);
  S3Access& access();
  bool is_secure(const s3::Location& location);

  const NetworkOptions& options_;
  Context& context_;
  unsigned connections_;
  std::optional<s3::AwsSettings> settings_;
  io::HttpSettings http_settings_;
  ExchangeRules rules_;
  std::unique_ptr<io::Http> http_;
  std::unique_ptr<S3Access> access_;
};

}  // namespace momentcut::pipeline
