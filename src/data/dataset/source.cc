// SPDX-License-Identifier: Apache-2.0
#include "data/dataset/source.h"

#include <algorithm>
#include <filesystem>

#include "base/files.h"
#include "data/dataset/table.h"

namespace fettle::data {

namespace {
constexpr size_t kMaxEntries = 10'000'000;
constexpr size_t kMaxNamesBytes = 16 << 20;

bool contains(const std::vector<std::string>& sorted, std::string_view name) {
  return std::binary_search(sorted.begin(), sorted.end(), name);
}
}  // namespace

bool Listing::has_file(std::string_view name) const { return contains(files, name); }
bool Listing::has_folder(std::string_view name) const { return contains(folders, name); }

Result<Listing> list_folder(const std::string& path) {
  namespace fs = std::filesystem;
  Listing listing;
  std::error_code error;
  fs::directory_iterator it(path, error);
  for (; !error && it != fs::directory_iterator(); it.increment(error)) {
    const std::string name = it->path().filename().string();
    if (name.starts_with('.')) continue;
    std::error_code unreadable;
    if (it->is_directory(unreadable))
      listing.folders.push_back(name);
    else if (it->is_regular_file(unreadable))
      listing.files.push_back(name);
    if (listing.files.size() + listing.folders.size() > kMaxEntries) {
      return unsupported("has more than ten million entries; split it", path);
    }
  }
  if (error) return io_error("cannot list: " + error.message(), path);
  std::sort(listing.files.begin(), listing.files.end());
  std::sort(listing.folders.begin(), listing.folders.end());
  return listing;
}

Result<Source> inspect_source(const std::string& path, const std::string& split) {
  namespace fs = std::filesystem;
  Source source;
  source.path = path;
  while (source.path.size() > 1 && source.path.ends_with('/')) source.path.pop_back();
  source.split = split;
  std::error_code error;
  const fs::file_status status = fs::status(source.path, error);
  if (!fs::exists(status)) return invalid_input("no such file or folder", path);
  const fs::path as_path(source.path);
  source.name = as_path.filename().string();
  source.is_folder = fs::is_directory(status);
  if (source.is_folder) {
    source.folder = source.path;
    FETTLE_ASSIGN(source.listing, list_folder(source.path));
  } else if (!fs::is_regular_file(status)) {
    return invalid_input("is neither a file nor a folder", path);
  } else {
    source.folder = as_path.has_parent_path() ? as_path.parent_path().string() : ".";
  }
  return source;
}

std::vector<std::string> split_names(const std::string& split) {
  if (split == "train") return {"train", "training", "train2017"};
  const std::vector<std::string> val = {"val", "valid", "validation", "dev", "val2017"};
  const std::vector<std::string> test = {"test", "testing", "t10k"};
  std::vector<std::string> names;
  if (split == "val" || split == "validation" || split == "dev") {
    names = val;
    names.insert(names.end(), test.begin(), test.end());
  } else if (split == "test") {
    names = test;
    names.insert(names.end(), val.begin(), val.end());
  } else if (split.empty()) {
    names = test;
    names.insert(names.end(), val.begin(), val.end());
    for (const char* name : {"train", "training", "train2017"}) names.push_back(name);
  } else {
    names = {split};
  }
  return names;
}

std::string find_split_folder(const Listing& listing, const std::string& split) {
  for (const std::string& name : split_names(split)) {
    if (listing.has_folder(name)) return name;
  }
  return {};
}

Result<std::vector<std::string>> read_class_names(const std::string& folder) {
  std::error_code error;
  if (const std::string path = folder + "/classes.yaml"; std::filesystem::exists(path, error)) {
    FETTLE_ASSIGN(const std::string yaml, read_file(path, kMaxNamesBytes));
    auto names = parse_class_names_yaml(yaml);
    if (!names.ok()) return names.take_status().at(path);
    return names;
  }
  std::vector<std::string> names;
  if (const std::string path = folder + "/classes.txt"; std::filesystem::exists(path, error)) {
    FETTLE_ASSIGN(const std::string text, read_file(path, kMaxNamesBytes));
    for (std::string_view line : split_lines(text)) names.emplace_back(line);
    while (!names.empty() && names.back().empty()) names.pop_back();
  }
  return names;
}

std::string stem_of(const std::string& name) { return name.substr(0, name.rfind('.')); }

}  // namespace fettle::data
