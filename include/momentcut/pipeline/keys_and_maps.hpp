// What segments need beside their own bytes: keys (EXT-X-KEY) and initialization sections
// (EXT-X-MAP), fetched once each.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "momentcut/hls/decrypt.hpp"
#include "momentcut/pipeline/context.hpp"
#include "momentcut/pipeline/remote.hpp"
#include "momentcut/pipeline/source.hpp"

namespace momentcut::pipeline {

class KeysAndMaps {
 public:
  KeysAndMaps(const Rendition& rendition, Remote& remote, Context& context);

  // Adds to `asks` what servers must be asked for before `segment` can be read, each thing once;
  // what lies in local files is read at once. `arrived` is called whenever one of them is here.
  // Throws core::Error: bad_data for a segment that cannot be decrypted, a key that is none, a map
  // that is shorter than its byte range; not_found; as Remote::follow() does.
  void add_missing(std::size_t segment, std::vector<Ask>& asks,
                   const std::function<void()>& arrived);

  // Whether all that `segment` needs is here.
  [[nodiscard]] bool ready(std::size_t segment) const;

  // The initialization section of `segment` in the clear; empty: it has none.
  std::string initialization(std::size_t segment);

  // What decrypts `segment`; nullopt: it is not encrypted.
  std::optional<hls::Decryptor> decryptor(std::size_t segment);

 private:
  // A key file or an initialization section: a part of a resource, by its URI as written.
  struct Wanted {
    std::string uri;
    ByteSpan span;
    std::size_t at_most = 0;  // bytes
    std::string what;         // for messages
  };
  using Name = std::tuple<std::string, std::uint64_t, std::uint64_t>;  // URI, offset, length

  [[nodiscard]] const hls::Segment& segment_at(std::size_t segment) const {
    return rendition_.media.segments[segment];
  }
  [[nodiscard]] const hls::Key* key_of_map(std::size_t segment) const;
  [[nodiscard]] Wanted wanted_key(std::size_t segment, const hls::Key& key) const;
  [[nodiscard]] Wanted wanted_map(std::size_t segment, const hls::Map& map) const;
  static Name name_of(const Wanted& wanted) {
    return {wanted.uri, wanted.span.offset, wanted.span.length};
  }

  void add(const Wanted& wanted, std::vector<Ask>& asks, const std::function<void()>& arrived);
  void add_key(std::size_t segment, const hls::Key& key, std::vector<Ask>& asks,
               const std::function<void()>& arrived);
  void read_here(const Wanted& wanted);
  hls::Decryptor decryptor_of(std::size_t segment, const hls::Key& key);

  const Rendition& rendition_;
  Remote& remote_;
  Context& context_;
  std::map<Name, std::string> contents_;  // of what is here
};

}  // namespace momentcut::pipeline
