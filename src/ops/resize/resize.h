// SPDX-License-Identifier: Apache-2.0
//
// Resize: along each axis an output coordinate maps to an input coordinate, around which a few
// input elements are weighted; axes are independent, so weights multiply. Upsample is its old form.
#pragma once

#include "ops/op.h"

namespace fettle::ops {

enum class ResizeMode : uint8_t { nearest, linear, cubic };
enum class NearestMode : uint8_t { round_prefer_floor, round_prefer_ceil, floor, ceil };
enum class Coordinates : uint8_t {
  half_pixel,
  half_pixel_symmetric,
  pytorch_half_pixel,
  align_corners,
  asymmetric,
  crop,
};

struct ResizeAxis {
  int64_t in = 1, out = 1;
  double scale = 1;
  double start = 0, end = 1;  // crop: the part of the input that is resized
  int64_t taps = 1;           // input elements per output coordinate
};

struct ResizeShape {
  ResizeMode mode = ResizeMode::nearest;
  NearestMode nearest = NearestMode::round_prefer_floor;
  Coordinates coordinates = Coordinates::half_pixel;
  bool antialias = false, exclude_outside = false;
  double cubic_a = -0.75;
  float extrapolation = 0;
  int rank = 0;
  int resized_rank = 0;  // axes from here on are copied
  ResizeAxis axis[kMaxRank];
};

// One tap: input coordinate and weight. Coordinate -1: the output lies outside the crop.
struct ResizeTap {
  int64_t at;
  double weight;
};

Status resolve_resize(const OpCall& call, ResizeShape* out);
// The taps of output coordinate x along an axis, axis.taps of them.
void resize_taps(const ResizeShape& shape, const ResizeAxis& axis, int64_t x, ResizeTap* out);
size_t scratch_resize(const OpCall& call);
Status reference_resize(const OpCall& call);

extern const OnnxRule kResizeOnnx[2];
extern const TfliteRule kResizeTflite[2];

}  // namespace fettle::ops
