// SPDX-License-Identifier: Apache-2.0
//
//   QLinearConv(x, x_scale, x_zero, w, w_scale, w_zero, y_scale, y_zero, bias?)  ->  i8 or u8
//   ConvInteger(x, w, x_zero?, w_zero?)                                          ->  i32
//
// Padding counts as the number 0, which is the zero point.
#include "ops/conv/conv.h"

#include <algorithm>

#include "ops/operands.h"
#include "ops/qlinear/qlinear.h"

namespace fettle::ops {

namespace {

constexpr AttrSpec kAttrs[] = {
    {"kernel_shape", AttrKind::integers}, {"strides", AttrKind::integers},
    {"pads", AttrKind::integers},         {"dilations", AttrKind::integers},
    {"group", AttrKind::integer},         {"auto_pad", AttrKind::string}};

// The operands of either operator, under their roles.
struct Operands {
  TensorView conv[3];  // x, w, bias
  const TensorView* x_zero = nullptr;
  const TensorView* w_zero = nullptr;
  ConvShape shape;
};

template <bool kInteger>
constexpr const char* kName = kInteger ? "ConvInteger" : "QLinearConv";

// One element, or one an output channel.
Status check_channels(const char* op, const char* what, const TensorView& v, int64_t channels) {
  if (v.elements() == 1 || v.dims == Dims{channels}) return {};
  return invalid_input(std::string(op) + ": " + what + " is " + v.dims.to_string());
}

template <bool kInteger>
Status resolve(const OpCall& call, Operands* s) {
  const char* op = kName<kInteger>;
  const auto input = [&](size_t i) { return call.has_in(i) ? &call.in[i] : nullptr; };
  s->conv[0] = call.in[0];
  s->conv[1] = call.in[kInteger ? 1 : 3];
  if (!kInteger && call.has_in(8)) s->conv[2] = call.in[8];
  s->x_zero = input(2);
  s->w_zero = input(kInteger ? 3 : 5);
  FETTLE_TRY(resolve_conv({call.attrs, s->conv, call.out}, &s->shape));
  const int64_t channels = s->shape.out_channels;
  if (!is_byte(s->conv[0]) || !is_byte(s->conv[1])) {
    return unsupported(std::string(op) + ": operands should be i8 or u8");
  }
  if (s->x_zero) {
    FETTLE_TRY(check_channels(op, "zero point of x", *s->x_zero, 1));
    FETTLE_TRY(require_same_dtype(op, s->conv[0], *s->x_zero));
  }
  if (s->w_zero) {
    FETTLE_TRY(check_channels(op, "zero point of w", *s->w_zero, channels));
    FETTLE_TRY(require_same_dtype(op, s->conv[1], *s->w_zero));
  }
  if (kInteger) return {};
  if (s->conv[2].present() && s->conv[2].dtype != DType::i32) {
    return invalid_input("QLinearConv: its bias should be i32");
  }
  for (size_t i : {1, 4, 6}) {
    FETTLE_TRY(require_float(op, "scale", call.in[i]));
    FETTLE_TRY(check_channels(op, "scale", call.in[i], i == 4 ? channels : 1));
  }
  if (!is_byte(call.in[7]) || call.in[7].elements() != 1) {
    return invalid_input("QLinearConv: the zero point of its output should be one i8 or u8");
  }
  return {};
}

template <bool kInteger>
Status infer(const OpCall& call) {
  Operands s;
  FETTLE_TRY(refuse_quantized(kName<kInteger>, call));
  FETTLE_TRY(resolve<kInteger>(call, &s));
  call.out[0].dtype = kInteger ? DType::i32 : call.in[7].dtype;
  call.out[0].dims = image_dims(s.shape.window.rank, false, s.shape.x.batch, s.shape.out_channels,
                                s.shape.window.out);
  call.out[0].dynamic = any_dynamic(call);
  return {};
}

// The exact sum of one output element.
template <class X, class W>
int64_t sum_at(const ConvShape& s, const X* x, const W* w, const Taps* taps, int64_t x_zero,
               int64_t w_zero) {
  int64_t sum = 0;
  const Window& win = s.window;
  for (int64_t c = 0; c < s.in_per_group; ++c) {
    for (int64_t kz = taps[0].first, z = taps[0].start; kz < taps[0].last;
         ++kz, z += win.dilation[0]) {
      for (int64_t ky = taps[1].first, y = taps[1].start; ky < taps[1].last;
           ++ky, y += win.dilation[1]) {
        const X* xr =
            x + c * s.x.step_c + z * s.x.step[0] + y * s.x.step[1] + taps[2].start * s.x.step[2];
        const W* wr =
            w + c * s.w_step_i + kz * s.w_step[0] + ky * s.w_step[1] + taps[2].first * s.w_step[2];
        for (int64_t k = 0; k < taps[2].last - taps[2].first; ++k) {
          sum += (xr[k * win.dilation[2] * s.x.step[2]] - x_zero) * (wr[k * s.w_step[2]] - w_zero);
        }
      }
    }
  }
  return sum;
}

int64_t element(const TensorView* v, int64_t i) {
  if (v == nullptr) return 0;
  return static_cast<int64_t>(number_at(*v, v->elements() == 1 ? 0 : i));
}

template <bool kInteger, class X, class W>
void run(const OpCall& call, const Operands& op) {
  const ConvShape& s = op.shape;
  const Window& win = s.window;
  const int64_t per_group = s.out_channels / s.group, x_zero = element(op.x_zero, 0);
  for (int64_t n = 0; n < s.x.batch; ++n) {
    for (int64_t o = 0; o < s.out_channels; ++o) {
      const int64_t w_zero = element(op.w_zero, o);
      const int64_t bias = op.conv[2].present() ? op.conv[2].as<int32_t>()[o] : 0;
      float multiplier = 1;
      if (!kInteger) {
        const int64_t k = call.in[4].elements() == 1 ? 0 : o;
        multiplier = static_cast<float>(number_at(call.in[1], 0)) *
                     static_cast<float>(number_at(call.in[4], k)) /
                     static_cast<float>(number_at(call.in[6], 0));
      }
      const int64_t y_zero = kInteger ? 0 : element(&call.in[7], 0);
      const X* x =
          op.conv[0].as<X>() + n * s.x.step_n + o / per_group * s.in_per_group * s.x.step_c;
      const W* w = op.conv[1].as<W>() + o * s.w_step_o;
      for (int64_t p = 0; p < win.positions(); ++p) {
        const Taps taps[kSpatial] = {taps_of(win, 0, p / (win.out[1] * win.out[2])),
                                     taps_of(win, 1, p / win.out[2] % win.out[1]),
                                     taps_of(win, 2, p % win.out[2])};
        const int64_t sum = sum_at(s, x, w, taps, x_zero, w_zero) + bias;
        const int64_t at = n * s.y.step_n + o * s.y.step_c + p;
        if (kInteger) {
          static_cast<int32_t*>(call.out[0].data)[at] = static_cast<int32_t>(sum);
        } else {
          store_byte(call.out[0], at, sum, multiplier, y_zero);
        }
      }
    }
  }
}

template <bool kInteger>
Status reference(const OpCall& call) {
  Operands s;
  FETTLE_TRY(resolve<kInteger>(call, &s));
  visit_bytes(s.conv[0].dtype, s.conv[1].dtype,
              [&]<class X, class W>(X, W) { run<kInteger, X, W>(call, s); });
  return {};
}

template <bool kInteger>
Cost cost(const OpCall& call) {
  Operands s;
  if (!resolve<kInteger>(call, &s).ok()) return {};
  return {.macs = s.shape.x.batch * s.shape.out_channels * s.shape.window.positions() *
                  s.shape.in_per_group * s.shape.window.taps()};
}

std::vector<Case> cases() { return {}; }  // conformance cases cover them

template <bool kInteger>
constexpr OpDef define(Schema schema, std::span<const OnnxRule> onnx) {
  return {.name = kName<kInteger>,
          .schema = schema,
          .infer = infer<kInteger>,
          .cost = cost<kInteger>,
          .reference = reference<kInteger>,
          .scratch = kNotApplicable,
          .in_place = kNotApplicable,
          .rows = kNotApplicable,
          .quant = QuantRule::keep_float,
          .onnx = onnx,
          .tflite = kNotApplicable,
          .cases = cases};
}

constexpr OnnxRule kLinear[] = {{"QLinearConv"}}, kInteger[] = {{"ConvInteger"}};
constexpr OpDef kOps[] = {define<false>(Schema(8, 9, 1, 1, kAttrs), kLinear),
                          define<true>(Schema(2, 4, 1, 1, kAttrs), kInteger)};

}  // namespace

FETTLE_OP_TABLE(integer_conv, kOps)

}  // namespace fettle::ops
