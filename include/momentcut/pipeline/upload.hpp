// Puts a finished clip into S3: whole, checked, and with nothing left behind where that fails
// (Amazon S3 API Reference: PutObject, CreateMultipartUpload, UploadPart, CompleteMultipartUpload).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "momentcut/core/error.hpp"
#include "momentcut/pipeline/context.hpp"
#include "momentcut/pipeline/receipt.hpp"
#include "momentcut/pipeline/remote.hpp"
#include "momentcut/pipeline/request.hpp"
#include "momentcut/s3/location.hpp"

namespace momentcut::pipeline {

class Upload {
 public:
  Upload(const UploadOptions& options, s3::Object object, Remote& remote, Context& context);

  // Asks for the object before any work is done: whether it is there already, as far as these
  // credentials may know. Throws core::Error for credentials or a bucket that are no good.
  bool exists();

  // For an object that exists and is to be kept.
  [[nodiscard]] core::Error existing_error() const;

  // Uploads `file`, a clip with or without video: in one request up to 64 MiB, in parts beside each
  // other above. Throws core::Error; no unfinished upload is then left, not on a signal either.
  Uploaded put(const std::string& file, bool has_video);

 private:
  struct Stored {
    std::string etag;  // with its quotes
    std::string version_id;
    bool is_md5 = true;   // encryption may make it something else
    bool is_told = true;  // the server said that it is stored
  };

  Ask ask_for(std::string method) const;
  [[nodiscard]] io::HttpFields object_headers(bool has_video) const;
  // Whether the object is the file's content already.
  bool holds(const io::FileSlice& file);
  Stored put_whole(const io::FileSlice& file, io::HttpFields headers);
  Stored put_in_parts(const io::FileSlice& file, io::HttpFields headers);
  std::vector<std::string> put_parts(const io::FileSlice& file, const std::string& id);
  Stored complete(const std::string& id, const std::vector<std::string>& etags);
  // What could not be cleaned up; empty: nothing is left.
  std::string abort(const std::string& id);
  void require_stored(const Reply& reply) const;
  void compare(const Stored& stored, const std::string& expected_etag, std::uint64_t size);
  static Stored stored_by(const Reply& reply);

  const UploadOptions& options_;
  s3::Object object_;
  Remote& remote_;
  Context& context_;
};

// Of a file of `size` bytes (above 64 MiB), the length of each part but the last: 10,000 parts of
// 5 MiB to 5 GiB always do.
std::uint64_t part_length(std::uint64_t size);

}  // namespace momentcut::pipeline
