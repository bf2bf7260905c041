// SPDX-License-Identifier: Apache-2.0
#include "data/output_files.h"

#include <algorithm>
#include <cctype>
#include <cstring>

namespace fettle::data {

namespace {

// File systems take names of 255 bytes; TFLite's converter joins the names of what it fused into
// longer ones. What is left must have room for a number, ".npy" and a temporary's ending.
constexpr size_t kLongestName = 200;

std::string file_name(std::string_view output) {
  std::string name(output.substr(0, kLongestName));
  for (char& c : name) {
    const bool kept = std::isalnum(static_cast<unsigned char>(c)) || std::strchr("_.-", c);
    if (!kept || c == '\0') c = '_';
  }
  return name;
}

}  // namespace

std::vector<std::string> output_file_names(std::span<const std::string_view> outputs) {
  std::vector<std::string> names;
  const auto taken = [&](const std::string& name) {
    return std::find(names.begin(), names.end(), name) != names.end();
  };
  for (const std::string_view output : outputs) {
    const std::string name = file_name(output);
    std::string own = name;
    for (int n = 2; taken(own); ++n) own = name + "_" + std::to_string(n);
    names.push_back(std::move(own));
  }
  return names;
}

}  // namespace fettle::data
