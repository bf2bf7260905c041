// SPDX-License-Identifier: Apache-2.0
//
// Files, read whole or mapped, and written so that a crash or an error leaves either the old file
// or the new one, never half of one.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/status.h"

namespace fettle {

// A read-only private mapping; the bytes live as long as any copy of the pointer.
class MappedFile {
 public:
  static Result<std::shared_ptr<const MappedFile>> open(const std::string& path);
  ~MappedFile();
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;
  std::span<const std::byte> bytes() const { return {data_, size_}; }
  // Gives back the memory of the whole pages in `part`; whoever reads them reads the file again.
  void let_go(std::span<const std::byte> part) const;

 private:
  MappedFile(const std::byte* data, size_t size) : data_(data), size_(size) {}
  const std::byte* data_;
  size_t size_;
};

// The whole file; refuses more than `limit` bytes.
Result<std::string> read_file(const std::string& path, size_t limit = size_t{1} << 31);
// No error if it is there. Its parent has to be.
Status make_folder(const std::string& path);
// Writes beside the target, syncs, then renames over it.
Status write_file(const std::string& path, std::string_view content);
// The parts one behind the other.
Status write_file(const std::string& path, std::span<const std::string_view> parts);

}  // namespace fettle
