// Signs requests to S3, and learns from the answers: the bucket's region, the server's clock.
#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "momentcut/io/http.hpp"
#include "momentcut/pipeline/context.hpp"
#include "momentcut/pipeline/credentials.hpp"
#include "momentcut/pipeline/request.hpp"
#include "momentcut/s3/credentials.hpp"
#include "momentcut/s3/endpoint.hpp"
#include "momentcut/s3/location.hpp"
#include "momentcut/s3/sigv4.hpp"
#include "momentcut/s3/xml.hpp"

namespace momentcut::pipeline {

// What the AWS settings say, from the environment and the shared files. Throws core::Error as
// s3::resolve_settings() and io::read_file() do.
s3::AwsSettings load_aws_settings(const NetworkOptions& options);

class S3Access {
 public:
  S3Access(s3::AwsSettings settings, const NetworkOptions& options,
           const io::HttpSettings& http_settings, Context& context);

  [[nodiscard]] const s3::AwsSettings& settings() const { return settings_; }

  // A GET or HEAD as a URL that can be sent now.
  std::string presigned(std::string_view method, const s3::Object& object, s3::Fields query);
  // A GET that others can send for `lifetime`.
  std::string shared_url(const s3::Object& object, std::chrono::seconds lifetime);

  // Any request, its headers signed. Fills `url` and adds to `headers`, all of which are signed.
  void sign(io::HttpRequest& request, const s3::Object& object, const s3::Fields& query,
            std::string_view payload_sha256);

  // What a URL said of a bucket.
  void set_region(const std::string& bucket, const std::string& region) {
    regions_[bucket] = region;
  }

  // Takes what helps from an answer that is no success; whether the request is worth sending again
  // at once.
  bool learn(const s3::Object& object, const io::HttpHead& head, const s3::ServiceError& error);

 private:
  [[nodiscard]] core::WallTime now() const;
  [[nodiscard]] std::string region_of(const std::string& bucket) const;
  [[nodiscard]] s3::Address address_of(const s3::Object& object) const;
  bool learn_region(const s3::Object& object, const io::HttpHead& head,
                    const s3::ServiceError& error);
  bool learn_host(const std::string& bucket, std::string_view location);
  std::string region_by_head(const s3::Object& object);

  s3::AwsSettings settings_;
  bool request_payer_;
  CredentialProvider credentials_;
  io::Http http_;                               // to ask for a bucket's region
  std::map<std::string, std::string> regions_;  // of buckets, as learnt
  std::map<std::string, std::string> hosts_;    // to which buckets were moved for a while
  core::Time clock_offset_{};                   // the server's clock minus ours
  bool clock_is_set_ = false;
};

}  // namespace momentcut::pipeline
