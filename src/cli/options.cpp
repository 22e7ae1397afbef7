#include "momentcut/cli/options.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "momentcut/core/text.hpp"

namespace momentcut::cli {
namespace {

constexpr std::string_view kMoment = "The moment";
constexpr std::string_view kOutput = "Output";
constexpr std::string_view kEncoding = "Encoding";
constexpr std::string_view kNetwork = "Network";
constexpr std::string_view kS3 = "S3";
constexpr std::string_view kUpload = "Upload to S3";
constexpr std::string_view kInstead = "Instead of cutting";
constexpr std::string_view kReporting = "Reporting";
constexpr std::string_view kWorkings = "Workings";

constexpr std::array kOptions{
    Option{"start", '\0', "TIME", kMoment,
           "first moment of the clip: 90, 1:30, 1h2m3s, 250ms, -30 (from the end), "
           "2020-08-03T16:25:00Z"},
    Option{"end", '\0', "TIME", kMoment, "moment at which it ends (not part of it), or \"end\""},
    Option{"duration", '\0', "TIME", kMoment, "length, instead of --end"},
    Option{"last", '\0', "TIME", kMoment, "the newest so much, instead of --start and --end"},
    Option{"wait", '\0', "", kMoment, "of a live stream: wait for what is not there yet"},
    Option{"wait-timeout", '\0', "TIME", kMoment,
           "wait no longer than that (default: as long as the stream goes on)"},
    Option{"rendition", 'r', "NAME", kMoment,
           "best (default), worst, 720p60, 720p, audio, or a name that --inspect shows",
           "best worst audio"},
    Option{"audio", '\0', "NAME", kMoment,
           "of several, the audio of this name or language, or none (default: the usual one)",
           "none"},
    Option{"audio-only", '\0', "", kMoment, "cut the audio alone, as M4A"},
    Option{"subtitles", '\0', "NAME", kMoment,
           "the subtitles of this name or language, as a track of the clip (default: none)",
           "none"},
    Option{"allow-gaps", '\0', "", kMoment,
           "cut around segments that are missing, instead of failing"},
    Option{"output", 'o', "FILE", kOutput,
           "file, folder, template ({name} {start} {end} {duration} {rendition} {date} {id}), or - "
           "for stdout (default: {name}-{start}-{end}.mp4)",
           "FILE"},
    Option{"force", 'f', "", kOutput, "replace an existing output"},
    Option{"skip-existing", '\0', "", kOutput, "succeed where the output exists already"},
    Option{"mode", '\0', "HOW", kEncoding,
           "exact (default): encoded; smart: copied but for its edges, else exact; smart-only: "
           "that or an error; copy: from key frame to key frame, longer than asked for",
           "exact smart smart-only copy"},
    Option{"video-codec", '\0', "NAME", kEncoding, "h264 (default), hevc or av1", "h264 hevc av1"},
    Option{"keep-hdr", '\0', "", kEncoding, "keep HDR and 10 bits, with --video-codec hevc"},
    Option{"crf", '\0', "N", kEncoding,
           "quality, 0 to 51 (av1: 63), lower is better (default: 18, hevc 20, av1 28)"},
    Option{"preset", '\0', "NAME", kEncoding, "x264 preset, slower is smaller (default: veryfast)",
           "ultrafast superfast veryfast faster fast medium slow slower veryslow placebo"},
    Option{"audio-bitrate", '\0', "KBIT", kEncoding, "AAC bit rate in kbit/s (default: 192)"},
    Option{"threads", '\0', "N", kEncoding, "encoder threads (default: as many as it likes)"},
    Option{"connections", 'j', "N", kNetwork, "transfers at once (default: 8)"},
    Option{"retries", '\0', "N", kNetwork,
           "further tries of a request that failed (default: AWS_MAX_ATTEMPTS - 1, or 4)"},
    Option{"timeout", '\0', "TIME", kNetwork, "give up on a connection after (default: 10 s)"},
    Option{.name = "header",
           .placeholder = "'K: V'",
           .group = kNetwork,
           .help = "send this to http(s) servers, too; may be repeated",
           .repeatable = true},
    Option{"user-agent", '\0', "TEXT", kNetwork,
           "say this is who asks (default: momentcut/VERSION)"},
    Option{"allow-http", '\0', "", kNetwork, "permit what https leads to over plain http"},
    Option{"profile", '\0', "NAME", kS3, "AWS profile (default: $AWS_PROFILE, or default)"},
    Option{"region", '\0', "NAME", kS3,
           "AWS region (default: $AWS_REGION, the profile's, us-east-1)"},
    Option{"endpoint-url", '\0', "URL", kS3,
           "another S3 server (default: $AWS_ENDPOINT_URL_S3, AWS)"},
    Option{"no-sign-request", '\0', "", kS3, "use no credentials: public buckets"},
    Option{"request-payer", '\0', "", kS3, "this account pays for what it reads"},
    Option{"sign", '\0', "", kS3, "read https URLs of S3 objects with credentials"},
    Option{
        "upload", '\0', "S3-URL", kUpload,
        "s3://BUCKET/KEY.mp4 or s3://BUCKET/PREFIX/, a template; without -o, nothing stays here"},
    Option{.name = "metadata",
           .placeholder = "K=V",
           .group = kUpload,
           .help = "the object's user metadata; may be repeated",
           .repeatable = true},
    Option{"acl", '\0', "NAME", kUpload, "canned ACL",
           "private public-read public-read-write authenticated-read aws-exec-read "
           "bucket-owner-read bucket-owner-full-control"},
    Option{"storage-class", '\0', "NAME", kUpload, "as S3 names it (default: STANDARD)",
           "STANDARD STANDARD_IA ONEZONE_IA INTELLIGENT_TIERING REDUCED_REDUNDANCY GLACIER_IR "
           "GLACIER DEEP_ARCHIVE OUTPOSTS EXPRESS_ONEZONE"},
    Option{"sse", '\0', "NAME", kUpload, "encryption by the server", "AES256 aws:kms aws:kms:dsse"},
    Option{"cache-control", '\0', "TEXT", kUpload, "the object's Cache-Control"},
    Option{"no-clobber", '\0', "", kUpload, "fail where the object exists already"},
    Option{.name = "presign-result",
           .placeholder = "TTL",
           .group = kUpload,
           .help = "print a URL under which anybody can get the clip for so long (default: 24h)",
           .may_stand_alone = true},
    Option{"inspect", '\0', "", kInstead, "show what is in SOURCE", {}, false, false},
    Option{
        "dry-run", '\0', "", kInstead, "show what would be done; write nothing", {}, false, false},
    Option{"completion", '\0', "SHELL", kInstead, "print completions for bash, fish or zsh",
           "bash fish zsh", false, false},
    Option{"version", '\0', "", kInstead, "print the version", {}, false, false},
    Option{"help", 'h', "", kInstead, "print this", {}, false, false},
    Option{"json", '\0', "", kReporting, "the result on stdout as JSON"},
    Option{"progress", '\0', "HOW", kReporting,
           "auto (default), bar, plain, json or none; on stderr", "auto bar plain json none"},
    Option{"quiet", 'q', "", kReporting, "nothing on stderr but errors"},
    Option{"verbose",
           'v',
           "",
           kReporting,
           "how it is done; -vv: every child's command line",
           {},
           true},
    Option{"ffmpeg", '\0', "PATH", kWorkings, "the ffmpeg to run (default: the one on PATH)",
           "FILE"},
    Option{"ffprobe", '\0', "PATH", kWorkings, "the ffprobe to run (default: the one on PATH)",
           "FILE"},
    Option{"temp-dir", '\0', "FOLDER", kWorkings,
           "where temporary files go (default: $TMPDIR, or /tmp)", "FOLDER"},
    Option{"keep-temp", '\0', "", kWorkings, "leave them there and say where"},
    Option{"stall-timeout", '\0', "TIME", kWorkings,
           "give up on an ffmpeg that says nothing, or a server that sends nothing, for so long "
           "(default: 60 s)"},
    Option{"config", '\0', "FILE", kWorkings,
           "configuration file (default: $XDG_CONFIG_HOME/momentcut/config.toml)", "FILE"},
};

constexpr std::string_view kDescription =
    "Cuts a moment out of a livestream recording: an MP4 that begins and ends on\n"
    "exactly the frames asked for.";
constexpr std::string_view kSourceHelp =
    "an HLS playlist (path, http(s) or s3 URL), or what holds a recording: a folder, "
    "s3://BUCKET/PREFIX (default: $MOMENTCUT_SOURCE, source in the config file, the working "
    "folder)";
constexpr std::string_view kFooter =
    "Examples:\n"
    "  momentcut --start 60 --end 120          out of the recording in this folder\n"
    "  momentcut rec/ --start 1:02:03 --duration 30 -r 720p60 -o goal.mp4\n"
    "  momentcut rec/ --inspect                what is in it\n"
    "  momentcut --start 60 --end 120 s3://BUCKET/PREFIX -r 720p60 \\\n"
    "            --upload s3://BUCKET/moments/ --presign-result\n"
    "\n"
    "Every option but those under \"Instead of cutting\" can also be set as\n"
    "MOMENTCUT_NAME in the environment and as name = value in the config file. The\n"
    "command line goes first, then the environment, then the file.\n"
    "momentcut(1) has it all.";

constexpr std::size_t kHelpWidth = 79;
constexpr std::size_t kHelpIndent = 26;

// Lays `text` out from `column` on, in lines of kHelpWidth that begin at kHelpIndent.
std::string wrapped(std::string_view text, std::size_t column) {
  std::string out;
  if (column + 2 > kHelpIndent) {
    out += '\n';
    column = 0;
  }
  out += std::string(kHelpIndent - column, ' ');
  column = kHelpIndent;
  bool first = true;
  for (const auto word : core::split(text, ' ')) {
    if (!first && column + 1 + word.size() > kHelpWidth) {
      out += '\n' + std::string(kHelpIndent, ' ');
      column = kHelpIndent;
      first = true;
    }
    out += first ? "" : " ";
    out += word;
    column += word.size() + (first ? 0 : 1);
    first = false;
  }
  return out + '\n';
}

std::string help_entry(const Option& option) {
  auto names = option.letter == '\0' ? fmt::format("      --{}", option.name)
                                     : fmt::format("  -{}, --{}", option.letter, option.name);
  if (!option.placeholder.empty()) {
    const auto value = std::string(option.placeholder);
    names += option.may_stand_alone ? " [" + value + "]" : " " + value;
  }
  return names + wrapped(option.help, names.size());
}

}  // namespace

std::span<const Option> options() {
  return kOptions;
}

const Option* find_option(std::string_view name) {
  const auto* found = std::find_if(kOptions.begin(), kOptions.end(),
                                   [&](const Option& option) { return option.name == name; });
  return found == kOptions.end() ? nullptr : found;
}

std::string environment_name(std::string_view option) {
  std::string name = "MOMENTCUT_";
  for (const char c : option) {
    name += c == '-' ? '_' : c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  }
  return name;
}

std::string help_text() {
  std::string text =
      "Usage: momentcut [SOURCE] --start TIME (--end TIME | --duration TIME) ...\n\n";
  text += fmt::format("{}\n\n  SOURCE{}", kDescription, wrapped(kSourceHelp, 8));
  std::string_view group;
  for (const auto& option : kOptions) {
    if (option.group != group) text += fmt::format("\n{}:\n", option.group);
    group = option.group;
    text += help_entry(option);
  }
  return text + "\n" + std::string(kFooter) + "\n";
}

}  // namespace momentcut::cli
