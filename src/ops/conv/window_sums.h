// SPDX-License-Identifier: Apache-2.0
//
// Exact sums of a convolution over codes: the weights less their zero points once, then for each
// output position its window, less the input's, and for each output channel a dot product.
#pragma once

#include <algorithm>

#include "ops/conv/conv.h"
#include "ops/quantized.h"

namespace fettle::ops {

// Both with the channels of a tap side by side.
inline int64_t window_terms(const ConvShape& s) {
  return s.window.taps() * s.in_per_group * s.group;
}
inline int64_t weight_terms(const ConvShape& s) {
  return s.out_channels * s.window.taps() * s.in_per_group;
}

template <class W>
void gather_weights(const TensorView& w, const ConvShape& s, int16_t* to) {
  const W* from = w.as<W>();
  for (int64_t o = 0; o < s.out_channels; ++o) {
    const int32_t zero = w.quant->zero_point[channel_entry(w, o)];
    for (int64_t z = 0; z < s.window.kernel[0]; ++z) {
      for (int64_t y = 0; y < s.window.kernel[1]; ++y) {
        for (int64_t x = 0; x < s.window.kernel[2]; ++x) {
          const W* tap =
              from + o * s.w_step_o + z * s.w_step[0] + y * s.w_step[1] + x * s.w_step[2];
          for (int64_t i = 0; i < s.in_per_group; ++i) {
            *to++ = static_cast<int16_t>(tap[i * s.w_step_i] - zero);
          }
        }
      }
    }
  }
}

// An i16 code has zero point 0, so that codes less zero points always fit 16 bits.
template <class T>
void gather_window(const T* x, const ConvShape& s, int32_t zero, const int64_t* position,
                   int16_t* to) {
  const Window& w = s.window;
  const int64_t channels = s.x.channels;
  int64_t at[kSpatial], k[kSpatial];
  const auto coordinate = [&](int a) {
    return position[a] * w.stride[a] - w.pad_begin[a] + k[a] * w.dilation[a];
  };
  const auto inside = [&](int a) { return at[a] >= 0 && at[a] < w.in[a]; };
  for (k[0] = 0; k[0] < w.kernel[0]; ++k[0]) {
    at[0] = coordinate(0);
    for (k[1] = 0; k[1] < w.kernel[1]; ++k[1]) {
      at[1] = coordinate(1);
      for (k[2] = 0; k[2] < w.kernel[2]; ++k[2], to += channels) {
        at[2] = coordinate(2);
        if (!inside(0) || !inside(1) || !inside(2)) {
          std::fill_n(to, channels, int16_t{0});
          continue;
        }
        const T* pixel = x + at[0] * s.x.step[0] + at[1] * s.x.step[1] + at[2] * s.x.step[2];
        for (int64_t c = 0; c < channels; ++c) {
          to[c] = static_cast<int16_t>(pixel[c * s.x.step_c] - zero);
        }
      }
    }
  }
}

template <class A>
A dot(const int16_t* a, const int16_t* b, int64_t n) {
  A sum = 0;
  for (int64_t i = 0; i < n; ++i) sum += static_cast<A>(a[i]) * static_cast<A>(b[i]);
  return sum;
}

// Sum of output channel o; with one group its window is contiguous.
template <class A>
A sum_of(const ConvShape& s, const int16_t* window, const int16_t* weights, int64_t o) {
  const int64_t taps = s.window.taps(), n = s.in_per_group;
  const int16_t* w = weights + o * taps * n;
  if (s.group == 1) return dot<A>(window, w, taps * n);
  const int16_t* x = window + o / (s.out_channels / s.group) * n;
  A sum = 0;
  for (int64_t t = 0; t < taps; ++t) sum += dot<A>(x + t * s.x.channels, w + t * n, n);
  return sum;
}

// Calls f(position) for each position of an output image.
template <class F>
void each_position(const Window& w, F f) {
  int64_t p[kSpatial];
  for (p[0] = 0; p[0] < w.out[0]; ++p[0]) {
    for (p[1] = 0; p[1] < w.out[1]; ++p[1]) {
      for (p[2] = 0; p[2] < w.out[2]; ++p[2]) f(p);
    }
  }
}

}  // namespace fettle::ops
