// SPDX-License-Identifier: Apache-2.0
//
// DeformConv: a 2-D convolution whose taps are moved by offsets (y, x) given for each output
// position, read between pixels, and optionally weighted by a mask.
//
//   x [N,C,H,W]  w [O,C/group,KH,KW]  offset [N,offset_group*KH*KW*2,OH,OW]  bias [O]?
//   mask [N,offset_group*KH*KW,OH,OW]?
#include <cmath>

#include "ops/cases.h"
#include "ops/floats.h"
#include "ops/op.h"
#include "ops/operands.h"
#include "ops/window.h"

namespace fettle::ops {

namespace {

constexpr const char* kOp = "DeformConv";
constexpr AttrSpec kAttrs[] = {
    {"kernel_shape", AttrKind::integers}, {"strides", AttrKind::integers},
    {"pads", AttrKind::integers},         {"dilations", AttrKind::integers},
    {"group", AttrKind::integer},         {"offset_group", AttrKind::integer}};

struct Shape {
  Window window;
  int64_t group = 1, offset_group = 1, channels = 0, in_per_group = 0, outputs = 0;
};

Status resolve(const OpCall& call, Shape* s) {
  const Dims& x = call.in[0].dims;
  const Dims& w = call.in[1].dims;
  FETTLE_TRY(require_rank(kOp, "input", call.in[0], 4, 4));
  FETTLE_TRY(require_rank(kOp, "weight", call.in[1], 4, 4));
  FETTLE_TRY(
      resolve_window(kOp, call.attrs, spatial_of(x, false), spatial_of(w, false), &s->window));
  s->group = call.attrs.get_int("group", 1);
  s->offset_group = call.attrs.get_int("offset_group", 1);
  s->channels = x[1];
  s->outputs = w[0];
  s->in_per_group = w[1];
  if (s->group < 1 || s->group > x[1] || w[1] * s->group != x[1] || w[0] % s->group != 0 ||
      s->offset_group < 1 || s->offset_group > x[1] || x[1] % s->offset_group != 0) {
    return invalid_input("DeformConv: input " + x.to_string() + " and weight " + w.to_string() +
                         " do not fit the groups");
  }
  const int64_t fields = s->offset_group * s->window.taps();
  const int64_t oh = s->window.out[1], ow = s->window.out[2];
  FETTLE_TRY(require_dims(kOp, "offset", call.in[2], {x[0], 2 * fields, oh, ow}));
  if (call.has_in(3)) FETTLE_TRY(require_dims(kOp, "bias", call.in[3], {s->outputs}));
  if (call.has_in(4)) FETTLE_TRY(require_dims(kOp, "mask", call.in[4], {x[0], fields, oh, ow}));
  return {};
}

Status infer(const OpCall& call) {
  Shape s;
  FETTLE_TRY(resolve(call, &s));
  FETTLE_TRY(refuse_quantized(kOp, call));
  FETTLE_TRY(require_float(kOp, "input", call.in[0]));
  for (size_t i = 1; i < call.in.size(); ++i) {
    if (call.has_in(i)) FETTLE_TRY(require_same_dtype(kOp, call.in[0], call.in[i]));
  }
  call.out[0].dtype = call.in[0].dtype;
  call.out[0].dims = {call.in[0].dims[0], s.outputs, s.window.out[1], s.window.out[2]};
  call.out[0].dynamic = any_dynamic(call);
  return {};
}

Cost cost(const OpCall& call) {
  Shape s;
  if (!resolve(call, &s).ok()) return {};
  const int64_t taps = call.in[0].dims[0] * s.window.positions() * s.window.taps();
  return {.macs = taps * s.outputs * s.in_per_group, .flops = 8 * taps * s.channels};
}

// The image between pixels; zero outside.
template <class T>
Accum<T> sample(const T* image, int64_t height, int64_t width, double y, double x) {
  if (!(y > -1 && y < static_cast<double>(height) && x > -1 && x < static_cast<double>(width))) {
    return 0;
  }
  const auto y0 = static_cast<int64_t>(std::floor(y)), x0 = static_cast<int64_t>(std::floor(x));
  const double ly = y - static_cast<double>(y0), lx = x - static_cast<double>(x0);
  const auto at = [&](int64_t row, int64_t column) -> double {
    const bool inside = row >= 0 && row < height && column >= 0 && column < width;
    return inside ? static_cast<Accum<T>>(image[row * width + column]) : 0;
  };
  return static_cast<Accum<T>>((1 - ly) * ((1 - lx) * at(y0, x0) + lx * at(y0, x0 + 1)) +
                               ly * ((1 - lx) * at(y0 + 1, x0) + lx * at(y0 + 1, x0 + 1)));
}

template <class T>
struct Position {
  const OpCall& call;
  const Shape& s;

  // Samples of all taps of all channels at one output position: columns [C, taps].
  void gather(int64_t n, int64_t y, int64_t x, Accum<T>* columns) const {
    const Window& w = s.window;
    const int64_t oh = w.out[1], ow = w.out[2], taps = w.taps(), h = w.in[1], width = w.in[2];
    const int64_t per_group = s.channels / s.offset_group;
    for (int64_t c = 0; c < s.channels; ++c) {
      const T* image = call.in[0].as<T>() + (n * s.channels + c) * h * width;
      const int64_t field = (n * s.offset_group + c / per_group) * taps;
      for (int64_t k = 0; k < taps; ++k) {
        const int64_t place = y * ow + x;
        const T* offset = call.in[2].as<T>() + (field + k) * 2 * oh * ow + place;
        const int64_t row = y * w.stride[1] - w.pad_begin[1] + k / w.kernel[2] * w.dilation[1];
        const int64_t column = x * w.stride[2] - w.pad_begin[2] + k % w.kernel[2] * w.dilation[2];
        Accum<T> v =
            sample(image, h, width, static_cast<double>(row) + static_cast<Accum<T>>(offset[0]),
                   static_cast<double>(column) + static_cast<Accum<T>>(offset[oh * ow]));
        if (call.has_in(4)) {
          v *= static_cast<Accum<T>>(call.in[4].as<T>()[(field + k) * oh * ow + place]);
        }
        columns[c * taps + k] = v;
      }
    }
  }
};

template <class T>
void run(const OpCall& call, const Shape& s) {
  const Position<T> position{call, s};
  const int64_t taps = s.window.taps(), per_group = s.outputs / s.group;
  const int64_t length = s.in_per_group * taps, image = s.window.positions();
  auto* columns = reinterpret_cast<Accum<T>*>(call.scratch.data());
  T* out = call.out[0].as_mutable<T>();
  for (int64_t n = 0; n < call.in[0].dims[0]; ++n) {
    for (int64_t p = 0; p < image; ++p) {
      position.gather(n, p / s.window.out[2], p % s.window.out[2], columns);
      for (int64_t o = 0; o < s.outputs; ++o) {
        Accum<T> sum = dot<Accum<T>>(columns + o / per_group * length,
                                     call.in[1].as<T>() + o * length, length);
        if (call.has_in(3)) sum += static_cast<Accum<T>>(call.in[3].as<T>()[o]);
        out[(n * s.outputs + o) * image + p] = static_cast<T>(sum);
      }
    }
  }
}

size_t scratch(const OpCall& call) {
  Shape s;
  if (!resolve(call, &s).ok()) return 0;
  return static_cast<size_t>(s.channels * s.window.taps()) * sizeof(double);
}

Status reference(const OpCall& call) {
  Shape s;
  FETTLE_TRY(resolve(call, &s));
  visit_float(call.in[0].dtype, [&]<class T>(T) { run<T>(call, s); });
  return {};
}

std::vector<Case> cases() {
  return {{.name = "masked",
           .inputs = {f32({1, 4, 6, 6}), f32({3, 4, 3, 3}), f32({1, 18, 4, 4}), f32({3}),
                      f32({1, 9, 4, 4})},
           .constants = {1, 3}}};
}

constexpr OnnxRule kOnnx[] = {{"DeformConv"}};
constexpr OpDef kOps[] = {{
    .name = "DeformConv",
    .schema = Schema(3, 5, 1, 1, kAttrs),
    .infer = infer,
    .cost = cost,
    .reference = reference,
    .scratch = scratch,
    .in_place = kNotApplicable,
    .rows = kNotApplicable,
    .quant = QuantRule::keep_float,
    .onnx = std::span<const OnnxRule>(kOnnx),
    .tflite = kNotApplicable,
    .cases = cases,
}};

}  // namespace

FETTLE_OP_TABLE(deform_conv, kOps)

}  // namespace fettle::ops
