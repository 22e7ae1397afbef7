// The settings about uploads.
#include <string>

#include <doctest/doctest.h>

#include "core/thrown.hpp"
#include "momentcut/cli/network.hpp"
#include "print.hpp"

using namespace momentcut::cli;
using namespace std::chrono_literals;
using momentcut::core::ErrorKind;
using momentcut::core::thrown_by;
using momentcut::pipeline::UploadOptions;
using Pairs = std::vector<std::pair<std::string, std::string>>;

namespace {

Settings with(Values command_line, Values environment = {}, Values configuration = {}) {
  return {std::move(command_line), std::move(environment), std::move(configuration), "c.toml"};
}

// With somewhere to upload to, and these besides.
UploadOptions options(Values command_line, Values environment = {}, Values configuration = {}) {
  command_line.emplace("upload", "s3://bucket/");
  return upload_options(
             with(std::move(command_line), std::move(environment), std::move(configuration)))
      .value();
}

std::string refusal(Values command_line, Values environment = {}, Values configuration = {}) {
  const auto settings =
      with(std::move(command_line), std::move(environment), std::move(configuration));
  const auto error = thrown_by([&] { (void)upload_options(settings); });
  CHECK(error.kind() == ErrorKind::usage);
  return error.line();
}

std::string refusal_of(const std::string& option, const std::string& value) {
  return refusal({{"upload", "s3://bucket/"}, {option, value}});
}

}  // namespace

TEST_CASE("without --upload nothing is uploaded") {
  CHECK_FALSE(upload_options(with({})));
}

TEST_CASE("an upload has S3's defaults") {
  const auto made = options({{"upload", "s3://bucket/moments/"}});
  CHECK(made.destination.text == "s3://bucket/moments/");
  CHECK(made.metadata.empty());
  CHECK(made.acl.empty());
  CHECK(made.storage_class.empty());
  CHECK(made.encryption.empty());
  CHECK(made.cache_control.empty());
  CHECK_FALSE(made.keep_existing);
  CHECK_FALSE(made.presign);
}

TEST_CASE("everything about an upload can be set") {
  const auto made = options({{"metadata", "Show=late night\nby=me"},
                             {"acl", "bucket-owner-full-control"},
                             {"storage-class", "GLACIER_IR"},
                             {"sse", "aws:kms"},
                             {"cache-control", "max-age=60, private"},
                             {"no-clobber", "1"},
                             {"presign-result", "1h"}});
  CHECK(made.metadata == Pairs{{"show", "late night"}, {"by", "me"}});
  CHECK(made.acl == "bucket-owner-full-control");
  CHECK(made.storage_class == "GLACIER_IR");
  CHECK(made.encryption == "aws:kms");
  CHECK(made.cache_control == "max-age=60, private");
  CHECK(made.keep_existing);
  CHECK(made.presign == 1h);
}

TEST_CASE("a clip is uploaded to a bucket, with any key or none") {
  for (const std::string good :
       {"s3://bucket", "s3://bucket/", "s3://bucket/a.mp4", "s3://bucket/{name}/{start}.mp4",
        "S3://bucket/a?b#c", "s3://my.bucket-1/%2F//x"}) {
    CAPTURE(good);
    CHECK(options({{"upload", good}}).destination.text == good);
  }
}

TEST_CASE("a clip is uploaded to S3 alone") {
  CHECK(refusal({{"upload", "bucket/a.mp4"}}) ==
        "--upload: \"bucket/a.mp4\" is not s3://BUCKET/KEY");
  CHECK(refusal({{"upload", "https://bucket.s3.amazonaws.com/a?X-Amz-Signature=hush"}}) ==
        "--upload: \"https://bucket.s3.amazonaws.com/a?…\" is not s3://BUCKET/KEY");
  CHECK(refusal({}, {{"MOMENTCUT_UPLOAD", ""}}) == "MOMENTCUT_UPLOAD: \"\" is not s3://BUCKET/KEY");
}

TEST_CASE("a destination that cannot be is told with where it was said") {
  CHECK(refusal({{"upload", "s3://{name}/a.mp4"}}) ==
        "--upload: \"{name}\" is not a bucket's name; write s3://BUCKET/KEY");
  CHECK(refusal({}, {}, {{"upload", "s3:///a.mp4"}}) ==
        "upload in c.toml: \"\" is not a bucket's name; write s3://BUCKET/KEY");
  CHECK(refusal({{"upload", "gs://bucket/a"}}).starts_with("--upload: not a source momentcut"));
}

TEST_CASE("an upload's template is checked before any work") {
  CHECK(refusal({{"upload", "s3://bucket/{nam}.mp4"}})
            .starts_with("--upload: output name \"{nam}.mp4\": there is no field \"nam\""));
  CHECK(refusal({}, {{"MOMENTCUT_UPLOAD", "s3://bucket/{name"}})
            .starts_with("MOMENTCUT_UPLOAD: output name \"{name\": a brace is not closed"));
}

TEST_CASE("metadata is a name, an equals sign and a value") {
  CHECK(options({{"metadata", "a=b=c"}}).metadata == Pairs{{"a", "b=c"}});
  CHECK(options({{"metadata", " A = b c "}}).metadata == Pairs{{"a", "b c"}});
  CHECK(options({{"metadata", "a="}}).metadata == Pairs{{"a", ""}});
  for (const std::string odd : {"\na=b", "hush", "=hush", "a b=hush", "a=b\nhush"}) {
    CAPTURE(odd);
    CHECK(refusal_of("metadata", odd) == "--metadata needs the form NAME=VALUE");
  }
}

TEST_CASE("metadata is printable ASCII") {
  CHECK(refusal_of("metadata", "a=gr\xc3\xb6\xc3\x9f") ==
        "--metadata: S3 takes printable ASCII alone, not the value of \"a\"");
  CHECK(refusal_of("metadata", "a=b\tc").starts_with("--metadata: S3 takes printable ASCII"));
  CHECK(refusal({{"upload", "s3://bucket/"}}, {}, {{"metadata", "a=\xc3\xb6"}})
            .starts_with("metadata in c.toml: S3 takes printable ASCII"));
}

TEST_CASE("metadata is at most 2048 bytes, names and values together") {
  CHECK(options({{"metadata", "a=" + std::string(2'047, 'x')}}).metadata.size() == 1);
  CHECK(refusal_of("metadata", "a=" + std::string(2'048, 'x')) ==
        "--metadata: 2049 bytes, S3 takes 2048");
  CHECK(refusal_of("metadata", "a=" + std::string(1'023, 'x') + "\nb=" + std::string(1'024, 'x')) ==
        "--metadata: 2049 bytes, S3 takes 2048");
}

TEST_CASE("S3's own words are told where none of them is said") {
  CHECK(refusal_of("acl", "public") ==
        "--acl: \"public\" is not one of private, public-read, public-read-write, "
        "authenticated-read, aws-exec-read, bucket-owner-read, bucket-owner-full-control");
  CHECK(
      refusal_of("storage-class", "standard").starts_with("--storage-class: \"standard\" is not"));
  CHECK(refusal_of("sse", "aes256") ==
        "--sse: \"aes256\" is not one of AES256, aws:kms, aws:kms:dsse");
  CHECK(refusal_of("cache-control", "a\nB: c").ends_with(" is not plain ASCII text"));
}

TEST_CASE("a presigned URL lives for a day, or as long as it is told to") {
  const auto lifetime = [](const std::string& text) {
    return options({{"presign-result", text}}).presign;
  };
  CHECK(lifetime("") == 24h);
  CHECK(lifetime("10m") == 10min);
  CHECK(lifetime("1") == 1s);
  CHECK(lifetime("1.9") == 1s);
  CHECK(lifetime("168h") == 168h);
  for (const std::string odd : {"0", "0.9", "168h1s", "-1", "soon", "end"}) {
    CHECK(refusal_of("presign-result", odd) ==
          "--presign-result: \"" + odd + "\" is not a length of time from 1 s to 168h (7 days)");
  }
}

TEST_CASE("a variable that is set to nothing does not hand out URLs") {
  CHECK_FALSE(options({}, {{"MOMENTCUT_PRESIGN_RESULT", ""}}).presign);
  CHECK_FALSE(options({}, {}, {{"presign-result", ""}}).presign);
  CHECK_FALSE(options({}, {{"MOMENTCUT_PRESIGN_RESULT", ""}}, {{"presign-result", "1h"}}).presign);
  CHECK(options({}, {{"MOMENTCUT_PRESIGN_RESULT", "2h"}}, {{"presign-result", "1h"}}).presign ==
        2h);
}

TEST_CASE("a URL is not presigned without credentials") {
  const std::string line = "--presign-result needs credentials, --no-sign-request has none";
  CHECK(refusal({{"upload", "s3://bucket/"}, {"presign-result", ""}, {"no-sign-request", "1"}}) ==
        line);
  CHECK(refusal({{"upload", "s3://bucket/"}, {"presign-result", ""}}, {},
                {{"no-sign-request", "yes"}}) == line);
  CHECK_NOTHROW(options({{"no-sign-request", "1"}}));
}

TEST_CASE("what says how to upload needs an upload, where both are said at once") {
  const Values all{
      {"metadata", "a=b"}, {"acl", "private"},     {"storage-class", "STANDARD"}, {"sse", "AES256"},
      {"no-clobber", "1"}, {"presign-result", ""}, {"cache-control", "no-store"}};
  for (const auto& [option, value] : all) {
    CAPTURE(option);
    CHECK(refusal({{option, value}}) == "--" + option + " needs --upload");
  }
}

TEST_CASE("how to upload may wait in the environment or the file for an upload") {
  CHECK_FALSE(
      upload_options(with({}, {{"MOMENTCUT_ACL", "private"}, {"MOMENTCUT_NO_CLOBBER", "yes"}},
                          {{"metadata", "a=b"}, {"presign-result", "1h"}, {"sse", "AES256"}})));
  CHECK(options({}, {{"MOMENTCUT_ACL", "private"}}, {{"metadata", "a=b"}}).metadata ==
        Pairs{{"a", "b"}});
}
