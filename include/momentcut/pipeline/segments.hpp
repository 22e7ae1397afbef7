// Where the bytes of segments are: local ones where they lie, remote ones in files of our own, to
// which they are brought beside each other and once each.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "momentcut/io/files.hpp"
#include "momentcut/pipeline/batch.hpp"
#include "momentcut/pipeline/context.hpp"
#include "momentcut/pipeline/keys_and_maps.hpp"
#include "momentcut/pipeline/remote.hpp"
#include "momentcut/pipeline/segment_places.hpp"
#include "momentcut/pipeline/source.hpp"

namespace momentcut::pipeline {

// Of a segment, at most its first `bytes`.
struct Portion {
  static constexpr std::uint64_t kAll = std::numeric_limits<std::int64_t>::max();

  std::size_t segment = 0;
  std::uint64_t bytes = kAll;
};

// Where a segment's bytes are, as far as they are here.
struct Held {
  std::filesystem::path file;
  std::uint64_t offset = 0;            // of its first byte in the file
  std::uint64_t size = 0;              // bytes that are here
  std::optional<std::uint64_t> whole;  // bytes that it has or should have, where that is known
  bool ended = false;                  // there are no more of them
  bool remote = false;

  [[nodiscard]] bool complete() const { return ended || (whole && size >= *whole); }
};

class Segments {
 public:
  // `name` tells its files from those of other renditions in the same folder.
  Segments(const Rendition& rendition, std::string name, Remote& remote, const io::TempDir& folder,
           Context& context);

  // Brings what is not here yet, begun in this order, with the keys and maps that it needs.
  // `arrived` is called whenever another portion, or what it needs, has become complete. Throws
  // core::Error: not_found for a segment that is missing, bad_data for one that cannot be
  // decrypted, as Remote::ask() does.
  void bring(const std::vector<Portion>& portions, const std::function<void()>& arrived = {});

  // Brings them as well, but for those that are missing, and tells which those are.
  std::vector<std::size_t> bring_what_is_there(const std::vector<Portion>& portions);

  // The segment's bytes that are here.
  Held held(std::size_t segment);

  // Whether the portion can be read: it and all that it needs is here.
  [[nodiscard]] bool ready(const Portion& portion);
  [[nodiscard]] KeysAndMaps& keys_and_maps() { return keys_and_maps_; }

  // What errors call it.
  [[nodiscard]] std::string where(std::size_t segment) const { return places_.name(segment); }

  // How many bytes of them came over the network.
  [[nodiscard]] std::uint64_t bytes_received() const { return received_; }

 private:
  // What is being brought, and whom to tell.
  struct Delivery {
    std::vector<std::unique_ptr<Batch>> batches;
    const std::function<void()>& arrived;
    std::set<std::size_t>* missing = nullptr;  // where that is no error: which
  };

  [[nodiscard]] std::string described(std::size_t segment) const;
  [[nodiscard]] bool is_here(const Portion& portion);
  std::vector<Portion> missing_of(const std::vector<Portion>& portions);
  std::vector<std::unique_ptr<Batch>> batches_for(const std::vector<Portion>& portions);
  std::unique_ptr<Batch> batch_for(const Portion& portion, const s3::Location& location);
  [[nodiscard]] bool continues(const Batch& batch, const Portion& portion,
                               const s3::Location& location) const;
  Ask ask_for(Batch& batch, Delivery& delivery);
  void write(Batch& batch, std::string_view bytes);
  bool take(Batch& batch, std::string_view bytes, Delivery& delivery);
  void note(Batch& batch, const Reply& reply);
  void finish(Batch& batch, Delivery& delivery);
  bool forget(Batch& batch);
  std::optional<Ask> relieve(Delivery& delivery);
  Ask ask_for_half(Batch& whole, Batch& half, Delivery& delivery);
  void report(const Delivery& delivery);
  void carry_out(const std::vector<Portion>& portions, Delivery& delivery);
  std::vector<Portion> start_over(const Delivery& delivery);

  const Rendition& source_;
  std::string name_;
  SegmentPlaces places_;
  KeysAndMaps keys_and_maps_;
  Remote& remote_;
  const io::TempDir& folder_;
  Context& context_;
  std::map<std::size_t, Held> held_;  // of remote ones
  std::uint64_t received_ = 0;
  unsigned halves_ = 0;
  bool has_ranges_ = false;  // the server gives parts of what it has
  bool may_relieve_ = true;  // and they are of one content
};

}  // namespace momentcut::pipeline
