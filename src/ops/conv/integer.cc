// SPDX-License-Identifier: Apache-2.0
//
// Conv over codes: each sum is exact,
//
//   sum[o] = bias[o] + sum over taps and channels of (x - zero_x) * (w[o] - zero_w[o])
//   y[o]   = requantize(sum[o], scale_x * scale_w[o] / scale_y)
//
// and padding is zero_x, the code of zero.
#include "ops/conv/window_sums.h"

namespace fettle::ops {

namespace {

// Scratch: multipliers, weights, a window.
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
  for (int64_t n = 0; n < s.x.batch; ++n) {
    const T* image = x.as<T>() + n * s.x.step_n;
    each_position(s.window, [&](const int64_t* p) {
      gather_window(image, s, zero_point_of(x), p, window);
      T* to = out.as_mutable<T>() + n * s.y.step_n + p[0] * s.y.step[0] + p[1] * s.y.step[1] +
              p[2] * s.y.step[2];
      for (int64_t o = 0; o < s.out_channels; ++o) {
        int64_t sum = sum_of<A>(s, window, weights, o);
        if (call.has_in(2)) sum += integer_at<int64_t>(call.in[2], o);
        to[o * s.y.step_c] = static_cast<T>(quantize(sum, multipliers[o]));
      }
    });
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
