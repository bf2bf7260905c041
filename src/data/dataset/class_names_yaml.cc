// SPDX-License-Identifier: Apache-2.0
#include <yaml-cpp/yaml.h>

#include <charconv>

#include "data/dataset/source.h"

namespace fettle::data {

namespace {
constexpr size_t kMaxClasses = 1'000'000;

Result<std::vector<std::string>> read_names(const YAML::Node& root) {
  const YAML::Node names = root.IsMap() ? root["names"] : YAML::Node();
  if (!names.IsDefined() || !(names.IsSequence() || names.IsMap())) {
    return invalid_input("has no 'names' with a list or numbered entries");
  }
  std::vector<std::string> out;
  for (const auto& entry : names) {
    const YAML::Node value = names.IsMap() ? entry.second : YAML::Node(entry);
    size_t label = out.size();
    if (names.IsMap()) {
      const std::string key = entry.first.IsScalar() ? entry.first.Scalar() : "";
      const auto [end, error] = std::from_chars(key.data(), key.data() + key.size(), label);
      if (error != std::errc() || end != key.data() + key.size() || label >= kMaxClasses) {
        return invalid_input("'names' must be numbered from 0",
                             "line " + std::to_string(entry.first.Mark().line + 1));
      }
    }
    if (!value.IsScalar()) return invalid_input("'names' has an entry that is no name");
    if (label >= out.size()) out.resize(label + 1);
    out[label] = value.Scalar();
  }
  return out;
}
}  // namespace

Result<std::vector<std::string>> parse_class_names_yaml(std::string_view yaml) {
  try {
    return read_names(YAML::Load(std::string(yaml)));
  } catch (const YAML::Exception& e) {
    return invalid_input("not valid YAML: " + e.msg, "line " + std::to_string(e.mark.line + 1));
  }
}

}  // namespace fettle::data
