// SPDX-License-Identifier: Apache-2.0
//
// NonMaxSuppression: for each batch and class the boxes, best score first, that overlap no better
// one by more than iou_threshold; as rows [batch, class, box]. How many there are depends on data.
#include <algorithm>
#include <limits>

#include "ops/non_max_suppression/boxes.h"
#include "ops/op.h"
#include "ops/operands.h"
#include "ops/shapes.h"

namespace fettle::ops {

namespace {

constexpr const char* kOp = "NonMaxSuppression";
constexpr AttrSpec kAttrs[] = {{"center_point_box", AttrKind::integer}};

// At most this many boxes a class.
int64_t limit_of(const OpCall& call) {
  const int64_t boxes = call.in[0].dims[1];
  if (!call.has_in(2)) return 0;
  if (!has_values(call, 2)) return boxes;
  return std::clamp<int64_t>(value_at(call.in[2], 0), 0, boxes);
}

Status infer(const OpCall& call) {
  FETTLE_TRY(refuse_quantized(kOp, call));
  FETTLE_TRY(require_rank(kOp, "boxes", call.in[0], 3, 3));
  FETTLE_TRY(require_rank(kOp, "scores", call.in[1], 3, 3));
  const Dims& boxes = call.in[0].dims;
  const Dims& scores = call.in[1].dims;
  FETTLE_TRY(require_dims(kOp, "boxes", call.in[0], {scores[0], scores[2], 4}));
  for (size_t i = 0; i < call.in.size(); ++i) {
    if (!call.has_in(i)) continue;
    if (i > 1 && call.in[i].elements() < 1) return invalid_input("NonMaxSuppression: empty limit");
    const bool right = i == 2 ? call.in[i].dtype == DType::i64 || call.in[i].dtype == DType::i32
                              : call.in[i].dtype == DType::f32;
    if (!right) return unsupported("NonMaxSuppression: an input is of another type");
  }
  call.out[0].dtype = DType::i64;
  call.out[0].dims = {boxes[0] * scores[1] * limit_of(call), 3};
  call.out[0].dynamic = true;
  return {};
}

Box box_at(const OpCall& call, int64_t i) {
  const float* b = call.in[0].as<float>() + i * 4;
  if (call.attrs.get_int("center_point_box", 0) != 0) {
    return {b[1] - b[3] / 2, b[0] - b[2] / 2, b[1] + b[3] / 2, b[0] + b[2] / 2};
  }
  return {std::min(b[0], b[2]), std::min(b[1], b[3]), std::max(b[0], b[2]), std::max(b[1], b[3])};
}

size_t scratch(const OpCall& call) {
  return static_cast<size_t>(call.in[0].dims[1]) * (sizeof(Box) + sizeof(int64_t));
}

Status reference(const OpCall& call) {
  const Dims& scores = call.in[1].dims;
  const int64_t count = scores[2], most = limit_of(call);
  const float iou = call.has_in(3) ? call.in[3].as<float>()[0] : 0;
  const float above =
      call.has_in(4) ? call.in[4].as<float>()[0] : -std::numeric_limits<float>::infinity();
  auto* candidates = reinterpret_cast<int64_t*>(call.scratch.data());
  auto* boxes = reinterpret_cast<Box*>(candidates + count);
  int64_t* out = call.out[0].as_mutable<int64_t>();
  int64_t rows = 0;
  for (int64_t b = 0; b < scores[0]; ++b) {
    for (int64_t i = 0; i < count; ++i) boxes[i] = box_at(call, b * count + i);
    for (int64_t c = 0; c < scores[1]; ++c) {
      const float* of_class = call.in[1].as<float>() + (b * scores[1] + c) * count;
      const int64_t n = rank_candidates(of_class, count, 1, above, candidates);
      const int64_t kept = suppress(boxes, candidates, n, iou, most, candidates);
      for (int64_t i = 0; i < kept; ++i, ++rows) {
        out[rows * 3] = b;
        out[rows * 3 + 1] = c;
        out[rows * 3 + 2] = candidates[i];
      }
    }
  }
  call.out[0].dims = {rows, 3};
  return {};
}

Cost cost(const OpCall& call) {
  return {.flops = 16 * call.in[1].elements() * std::max<int64_t>(limit_of(call), 1)};
}
std::vector<Case> cases() { return {}; }  // limits are values: conformance cases cover them

constexpr OnnxRule kOnnx[] = {{"NonMaxSuppression"}};
constexpr OpDef kOps[] = {{
    .name = "NonMaxSuppression",
    .schema = Schema(2, 5, 1, 1, kAttrs),
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

FETTLE_OP_TABLE(non_max_suppression, kOps)

}  // namespace fettle::ops
