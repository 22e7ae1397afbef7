#include "momentcut/pipeline/remote.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "momentcut/core/error.hpp"
#include "momentcut/core/text.hpp"
#include "momentcut/core/version.hpp"
#include "momentcut/s3/url.hpp"

namespace momentcut::pipeline {
namespace {

constexpr unsigned kUsualAttempts = 5;

std::string ca_bundle_of(const NetworkOptions& options,
                         const std::optional<s3::AwsSettings>& settings) {
  if (settings) return settings->ca_bundle;
  const auto found = options.environment.find("AWS_CA_BUNDLE");
  return found == options.environment.end() ? "" : found->second;
}

unsigned attempts_of(const NetworkOptions& options,
                     const std::optional<s3::AwsSettings>& settings) {
  if (options.retries) return *options.retries + 1;
  if (settings) return settings->max_attempts.value_or(kUsualAttempts);
  const auto found = options.environment.find("AWS_MAX_ATTEMPTS");
  const auto said =
      found == options.environment.end() ? std::nullopt : core::parse_unsigned(found->second);
  return said && *said > 0 ? static_cast<unsigned>(std::min<std::uint64_t>(*said, 100))
                           : kUsualAttempts;
}

// Whether it is plain from the request alone that S3 will be spoken to.
bool needs_s3(const Request& request) {
  const auto source = s3::parse_location(request.source.value_or(""));
  return request.upload || source.scheme == s3::Scheme::s3 ||
         (request.network.sign && source.remote());
}

}  // namespace

Remote::Remote(const Request& request, Context& context)
    : options_(request.network), context_(context), connections_(request.network.connections) {
  if (needs_s3(request)) settings_ = load_aws_settings(options_);
  http_settings_ = {options_.connect_timeout, request.stall_timeout,
                    ca_bundle_of(options_, settings_),
                    options_.user_agent.empty() ? fmt::format("momentcut/{}", core::version())
                                                : options_.user_agent};
  rules_ = {attempts_of(options_, settings_),
            request.stall_timeout,
            options_.allow_http,
            options_.headers,
            {}};
  const auto source = s3::parse_location(request.source.value_or(""));
  const bool is_http = source.scheme == s3::Scheme::http || source.scheme == s3::Scheme::https;
  if (is_http) rules_.secret_origin = s3::origin_of(source.text);
}

S3Access& Remote::access() {
  if (!access_) {
    if (!settings_) settings_ = load_aws_settings(options_);
    access_ = std::make_unique<S3Access>(*settings_, options_, http_settings_, context_);
  }
  return *access_;
}

io::Http& Remote::http() {
  if (!http_) http_ = std::make_unique<io::Http>(http_settings_, context_.interrupt());
  return *http_;
}

std::unique_ptr<Exchange> Remote::exchange_for(Ask ask) {
  return std::make_unique<Exchange>(
      std::move(ask), rules_, [this]() -> S3Access& { return access(); }, context_);
}

std::vector<Reply> Remote::ask(std::vector<Ask> asks,
                               const std::function<std::optional<Ask>()>& spare) {
  std::vector<std::unique_ptr<Exchange>> exchanges;
  // What each place works at: its own exchange, and then what it may relieve others of.
  std::vector<std::unique_ptr<Exchange>> relief(asks.size());
  std::vector<io::HttpTransfer> transfers;
  for (std::size_t i = 0; i < asks.size(); ++i) {
    exchanges.push_back(exchange_for(std::move(asks[i])));
    auto current = [own = exchanges.back().get(), &other = relief[i]]() -> Exchange& {
      return other ? *other : *own;
    };
    io::HttpTransfer transfer;
    transfer.prepare = [current] { return current().prepare(); };
    transfer.on_head = [current](const io::HttpHead& head) { current().take_head(head); };
    transfer.on_body = [current](std::string_view bytes) { return current().take_body(bytes); };
    transfer.on_end = [this, current, &spare,
                       &other = relief[i]](const io::HttpOutcome& outcome) -> Exchange::Wait {
      if (const auto wait = current().end(outcome)) return wait;
      auto next = spare ? spare() : std::nullopt;
      if (!next) return {};
      other = exchange_for(std::move(*next));
      return std::chrono::milliseconds(0);
    };
    transfers.push_back(std::move(transfer));
  }
  http().run(std::move(transfers), connections_);
  std::vector<Reply> replies;
  replies.reserve(exchanges.size());
  for (const auto& exchange : exchanges) replies.push_back(exchange->reply());
  return replies;
}

Reply Remote::ask(Ask ask) {
  std::vector<Ask> asks;
  asks.push_back(std::move(ask));
  return std::move(this->ask(std::move(asks)).front());
}

std::optional<Reply> Remote::ask_undisturbed(Ask ask, std::chrono::milliseconds limit) {
  bool answered = false;
  ask.done = [&answered](const Reply&) { answered = true; };
  const auto exchange = exchange_for(std::move(ask));
  std::vector<io::HttpTransfer> transfers;
  transfers.push_back(exchange->transfer());
  http().run_undisturbed(std::move(transfers), limit);
  return answered ? std::optional(exchange->reply()) : std::nullopt;
}

bool Remote::is_secure(const s3::Location& location) {
  if (location.scheme != s3::Scheme::s3) return location.scheme == s3::Scheme::https;
  return s3::is_https(access().settings().endpoint);
}

s3::Location Remote::signed_if_wanted(const s3::Location& location) {
  const bool is_http = location.scheme == s3::Scheme::http || location.scheme == s3::Scheme::https;
  if (!options_.sign || !is_http) return location;
  const auto named = s3::object_in_url(location.text, access().settings().endpoint);
  if (!named) return location;
  if (!named->region.empty()) access().set_region(named->object.bucket, named->region);
  return s3::location_of(named->object);
}

s3::Location Remote::follow(const s3::Location& base, const std::string& reference,
                            const std::string& what) {
  try {
    auto location = signed_if_wanted(s3::resolve(base, reference));
    if (base.remote()) {
      require_no_downgrade(is_secure(base), location, is_secure(location), options_.allow_http,
                           "it");
    }
    return location;
  } catch (const core::Error& error) {
    throw core::Error(error.kind(), fmt::format("{}: {}", what, error.what()), error.hint());
  }
}

std::string Remote::shared_url(const s3::Object& object, std::chrono::seconds lifetime) {
  return access().shared_url(object, lifetime);
}

}  // namespace momentcut::pipeline
