// SPDX-License-Identifier: Apache-2.0
//
// Where an output coordinate lies in the input, and how elements around it are weighted.
// Elements past the border repeat the border's, or count for nothing under exclude_outside.
#include <algorithm>
#include <cmath>

#include "ops/resize/resize.h"

namespace fettle::ops {

namespace {

double source(const ResizeShape& s, const ResizeAxis& a, int64_t position) {
  const auto x = static_cast<double>(position), in = static_cast<double>(a.in);
  const auto out = static_cast<double>(a.out);
  const double centred = (x + 0.5) / a.scale - 0.5;
  const double resized = in * a.scale;  // the output extent before it was rounded down
  switch (s.coordinates) {
    case Coordinates::half_pixel:
      return centred;
    case Coordinates::half_pixel_symmetric:
      return in / 2 * (1 - out / resized) + centred;
    case Coordinates::pytorch_half_pixel:
      return a.out > 1 ? centred : 0;
    case Coordinates::align_corners:
      return a.out <= 1 || resized == 1 ? 0 : x * (in - 1) / (resized - 1);
    case Coordinates::asymmetric:
      return x / a.scale;
    case Coordinates::crop:
      return a.out > 1 ? a.start * (in - 1) + x * (a.end - a.start) * (in - 1) / (out - 1)
                       : 0.5 * (a.start + a.end) * (in - 1);
  }
  return x;
}

double nearest(NearestMode mode, double x) {
  switch (mode) {
    case NearestMode::round_prefer_floor:
      return std::ceil(x - 0.5);
    case NearestMode::round_prefer_ceil:
      return std::floor(x + 0.5);
    case NearestMode::floor:
      return std::floor(x);
    case NearestMode::ceil:
      return std::ceil(x);
  }
  return x;
}

double weight(const ResizeShape& s, double distance) {
  const double d = std::abs(distance), a = s.cubic_a;
  if (s.mode == ResizeMode::linear) return std::max(1 - d, 0.0);
  if (d <= 1) return ((a + 2) * d - (a + 3)) * d * d + 1;
  if (d < 2) return ((a * d - 5 * a) * d + 8 * a) * d - 4 * a;
  return 0;
}

}  // namespace

void resize_taps(const ResizeShape& s, const ResizeAxis& a, int64_t position, ResizeTap* out) {
  const int64_t last = a.in - 1;
  if (a.in == a.out && a.scale == 1 && s.coordinates != Coordinates::crop) {
    out[0] = {position, 1};
    return;
  }
  const double x = std::clamp(source(s, a, position), -1e15, 1e15);
  const bool outside =
      s.coordinates == Coordinates::crop && (x < 0 || x > static_cast<double>(last));
  if (s.mode == ResizeMode::nearest) {
    out[0] = {std::clamp(static_cast<int64_t>(nearest(s.nearest, x)), int64_t{0}, last), 1};
    if (outside) out[0].at = -1;
    return;
  }
  // An antialiasing filter is as wide as the input step of one output element.
  const double shrink = s.antialias ? std::min(a.scale, 1.0) : 1;
  const int64_t first = static_cast<int64_t>(std::floor(x)) - (a.taps / 2 - 1);
  double sum = 0;
  for (int64_t i = 0; i < a.taps; ++i) {
    const int64_t at = first + i;
    const bool counts = !s.exclude_outside || (at >= 0 && at <= last);
    const double w = counts ? weight(s, (static_cast<double>(at) - x) * shrink) : 0;
    out[i] = {std::clamp(at, int64_t{0}, last), w};
    sum += w;
  }
  if ((s.exclude_outside || s.antialias) && sum != 0) {
    for (int64_t i = 0; i < a.taps; ++i) out[i].weight /= sum;
  }
  if (outside) out[0].at = -1;
}

}  // namespace fettle::ops
