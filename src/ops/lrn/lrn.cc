// SPDX-License-Identifier: Apache-2.0
//
// LRN: x / (bias + alpha / size * sum of squares over `size` neighbouring channels) ^ beta.
#include <algorithm>
#include <cmath>

#include "ops/cases.h"
#include "ops/floats.h"
#include "ops/op.h"
#include "ops/operands.h"
#include "ops/shapes.h"
#include "ops/window.h"

namespace fettle::ops {

namespace {

constexpr AttrSpec kAttrs[] = {{"alpha", AttrKind::real},
                               {"beta", AttrKind::real},
                               {"bias", AttrKind::real},
                               {"size", AttrKind::integer},
                               {"layout", AttrKind::string}};

Status infer(const OpCall& call) {
  bool nhwc;
  FETTLE_TRY(parse_layout("LRN", call.attrs, &nhwc));
  FETTLE_TRY(require_rank("LRN", "input", call.in[0], 2, kMaxRank));
  const int64_t size = call.attrs.get_int("size", 0);
  if (size < 1 || size > kMaxWindow) return invalid_input("LRN: size should be positive");
  FETTLE_TRY(refuse_quantized("LRN", call));
  FETTLE_TRY(require_float("LRN", "input", call.in[0]));
  return infer_same(call);
}

Status reference(const OpCall& call) {
  bool nhwc;
  FETTLE_TRY(parse_layout("LRN", call.attrs, &nhwc));
  const Dims& x = call.in[0].dims;
  const int64_t channels = nhwc ? x.back() : x[1], image = spatial_of(x, nhwc).elements();
  const int64_t inner = nhwc ? 1 : image, outer = nhwc ? x[0] * image : x[0];
  const int64_t size = call.attrs.get_int("size", 1);
  const float alpha = call.attrs.get_float("alpha", 1e-4f) / static_cast<float>(size);
  const float beta = call.attrs.get_float("beta", 0.75f), bias = call.attrs.get_float("bias", 1);
  visit_float(call.in[0].dtype, [&]<class T>(T) {
    using A = Accum<T>;
    for (int64_t r = 0; r < outer * inner; ++r) {
      const int64_t start = r / inner * inner * channels + r % inner;
      const T* from = call.in[0].as<T>() + start;
      T* to = call.out[0].as_mutable<T>() + start;
      for (int64_t c = 0; c < channels; ++c) {
        const int64_t first = std::max<int64_t>(c - (size - 1) / 2, 0);
        const int64_t last = std::min(c + size / 2, channels - 1);
        A sum = 0;
        for (int64_t i = first; i <= last; ++i) {
          const A v = static_cast<A>(from[i * inner]);
          sum += v * v;
        }
        to[c * inner] =
            static_cast<T>(static_cast<A>(from[c * inner]) / std::pow(bias + alpha * sum, A(beta)));
      }
    }
  });
  return {};
}

Cost cost(const OpCall& call) {
  return {.flops = call.in[0].elements() * (call.attrs.get_int("size", 1) + 4)};
}

// TFLite gives a radius, and its alpha is not divided by the size.
Status read_tflite(ir::Graph&, ir::Node* node) {
  Attributes& attrs = node->attrs;
  const int64_t radius = attrs.get_int("radius", 5);
  if (radius < 0 || radius > kMaxWindow / 4) return invalid_input("radius is out of range");
  const int64_t size = 2 * radius + 1;
  attrs.erase("radius");
  attrs.set("size", size);
  attrs.set("alpha", attrs.get_float("alpha", 1) * static_cast<float>(size));
  attrs.set("beta", attrs.get_float("beta", 0.5f));
  attrs.set("layout", "nhwc");
  node->op = "LRN";
  return {};
}

std::vector<Case> cases() {
  return {{.name = "nchw", .attrs = {{"size", int64_t{3}}}, .inputs = {f32({2, 7, 3, 4})}},
          {.name = "nhwc",
           .attrs = {{"size", int64_t{5}}, {"layout", "nhwc"}},
           .inputs = {f32({1, 3, 4, 9})}}};
}

constexpr OnnxRule kOnnx[] = {{"LRN"}};
constexpr TfliteRule kTflite[] = {{"LOCAL_RESPONSE_NORMALIZATION", read_tflite}};
constexpr OpDef kOps[] = {{
    .name = "LRN",
    .schema = Schema(1, 1, 1, 1, kAttrs),
    .infer = infer,
    .cost = cost,
    .reference = reference,
    .scratch = kNotApplicable,
    .in_place = kNotApplicable,
    .rows = kNotApplicable,
    .quant = QuantRule::keep_float,
    .onnx = std::span<const OnnxRule>(kOnnx),
    .tflite = std::span<const TfliteRule>(kTflite),
    .cases = cases,
}};

}  // namespace

FETTLE_OP_TABLE(lrn, kOps)

}  // namespace fettle::ops
