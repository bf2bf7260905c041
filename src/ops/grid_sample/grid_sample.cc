// SPDX-License-Identifier: Apache-2.0
//
// GridSample: for each output position the grid gives a coordinate in [-1, 1] (last axis: x, y, z)
// at which the input [N,C,...] is interpolated, over 1 to 3 axes.
#include <algorithm>
#include <cmath>

#include "ops/cases.h"
#include "ops/floats.h"
#include "ops/op.h"
#include "ops/operands.h"
#include "ops/window.h"

namespace fettle::ops {

namespace {

constexpr const char* kOp = "GridSample";
constexpr AttrSpec kAttrs[] = {{"mode", AttrKind::string},
                               {"padding_mode", AttrKind::string},
                               {"align_corners", AttrKind::integer}};

enum class Mode : uint8_t { nearest, linear, cubic };
enum class Padding : uint8_t { zeros, border, reflection };

struct Sampler {
  Mode mode = Mode::linear;
  Padding padding = Padding::zeros;
  bool corners = false;
  int rank = 0;
  Image x;
};

Status resolve(const OpCall& call, Sampler* s) {
  const Dims& x = call.in[0].dims;
  const Dims& grid = call.in[1].dims;
  FETTLE_TRY(require_rank(kOp, "input", call.in[0], 3, 2 + kSpatial));
  FETTLE_TRY(require_rank(kOp, "grid", call.in[1], x.rank(), x.rank()));
  s->rank = x.rank() - 2;
  if (grid[0] != x[0] || grid.back() != s->rank) {
    return invalid_input("GridSample: grid " + grid.to_string() + " does not fit input " +
                         x.to_string());
  }
  const std::string_view mode = call.attrs.get_string("mode", "linear");
  const std::string_view padding = call.attrs.get_string("padding_mode", "zeros");
  if (mode == "nearest") {
    s->mode = Mode::nearest;
  } else if (mode == "cubic" || mode == "bicubic") {
    s->mode = Mode::cubic;
  } else if (mode != "linear" && mode != "bilinear") {
    return invalid_input("GridSample: mode '" + std::string(mode) + "' is unknown");
  }
  if (padding == "border") {
    s->padding = Padding::border;
  } else if (padding == "reflection") {
    s->padding = Padding::reflection;
  } else if (padding != "zeros") {
    return invalid_input("GridSample: padding_mode '" + std::string(padding) + "' is unknown");
  }
  s->corners = call.attrs.get_int("align_corners", 0) != 0;
  s->x = image_of(x, false);
  for (int64_t e : s->x.extent) {
    if (e < 1) return invalid_input("GridSample: the input is empty");
  }
  return {};
}

Status infer(const OpCall& call) {
  Sampler s;
  FETTLE_TRY(resolve(call, &s));
  FETTLE_TRY(refuse_quantized(kOp, call));
  FETTLE_TRY(require_float(kOp, "input", call.in[0]));
  FETTLE_TRY(require_float(kOp, "grid", call.in[1]));
  call.out[0].dtype = call.in[0].dtype;
  call.out[0].dims = {call.in[0].dims[0], call.in[0].dims[1]};
  for (int i = 0; i < s.rank; ++i) call.out[0].dims.push_back(call.in[1].dims[i + 1]);
  call.out[0].dynamic = any_dynamic(call);
  return {};
}

// Mirrors x at the borders until it lies between them.
double reflect(double x, double low, double high) {
  const double range = high - low;
  if (range <= 0) return low;
  if (x >= low && x <= high) return x;
  const double beyond = x < low ? low - x : x - high;
  const double turns = std::floor(beyond / range), rest = beyond - turns * range;
  const bool even = std::fmod(turns, 2) == 0;
  return (x < low) == even ? low + rest : high - rest;
}

struct Tap {
  int64_t offset;
  double weight;
};

// The taps along one axis for a coordinate; returns how many.
int axis_taps(const Sampler& s, int axis, double coordinate, Tap* taps) {
  const int64_t extent = s.x.extent[axis];
  const auto length = static_cast<double>(extent);
  const double low = s.corners ? 0 : -0.5, high = s.corners ? length - 1 : length - 0.5;
  double x = s.corners ? (coordinate + 1) / 2 * (length - 1) : ((coordinate + 1) * length - 1) / 2;
  x = x == x ? std::clamp(x, -1e12, 1e12) : -1e12;
  if (s.mode == Mode::nearest) x = std::nearbyint(x);
  if (x < low || x > high) {
    if (s.padding == Padding::border) x = std::clamp(x, 0.0, length - 1);
    if (s.padding == Padding::reflection) x = reflect(x, low, high);
  }
  const auto base = static_cast<int64_t>(std::floor(x));
  const double t = x - static_cast<double>(base), a = -0.75;
  const int count = s.mode == Mode::nearest ? 1 : s.mode == Mode::linear ? 2 : 4;
  for (int i = 0; i < count; ++i) {
    int64_t at = base + i - (s.mode == Mode::cubic ? 1 : 0);
    double w = 1;
    if (s.mode == Mode::linear) w = i == 0 ? 1 - t : t;
    if (s.mode == Mode::cubic) {
      const double d = std::abs(t + 1 - i);
      w = d <= 1 ? ((a + 2) * d - (a + 3)) * d * d + 1 : ((a * d - 5 * a) * d + 8 * a) * d - 4 * a;
    }
    if (at < 0 || at >= extent) {
      if (s.padding == Padding::zeros) w = 0;
      if (s.padding == Padding::reflection) {
        at = static_cast<int64_t>(reflect(static_cast<double>(at), low, high));
      }
      at = std::clamp(at, int64_t{0}, extent - 1);
    }
    taps[i] = {at * s.x.step[axis], w};
  }
  return count;
}

// Products of all axes' taps for one grid position: at most 4 * 4 * 4.
int position_taps(const Sampler& s, const TensorView& grid, int64_t position, Tap* out) {
  int count = 1;
  out[0] = {0, 1};
  for (int i = 0; i < s.rank; ++i) {
    Tap axis[4];
    const int n = axis_taps(s, kSpatial - 1 - i, number_at(grid, position * s.rank + i), axis);
    for (int k = count * n - 1; k >= 0; --k) {
      const Tap& before = out[k % count];
      const Tap& here = axis[k / count];
      out[k] = {before.offset + here.offset, before.weight * here.weight};
    }
    count *= n;
  }
  return count;
}

Status reference(const OpCall& call) {
  Sampler s;
  FETTLE_TRY(resolve(call, &s));
  const int64_t positions = call.out[0].dims.product(2, call.out[0].dims.rank());
  visit_float(call.in[0].dtype, [&]<class T>(T) {
    const T* x = call.in[0].as<T>();
    T* out = call.out[0].as_mutable<T>();
    for (int64_t n = 0; n < s.x.batch; ++n) {
      for (int64_t p = 0; p < positions; ++p) {
        Tap taps[64];
        const int count = position_taps(s, call.in[1], n * positions + p, taps);
        for (int64_t c = 0; c < s.x.channels; ++c) {
          const T* from = x + n * s.x.step_n + c * s.x.step_c;
          double sum = 0;
          for (int k = 0; k < count; ++k) {
            if (taps[k].weight != 0) {
              sum += taps[k].weight * static_cast<Accum<T>>(from[taps[k].offset]);
            }
          }
          out[(n * s.x.channels + c) * positions + p] = static_cast<T>(static_cast<Accum<T>>(sum));
        }
      }
    }
  });
  return {};
}

Cost cost(const OpCall& call) { return {.flops = 8 * call.out[0].elements()}; }

std::vector<Case> cases() {
  return {{.name = "bilinear", .inputs = {f32({1, 3, 6, 5}), f32({1, 4, 4, 2})}},
          {.name = "cubic_reflection",
           .attrs = {{"mode", "cubic"}, {"padding_mode", "reflection"}},
           .inputs = {f32({1, 2, 6, 5}), f32({1, 4, 4, 2})},
           .tolerance = 1e-4f},
          {.name = "volume_border",
           .attrs = {{"padding_mode", "border"}, {"align_corners", int64_t{1}}},
           .inputs = {f32({1, 2, 3, 4, 5}), f32({1, 2, 3, 2, 3})}}};
}

constexpr OnnxRule kOnnx[] = {{"GridSample"}};
constexpr OpDef kOps[] = {{
    .name = "GridSample",
    .schema = Schema(2, 2, 1, 1, kAttrs),
    .infer = infer,
    .cost = cost,
    .reference = reference,
    .scratch = kNotApplicable,
    .in_place = kNotApplicable,
    .rows = kNotApplicable,
    .quant = QuantRule::keep_float,
    .onnx = std::span<const OnnxRule>(kOnnx),
    .tflite = kNotApplicable,
    .cases = cases,
}};

}  // namespace

FETTLE_OP_TABLE(grid_sample, kOps)

}  // namespace fettle::ops
