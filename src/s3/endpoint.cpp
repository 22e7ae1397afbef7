#include "momentcut/s3/endpoint.hpp"

#include <algorithm>
#include <array>
#include <vector>

#include <arpa/inet.h>
#include <fmt/format.h>

#include "momentcut/core/error.hpp"
#include "momentcut/core/text.hpp"
#include "momentcut/s3/sigv4.hpp"
#include "momentcut/s3/url.hpp"

namespace momentcut::s3 {
namespace {

using core::Error;
using core::ErrorKind;

constexpr std::size_t kLongestLabel = 63;  // RFC 1035 §2.3.4
constexpr std::size_t kLongestBucket = 255;

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

bool is_lower(char c) {
  return c >= 'a' && c <= 'z';
}

// "a-1", in lower case.
bool is_dns_label(std::string_view text) {
  return !text.empty() && text.size() <= kLongestLabel && text.front() != '-' &&
         text.back() != '-' && std::all_of(text.begin(), text.end(), [](char c) {
           return is_lower(c) || is_digit(c) || c == '-';
         });
}

bool is_host_name(std::string_view text) {
  const auto labels = core::split(text, '.');
  return std::all_of(labels.begin(), labels.end(), is_dns_label);
}

bool is_ip(int family, std::string_view text) {
  std::array<unsigned char, sizeof(in6_addr)> address{};
  // inet_pton() would read no further than a zero byte.
  return text.find('\0') == std::string_view::npos &&
         inet_pton(family, std::string(text).c_str(), address.data()) == 1;
}

// What an http or https URL is made of.
struct Url {
  bool https = true;
  std::string host;  // lower case; IPv6 in its brackets
  std::string port;  // empty: the scheme's own
  std::string path;  // as written, may be empty
  bool has_user = false;
  bool has_rest = false;  // a query or a fragment

  [[nodiscard]] std::string authority() const { return port.empty() ? host : host + ':' + port; }
  [[nodiscard]] bool is_at_ip() const { return host.front() == '[' || is_ip(AF_INET, host); }
};

bool is_host(std::string_view text) {
  if (text.starts_with('[')) {
    return text.ends_with(']') && is_ip(AF_INET6, text.substr(1, text.size() - 2));
  }
  // '_' is in no host name, and in many a container's.
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return is_lower(c) || is_digit(c) || c == '-' || c == '.' || c == '_';
  });
}

// Reads "host:port" into `url`; false where it is none.
bool read_authority(std::string_view text, Url& url) {
  if (const auto at = text.rfind('@'); at != std::string_view::npos) {
    url.has_user = true;
    text.remove_prefix(at + 1);
  }
  const auto host_end = text.starts_with('[') ? text.find(']') : 0;
  if (host_end == std::string_view::npos) return false;
  const auto colon = text.find(':', host_end);
  url.host = core::lowered(text.substr(0, colon));
  if (!is_host(url.host)) return false;
  const auto digits = colon == std::string_view::npos ? "" : text.substr(colon + 1);
  if (digits.empty()) return true;
  const auto port = core::parse_unsigned(digits);
  if (!port || *port == 0 || *port > 65'535) return false;
  if (*port != (url.https ? 443U : 80U)) url.port = fmt::format("{}", *port);
  return true;
}

std::optional<Url> split_url(std::string_view text) {
  const auto parts = url_parts(text);
  const auto scheme = core::lowered(parts.scheme);
  if ((scheme != "http" && scheme != "https") || !parts.has_authority) return {};
  Url url;
  url.https = scheme == "https";
  url.path = parts.path;
  url.has_rest = parts.has_query || text.find('#') != std::string_view::npos;
  if (!read_authority(parts.authority, url)) return {};
  return url;
}

// A custom endpoint, its path without the '/' that may end it.
Url endpoint_url(std::string_view text, std::string_view origin) {
  constexpr auto kHint = "write http://HOST:PORT or https://HOST:PORT";
  auto url = split_url(text);
  if (!url) {
    throw Error(
        ErrorKind::usage,
        fmt::format("{} is no http or https URL with a host: {}", origin, core::quoted(text)),
        kHint);
  }
  if (url->has_user || url->has_rest) {
    throw Error(
        ErrorKind::usage,
        fmt::format("{} has more in it than a host and a path: {}", origin, core::quoted(text)),
        kHint);
  }
  url->path.erase(url->path.find_last_not_of('/') + 1);
  return *url;
}

Url custom_endpoint(const Endpoint& endpoint) {
  return endpoint_url(endpoint.url, "the S3 endpoint");
}

std::string_view domain_of(std::string_view region) {
  return region.starts_with("cn-") ? "amazonaws.com.cn" : "amazonaws.com";
}

// Regions come from answers, too: none may move a signed request to another host.
Url aws_endpoint(std::string_view region) {
  if (!is_dns_label(region)) {
    throw Error(ErrorKind::usage, "not an AWS region: " + core::quoted(region),
                "regions are called like us-east-1");
  }
  Url url;
  url.host = fmt::format("s3.{}.{}", region, domain_of(region));
  return url;
}

bool is_path_style(const Endpoint& endpoint, const Url& url, std::string_view bucket) {
  // Where no name can be put before the host, wishes change nothing.
  if (endpoint.style == AddressingStyle::path || url.is_at_ip()) return true;
  if (!is_host_name(bucket) || is_ip(AF_INET, bucket)) return true;
  if (endpoint.style == AddressingStyle::virtual_host) return false;
  // AWS's certificate is for one label before the host.
  return !endpoint.url.empty() || (url.https && bucket.find('.') != std::string_view::npos);
}

bool may_be_bucket(std::string_view text) {
  return !text.empty() && text.size() <= kLongestBucket &&
         std::all_of(text.begin(), text.end(), [](char c) {
           return is_lower(c) || is_digit(c) || (c >= 'A' && c <= 'Z') || c == '-' || c == '.' ||
                  c == '_';
         });
}

std::optional<NamedObject> named(std::string_view bucket, std::string_view encoded_key,
                                 std::string_view region) {
  if (!may_be_bucket(bucket)) return {};
  return NamedObject{{std::string(bucket), percent_decoded(encoded_key)}, std::string(region)};
}

// The object of "/key" at a host that belongs to `bucket`, or, where that is empty, of
// "/bucket/key".
std::optional<NamedObject> object_in_path(std::string_view path, std::string_view bucket,
                                          std::string_view region) {
  if (path.starts_with('/')) path.remove_prefix(1);
  if (!bucket.empty()) return named(bucket, path, region);
  const auto slash = std::min(path.find('/'), path.size());
  return named(percent_decoded(path.substr(0, slash)),
               path.substr(std::min(slash + 1, path.size())), region);
}

// `host` without `domain` and the dot before it; nullopt when it is not below it.
std::optional<std::string_view> part_below(std::string_view host, std::string_view domain) {
  if (host.size() <= domain.size() + 1 || !host.ends_with(domain)) return {};
  host.remove_suffix(domain.size());
  if (!host.ends_with('.')) return {};
  host.remove_suffix(1);
  return host;
}

// "us-gov-west-1": two letters first, a number last. What else stands after "s3-" is a service of
// its own ("s3-control", "s3-accesspoint", "s3-website-us-east-1").
bool is_region(std::string_view text) {
  const auto parts = core::split(text, '-');
  return parts.size() >= 3 && parts.front().size() == 2 && is_dns_label(text) &&
         std::all_of(parts.back().begin(), parts.back().end(), is_digit) && !parts.back().empty();
}

struct ServiceHost {
  std::size_t labels = 0;  // how many name the service; the ones before are the bucket
  std::string_view region;
};

// Reads "bucket.s3.eu-west-1" and its kin from the right, since buckets may be called "s3", too.
std::optional<ServiceHost> service_host(const std::vector<std::string_view>& labels) {
  const auto from_end = [&](std::size_t i) {
    return i <= labels.size() ? labels[labels.size() - i] : std::string_view{};
  };
  const auto last = from_end(1);
  if (last == "s3") return ServiceHost{1, {}};
  if (last == "s3-external-1") return ServiceHost{1, "us-east-1"};
  if (last.starts_with("s3-") && is_region(last.substr(3))) return ServiceHost{1, last.substr(3)};
  if (!is_region(last)) return {};
  if (from_end(2) == "s3") return ServiceHost{2, last};
  if (from_end(2) == "dualstack" && from_end(3) == "s3") return ServiceHost{3, last};
  return {};
}

std::optional<NamedObject> object_at_aws(const Url& url) {
  if (!url.port.empty()) return {};
  for (const std::string_view domain : {"amazonaws.com", "amazonaws.com.cn"}) {
    const auto below = part_below(url.host, domain);
    if (!below) continue;
    const auto labels = core::split(*below, '.');
    const auto service = service_host(labels);
    if (!service) return {};
    std::string bucket;
    for (std::size_t i = 0; i + service->labels < labels.size(); ++i) {
      if (i > 0) bucket += '.';
      if (labels[i].empty()) return {};
      bucket += labels[i];
    }
    return object_in_path(url.path, bucket, service->region);
  }
  return {};
}

std::string encoded_path(std::string_view path) {
  return percent_encoded(percent_decoded(path), /*keep_slashes=*/true);
}

std::optional<NamedObject> object_below(const Url& url, const Url& endpoint) {
  if (url.https != endpoint.https || url.port != endpoint.port) return {};
  const auto bucket = endpoint.is_at_ip() ? std::nullopt : part_below(url.host, endpoint.host);
  if (!bucket && url.host != endpoint.host) return {};
  for (const auto& prefix : {endpoint.path, encoded_path(endpoint.path)}) {
    if (url.path.starts_with(prefix + '/') || (bucket && url.path == prefix)) {
      return object_in_path(url.path.substr(prefix.size()), bucket.value_or(""), {});
    }
  }
  return {};
}

}  // namespace

std::string Address::url(std::string_view query) const {
  return fmt::format("{}://{}{}{}{}", https ? "https" : "http", host, path,
                     query.empty() ? "" : "?", query);
}

void check_endpoint_url(std::string_view url, std::string_view origin) {
  (void)endpoint_url(url, origin);
}

bool is_https(const Endpoint& endpoint) {
  return endpoint.url.empty() || custom_endpoint(endpoint).https;
}

Address address_of(const Endpoint& endpoint, std::string_view region, const Object& object) {
  const auto url = endpoint.url.empty() ? aws_endpoint(region) : custom_endpoint(endpoint);
  Address address{url.https, url.authority(), encoded_path(url.path)};
  if (is_path_style(endpoint, url, object.bucket)) {
    address.path += '/' + percent_encoded(object.bucket);
    if (object.key.empty()) return address;
  } else {
    address.host.insert(0, object.bucket + '.');
  }
  address.path += '/' + percent_encoded(object.key, /*keep_slashes=*/true);
  return address;
}

std::optional<NamedObject> object_in_url(std::string_view url, const Endpoint& endpoint) {
  const auto parts = split_url(url);
  if (!parts || parts->has_user) return {};
  return endpoint.url.empty() ? object_at_aws(*parts)
                              : object_below(*parts, custom_endpoint(endpoint));
}

}  // namespace momentcut::s3
