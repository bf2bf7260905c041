// SPDX-License-Identifier: Apache-2.0
#include "measure/preprocessing.h"

#include <unistd.h>

#include <cstdlib>

#include "base/files.h"

namespace fettle::measure {

namespace {

constexpr size_t kLimit = 1 << 16;

Result<Preprocessing> from_file(const std::string& path) {
  FETTLE_ASSIGN(std::string yaml, read_file(path, kLimit));
  auto spec = data::parse_preprocess(yaml);
  if (!spec.ok()) return spec.take_status().at(path);
  return Preprocessing{std::move(*spec), path, std::move(yaml)};
}

// Numbers separated by spaces or commas.
std::vector<float> numbers(const std::string& text) {
  std::vector<float> values;
  const char* p = text.c_str();
  while (*p != '\0') {
    char* end = nullptr;
    const float v = std::strtof(p, &end);
    if (end == p) {
      ++p;
      continue;
    }
    values.push_back(v);
    p = end;
  }
  return values;
}

}  // namespace

Result<Preprocessing> find_preprocessing(const std::string& named, const data::Dataset& dataset,
                                         const std::string& model, const plan::Plan& plan) {
  if (!named.empty()) return from_file(named);
  if (dataset.info().preprocess) {
    return Preprocessing{*dataset.info().preprocess, "the dataset", ""};
  }
  const std::string beside = model.substr(0, model.rfind('.')) + ".preprocess.yaml";
  if (::access(beside.c_str(), R_OK) == 0) return from_file(beside);
  Preprocessing found;
  found.source = "none";
  for (const auto& [key, value] : plan.metadata) {
    if (key == "preprocess") {
      auto spec = data::parse_preprocess(value);
      if (!spec.ok()) return spec.take_status().at(model + ": metadata 'preprocess'");
      return Preprocessing{std::move(*spec), "the model's metadata", value};
    }
    if (key == "mean" || key == "std") {
      (key == "mean" ? found.spec.mean : found.spec.std) = numbers(value);
      found.source = "the model's metadata";
    }
  }
  return found;
}

}  // namespace fettle::measure
