// Which host and path an S3 object is asked for at (AWS, "Virtual hosting of buckets"; the SDKs'
// "Service-specific endpoints" guide).
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "momentcut/s3/location.hpp"

namespace momentcut::s3 {

// s3.addressing_style of an AWS profile.
enum class AddressingStyle { automatic, virtual_host, path };

struct Endpoint {
  std::string url;  // "http://127.0.0.1:9000", may have a path; empty: AWS's own for the region
  AddressingStyle style = AddressingStyle::automatic;
};

// Where a request goes.
struct Address {
  bool https = true;
  std::string host;  // with its port unless that is the scheme's own
  std::string path;  // strictly encoded, beginning with '/'

  // "https://host/path", and "?query" where it is not empty.
  [[nodiscard]] std::string url(std::string_view query = {}) const;
};

// Throws core::Error(usage) for what is no http or https URL with a host, or has a query, a
// fragment or a user in it. `origin` is how the setting is called in the message.
void check_endpoint_url(std::string_view url, std::string_view origin);

// Whether requests to it are encrypted.
bool is_https(const Endpoint& endpoint);

// The address of `object` (of the bucket itself where its key is empty). `automatic` is
// virtual-hosted at AWS, and path style at a custom endpoint and for a bucket name with a dot in it
// over https. An IP address, or a bucket that is no host name, is path style in every case. The
// key's bytes are kept as they are: no normalisation of "//", "/./" or "/../". Regions "cn-*" lie
// in amazonaws.com.cn. Throws core::Error(usage) for a region that is no DNS label, since it would
// be another host, and as check_endpoint_url() does.
Address address_of(const Endpoint& endpoint, std::string_view region, const Object& object);

// The object that an http(s) URL names, for those who have credentials for it: path style or
// virtual-hosted below a custom `endpoint`, else one of AWS's forms
// (BUCKET.s3.REGION.amazonaws.com, s3.REGION.amazonaws.com/BUCKET, the older ones with a dash or
// without a region, dualstack, .com.cn): an object of AWS is not to be looked for at another
// endpoint. The path is percent-decoded once; query and fragment are dropped. nullopt: none of
// these.
struct NamedObject {
  Object object;
  std::string region;  // empty: the URL does not say
};
std::optional<NamedObject> object_in_url(std::string_view url, const Endpoint& endpoint);

}  // namespace momentcut::s3
