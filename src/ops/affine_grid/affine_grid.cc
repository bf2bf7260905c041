// SPDX-License-Identifier: Apache-2.0
//
// AffineGrid: the coordinates in [-1, 1] of each position of a [N,C,(D,)H,W] image, each carried
// through the affine map theta of its batch.
#include "ops/op.h"
#include "ops/operands.h"
#include "ops/shapes.h"

namespace fettle::ops {

namespace {

constexpr const char* kOp = "AffineGrid";
constexpr AttrSpec kAttrs[] = {{"align_corners", AttrKind::integer}};

Status resolve(const OpCall& call, int* rank, Dims* out) {
  if (!has_values(call, 1)) return needs_value(kOp, "size");
  if (call.in[1].dtype != DType::i64 && call.in[1].dtype != DType::i32) {
    return invalid_input("AffineGrid: size should be integers");
  }
  const int64_t sizes = call.in[1].elements();
  if (sizes != 4 && sizes != 5) {
    return invalid_input("AffineGrid: size should have 4 or 5 elements");
  }
  *rank = static_cast<int>(sizes) - 2;
  *out = Dims{value_at(call.in[1], 0)};
  for (int i = 0; i < *rank; ++i) out->push_back(value_at(call.in[1], i + 2));
  out->push_back(*rank);
  return require_dims(kOp, "theta", call.in[0], {(*out)[0], *rank, *rank + 1});
}

Status infer(const OpCall& call) {
  int rank;
  FETTLE_TRY(resolve(call, &rank, &call.out[0].dims));
  FETTLE_TRY(refuse_quantized(kOp, call));
  FETTLE_TRY(require_float(kOp, "theta", call.in[0]));
  call.out[0].dtype = call.in[0].dtype;
  call.out[0].dynamic = any_dynamic(call);
  return {};
}

double coordinate(int64_t i, int64_t extent, bool corners) {
  const auto at = static_cast<double>(i), n = static_cast<double>(extent);
  if (corners) return extent > 1 ? -1 + 2 * at / (n - 1) : 0;
  return -1 + (2 * at + 1) / n;
}

Status reference(const OpCall& call) {
  int rank;
  Dims out;
  FETTLE_TRY(resolve(call, &rank, &out));
  const bool corners = call.attrs.get_int("align_corners", 0) != 0;
  const int64_t positions = out.product(1, rank + 1);
  for (int64_t n = 0; n < out[0]; ++n) {
    for (int64_t p = 0; p < positions; ++p) {
      double at[4] = {1, 1, 1, 1};  // x, y, (z,) 1
      int64_t rest = p;
      for (int i = 0; i < rank; ++i) {
        const int64_t extent = out[rank - i];
        at[i] = coordinate(rest % extent, extent, corners);
        rest /= extent;
      }
      for (int r = 0; r < rank; ++r) {
        double sum = 0;
        for (int k = 0; k <= rank; ++k) {
          sum += number_at(call.in[0], (n * rank + r) * (rank + 1) + k) * at[k];
        }
        set_number(call.out[0], (n * positions + p) * rank + r, sum);
      }
    }
  }
  return {};
}

Cost cost(const OpCall& call) { return {.flops = 8 * call.out[0].elements()}; }
std::vector<Case> cases() { return {}; }  // size is a value: conformance cases cover it

constexpr OnnxRule kOnnx[] = {{"AffineGrid"}};
constexpr OpDef kOps[] = {{
    .name = "AffineGrid",
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

FETTLE_OP_TABLE(affine_grid, kOps)

}  // namespace fettle::ops
