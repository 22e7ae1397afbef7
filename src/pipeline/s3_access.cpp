#include "momentcut/pipeline/s3_access.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "momentcut/core/error.hpp"
#include "momentcut/core/text.hpp"
#include "momentcut/io/files.hpp"
#include "momentcut/s3/retry.hpp"
#include "momentcut/s3/url.hpp"

namespace momentcut::pipeline {
namespace {

using core::Error;
using core::ErrorKind;

constexpr std::size_t kMostFileBytes = 4U << 20U;
// Long enough for a slow start, short enough to be worthless in a log.
constexpr std::chrono::minutes kRequestLifetime{15};

s3::Sections load_sections(const std::string& path) {
  if (path.empty() || !io::file_size(path)) return {};
  try {
    return s3::parse_ini(io::read_file(path, kMostFileBytes), path);
  } catch (const Error& error) {
    throw Error(ErrorKind::configuration, error.what(), error.hint());
  }
}

std::string variable(const s3::Environment& environment, std::string_view name) {
  const auto found = environment.find(name);
  return found == environment.end() ? "" : found->second;
}

std::string sts_url(const s3::AwsSettings& settings, const s3::Environment& environment) {
  const bool ignored =
      core::lowered(variable(environment, "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS")) == "true";
  for (const auto* name : {"AWS_ENDPOINT_URL_STS", "AWS_ENDPOINT_URL"}) {
    auto url = variable(environment, name);
    if (url.empty() || ignored) continue;
    s3::check_endpoint_url(url, name);
    return url;
  }
  const bool in_china = settings.region.starts_with("cn-");
  return fmt::format("https://sts.{}.amazonaws.com{}/", settings.region, in_china ? ".cn" : "");
}

}  // namespace

s3::AwsSettings load_aws_settings(const NetworkOptions& options) {
  const auto paths = s3::shared_file_paths(options.environment);
  return s3::resolve_settings(options.aws, options.environment, load_sections(paths.config),
                              load_sections(paths.credentials));
}

S3Access::S3Access(s3::AwsSettings settings, const NetworkOptions& options,
                   const io::HttpSettings& http_settings, Context& context)
    : settings_(std::move(settings)),
      request_payer_(options.request_payer),
      credentials_(settings_.source, sts_url(settings_, options.environment), http_settings,
                   context),
      http_(http_settings, context.interrupt()) {
  context.detail(fmt::format(
      "S3: credentials from {}, region {}{}", settings_.source_name, settings_.region,
      settings_.endpoint.url.empty() ? "" : ", endpoint " + core::quoted(settings_.endpoint.url)));
}

core::WallTime S3Access::now() const {
  return std::chrono::time_point_cast<core::Time>(std::chrono::system_clock::now()) + clock_offset_;
}

std::string S3Access::region_of(const std::string& bucket) const {
  const auto known = regions_.find(bucket);
  return known == regions_.end() ? settings_.region : known->second;
}

s3::Address S3Access::address_of(const s3::Object& object) const {
  auto address = s3::address_of(settings_.endpoint, region_of(object.bucket), object);
  if (const auto moved = hosts_.find(object.bucket); moved != hosts_.end()) {
    address.host = moved->second;
  }
  return address;
}

std::string S3Access::presigned(std::string_view method, const s3::Object& object,
                                s3::Fields query) {
  const auto address = address_of(object);
  if (request_payer_) query.emplace_back("x-amz-request-payer", "requester");
  const auto time = now();
  const auto credentials = credentials_.get(time);
  if (!credentials) return address.url(s3::canonical_query(query));
  const s3::SignableRequest request{
      std::string(method), address.host, address.path, std::move(query), {}};
  return address.url(s3::presigned_query(request, *credentials, {region_of(object.bucket)}, time,
                                         kRequestLifetime));
}

std::string S3Access::shared_url(const s3::Object& object, std::chrono::seconds lifetime) {
  const auto address = address_of(object);
  const auto time = now();
  const auto credentials = credentials_.get(time);
  if (!credentials) return address.url();
  const s3::SignableRequest request{"GET", address.host, address.path, {}, {}};
  return address.url(
      s3::presigned_query(request, *credentials, {region_of(object.bucket)}, time, lifetime));
}

void S3Access::sign(io::HttpRequest& request, const s3::Object& object, const s3::Fields& query,
                    std::string_view payload_sha256) {
  const auto address = address_of(object);
  request.url = address.url(s3::canonical_query(query));
  if (request_payer_) request.headers.emplace_back("x-amz-request-payer", "requester");
  const auto time = now();
  const auto credentials = credentials_.get(time);
  if (!credentials) return;
  const s3::SignableRequest signable{request.method, address.host, address.path, query,
                                     request.headers};
  for (auto& field : s3::signed_headers(signable, *credentials, {region_of(object.bucket)}, time,
                                        payload_sha256)) {
    request.headers.push_back(std::move(field));
  }
}

bool S3Access::learn(const s3::Object& object, const io::HttpHead& head,
                     const s3::ServiceError& error) {
  switch (s3::remedy_for(head.status, error.code)) {
    case s3::Remedy::credentials:
      return credentials_.renew();
    case s3::Remedy::clock: {
      const auto* date = head.field("date");
      const auto time = date != nullptr ? s3::parse_http_date(*date) : std::nullopt;
      if (!time || std::exchange(clock_is_set_, true)) return false;
      clock_offset_ += *time - now();
      return true;
    }
    case s3::Remedy::region:
      return learn_region(object, head, error);
    case s3::Remedy::none:
      // The 400 of a HEAD has no body to say more; another region is what it may mean.
      return head.status == 400 && error.code.empty() && learn_region(object, head, error);
    case s3::Remedy::wait:
      return false;
  }
  return false;
}

bool S3Access::learn_region(const s3::Object& object, const io::HttpHead& head,
                            const s3::ServiceError& error) {
  const auto* location = head.field("location");
  if (location != nullptr && head.status == 307 && learn_host(object.bucket, *location)) {
    return true;
  }
  const auto* field = head.field("x-amz-bucket-region");
  auto region = field != nullptr ? *field : error.region;
  if (region.empty()) region = region_by_head(object);
  const bool valid = !region.empty() && region.size() < 64 &&
                     std::all_of(region.begin(), region.end(), [](char c) {
                       return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
                     });
  if (!valid || region == region_of(object.bucket)) return false;
  regions_[object.bucket] = region;
  hosts_.erase(object.bucket);
  return true;
}

// A bucket that was just made is served elsewhere for a while: the same request, signed for there.
// A signature goes to no host that is not the service's own.
bool S3Access::learn_host(const std::string& bucket, std::string_view location) {
  if (!settings_.endpoint.url.empty()) return false;
  const auto parts = s3::url_parts(location);
  const auto host = core::lowered(parts.authority);
  const bool is_aws = core::lowered(parts.scheme) == "https" &&
                      host.find_first_of("@:") == std::string::npos &&
                      (host.ends_with(".amazonaws.com") || host.ends_with(".amazonaws.com.cn"));
  if (!is_aws || hosts_[bucket] == host) return false;
  hosts_[bucket] = host;
  return true;
}

// HeadBucket answers with the region whatever else it says.
std::string S3Access::region_by_head(const s3::Object& object) {
  std::string region;
  io::HttpTransfer transfer;
  transfer.prepare = [&] {
    io::HttpRequest request;
    request.method = "HEAD";
    request.url = address_of({object.bucket, {}}).url();
    return request;
  };
  transfer.on_end = [&](const io::HttpOutcome& outcome) {
    if (const auto* field = outcome.head.field("x-amz-bucket-region")) region = *field;
    return std::optional<std::chrono::milliseconds>();
  };
  std::vector<io::HttpTransfer> transfers;
  transfers.push_back(std::move(transfer));
  http_.run(std::move(transfers), 1);
  return region;
}

}  // namespace momentcut::pipeline
