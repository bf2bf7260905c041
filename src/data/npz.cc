// SPDX-License-Identifier: Apache-2.0
#include "data/npz.h"

#include <zip.h>

#include <algorithm>
#include <memory>

#include "base/files.h"
#include "data/npy.h"

namespace fettle::data {

namespace {
constexpr std::string_view kSuffix = ".npy";
constexpr size_t kChunkBytes = size_t{1} << 20;

struct ArchiveClose {
  void operator()(zip_t* z) const { zip_discard(z); }
};
struct EntryClose {
  void operator()(zip_file_t* f) const { zip_fclose(f); }
};
struct SourceFree {
  void operator()(zip_source_t* s) const { zip_source_free(s); }
};
using Archive = std::unique_ptr<zip_t, ArchiveClose>;
using Source = std::unique_ptr<zip_source_t, SourceFree>;

Status zip_error(const std::string& what, zip_error_t* error) {
  return invalid_input(what + ": " + zip_error_strerror(error));
}

// What an entry claims to unpack to is not trusted: memory grows with the bytes that really come.
Result<std::string> read_entry(zip_t* archive, zip_uint64_t index, uint64_t limit) {
  std::unique_ptr<zip_file_t, EntryClose> file(zip_fopen_index(archive, index, 0));
  if (!file) return zip_error("cannot unpack", zip_get_error(archive));
  std::string content;
  for (;;) {
    const size_t old = content.size();
    content.resize(old + kChunkBytes);
    const zip_int64_t n = zip_fread(file.get(), content.data() + old, kChunkBytes);
    if (n < 0) return zip_error("cannot unpack", zip_file_get_error(file.get()));
    content.resize(old + static_cast<size_t>(n));
    if (content.size() > limit) {
      return invalid_input("the arrays unpack to more than the limit; split the file");
    }
    if (n == 0) return content;
  }
}
}  // namespace

Result<NamedTensors> parse_npz(std::string_view bytes, const NpzLimits& limits) {
  if (bytes.empty()) return invalid_input("not an .npz file: it is empty");
  zip_error_t error;
  zip_error_init(&error);
  Source source(zip_source_buffer_create(bytes.data(), bytes.size(), 0, &error));
  if (!source) return zip_error("not an .npz file", &error);
  Archive archive(zip_open_from_source(source.get(), ZIP_RDONLY, &error));
  if (!archive) return zip_error("not an .npz file", &error);
  (void)source.release();  // the archive owns it now
  const auto count =
      static_cast<size_t>(std::max<zip_int64_t>(0, zip_get_num_entries(archive.get(), 0)));
  if (count > limits.entries) {
    return invalid_input("the .npz file has " + std::to_string(count) + " entries, over the limit");
  }
  NamedTensors arrays;
  uint64_t total = 0;
  for (size_t i = 0; i < count; ++i) {
    const char* raw_name = zip_get_name(archive.get(), i, 0);
    std::string name = raw_name != nullptr ? raw_name : "";
    if (name.ends_with('/')) continue;
    auto content = read_entry(archive.get(), i, limits.total_bytes - total);
    if (!content.ok()) return content.take_status().at(name);
    total += content->size();
    auto tensor = parse_npy(*content);
    if (!tensor.ok()) return tensor.take_status().at(name);
    if (name.ends_with(kSuffix)) name.resize(name.size() - kSuffix.size());
    arrays.emplace_back(std::move(name), std::move(*tensor));
  }
  return arrays;
}

Result<NamedTensors> read_npz(const std::string& path, const NpzLimits& limits) {
  FETTLE_ASSIGN(const auto file, MappedFile::open(path));
  auto arrays = parse_npz(
      {reinterpret_cast<const char*>(file->bytes().data()), file->bytes().size()}, limits);
  if (!arrays.ok()) return arrays.take_status().at(path);
  return arrays;
}

Result<std::string> format_npz(const NamedTensors& arrays, bool compress) {
  if (arrays.empty()) return "PK\x05\x06" + std::string(18, '\0');  // libzip writes none
  std::vector<std::string> contents;                                // must outlive zip_close
  for (const auto& [name, tensor] : arrays) {
    auto content = format_npy(tensor.view());
    if (!content.ok()) return content.take_status().at(name);
    contents.push_back(std::move(*content));
  }
  zip_error_t error;
  zip_error_init(&error);
  Source target(zip_source_buffer_create(nullptr, 0, 0, &error));
  if (!target) return zip_error("cannot make an archive", &error);
  zip_source_keep(target.get());
  Archive archive(zip_open_from_source(target.get(), ZIP_TRUNCATE, &error));
  if (!archive) {
    zip_source_free(target.get());
    return zip_error("cannot make an archive", &error);
  }
  for (size_t i = 0; i < arrays.size(); ++i) {
    zip_source_t* entry =
        zip_source_buffer(archive.get(), contents[i].data(), contents[i].size(), 0);
    const std::string name = arrays[i].first + std::string(kSuffix);
    const zip_int64_t index =
        entry == nullptr ? -1 : zip_file_add(archive.get(), name.c_str(), entry, ZIP_FL_ENC_UTF_8);
    if (index < 0) {
      zip_source_free(entry);
      return zip_error("cannot add '" + name + "'", zip_get_error(archive.get()));
    }
    zip_set_file_compression(archive.get(), static_cast<zip_uint64_t>(index),
                             compress ? ZIP_CM_DEFLATE : ZIP_CM_STORE, 0);
    constexpr zip_uint16_t kDosDate1980 = 0x21;
    zip_file_set_dostime(archive.get(), static_cast<zip_uint64_t>(index), 0, kDosDate1980, 0);
  }
  if (zip_close(archive.get()) != 0) {
    return zip_error("cannot write the archive", zip_get_error(archive.get()));
  }
  (void)archive.release();  // closed
  zip_stat_t stat;
  if (zip_source_stat(target.get(), &stat) != 0 || zip_source_open(target.get()) != 0) {
    return zip_error("cannot read the archive back", zip_source_error(target.get()));
  }
  std::string out(stat.size, '\0');
  const zip_int64_t n = zip_source_read(target.get(), out.data(), out.size());
  zip_source_close(target.get());
  if (n != static_cast<zip_int64_t>(out.size())) {
    return zip_error("cannot read the archive back", zip_source_error(target.get()));
  }
  return out;
}

Status write_npz(const std::string& path, const NamedTensors& arrays, bool compress) {
  auto bytes = format_npz(arrays, compress);
  if (!bytes.ok()) return bytes.take_status().at(path);
  return write_file(path, *bytes);
}

}  // namespace fettle::data
