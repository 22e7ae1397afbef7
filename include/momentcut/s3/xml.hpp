// The XML that S3 and STS answer with, and the one that S3 is sent (S3 API Reference).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "momentcut/s3/sigv4.hpp"

namespace momentcut::s3 {

// <Error>. Any member may be empty.
struct ServiceError {
  std::string code;  // "AccessDenied"
  std::string message;
  std::string request_id;
  std::string region;    // the bucket's own, where the error is about it
  std::string endpoint;  // of PermanentRedirect
};

// nullopt where `body` holds no <Error> (also not one of STS within <ErrorResponse>). White space
// before the declaration, as CompleteMultipartUpload sends it, is skipped.
std::optional<ServiceError> parse_error(std::string_view body);

// A page of ListObjectsV2.
struct Listing {
  struct Entry {
    std::string key;
    std::uint64_t size = 0;
  };
  std::vector<Entry> objects;
  std::string next_token;  // empty: the last page
};
// Asked for with encoding-type=url: keys are percent-decoded where the answer says that they are
// encoded. Throws core::Error(protocol) for what is no such answer.
Listing parse_listing(std::string_view body);

// InitiateMultipartUploadResult's UploadId. Throws core::Error(protocol).
std::string parse_upload_id(std::string_view body);

// What CompleteMultipartUpload is sent: part i (from 1) has etags[i - 1], quotes and all.
std::string complete_upload_body(const std::vector<std::string>& etags);

// CompleteMultipartUploadResult's ETag, with its quotes; empty where the answer has none, or is no
// good XML otherwise (Ceph's is not always). Throws core::Error(protocol) for what is no such
// answer; callers look for parse_error() first, since 200 may hold one.
std::string parse_completed(std::string_view body);

// AssumeRoleWithWebIdentityResponse's credentials. Throws core::Error(protocol), never quoting it.
Credentials parse_assumed_role(std::string_view body);

}  // namespace momentcut::s3
