// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>

#include "ops/operands.h"
#include "ops/resize/resize.h"
#include "ops/shapes.h"

namespace fettle::ops {

namespace {

Status bad(const std::string& what) { return invalid_input("Resize: " + what); }

// The place of an attribute's string in a list of names.
template <class E>
Status parse(const Attributes& attrs, const char* name, std::span<const std::string_view> names,
             E* out) {
  const std::string_view given = attrs.get_string(name, names[0]);
  const auto it = std::find(names.begin(), names.end(), given);
  if (it == names.end()) return bad(std::string(name) + " '" + std::string(given) + "' is unknown");
  *out = static_cast<E>(it - names.begin());
  return {};
}

Status parse_attributes(const Attributes& attrs, ResizeShape* s) {
  static constexpr std::string_view kModes[] = {"nearest", "linear", "cubic"};
  static constexpr std::string_view kNearest[] = {"round_prefer_floor", "round_prefer_ceil",
                                                  "floor", "ceil"};
  static constexpr std::string_view kCoordinates[] = {"half_pixel",         "half_pixel_symmetric",
                                                      "pytorch_half_pixel", "align_corners",
                                                      "asymmetric",         "tf_crop_and_resize"};
  FETTLE_TRY(parse(attrs, "mode", std::span(kModes), &s->mode));
  FETTLE_TRY(parse(attrs, "nearest_mode", std::span(kNearest), &s->nearest));
  FETTLE_TRY(
      parse(attrs, "coordinate_transformation_mode", std::span(kCoordinates), &s->coordinates));
  s->antialias = attrs.get_int("antialias", 0) != 0 && s->mode != ResizeMode::nearest;
  s->exclude_outside = attrs.get_int("exclude_outside", 0) != 0;
  s->cubic_a = attrs.get_float("cubic_coeff_a", -0.75f);
  s->extrapolation = attrs.get_float("extrapolation_value", 0);
  return {};
}

// Which axis each entry of scales, sizes and roi is about.
Status parse_axes(const OpCall& call, int* axes, int64_t* count) {
  const int rank = call.in[0].dims.rank();
  const auto list = call.attrs.get_ints("axes");
  *count = list.empty() ? rank : static_cast<int64_t>(list.size());
  if (*count > rank) return bad("more axes than the input has");
  bool seen[kMaxRank] = {};
  for (int64_t i = 0; i < *count; ++i) {
    axes[i] = static_cast<int>(i);
    if (!list.empty()) FETTLE_TRY(normalize_axis("Resize", list[i], rank, &axes[i]));
    if (seen[axes[i]]) return bad("an axis is named twice");
    seen[axes[i]] = true;
  }
  return {};
}

Status read_scales(const OpCall& call, const int* axes, int64_t count, ResizeShape* s) {
  for (int64_t i = 0; i < count; ++i) {
    ResizeAxis& a = s->axis[axes[i]];
    a.scale = number_at(call.in[2], i);
    const double part = s->coordinates == Coordinates::crop ? a.end - a.start : 1;
    const double extent = std::floor(static_cast<double>(a.in) * part * a.scale);
    if (!(a.scale > 0) || !(extent >= 0) || extent > static_cast<double>(kMaxElements)) {
      return bad("a scale of " + std::to_string(a.scale) + " is out of range");
    }
    a.out = static_cast<int64_t>(extent);
  }
  return {};
}

Status read_sizes(const OpCall& call, const int* axes, int64_t count, ResizeShape* s) {
  const std::string_view policy = call.attrs.get_string("keep_aspect_ratio_policy", "stretch");
  if (policy != "stretch" && policy != "not_larger" && policy != "not_smaller") {
    return bad("keep_aspect_ratio_policy '" + std::string(policy) + "' is unknown");
  }
  double common = 0;
  for (int64_t i = 0; i < count; ++i) {
    ResizeAxis& a = s->axis[axes[i]];
    a.out = value_at(call.in[3], i);
    if (a.out < 0 || a.out > kMaxElements || (a.in == 0 && a.out != 0)) {
      return bad("a size of " + std::to_string(a.out) + " is out of range");
    }
    if (a.in == 0) continue;
    a.scale = static_cast<double>(a.out) / static_cast<double>(a.in);
    if (i == 0 || (policy == "not_larger" ? a.scale < common : a.scale > common)) common = a.scale;
  }
  if (policy == "stretch") return {};
  for (int64_t i = 0; i < count; ++i) {
    ResizeAxis& a = s->axis[axes[i]];
    a.scale = common;
    a.out = static_cast<int64_t>(std::floor(common * static_cast<double>(a.in) + 0.5));
  }
  return {};
}

int64_t count_taps(const ResizeShape& s, const ResizeAxis& a) {
  if (s.mode == ResizeMode::nearest) return 1;
  const int64_t plain = s.mode == ResizeMode::linear ? 2 : 4;
  if (!s.antialias || a.scale >= 1 || a.out == 0) return plain;
  return plain * static_cast<int64_t>(std::ceil(1 / a.scale)) + 2;
}

}  // namespace

Status resolve_resize(const OpCall& call, ResizeShape* s) {
  const Dims& x = call.in[0].dims;
  FETTLE_TRY(require_rank("Resize", "input", call.in[0], 1, kMaxRank));
  FETTLE_TRY(parse_attributes(call.attrs, s));
  int axes[kMaxRank];
  int64_t count;
  FETTLE_TRY(parse_axes(call, axes, &count));
  s->rank = x.rank();
  for (int a = 0; a < s->rank; ++a) s->axis[a].in = s->axis[a].out = x[a];
  if (s->coordinates == Coordinates::crop) {
    if (!has_values(call, 1)) return needs_value("Resize", "region of interest");
    if (call.in[1].elements() != 2 * count)
      return bad("roi should hold a start and an end an axis");
    for (int64_t i = 0; i < count; ++i) {
      s->axis[axes[i]].start = number_at(call.in[1], i);
      s->axis[axes[i]].end = number_at(call.in[1], i + count);
    }
  }
  const bool scales = call.has_in(2) && call.in[2].elements() > 0;
  const bool sizes = call.has_in(3) && call.in[3].elements() > 0;
  if (scales == sizes) return bad("exactly one of scales and sizes should be given");
  const size_t given = scales ? 2 : 3;
  if (!has_values(call, given)) return needs_value("Resize", scales ? "scales" : "sizes");
  if (call.in[given].elements() != count) {
    return bad("scales or sizes should have " + std::to_string(count) + " elements");
  }
  if (scales) FETTLE_TRY(require_float("Resize", "scales", call.in[2]));
  if (sizes && call.in[3].dtype != DType::i64 && call.in[3].dtype != DType::i32) {
    return bad("sizes should be integers");
  }
  FETTLE_TRY(scales ? read_scales(call, axes, count, s) : read_sizes(call, axes, count, s));
  s->resized_rank = 0;
  for (int a = 0; a < s->rank; ++a) {
    ResizeAxis& axis = s->axis[a];
    const bool plain =
        axis.in == axis.out && axis.scale == 1 && s->coordinates != Coordinates::crop;
    if (axis.in == 0 && axis.out != 0) return bad("an empty axis cannot grow");
    axis.taps = plain ? 1 : count_taps(*s, axis);
    if (!plain) s->resized_rank = a + 1;
  }
  return {};
}

}  // namespace fettle::ops
