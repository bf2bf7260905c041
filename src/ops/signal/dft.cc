// SPDX-License-Identifier: Apache-2.0
//
// DFT: the Fourier transform along an axis of [..., 1 or 2], the last axis being real and
// imaginary part. A onesided one keeps the first half, which is all that a real signal has; its
// inverse makes a real signal from that half.
#include <algorithm>

#include "ops/cases.h"
#include "ops/onnx_rules.h"
#include "ops/operands.h"
#include "ops/shapes.h"
#include "ops/signal/fourier.h"
#include "ops/signal/signal.h"

namespace fettle::ops {

namespace {

constexpr AttrSpec kAttrs[] = {{"inverse", AttrKind::integer}, {"onesided", AttrKind::integer}};
constexpr int64_t kMaxLength = int64_t{1} << 24;

struct Plan {
  int axis = 0;
  int64_t length = 0;
  bool inverse = false, onesided = false;
  int64_t bins() const { return onesided && !inverse ? length / 2 + 1 : length; }
};

Status resolve(const OpCall& call, Plan* p) {
  const TensorView& x = call.in[0];
  FETTLE_TRY(require_float("DFT", "input", x));
  FETTLE_TRY(require_rank("DFT", "input", x, 2, kMaxRank));
  if (x.dims.back() != 1 && x.dims.back() != 2) {
    return invalid_input("DFT: the last axis should be real and imaginary part");
  }
  int64_t axis;
  FETTLE_TRY(scalar_input("DFT", "axis", call, 2, -2, &axis));
  FETTLE_TRY(normalize_axis("DFT", axis, x.dims.rank(), &p->axis));
  if (p->axis == x.dims.rank() - 1) return invalid_input("DFT along the parts of a number");
  p->inverse = call.attrs.get_int("inverse") != 0;
  p->onesided = call.attrs.get_int("onesided") != 0;
  const int64_t extent = x.dims[p->axis];
  const int64_t natural = p->inverse && p->onesided ? 2 * (extent - 1) : extent;
  FETTLE_TRY(scalar_input("DFT", "length", call, 1, natural, &p->length));
  if (p->length < 1 || p->length > kMaxLength) {
    return invalid_input("DFT of length " + std::to_string(p->length));
  }
  return {};
}

Status infer(const OpCall& call) {
  Plan p;
  FETTLE_TRY(refuse_quantized("DFT", call));
  FETTLE_TRY(resolve(call, &p));
  TensorView& y = call.out[0];
  y.dtype = call.in[0].dtype;
  y.dynamic = any_dynamic(call);
  y.dims = call.in[0].dims;
  y.dims[p.axis] = p.bins();
  y.dims[y.dims.rank() - 1] = p.inverse && p.onesided ? 1 : 2;
  return {};
}

size_t scratch(const OpCall& call) {
  Plan p;
  if (!resolve(call, &p).ok()) return 0;
  return Fourier::scratch_elements(p.length) * sizeof(Complex);
}

Status reference(const OpCall& call) {
  Plan p;
  FETTLE_TRY(resolve(call, &p));
  const TensorView &x = call.in[0], &y = call.out[0];
  const int last = x.dims.rank() - 1;
  const int64_t outer = x.dims.product(0, p.axis), inner = x.dims.product(p.axis + 1, last);
  const int64_t parts = x.dims[last], out_parts = y.dims[last];
  const int64_t given = std::min(x.dims[p.axis], p.length), bins = p.bins();
  Fourier f(p.length, p.inverse, reinterpret_cast<Complex*>(call.scratch.data()));
  for (int64_t o = 0; o < outer; ++o) {
    for (int64_t i = 0; i < inner; ++i) {
      Complex* in = f.input();
      std::fill_n(in, p.length, Complex{});
      for (int64_t k = 0; k < given; ++k) {
        const int64_t at = ((o * x.dims[p.axis] + k) * inner + i) * parts;
        in[k] = {number_at(x, at), parts == 2 ? number_at(x, at + 1) : 0};
      }
      if (p.inverse && p.onesided) {  // the half that is missing mirrors the other
        for (int64_t k = p.length / 2 + 1; k < p.length; ++k) {
          in[k] = {in[p.length - k].re, -in[p.length - k].im};
        }
      }
      const Complex* out = f.transform();
      for (int64_t k = 0; k < bins; ++k) {
        const int64_t at = ((o * bins + k) * inner + i) * out_parts;
        set_number(y, at, out[k].re);
        if (out_parts == 2) set_number(y, at + 1, out[k].im);
      }
    }
  }
  return {};
}

Cost cost(const OpCall& call) { return {.flops = call.out[0].elements() * 50}; }

// Up to opset 19 the axis was an attribute, 1 by default.
Status from_onnx(ir::Graph& graph, ir::Node* node, int opset) {
  if (opset >= 20) return {};
  set_constant_input(graph, node, 2, "axis",
                     Tensor::scalar<int64_t>(node->attrs.get_int("axis", 1)));
  node->attrs.erase("axis");
  return {};
}

std::vector<Case> cases() {
  return {{.name = "power_of_two", .inputs = {f32({2, 16, 1})}, .tolerance = 1e-4f},
          {.name = "odd",
           .attrs = {{"onesided", int64_t{1}}},
           .inputs = {f32({2, 15, 1})},
           .tolerance = 1e-4f}};
}

constexpr OnnxRule kOnnx[] = {{"DFT", 17, from_onnx}};
constexpr OpDef kOps[] = {{.name = "DFT",
                           .schema = Schema(1, 3, 1, 1, kAttrs),
                           .infer = infer,
                           .cost = cost,
                           .reference = reference,
                           .scratch = scratch,
                           .in_place = kNotApplicable,
                           .rows = kNotApplicable,
                           .quant = QuantRule::keep_float,
                           .onnx = kOnnx,
                           .tflite = kNotApplicable,
                           .cases = cases}};

}  // namespace

FETTLE_OP_TABLE(dft, kOps)

}  // namespace fettle::ops
