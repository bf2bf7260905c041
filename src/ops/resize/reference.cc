// SPDX-License-Identifier: Apache-2.0
//
// Tables of taps, one an axis, are filled first. Then each output element (or, where trailing axes
// are only copied, each contiguous block) sums over the product of its axes' taps. Linear
// interpolation of 8- and 16-bit codes has weights in whole units (base/interpolation.h): its sums
// in double are exact.
#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

#include "base/interpolation.h"
#include "ops/floats.h"
#include "ops/resize/resize.h"
#include "ops/shapes.h"

namespace fettle::ops {

namespace {

struct Tables {
  const ResizeTap* axis[kMaxRank];
};

// Calls visit(offset in input, weight) for each combination of the taps at `index`.
template <class F>
void each_tap(const ResizeShape& s, const Tables& tables, const Strides& steps,
              const int64_t* index, F&& visit) {
  int64_t tap[kMaxRank] = {};
  while (true) {
    int64_t offset = 0;
    double w = 1;
    for (int a = 0; a < s.resized_rank; ++a) {
      const ResizeTap& t = tables.axis[a][index[a] * s.axis[a].taps + tap[a]];
      offset += t.at * steps.step[a];
      w *= t.weight;
    }
    visit(offset, w);
    int a = s.resized_rank - 1;
    while (a >= 0 && ++tap[a] == s.axis[a].taps) tap[a--] = 0;
    if (a < 0) return;
  }
}

bool is_outside(const ResizeShape& s, const Tables& tables, const int64_t* index) {
  for (int a = 0; a < s.resized_rank; ++a) {
    if (tables.axis[a][index[a] * s.axis[a].taps].at < 0) return true;
  }
  return false;
}

// Calls block(index along the resized axes, number of the block) for each output block.
template <class F>
void each_block(const ResizeShape& s, F&& block) {
  int64_t index[kMaxRank] = {}, count = 1;
  for (int a = 0; a < s.resized_rank; ++a) count *= s.axis[a].out;
  for (int64_t b = 0; b < count; ++b) {
    block(index, b);
    for (int a = s.resized_rank - 1; a >= 0 && ++index[a] == s.axis[a].out; --a) index[a] = 0;
  }
}

template <class T>
T rounded(double v) {
  if constexpr (std::is_integral_v<T>) {
    v = std::nearbyint(v);
    const auto low = static_cast<double>(std::numeric_limits<T>::lowest());
    const auto high = static_cast<double>(std::numeric_limits<T>::max());
    return static_cast<T>(std::clamp(v, low, high));
  } else {
    return static_cast<T>(static_cast<Accum<T>>(v));
  }
}

// How many axes are interpolated in whole units: 0 where the rule of base/interpolation.h is not
// the one that holds.
int axes_in_units(const ResizeShape& s, DType type) {
  if (type != DType::i8 && type != DType::u8 && type != DType::i16) return 0;
  if (s.mode != ResizeMode::linear || s.antialias || s.exclude_outside ||
      s.coordinates == Coordinates::crop) {
    return 0;
  }
  const auto weighted = std::count_if(s.axis, s.axis + s.resized_rank,
                                      [](const ResizeAxis& axis) { return axis.taps == 2; });
  return weighted <= kMostInterpolatedAxes ? static_cast<int>(weighted) : 0;
}

void weigh_in_units(ResizeTap* taps, int64_t count, int bits) {
  for (int64_t i = 0; i < count; i += 2) {
    const int32_t units = interpolation_units(taps[i + 1].weight, bits);
    taps[i].weight = (1 << bits) - units;
    taps[i + 1].weight = units;
  }
}

template <class T>
void interpolate(const OpCall& call, const ResizeShape& s, const Tables& tables, int64_t inner,
                 double* sums) {
  const int unit_bits = interpolation_bits(sizeof(T)) * axes_in_units(s, call.in[0].dtype);
  const T* x = call.in[0].as<T>();
  T* out = call.out[0].as_mutable<T>();
  const Strides steps = row_major_strides(call.in[0].dims);
  each_block(s, [&](const int64_t* index, int64_t b) {
    if (is_outside(s, tables, index)) {
      std::fill_n(out + b * inner, inner, rounded<T>(s.extrapolation));
      return;
    }
    std::fill_n(sums, inner, 0.0);
    each_tap(s, tables, steps, index, [&](int64_t offset, double w) {
      for (int64_t i = 0; i < inner; ++i) {
        sums[i] += w * static_cast<double>(static_cast<Accum<T>>(x[offset + i]));
      }
    });
    for (int64_t i = 0; i < inner; ++i) {
      const double sum = unit_bits ? std::floor(std::ldexp(sums[i], -unit_bits) + 0.5) : sums[i];
      out[b * inner + i] = rounded<T>(sum);
    }
  });
}

void pick_nearest(const OpCall& call, const ResizeShape& s, const Tables& tables, int64_t inner) {
  const size_t size = size_of(call.in[0].dtype), bytes = size * static_cast<size_t>(inner);
  const auto* x = static_cast<const std::byte*>(call.in[0].data);
  auto* out = static_cast<std::byte*>(call.out[0].data);
  const Strides steps = row_major_strides(call.in[0].dims);
  each_block(s, [&](const int64_t* index, int64_t b) {
    std::byte* to = out + static_cast<size_t>(b) * bytes;
    if (is_outside(s, tables, index)) {
      visit_dtype(
          call.in[0].dtype,
          [&]<class T>(T) {
            std::fill_n(reinterpret_cast<T*>(to), inner, rounded<T>(s.extrapolation));
            return 0;
          },
          0);
      return;
    }
    int64_t offset = 0;
    for (int a = 0; a < s.resized_rank; ++a) {
      offset += tables.axis[a][index[a]].at * steps.step[a];
    }
    std::memcpy(to, x + static_cast<size_t>(offset) * size, bytes);
  });
}

}  // namespace

size_t scratch_resize(const OpCall& call) {
  ResizeShape s;
  if (!resolve_resize(call, &s).ok()) return 0;
  int64_t taps = 0;
  for (int a = 0; a < s.resized_rank; ++a) taps += s.axis[a].out * s.axis[a].taps;
  const int64_t inner = call.in[0].dims.product(s.resized_rank, s.rank);
  return static_cast<size_t>(taps) * sizeof(ResizeTap) + static_cast<size_t>(inner) * 8;
}

Status reference_resize(const OpCall& call) {
  ResizeShape s;
  FETTLE_TRY(resolve_resize(call, &s));
  if (call.out[0].elements() == 0) return {};
  auto* next = reinterpret_cast<ResizeTap*>(call.scratch.data());
  Tables tables{};
  for (int a = 0; a < s.resized_rank; ++a) {
    const ResizeAxis& axis = s.axis[a];
    tables.axis[a] = next;
    for (int64_t x = 0; x < axis.out; ++x, next += axis.taps) resize_taps(s, axis, x, next);
    if (axis.taps == 2 && axes_in_units(s, call.in[0].dtype) > 0) {
      weigh_in_units(next - 2 * axis.out, 2 * axis.out,
                     interpolation_bits(size_of(call.in[0].dtype)));
    }
  }
  const int64_t inner = call.in[0].dims.product(s.resized_rank, s.rank);
  if (s.mode == ResizeMode::nearest) {
    pick_nearest(call, s, tables, inner);
    return {};
  }
  auto* sums = reinterpret_cast<double*>(next);
  const auto run = [&]<class T>(T) { interpolate<T>(call, s, tables, inner, sums); };
  switch (call.in[0].dtype) {
    case DType::i8:
      run(int8_t{});
      break;
    case DType::u8:
      run(uint8_t{});
      break;
    case DType::i16:
      run(int16_t{});
      break;
    case DType::i32:
      run(int32_t{});
      break;
    default:
      visit_float(call.in[0].dtype, run);
  }
  return {};
}

}  // namespace fettle::ops
