// SPDX-License-Identifier: Apache-2.0
//
// Conv over codes: each sum is exact,
//
//   sum[o] = bias[o] + sum over taps and channels of (x - zero_x) * (w[o] - zero_w[o])
//   y[o]   = requantize(sum[o], scale_x * scale_w[o] / scale_y)
//
// and padding is zero_x, the code of zero. For each output position the window is gathered once,
// less zero_x; each output channel is then a dot product with its weights.
#include <algorithm>

#include "ops/conv/conv.h"
#include "ops/quantized.h"

namespace fettle::ops {

namespace {

// Scratch: multipliers, the weights less their zero points, a gathered window (both with the
// channels of a tap side by side).
int64_t window_terms(const ConvShape& s) { return s.window.taps() * s.in_per_group * s.group; }
int64_t weight_terms(const ConvShape& s) {
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

template <class T, class A>
void conv(const OpCall& call, const ConvShape& s, const Requantizer& quantize) {
  const TensorView &x = call.in[0], &w = call.in[1], &out = call.out[0];
  auto* multipliers = reinterpret_cast<float*>(call.scratch.data());
  auto* weights = reinterpret_cast<int16_t*>(multipliers + s.out_channels);
  int16_t* window = weights + weight_terms(s);
  if (w.dtype == DType::i8) {
    gather_weights<int8_t>(w, s, weights);
  } else {
    gather_weights<int16_t>(w, s, weights);
  }
  for (int64_t o = 0; o < s.out_channels; ++o) {
    multipliers[o] =
        requantize_multiplier(scale_of(x), w.quant->scale[channel_entry(w, o)], scale_of(out));
  }
  const int64_t* extent = s.window.out;
  int64_t p[kSpatial];
  for (int64_t n = 0; n < s.x.batch; ++n) {
    const T* image = x.as<T>() + n * s.x.step_n;
    for (p[0] = 0; p[0] < extent[0]; ++p[0]) {
      for (p[1] = 0; p[1] < extent[1]; ++p[1]) {
        for (p[2] = 0; p[2] < extent[2]; ++p[2]) {
          gather_window(image, s, zero_point_of(x), p, window);
          T* to = out.as_mutable<T>() + n * s.y.step_n + p[0] * s.y.step[0] + p[1] * s.y.step[1] +
                  p[2] * s.y.step[2];
          for (int64_t o = 0; o < s.out_channels; ++o) {
            int64_t sum = sum_of<A>(s, window, weights, o);
            if (call.has_in(2)) sum += integer_at<int64_t>(call.in[2], o);
            to[o * s.y.step_c] = static_cast<T>(quantize(sum, multipliers[o]));
          }
        }
      }
    }
  }
}

}  // namespace

Status infer_conv_integer(const OpCall& call) {
  FETTLE_TRY(require_quantized("Conv", "the input", call.in[0]));
  FETTLE_TRY(require_quantized_weight("Conv", call.in[0], call.in[1], 0));
  if (call.has_in(2)) FETTLE_TRY(require_integer_bias("Conv", call.in[2]));
  if (call.has_in(3)) return unsupported("Conv: no integer form with a residual");
  FETTLE_TRY(infer_quantized_output("Conv", call, call.in[0].dtype));
  Requantizer quantize;
  return output_requantizer("Conv", call, &quantize);
}

size_t scratch_conv_integer(const ConvShape& s) {
  return static_cast<size_t>(s.out_channels) * sizeof(float) +
         static_cast<size_t>(weight_terms(s) + window_terms(s)) * sizeof(int16_t);
}

Status reference_conv_integer(const OpCall& call, const ConvShape& s) {
  Requantizer quantize;
  FETTLE_TRY(output_requantizer("Conv", call, &quantize));
  if (call.in[0].dtype == DType::i16) {
    conv<int16_t, int64_t>(call, s, quantize);
  } else if (sums_fit_int32(s.window.taps() * s.in_per_group)) {
    conv<int8_t, int32_t>(call, s, quantize);
  } else {
    conv<int8_t, int64_t>(call, s, quantize);
  }
  return {};
}

}  // namespace fettle::ops
