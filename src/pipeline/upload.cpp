#include "momentcut/pipeline/upload.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "momentcut/core/error.hpp"
#include "momentcut/core/text.hpp"
#include "momentcut/io/digest.hpp"
#include "momentcut/io/files.hpp"
#include "momentcut/s3/retry.hpp"
#include "momentcut/s3/xml.hpp"

namespace momentcut::pipeline {
namespace {

using core::Error;
using core::ErrorKind;

constexpr std::uint64_t kMiB = 1U << 20U;
constexpr std::uint64_t kMostInOne = 64 * kMiB;
constexpr std::uint64_t kUsualPart = 16 * kMiB;
constexpr std::uint64_t kMostParts = 10'000;
constexpr std::chrono::seconds kCleanUpLimit{10};
constexpr std::chrono::seconds kBeginLimit{60};
constexpr int kMostCompletions = 4;

std::string without_quotes(std::string_view tag) {
  if (tag.size() >= 2 && tag.front() == '"' && tag.back() == '"')
    tag = tag.substr(1, tag.size() - 2);
  return std::string(tag);
}

std::string field_or_empty(const Reply& reply, std::string_view name) {
  const auto* field = reply.field(name);
  return field == nullptr ? "" : *field;
}

}  // namespace

std::uint64_t part_length(std::uint64_t size) {
  const auto least = (size + kMostParts - 1) / kMostParts;
  return std::max(kUsualPart, (least + kMiB - 1) / kMiB * kMiB);
}

Upload::Upload(const UploadOptions& options, s3::Object object, Remote& remote, Context& context)
    : options_(options), object_(std::move(object)), remote_(remote), context_(context) {}

Ask Upload::ask_for(std::string method) const {
  Ask ask;
  ask.location = s3::location_of(object_);
  ask.what = "uploading " + core::quoted(ask.location.text, 400);
  ask.method = std::move(method);
  return ask;
}

bool Upload::exists() {
  // One byte of it, not its head: only a body names what is wrong.
  auto ask = ask_for("GET");
  ask.span.length = 1;
  ask.accepts = [](int status, std::string_view code) {
    return status == 416 || (status == 404 && code != "NoSuchBucket") || code == "AccessDenied";
  };
  const auto status = remote_.ask(std::move(ask)).status;
  return status / 100 == 2 || status == 416;
}

io::HttpFields Upload::object_headers(bool has_video) const {
  io::HttpFields headers{{"Content-Type", has_video ? "video/mp4" : "audio/mp4"}};
  const auto add = [&](std::string name, const std::string& value) {
    if (!value.empty()) headers.emplace_back(std::move(name), value);
  };
  add("Cache-Control", options_.cache_control);
  add("x-amz-acl", options_.acl);
  add("x-amz-storage-class", options_.storage_class);
  add("x-amz-server-side-encryption", options_.encryption);
  for (const auto& [name, value] : options_.metadata) add("x-amz-meta-" + name, value);
  return headers;
}

Upload::Stored Upload::stored_by(const Reply& reply) {
  const auto encryption = field_or_empty(reply, "x-amz-server-side-encryption");
  return {field_or_empty(reply, "etag"), field_or_empty(reply, "x-amz-version-id"),
          encryption.empty() || encryption == "AES256", true};
}

Error Upload::existing_error() const {
  return {ErrorKind::cannot_create,
          core::quoted(s3::location_of(object_).text, 400) + " exists already",
          "choose another key, or leave out --no-clobber"};
}

void Upload::require_stored(const Reply& reply) const {
  if (reply.status == 412) throw existing_error();
  if (reply.status == 501) {
    throw Error(ErrorKind::unavailable,
                "the server cannot keep an existing object (If-None-Match is not implemented)",
                "leave out --no-clobber, and something else that it may not have: --acl, --sse");
  }
}

Upload::Stored Upload::put_whole(const io::FileSlice& file, io::HttpFields headers) {
  auto ask = ask_for("PUT");
  ask.headers = std::move(headers);
  ask.body = file;
  if (options_.keep_existing) ask.headers.emplace_back("If-None-Match", "*");
  ask.accepts = [](int status, std::string_view) { return status == 412 || status == 501; };
  const auto reply = remote_.ask(std::move(ask));
  // The answer to a first attempt may have been lost: then it is our own that exists.
  if (reply.status == 412 && reply.attempts > 1 && holds(file)) return {"", "", true, false};
  require_stored(reply);
  return stored_by(reply);
}

bool Upload::holds(const io::FileSlice& file) {
  auto ask = ask_for("HEAD");
  ask.accepts = [](int, std::string_view) { return true; };
  const auto head = remote_.ask(std::move(ask));
  const auto md5 =
      io::digest_of(io::Algorithm::md5, file.file, file.offset, file.length, context_.interrupt());
  return head.status / 100 == 2 && without_quotes(field_or_empty(head, "etag")) == md5.hex();
}

std::vector<std::string> Upload::put_parts(const io::FileSlice& file, const std::string& id) {
  const auto length = part_length(file.length);
  std::vector<Ask> asks;
  std::uint64_t done = 0;
  for (std::uint64_t offset = 0; offset < file.length; offset += length) {
    auto ask = ask_for("PUT");
    ask.query = {{"partNumber", std::to_string(asks.size() + 1)}, {"uploadId", id}};
    const auto part = std::min(length, file.length - offset);
    ask.body = io::FileSlice{file.file, offset, part};
    ask.done = [&, part](const Reply&) {
      done += part;
      context_.progress(static_cast<double>(done) / static_cast<double>(file.length));
    };
    asks.push_back(std::move(ask));
  }
  std::vector<std::string> etags;
  for (const auto& reply : remote_.ask(std::move(asks))) {
    etags.push_back(field_or_empty(reply, "etag"));
    if (etags.back().empty()) {
      throw Error(ErrorKind::protocol, "the server gave no ETag for a part of the upload");
    }
  }
  return etags;
}

Upload::Stored Upload::complete(const std::string& id, const std::vector<std::string>& etags) {
  // Servers that heed If-None-Match with one PUT may not do so here (Ceph 16), and say nothing.
  if (options_.keep_existing && exists()) throw existing_error();
  for (int attempt = 1;; ++attempt) {
    auto ask = ask_for("POST");
    ask.query = {{"uploadId", id}};
    ask.body = s3::complete_upload_body(etags);
    ask.headers = {{"Content-Type", "application/xml"}};
    if (options_.keep_existing) ask.headers.emplace_back("If-None-Match", "*");
    // The answer to a first attempt may have been lost: then there is no such upload any more.
    ask.accepts = [](int status, std::string_view code) {
      return status == 412 || status == 501 || code == "NoSuchUpload";
    };
    const auto reply = remote_.ask(std::move(ask));
    const bool may_be_ours = reply.status == 412 && reply.attempts > 1;
    if (may_be_ours) return {"", "", true, /*is_told=*/false};
    require_stored(reply);
    if (reply.status == 404) return {"", "", true, /*is_told=*/false};
    // 200 is sent before the work is done; how it ended stands in the body.
    const auto error = s3::parse_error(reply.body);
    if (!error) {
      auto stored = stored_by(reply);
      stored.etag = s3::parse_completed(reply.body);
      return stored;
    }
    const bool passing = s3::remedy_for(200, error->code) == s3::Remedy::wait;
    if (!passing || attempt >= kMostCompletions) {
      throw Error(
          s3::kind_of(200, error->code),
          fmt::format("the upload could not be completed: {}", core::printable(error->code)),
          s3::advice_for(200, error->code));
    }
  }
}

std::string Upload::abort(const std::string& id) {
  auto ask = ask_for("DELETE");
  ask.query = {{"uploadId", id}};
  try {
    if (remote_.ask_undisturbed(std::move(ask), kCleanUpLimit)) return {};
  } catch (const Error& error) {
    // Gone already is as good.
    if (error.kind() == ErrorKind::not_found) return {};
  }
  return fmt::format("the unfinished upload {} could not be removed", core::quoted(id));
}

Upload::Stored Upload::put_in_parts(const io::FileSlice& file, io::HttpFields headers) {
  auto begin = ask_for("POST");
  begin.query = {{"uploads", ""}};
  begin.headers = std::move(headers);
  // Twice, and there would be an upload of whose name nobody knows.
  begin.repeatable = false;
  // A signal has to wait until there is a name under which the upload can be removed.
  const auto begun = remote_.ask_undisturbed(std::move(begin), kBeginLimit);
  if (!begun) {
    throw Error(ErrorKind::temporary, "the server did not begin the upload in time",
                "try again later");
  }
  const auto id = s3::parse_upload_id(begun->body);
  try {
    context_.interrupt().check();
    return complete(id, put_parts(file, id));
  } catch (const Error& error) {
    const auto left = abort(id);
    if (left.empty()) throw;
    if (error.kind() == ErrorKind::interrupted) {
      context_.note(left);
      throw;
    }
    throw Error(error.kind(), error.what(),
                error.hint().empty() ? left : fmt::format("{}; {}", error.hint(), left));
  } catch (...) {
    (void)abort(id);
    throw;
  }
}

// S3 names content by the MD5 of the bytes, or of the parts' MD5s ("Checking object integrity").
void Upload::compare(const Stored& stored, const std::string& expected_etag, std::uint64_t size) {
  const bool other_content =
      stored.is_md5 && !stored.etag.empty() && without_quotes(stored.etag) != expected_etag;
  auto ask = ask_for("HEAD");
  ask.accepts = [](int status, std::string_view) { return status == 403; };
  const auto head = remote_.ask(std::move(ask));
  // Who may write need not be allowed to read.
  const bool seen = head.status / 100 == 2;
  if (!seen && !stored.is_told) {
    throw Error(ErrorKind::temporary,
                "the server does not say whether the upload was completed, nor what is in " +
                    core::quoted(s3::location_of(object_).text, 400),
                "look at the object, or upload again");
  }
  const auto tag =
      stored.etag.empty() && stored_by(head).is_md5 ? expected_etag : without_quotes(stored.etag);
  const bool same_tag = tag.empty() || without_quotes(field_or_empty(head, "etag")) == tag;
  const bool same_size = core::parse_unsigned(field_or_empty(head, "content-length")) == size;
  const bool other_object = seen && !(same_tag && same_size);
  if (!other_content && !other_object) return;
  throw Error(ErrorKind::temporary,
              core::quoted(s3::location_of(object_).text, 400) +
                  " holds something else than the clip that was uploaded",
              "does somebody else write there?");
}

Uploaded Upload::put(const std::string& file, bool has_video) {
  context_.enter(Stage::upload);
  const auto size = io::file_size(file).value_or(0);
  const io::FileSlice whole{file, 0, size};
  const auto md5_of = [&](std::uint64_t offset, std::uint64_t length) {
    return io::digest_of(io::Algorithm::md5, file, offset, length, context_.interrupt());
  };
  Stored stored;
  std::string expected;
  if (size <= kMostInOne) {
    stored = put_whole(whole, object_headers(has_video));
    expected = md5_of(0, size).hex();
  } else {
    stored = put_in_parts(whole, object_headers(has_video));
    std::string digests;
    const auto length = part_length(size);
    for (std::uint64_t offset = 0; offset < size; offset += length) {
      digests += md5_of(offset, length).bytes;
    }
    expected =
        fmt::format("{}-{}", io::digest_of(io::Algorithm::md5, digests).hex(), digests.size() / 16);
  }
  compare(stored, expected, size);
  context_.progress(1);
  Uploaded done{
      object_.bucket, object_.key, without_quotes(stored.etag), stored.version_id, size, {}, {}};
  done.sha256 = io::digest_of(io::Algorithm::sha256, file, 0, size, context_.interrupt()).hex();
  if (done.etag.empty()) done.etag = expected;
  if (options_.presign) done.url = remote_.shared_url(object_, *options_.presign);
  return done;
}

}  // namespace momentcut::pipeline
