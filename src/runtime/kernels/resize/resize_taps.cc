// SPDX-License-Identifier: Apache-2.0
#include "runtime/kernels/resize/resize_taps.h"

#include <algorithm>
#include <cmath>

namespace fettle::runtime {

namespace {
using Axis = ResizeShape::Axis;

std::string_view coordinates_of(const OpCall& call) {
  return call.attrs.get_string("coordinate_transformation_mode", "half_pixel");
}

// Scales of all axes, 1 where none is named.
bool read_scales(const OpCall& call, double* scale) {
  const Dims &x = call.in[0].dims, &y = call.out[0].dims;
  const bool scales = call.has_in(2) && call.in[2].elements() > 0;
  const bool sizes = call.has_in(3) && call.in[3].elements() > 0;
  if (scales == sizes || call.in[scales ? 2 : 3].data == nullptr) return false;
  const auto axes = call.attrs.get_ints("axes");
  const int64_t count = axes.empty() ? x.rank() : static_cast<int64_t>(axes.size());
  if (call.in[scales ? 2 : 3].elements() != count) return false;
  const std::vector<float> given = scales ? to_float(call.in[2]) : std::vector<float>();
  std::fill_n(scale, x.rank(), 1.0);
  for (int64_t i = 0; i < count; ++i) {
    int64_t axis = axes.empty() ? i : axes[i];
    if (axis < 0) axis += x.rank();
    if (axis < 0 || axis >= x.rank()) return false;
    const int a = static_cast<int>(axis);
    scale[a] = scales ? given[i] : static_cast<double>(y[a]) / static_cast<double>(x[a]);
  }
  return true;
}

double source_of(std::string_view coordinates, const Axis& a, int64_t at) {
  const auto x = static_cast<double>(at), in = static_cast<double>(a.in);
  const double centred = (x + 0.5) / a.scale - 0.5;
  const double resized = in * a.scale;
  if (coordinates == "half_pixel_symmetric") {
    return in / 2 * (1 - static_cast<double>(a.out) / resized) + centred;
  }
  if (coordinates == "pytorch_half_pixel") return a.out > 1 ? centred : 0;
  if (coordinates == "align_corners") {
    return a.out <= 1 || resized == 1 ? 0 : x * (in - 1) / (resized - 1);
  }
  return coordinates == "asymmetric" ? x / a.scale : centred;
}

double nearest_of(std::string_view mode, double x) {
  if (mode == "round_prefer_ceil") return std::floor(x + 0.5);
  if (mode == "floor") return std::floor(x);
  return mode == "ceil" ? std::ceil(x) : std::ceil(x - 0.5);
}
}  // namespace

bool read_resize(const OpCall& call, ResizeShape* shape) {
  const TensorView &x = call.in[0], &y = call.out[0];
  const int rank = x.dims.rank();
  if (x.dtype != y.dtype || x.dynamic || y.dynamic || rank != y.dims.rank()) return false;
  if (x.elements() == 0 || y.elements() == 0) return false;
  const std::string_view mode = call.attrs.get_string("mode", "nearest");
  if (mode != "nearest" && mode != "linear") return false;
  if (coordinates_of(call) == "tf_crop_and_resize") return false;
  if (call.attrs.get_string("keep_aspect_ratio_policy", "stretch") != "stretch") return false;
  ResizeShape s;
  s.linear = mode == "linear";
  const bool weighted = x.dtype == DType::f32 || x.dtype == DType::i8 || x.dtype == DType::i16;
  if (s.linear && (!weighted || call.attrs.get_int("antialias") != 0 ||
                   call.attrs.get_int("exclude_outside") != 0)) {
    return false;
  }
  double scale[kMaxRank];
  if (!read_scales(call, scale)) return false;
  int first = -1, last = -1;
  for (int i = 0; i < rank; ++i) {
    if (!Axis{x.dims[i], y.dims[i], scale[i]}.changes()) continue;
    if (first < 0) first = i;
    last = i;
  }
  if (first < 0 || last > first + 1) return false;
  s.outer = x.dims.product(0, first);
  s.inner = x.dims.product(last + 1, rank);
  s.h = {x.dims[first], y.dims[first], scale[first]};
  if (last > first) s.w = {x.dims[last], y.dims[last], scale[last]};
  *shape = s;
  return true;
}

ResizePlaces resize_places(const OpCall& call, const ResizeShape& shape, const Axis& axis,
                           int64_t at) {
  if (!axis.changes()) return {at, at, 0};
  const int64_t last = axis.in - 1;
  const double x = std::clamp(source_of(coordinates_of(call), axis, at), -1e15, 1e15);
  const auto inside = [&](double v) {
    return std::clamp(static_cast<int64_t>(v), int64_t{0}, last);
  };
  if (!shape.linear) {
    const int64_t from =
        inside(nearest_of(call.attrs.get_string("nearest_mode", "round_prefer_floor"), x));
    return {from, from, 0};
  }
  const double below = std::floor(x);
  // Its last bit may decide a weight of codes: as the operator has it, 1 less the other distance.
  return {inside(below), inside(below + 1), 1 - (below + 1 - x)};
}

}  // namespace fettle::runtime
