// The XML of S3 and STS: errors, listings, multipart uploads and assumed roles.
#include "momentcut/s3/xml.hpp"

#include <string>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include "core/thrown.hpp"

using namespace momentcut::s3;
using momentcut::core::ErrorKind;
using momentcut::core::parse_wall_time;
using momentcut::core::thrown_by;

namespace {

const std::string kDeclaration = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";
const std::string kNamespace = " xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"";

std::string listing_of(const std::string& inner) {
  return kDeclaration + "<ListBucketResult" + kNamespace + ">" + inner + "</ListBucketResult>";
}

// The only key of a listing that says `text` for it.
std::string key_of(const std::string& text, const std::string& encoding = "") {
  const auto listing = parse_listing(
      listing_of(encoding + "<Contents><Key>" + text + "</Key><Size>1</Size></Contents>"));
  REQUIRE(listing.objects.size() == 1);
  return listing.objects[0].key;
}

const std::string kUrl = "<EncodingType>url</EncodingType>";

template <typename Call>
std::string refusal(Call call) {
  const auto error = thrown_by(call);
  CHECK(error.kind() == ErrorKind::protocol);
  CHECK(error.line().find("hunter2") == std::string::npos);
  return error.line();
}

// What has no XML of ours in it, whatever is asked for.
const std::string kNone[] = {"",
                             " \n",
                             "hunter2",
                             "{\"a\":1}",
                             "<",
                             "<a",
                             "<Error><Code>hunter2",
                             "<Error><Code>hunter2</Error></Code>",
                             "<?xml version=\"1.0\"?>",
                             "<!-- hunter2 -->",
                             "<html><body>hunter2</body></html>",
                             "\xff\xfe<\0",
                             std::string("<Error><Code>hunter2\0</Code></Error>", 37)};

}  // namespace

TEST_CASE("an error of S3 tells its code, message and request") {
  const auto error = parse_error(
      kDeclaration +
      "<Error><Code>NoSuchKey</Code><Message>The key does not exist.</Message><Key>a</Key>"
      "<RequestId>4442587FB7D0A2F9</RequestId><HostId>x</HostId></Error>");
  REQUIRE(error);
  CHECK(error->code == "NoSuchKey");
  CHECK(error->message == "The key does not exist.");
  CHECK(error->request_id == "4442587FB7D0A2F9");
  CHECK(error->region == "");
  CHECK(error->endpoint == "");
}

TEST_CASE("an error about a bucket elsewhere tells where that is") {
  const auto wrong_region = parse_error(
      "<Error><Code>AuthorizationHeaderMalformed</Code><Region>eu-west-1</Region></Error>");
  REQUIRE(wrong_region);
  CHECK(wrong_region->region == "eu-west-1");
  const auto moved = parse_error(
      "<Error><Code>PermanentRedirect</Code><Endpoint>b.s3-eu-west-1.amazonaws.com</Endpoint>"
      "<Bucket>b</Bucket></Error>");
  REQUIRE(moved);
  CHECK(moved->endpoint == "b.s3-eu-west-1.amazonaws.com");
}

TEST_CASE("an error's parts may be empty or missing") {
  for (const std::string body :
       {"<Error/>", "<Error></Error>", "<Error><Code/><Message> \n</Message></Error>"}) {
    CAPTURE(body);
    const auto error = parse_error(body);
    REQUIRE(error);
    CHECK(error->code == "");
    CHECK(error->message == "");
  }
}

TEST_CASE("an error of STS lies within its response") {
  const auto error = parse_error(
      "<ErrorResponse "
      "xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><Error><Type>Sender</Type>"
      "<Code>ExpiredTokenException</Code><Message>Token expired</Message></Error>"
      "<RequestId>c6104cbe</RequestId></ErrorResponse>");
  REQUIRE(error);
  CHECK(error->code == "ExpiredTokenException");
  CHECK(error->message == "Token expired");
  CHECK(error->request_id == "c6104cbe");
}

TEST_CASE("white space before an answer, and a byte order mark, are skipped") {
  CHECK(
      parse_error(" \r\n\t\n" + kDeclaration + "<Error><Code>InternalError</Code></Error>")->code ==
      "InternalError");
  CHECK(parse_error("\xef\xbb\xbf<Error><Code>a</Code></Error>")->code == "a");
}

TEST_CASE("what holds no error is none") {
  for (const auto& body : kNone) {
    CAPTURE(body);
    CHECK_FALSE(parse_error(body));
  }
  CHECK_FALSE(parse_error("<CompleteMultipartUploadResult/>"));
  CHECK_FALSE(parse_error("<ErrorResponse><RequestId>1</RequestId></ErrorResponse>"));
  CHECK_FALSE(parse_error("<ListBucketResult><Error/></ListBucketResult>"));
}

TEST_CASE("names may have a namespace's prefix") {
  CHECK(parse_error("<s:Error xmlns:s=\"x\"><s:Code>a</s:Code></s:Error>")->code == "a");
  const auto listing = parse_listing(
      "<n:ListBucketResult xmlns:n=\"x\"><n:Contents><n:Key>k</n:Key><n:Size>2</n:Size>"
      "</n:Contents></n:ListBucketResult>");
  REQUIRE(listing.objects.size() == 1);
  CHECK(listing.objects[0].key == "k");
}

TEST_CASE("character references are resolved and entities of a document's own are not") {
  CHECK(parse_error("<Error><Message>a &lt;b&gt; &amp; &#x27;c&#39;</Message></Error>")->message ==
        "a <b> & 'c'");
  CHECK(parse_error("<Error><Message><![CDATA[<a>]]>b<!-- c --></Message></Error>")->message ==
        "<a>b");
  const auto error = parse_error(
      "<!DOCTYPE Error [<!ENTITY x SYSTEM \"file:///etc/passwd\"><!ENTITY y \"yyyy\">]>"
      "<Error><Code>&x;&y;</Code></Error>");
  REQUIRE(error);
  CHECK(error->code == "&x;&y;");
}

TEST_CASE("an answer deeper than any stack is read all the same") {
  std::string deep = "<Error><Code>a</Code>";
  for (int i = 0; i < 100'000; ++i) deep += "<x>";
  for (int i = 0; i < 100'000; ++i) deep += "</x>";
  CHECK(parse_error(deep + "</Error>")->code == "a");
}

TEST_CASE("a listing holds keys and sizes") {
  const auto listing = parse_listing(listing_of(
      "<Name>b</Name><Prefix>p/</Prefix><KeyCount>2</KeyCount><IsTruncated>false</IsTruncated>"
      "<Contents><Key>p/a.ts</Key><LastModified>2024-05-06T07:08:09.000Z</LastModified>"
      "<ETag>&quot;0&quot;</ETag><Size>0</Size><StorageClass>STANDARD</StorageClass></Contents>"
      "<Contents><Key>p/b.ts</Key><Size> 18446744073709551615\n</Size></Contents>"
      "<CommonPrefixes><Prefix>p/q/</Prefix></CommonPrefixes>"));
  REQUIRE(listing.objects.size() == 2);
  CHECK(listing.objects[0].key == "p/a.ts");
  CHECK(listing.objects[0].size == 0);
  CHECK(listing.objects[1].key == "p/b.ts");
  CHECK(listing.objects[1].size == 18'446'744'073'709'551'615U);
  CHECK(listing.next_token == "");
}

TEST_CASE("an empty listing holds nothing") {
  CHECK(parse_listing(listing_of("")).objects.empty());
  CHECK(parse_listing("<ListBucketResult/>").next_token == "");
}

TEST_CASE("a listing's next page is asked for with its token") {
  const std::string token =
      "<NextContinuationToken>1ueGcxLPRx1Tr/XYExHnhbYLgveDs2J%2B+=</NextContinuationToken>";
  CHECK(parse_listing(listing_of("<IsTruncated>true</IsTruncated>" + kUrl + token)).next_token ==
        "1ueGcxLPRx1Tr/XYExHnhbYLgveDs2J%2B+=");
  CHECK(parse_listing(listing_of(token)).next_token != "");
  CHECK(parse_listing(listing_of("<IsTruncated>false</IsTruncated>" + token)).next_token == "");
}

TEST_CASE("keys are percent-decoded where the listing says that they are encoded") {
  CHECK(key_of("a%20b+c%2Bd%2Fe%C3%A9", kUrl) == "a b c+d/e\xc3\xa9");
  CHECK(key_of("%0A%01", kUrl) == "\n\x01");
  CHECK(key_of("%252B", kUrl) == "%2B");
  CHECK(key_of("+", kUrl) == " ");
  CHECK(key_of("a%20b+c") == "a%20b+c");
  CHECK(key_of("a%20b", "<EncodingType/>") == "a%20b");
}

TEST_CASE("keys keep what XML escapes, and white space") {
  CHECK(key_of("a&amp;b&lt;c&gt;&quot;&apos;&#233;&#13;") == "a&b<c>\"'\xc3\xa9\r");
  CHECK(key_of(" a ") == " a ");
  CHECK(key_of(" ") == " ");
  CHECK(key_of("//./../") == "//./../");
}

TEST_CASE("a listing with something missing is refused") {
  const std::string kind = "the service's listing of the bucket: ";
  const std::pair<std::string, std::string> wrong[] = {
      {"<Contents><Size>1</Size></Contents>", "an object without a key"},
      {"<Contents><Key/><Size>1</Size></Contents>", "an object without a key"},
      {"<Contents><Key>hunter2</Key></Contents>", "an object without a size"},
      {"<Contents><Key>hunter2</Key><Size>-1</Size></Contents>", "an object without a size"},
      {"<Contents><Key>hunter2</Key><Size>1e3</Size></Contents>", "an object without a size"},
      {"<Contents><Key>a</Key><Size>18446744073709551616</Size></Contents>",
       "an object without a size"},
      {"<IsTruncated>true</IsTruncated>", "no token for its next page"},
      {"<IsTruncated>True</IsTruncated><NextContinuationToken/>", "no token for its next page"},
  };
  for (const auto& [inner, why] : wrong) {
    CAPTURE(inner);
    CHECK(refusal([&] { parse_listing(listing_of(inner)); }) == kind + why);
  }
  CHECK(refusal([] { parse_listing("hunter2"); }) == kind + "no XML");
  CHECK(refusal([] { parse_listing("<Error><Code>hunter2</Code></Error>"); }) ==
        kind + "no <ListBucketResult>");
  CHECK(refusal([] { parse_listing("<ListBucketResult><Contents>"); }) == kind + "no XML");
}

TEST_CASE("a new multipart upload has its id") {
  CHECK(parse_upload_id(kDeclaration + "<InitiateMultipartUploadResult" + kNamespace +
                        "><Bucket>b</Bucket><Key>k</Key><UploadId>VXBsb2Fk.IElE-_~</UploadId>"
                        "</InitiateMultipartUploadResult>") == "VXBsb2Fk.IElE-_~");
  CHECK(refusal([] { parse_upload_id("<InitiateMultipartUploadResult/>"); }) ==
        "the service's answer to a new multipart upload: no <UploadId>");
}

TEST_CASE("an upload is completed by its parts' numbers and tags") {
  CHECK(complete_upload_body({"\"a\"", "\"b&<>\""}) ==
        "<CompleteMultipartUpload xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">"
        "<Part><PartNumber>1</PartNumber><ETag>&quot;a&quot;</ETag></Part>"
        "<Part><PartNumber>2</PartNumber><ETag>&quot;b&amp;&lt;&gt;&quot;</ETag></Part>"
        "</CompleteMultipartUpload>");
  const auto most = complete_upload_body(std::vector<std::string>(10'000, "\"t\""));
  CHECK(most.find("<PartNumber>10000</PartNumber>") != std::string::npos);
}

TEST_CASE("a completed upload has its tag, with its quotes") {
  CHECK(parse_completed("\n\n" + kDeclaration + "<CompleteMultipartUploadResult" + kNamespace +
                        "><Location>l</Location><ETag>&quot;3858f62230ac3c915f300c664312c11f-9"
                        "&quot;</ETag></CompleteMultipartUploadResult>") ==
        "\"3858f62230ac3c915f300c664312c11f-9\"");
  CHECK(parse_completed("<CompleteMultipartUploadResult/>").empty());
  CHECK(refusal([] { parse_completed("<Error><Code>InternalError</Code></Error>"); }) ==
        "the service's answer to a complete multipart upload: no <CompleteMultipartUploadResult>");
}

namespace {

std::string assumed(const std::string& access, const std::string& secret, const std::string& token,
                    const std::string& end) {
  return "<AssumeRoleWithWebIdentityResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\">"
         "<AssumeRoleWithWebIdentityResult><Audience>a</Audience><Credentials><SessionToken>" +
         token + "</SessionToken><SecretAccessKey>" + secret + "</SecretAccessKey><Expiration>" +
         end + "</Expiration><AccessKeyId>" + access +
         "</AccessKeyId></Credentials></AssumeRoleWithWebIdentityResult><ResponseMetadata>"
         "<RequestId>1</RequestId></ResponseMetadata></AssumeRoleWithWebIdentityResponse>";
}

}  // namespace

TEST_CASE("an assumed role has keys, a token and an end") {
  const auto found = parse_assumed_role(
      assumed("ASIA", "wJalr/+", "\n AQoDYXdzEE0a==\n ", "2014-10-24T23:00:23Z"));
  CHECK(found.access_key == "ASIA");
  CHECK(found.secret_key == "wJalr/+");
  CHECK(found.session_token == "AQoDYXdzEE0a==");
  CHECK(found.expires == parse_wall_time("2014-10-24T23:00:23Z"));
}

TEST_CASE("an assumed role with something missing is refused and not shown") {
  const std::string kind = "the credentials of the web identity's role: ";
  const std::string end = "2014-10-24T23:00:23Z";
  const std::pair<std::string, std::string> wrong[] = {
      {assumed("", "hunter2", "hunter2", end), "no <AccessKeyId>"},
      {assumed("hunter2", "", "hunter2", end), "no <SecretAccessKey>"},
      {assumed("hunter2", "hunter2", " ", end), "no <SessionToken>"},
      {assumed("hunter2", "hunter2", "hunter2", ""), "no <Expiration>"},
      {assumed("hunter2", "hunter2", "hunter2", "hunter2"), "an <Expiration> that is no time"},
      {assumed("hunter2", "hunter2", "hunter2\r\nX: y", end), "white space within"},
      {"<AssumeRoleWithWebIdentityResponse><Credentials/></AssumeRoleWithWebIdentityResponse>",
       "no <Credentials>"},
      {"<GetCallerIdentityResponse>hunter2</GetCallerIdentityResponse>",
       "no <AssumeRoleWithWebIdentityResponse>"},
  };
  for (const auto& [body, why] : wrong) {
    CAPTURE(body);
    CHECK(refusal([&] { parse_assumed_role(body); }) == kind + why);
  }
}

TEST_CASE("a completed upload is known by an answer that is no good XML otherwise") {
  CHECK(parse_completed("<CompleteMultipartUploadResult><Location>&#x00;\x01<</Location>").empty());
  CHECK(parse_completed("<CompleteMultipartUploadResult><ETag></ETag>"
                        "</CompleteMultipartUploadResult>")
            .empty());
}

TEST_CASE("what is none of the service's answers is refused as each of them") {
  for (const auto& body : kNone) {
    CAPTURE(body);
    CHECK(refusal([&] { parse_listing(body); }) != "");
    CHECK(refusal([&] { parse_upload_id(body); }) != "");
    CHECK(refusal([&] { parse_completed(body); }) != "");
    CHECK(refusal([&] { parse_assumed_role(body); }) != "");
  }
}
