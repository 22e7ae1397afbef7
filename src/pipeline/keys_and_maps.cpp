#include "momentcut/pipeline/keys_and_maps.hpp"

#include <algorithm>
#include <memory>

#include <fmt/format.h>

#include "momentcut/core/error.hpp"
#include "momentcut/core/text.hpp"
#include "momentcut/io/files.hpp"
#include "momentcut/s3/location.hpp"

namespace momentcut::pipeline {
namespace {

using core::Error;
using core::ErrorKind;

// A key is 16 bytes, which hls::read_key() insists on; this much tells what is there instead.
constexpr std::size_t kMostKeyBytes = 64U << 10U;
constexpr std::size_t kMostMapBytes = 16U << 20U;

// Adds where in the playlist it stands to what is wrong.
template <typename Action>
auto naming(const std::string& what, Action action) {
  try {
    return action();
  } catch (const Error& error) {
    throw Error(error.kind(), fmt::format("{}: {}", what, error.what()), error.hint());
  }
}

void require_whole(const std::string& content, const ByteSpan& span, const std::string& what) {
  if (content.empty() || (!span.whole() && content.size() < span.length)) {
    throw Error(ErrorKind::bad_data,
                what + (content.empty() ? " is empty" : " ends before its byte range does"));
  }
}

}  // namespace

KeysAndMaps::KeysAndMaps(const Rendition& rendition, Remote& remote, Context& context)
    : rendition_(rendition), remote_(remote), context_(context) {}

const hls::Key* KeysAndMaps::key_of_map(std::size_t segment) const {
  const auto* map = rendition_.media.map_of(segment_at(segment));
  return map == nullptr ? nullptr : rendition_.media.key_of(*map);
}

KeysAndMaps::Wanted KeysAndMaps::wanted_key(std::size_t segment, const hls::Key& key) const {
  return {key.uri,
          {},
          kMostKeyBytes,
          fmt::format("{}:{}: the key {}", core::redacted(rendition_.location.text),
                      segment_at(segment).line, core::quoted(core::redacted_reference(key.uri)))};
}

KeysAndMaps::Wanted KeysAndMaps::wanted_map(std::size_t segment, const hls::Map& map) const {
  return {
      map.uri, map.byterange ? ByteSpan{map.byterange->offset, map.byterange->length} : ByteSpan{},
      kMostMapBytes,
      fmt::format("{}:{}: the initialization section {}", core::redacted(rendition_.location.text),
                  segment_at(segment).line, core::quoted(core::redacted_reference(map.uri)))};
}

void KeysAndMaps::read_here(const Wanted& wanted) {
  for (const auto& path : s3::local_candidates(rendition_.location, wanted.uri)) {
    if (!io::file_size(path)) continue;
    std::string content;
    const auto most = std::min<std::uint64_t>(wanted.span.length, wanted.at_most + 1);
    io::each_piece(path, wanted.span.offset, most, context_.interrupt(),
                   [&](std::string_view bytes) { content += bytes; });
    if (content.size() > wanted.at_most) {
      throw Error(ErrorKind::bad_data,
                  fmt::format("{} is larger than {} bytes", wanted.what, wanted.at_most));
    }
    require_whole(content, wanted.span, wanted.what);
    contents_[name_of(wanted)] = std::move(content);
    return;
  }
  throw Error(ErrorKind::not_found, wanted.what + " is missing", "fetch the whole recording again");
}

void KeysAndMaps::add(const Wanted& wanted, std::vector<Ask>& asks,
                      const std::function<void()>& arrived) {
  if (contents_.contains(name_of(wanted))) return;
  Ask ask;
  ask.location = remote_.follow(rendition_.location, wanted.uri, wanted.what);
  if (!ask.location.remote()) return read_here(wanted);
  // What was asked for earlier and did not come is asked for once more.
  const bool is_asked_for = std::any_of(asks.begin(), asks.end(), [&](const Ask& other) {
    return other.location == ask.location && other.span.offset == wanted.span.offset &&
           other.span.length == wanted.span.length;
  });
  if (is_asked_for) return;
  ask.what = wanted.what;
  ask.span = wanted.span;
  ask.at_most = wanted.at_most;
  auto content = std::make_shared<std::string>();
  ask.take = [content, wanted](std::string_view bytes) {
    *content += bytes;
    if (content->size() <= wanted.at_most) return true;
    throw Error(ErrorKind::bad_data,
                fmt::format("{} is larger than {} bytes", wanted.what, wanted.at_most));
  };
  ask.forget = [content] {
    content->clear();
    return true;
  };
  ask.done = [this, content, wanted, &arrived](const Reply&) {
    require_whole(*content, wanted.span, wanted.what);
    contents_[name_of(wanted)] = std::move(*content);
    if (arrived) arrived();
  };
  asks.push_back(std::move(ask));
}

void KeysAndMaps::add_key(std::size_t segment, const hls::Key& key, std::vector<Ask>& asks,
                          const std::function<void()>& arrived) {
  if (const auto why = hls::why_not_decrypted(key); !why.empty()) {
    throw Error(ErrorKind::bad_data,
                fmt::format("{}:{}: segment {} is {}", core::redacted(rendition_.location.text),
                            segment_at(segment).line,
                            core::quoted(core::redacted_reference(segment_at(segment).uri)), why),
                "momentcut decrypts AES-128 alone, with plain keys from files and servers");
  }
  add(wanted_key(segment, key), asks, arrived);
}

void KeysAndMaps::add_missing(std::size_t segment, std::vector<Ask>& asks,
                              const std::function<void()>& arrived) {
  const auto& media = rendition_.media;
  if (const auto* key = media.key_of(segment_at(segment))) add_key(segment, *key, asks, arrived);
  const auto* map = media.map_of(segment_at(segment));
  if (map == nullptr) return;
  if (const auto* key = key_of_map(segment)) {
    // §4.3.2.5: there is no media sequence number that could stand in for it.
    if (!key->iv) {
      throw Error(ErrorKind::bad_data,
                  wanted_map(segment, *map).what + " is encrypted, and its #EXT-X-KEY has no IV");
    }
    add_key(segment, *key, asks, arrived);
  }
  add(wanted_map(segment, *map), asks, arrived);
}

bool KeysAndMaps::ready(std::size_t segment) const {
  const auto is_here = [this](const Wanted& wanted) { return contents_.contains(name_of(wanted)); };
  const auto* key = rendition_.media.key_of(segment_at(segment));
  const auto* map = rendition_.media.map_of(segment_at(segment));
  const auto* map_key = key_of_map(segment);
  return (key == nullptr || is_here(wanted_key(segment, *key))) &&
         (map == nullptr || is_here(wanted_map(segment, *map))) &&
         (map_key == nullptr || is_here(wanted_key(segment, *map_key)));
}

hls::Decryptor KeysAndMaps::decryptor_of(std::size_t segment, const hls::Key& key) {
  const auto wanted = wanted_key(segment, key);
  return naming(wanted.what, [&] {
    return hls::Decryptor(
        hls::read_key(contents_.at(name_of(wanted))),
        hls::initialization_vector(key, rendition_.media.media_sequence + segment));
  });
}

std::string KeysAndMaps::initialization(std::size_t segment) {
  const auto* map = rendition_.media.map_of(segment_at(segment));
  if (map == nullptr) return {};
  const auto wanted = wanted_map(segment, *map);
  const auto& content = contents_.at(name_of(wanted));
  const auto* key = key_of_map(segment);
  if (key == nullptr) return content;
  return naming(wanted.what, [&] {
    auto decryptor = decryptor_of(segment, *key);
    auto plain = decryptor.pass(content);
    return plain + decryptor.finish();
  });
}

std::optional<hls::Decryptor> KeysAndMaps::decryptor(std::size_t segment) {
  const auto* key = rendition_.media.key_of(segment_at(segment));
  if (key == nullptr) return {};
  return decryptor_of(segment, *key);
}

}  // namespace momentcut::pipeline
