// SPDX-License-Identifier: Apache-2.0
#include <yaml-cpp/yaml.h>

#include <charconv>
#include <cmath>
#include <functional>
#include <map>

#include "base/files.h"
#include "data/image.h"
#include "data/preprocess.h"

namespace fettle::data {

namespace {
constexpr size_t kMaxBytes = 64 << 10;
constexpr int64_t kMaxSide = 16384;
constexpr size_t kMaxChannels = 64;

Status wrong(const YAML::Node& node, const std::string& key, const std::string& what) {
  return invalid_input("'" + key + "' " + what, "line " + std::to_string(node.Mark().line + 1));
}

bool parse_double(std::string_view text, double* out) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), *out);
  return error == std::errc() && end == text.data() + text.size() && std::isfinite(*out);
}

// "0.5" or "1/255".
bool parse_number(const YAML::Node& node, double* out) {
  if (!node.IsScalar()) return false;
  const std::string& text = node.Scalar();
  const size_t slash = text.find('/');
  if (slash == std::string::npos) return parse_double(text, out);
  double below = 0;
  if (!parse_double(std::string_view(text).substr(0, slash), out)) return false;
  if (!parse_double(std::string_view(text).substr(slash + 1), &below) || below == 0) return false;
  *out /= below;
  return std::isfinite(*out);
}

Status read_side(const YAML::Node& node, const std::string& key, int64_t* out) {
  double value = 0;
  if (!parse_number(node, &value) || value < 1 || value > kMaxSide || value != std::floor(value)) {
    return wrong(node, key, "must be a whole number of pixels from 1 to 16384");
  }
  *out = static_cast<int64_t>(value);
  return {};
}

Status read_channels(const YAML::Node& node, const std::string& key, bool zero_allowed,
                     std::vector<float>* out) {
  const size_t count = node.IsSequence() ? node.size() : 1;
  out->clear();
  if (count == 0 || count > kMaxChannels)
    return wrong(node, key, "needs one number, or one a channel");
  for (size_t i = 0; i < count; ++i) {
    double value = 0;
    if (!parse_number(node.IsSequence() ? node[i] : node, &value)) {
      return wrong(node, key, "must be a number or a list of numbers");
    }
    if (!zero_allowed && !(std::abs(static_cast<float>(value)) > 0)) {
      return wrong(node, key, "must not be 0");
    }
    out->push_back(static_cast<float>(value));
  }
  return {};
}

template <class T>
Status read_choice(const YAML::Node& node, const std::string& key,
                   const std::vector<std::pair<std::string, T>>& choices, T* out) {
  std::string names;
  for (const auto& [name, value] : choices) {
    if (node.IsScalar() && node.Scalar() == name) {
      *out = value;
      return {};
    }
    names += (names.empty() ? "" : ", ") + name;
  }
  return wrong(node, key, "must be one of " + names);
}

using Reader = std::function<Status(const YAML::Node&, const std::string&, PreprocessSpec*)>;

const std::map<std::string, Reader>& readers() {
  using Node = YAML::Node;
  using Key = std::string;
  using Spec = PreprocessSpec;
  static const auto* table = new std::map<std::string, Reader>{
      {"size",
       [](const Node& n, const Key& k, Spec* s) -> Status {
         if (!n.IsSequence() || n.size() != 2) return wrong(n, k, "must be [height, width]");
         FETTLE_TRY(read_side(n[0], k, &s->height));
         FETTLE_TRY(read_side(n[1], k, &s->width));
         return s->height * s->width <= kMaxPixels ? Status()
                                                   : wrong(n, k, "is over 64 million pixels");
       }},
      {"resize",
       [](const Node& n, const Key& k, Spec* s) {
         return read_choice<Resize>(n, k,
                                    {{"stretch", Resize::stretch},
                                     {"center_crop", Resize::center_crop},
                                     {"letterbox", Resize::letterbox}},
                                    &s->resize);
       }},
      {"crop",
       [](const Node& n, const Key& k, Spec* s) {
         const bool good = parse_number(n, &s->crop) && s->crop >= 0.01 && s->crop <= 1;
         return good ? Status() : wrong(n, k, "must be a fraction from 0.01 to 1");
       }},
      {"shorter_side",
       [](const Node& n, const Key& k, Spec* s) { return read_side(n, k, &s->shorter_side); }},
      {"pad",
       [](const Node& n, const Key& k, Spec* s) {
         double value = 0;
         if (!parse_number(n, &value) || value < 0 || value > 255 || value != std::floor(value)) {
           return wrong(n, k, "must be a level from 0 to 255");
         }
         s->pad = static_cast<uint8_t>(value);
         return Status();
       }},
      {"interpolation",
       [](const Node& n, const Key& k, Spec* s) {
         return read_choice<Interpolation>(
             n, k, {{"bilinear", Interpolation::bilinear}, {"nearest", Interpolation::nearest}},
             &s->interpolation);
       }},
      {"antialias",
       [](const Node& n, const Key& k, Spec* s) {
         return read_choice<bool>(n, k, {{"true", true}, {"false", false}}, &s->antialias);
       }},
      {"color",
       [](const Node& n, const Key& k, Spec* s) {
         return read_choice<ChannelOrder>(
             n, k,
             {{"rgb", ChannelOrder::rgb}, {"bgr", ChannelOrder::bgr}, {"gray", ChannelOrder::gray}},
             &s->color);
       }},
      {"scale",
       [](const Node& n, const Key& k, Spec* s) {
         double value = 0;
         if (!parse_number(n, &value))
           return wrong(n, k, "must be a number or a fraction like 1/255");
         s->scale = static_cast<float>(value);
         return Status();
       }},
      {"mean",
       [](const Node& n, const Key& k, Spec* s) { return read_channels(n, k, true, &s->mean); }},
      {"std",
       [](const Node& n, const Key& k, Spec* s) { return read_channels(n, k, false, &s->std); }},
      {"layout",
       [](const Node& n, const Key& k, Spec* s) {
         return read_choice<Layout>(n, k, {{"nchw", Layout::nchw}, {"nhwc", Layout::nhwc}},
                                    &s->layout);
       }},
      {"dtype",
       [](const Node& n, const Key& k, Spec* s) {
         return read_choice<DType>(
             n, k, {{"f32", DType::f32}, {"u8", DType::u8}, {"i8", DType::i8}}, &s->dtype);
       }},
  };
  return *table;
}

Result<PreprocessSpec> read_mapping(const YAML::Node& root) {
  PreprocessSpec spec;
  if (root.IsNull()) return spec;
  if (!root.IsMap()) return invalid_input("must be a list of 'key: value' lines");
  std::map<std::string, YAML::Node> seen;
  for (const auto& entry : root) {
    const std::string key = entry.first.IsScalar() ? entry.first.Scalar() : "(not a name)";
    const auto reader = readers().find(key);
    if (reader == readers().end()) {
      std::string known;
      for (const auto& [name, unused] : readers()) known += (known.empty() ? "" : ", ") + name;
      return wrong(entry.first, key, "is no known key; known are " + known);
    }
    if (!seen.emplace(key, entry.second).second) return wrong(entry.first, key, "stands twice");
    FETTLE_TRY(reader->second(entry.second, key, &spec));
  }
  const auto has = [&](const char* key) { return seen.count(key) > 0; };
  if (spec.resize != Resize::center_crop) {
    for (const char* key : {"crop", "shorter_side"}) {
      if (has(key)) return wrong(seen[key], key, "only counts with 'resize: center_crop'");
    }
  }
  if (has("crop") && has("shorter_side")) {
    return wrong(seen["crop"], "crop", "and 'shorter_side' exclude each other");
  }
  if (spec.shorter_side != 0 && spec.shorter_side < std::max(spec.height, spec.width)) {
    return wrong(seen["shorter_side"], "shorter_side", "must not be smaller than 'size'");
  }
  if (has("pad") && spec.resize != Resize::letterbox) {
    return wrong(seen["pad"], "pad", "only counts with 'resize: letterbox'");
  }
  if (spec.antialias && spec.interpolation != Interpolation::bilinear) {
    return wrong(seen["antialias"], "antialias", "only counts with 'interpolation: bilinear'");
  }
  return spec;
}
}  // namespace

Result<PreprocessSpec> parse_preprocess(std::string_view yaml) {
  if (yaml.size() > kMaxBytes) return invalid_input("is over 64 KiB");
  try {
    return read_mapping(YAML::Load(std::string(yaml)));
  } catch (const YAML::Exception& e) {
    return invalid_input("not valid YAML: " + e.msg, "line " + std::to_string(e.mark.line + 1));
  }
}

Result<PreprocessSpec> read_preprocess(const std::string& path) {
  FETTLE_ASSIGN(const std::string yaml, read_file(path, kMaxBytes));
  auto spec = parse_preprocess(yaml);
  if (!spec.ok()) return spec.take_status().at(path);
  return spec;
}

}  // namespace fettle::data
