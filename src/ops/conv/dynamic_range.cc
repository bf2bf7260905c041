// SPDX-License-Identifier: Apache-2.0
//
// Conv of floats by 8-bit weights: the input is quantized as it comes (base/dynamic_range.h),
// sums are exact, and the result is float again,
//
//   sum[o] = sum over taps and channels of centred(x) * w[o]
//   y[o]   = activation( fma(float(sum[o]) * scale_x, scale_w[o], bias[o]) + residual )
//
// in float32 (depthwise: activation(float(sum[o]) * scale_w[o] * scale_x + bias[o] + residual)). An
// image has one range; of a 1x1 convolution, which is a product of matrices, each pixel has its
// own, as rows have in Gemm.
#include "base/dynamic_range.h"

#include "ops/conv/window_sums.h"
#include "ops/operands.h"

namespace fettle::ops {

bool ranges_by_pixel(const ConvShape& s) {
  const Window& w = s.window;
  bool plain = s.group == 1 && w.taps() == 1;
  for (int a = 0; a < kSpatial; ++a) {
    plain &= w.stride[a] == 1 && w.pad_begin[a] == 0 && w.pad_end[a] == 0;
  }
  return plain;
}

namespace {

bool is_depthwise(const ConvShape& s) { return s.group > 1 && s.in_per_group == 1; }

int64_t image_elements(const ConvShape& s) {
  return s.x.channels * s.x.extent[0] * s.x.extent[1] * s.x.extent[2];
}
int64_t range_count(const ConvShape& s) {
  return ranges_by_pixel(s) ? s.window.positions() : int64_t{1};
}

struct Scratch {
  float* scales;     // of each range
  int16_t* codes;    // of an image, centred, laid out like it
  int16_t* weights;  // a weight and a window as window_sums.h has them
  int16_t* window;
};

Scratch lay_out(const OpCall& call, const ConvShape& s) {
  Scratch to;
  to.scales = reinterpret_cast<float*>(call.scratch.data());
  to.codes = reinterpret_cast<int16_t*>(to.scales + range_count(s));
  to.weights = to.codes + image_elements(s);
  to.window = to.weights + weight_terms(s);
  return to;
}

// Elements `step` apart.
float quantize_run(const float* x, int64_t n, int64_t step, bool depthwise, int16_t* to) {
  float least = 0, most = 0;
  for (int64_t i = 0; i < n; ++i) {
    const float v = x[i * step];
    least = v < least ? v : least;
    most = v > most ? v : most;
  }
  const DynamicRange range =
      depthwise ? depthwise_dynamic_range(least, most) : dynamic_range(least, most);
  for (int64_t i = 0; i < n; ++i) {
    to[i * step] = static_cast<int16_t>(range.centred(x[i * step]));
  }
  return range.scale;
}

void quantize_image(const float* x, const ConvShape& s, const Scratch& to) {
  if (!ranges_by_pixel(s)) {
    to.scales[0] = quantize_run(x, image_elements(s), 1, is_depthwise(s), to.codes);
    return;
  }
  int64_t i = 0;
  each_position(s.window, [&](const int64_t* p) {
    const int64_t at = p[0] * s.x.step[0] + p[1] * s.x.step[1] + p[2] * s.x.step[2];
    to.scales[i++] = quantize_run(x + at, s.x.channels, s.x.step_c, false, to.codes + at);
  });
}

template <class A>
void conv(const OpCall& call, const ConvShape& s) {
  const TensorView& w = call.in[1];
  const float* bias = call.has_in(2) ? call.in[2].as<float>() : nullptr;
  const Scratch scratch = lay_out(call, s);
  gather_weights<int8_t>(w, s, scratch.weights);
  const bool by_pixel = ranges_by_pixel(s), depthwise = is_depthwise(s);
  for (int64_t n = 0; n < s.x.batch; ++n) {
    quantize_image(call.in[0].as<float>() + n * s.x.step_n, s, scratch);
    int64_t i = 0;
    each_position(s.window, [&](const int64_t* p) {
      gather_window(scratch.codes, s, 0, p, scratch.window);
      const float scale = scratch.scales[by_pixel ? i++ : 0];
      const int64_t at =
          n * s.y.step_n + p[0] * s.y.step[0] + p[1] * s.y.step[1] + p[2] * s.y.step[2];
      for (int64_t o = 0; o < s.out_channels; ++o) {
        const int64_t sum = sum_of<A>(s, scratch.window, scratch.weights, o);
        const float weight_scale = w.quant->scale[channel_entry(w, o)];
        const float b = bias != nullptr ? bias[o] : 0;
        float y = depthwise ? depthwise_scaled_sum(sum, scale, weight_scale, b)
                            : scaled_sum(sum, scale, weight_scale, b);
        const int64_t to = at + o * s.y.step_c;
        if (call.has_in(3)) y += call.in[3].as<float>()[to];
        call.out[0].as_mutable<float>()[to] = activate(s.activation, y);
      }
    });
  }
}

}  // namespace

Status infer_conv_dynamic_range(const OpCall& call) {
  FETTLE_TRY(require_dynamic_range("Conv", call, 0));
  if (call.has_in(3)) FETTLE_TRY(require_same_dtype("Conv", call.in[0], call.in[3]));
  return {};
}

size_t scratch_conv_dynamic_range(const ConvShape& s) {
  return static_cast<size_t>(range_count(s)) * sizeof(float) +
         static_cast<size_t>(image_elements(s) + weight_terms(s) + window_terms(s)) *
             sizeof(int16_t);
}

Status reference_conv_dynamic_range(const OpCall& call, const ConvShape& s) {
  if (sums_fit_int32(s.window.taps() * s.in_per_group)) {
    conv<int32_t>(call, s);
  } else {
    conv<int64_t>(call, s);
  }
  return {};
}

}  // namespace fettle::ops
