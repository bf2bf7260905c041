// SPDX-License-Identifier: Apache-2.0
//
// ReverseSequence: for each element of the batch, the first so many steps in time backwards.
#include <algorithm>
#include <cstring>

#include "ops/indices.h"
#include "ops/op.h"
#include "ops/operands.h"
#include "ops/shapes.h"

namespace fettle::ops {

namespace {

constexpr AttrSpec kAttrs[] = {{"batch_axis", AttrKind::integer}, {"time_axis", AttrKind::integer}};

Status axes_of(const OpCall& call, int* batch, int* time) {
  const int rank = call.in[0].dims.rank();
  if (rank < 2) return invalid_input("ReverseSequence of rank " + std::to_string(rank));
  FETTLE_TRY(normalize_axis("ReverseSequence", call.attrs.get_int("batch_axis", 1), rank, batch));
  FETTLE_TRY(normalize_axis("ReverseSequence", call.attrs.get_int("time_axis", 0), rank, time));
  if (*batch == *time) return invalid_input("ReverseSequence: batch and time are one axis");
  return {};
}

Status infer(const OpCall& call) {
  int batch, time;
  FETTLE_TRY(axes_of(call, &batch, &time));
  FETTLE_TRY(require_indices("ReverseSequence", call.in[1]));
  FETTLE_TRY(
      require_dims("ReverseSequence", "sequence_lens", call.in[1], {call.in[0].dims[batch]}));
  FETTLE_TRY(infer_same(call));
  return inherit_quant("ReverseSequence", call);
}

Status reference(const OpCall& call) {
  int batch, time;
  FETTLE_TRY(axes_of(call, &batch, &time));
  const TensorView& x = call.in[0];
  const int first = std::min(batch, time), second = std::max(batch, time);
  const int64_t outer = x.dims.product(0, first), middle = x.dims.product(first + 1, second);
  const size_t bytes =
      static_cast<size_t>(x.dims.product(second + 1, x.dims.rank())) * size_of(x.dtype);
  const int64_t n1 = x.dims[first], n2 = x.dims[second];
  for (int64_t i = 0; i < call.in[1].elements(); ++i) {
    const int64_t length = value_at(call.in[1], i);
    if (length < 0 || length > x.dims[time]) {
      return bad_index("ReverseSequence", call.in[1], i, x.dims[time]);
    }
  }
  const char* from = static_cast<const char*>(x.data);
  char* to = static_cast<char*>(call.out[0].data);
  const auto offset = [&](int64_t o, int64_t a, int64_t m, int64_t b) {
    return static_cast<size_t>(((o * n1 + a) * middle + m) * n2 + b) * bytes;
  };
  for (int64_t o = 0; o < outer; ++o) {
    for (int64_t a = 0; a < n1; ++a) {
      for (int64_t m = 0; m < middle; ++m) {
        for (int64_t b = 0; b < n2; ++b) {
          const int64_t length = value_at(call.in[1], batch < time ? a : b);
          int64_t sa = a, sb = b;
          int64_t& t = batch < time ? sb : sa;
          if (t < length) t = length - 1 - t;
          std::memcpy(to + offset(o, a, m, b), from + offset(o, sa, m, sb), bytes);
        }
      }
    }
  }
  return {};
}

Status from_tflite(ir::Graph&, ir::Node* node) {
  const int64_t batch = node->attrs.get_int("batch_dim"), time = node->attrs.get_int("seq_dim");
  node->op = "ReverseSequence";
  node->attrs = {{"batch_axis", batch}, {"time_axis", time}};
  return {};
}

constexpr OnnxRule kOnnx[] = {{"ReverseSequence"}};
constexpr TfliteRule kTflite[] = {{"REVERSE_SEQUENCE", from_tflite}};
constexpr OpDef kOps[] = {{.name = "ReverseSequence",
                           .schema = Schema(2, 2, 1, 1, kAttrs),
                           .infer = infer,
                           .cost = kNotApplicable,
                           .reference = reference,
                           .scratch = kNotApplicable,
                           .in_place = kNotApplicable,
                           .rows = kNotApplicable,
                           .quant = QuantRule::pass_through,
                           .onnx = kOnnx,
                           .tflite = kTflite,
                           .cases = kNotApplicable}};  // random lengths would be out of range

}  // namespace

FETTLE_OP_TABLE(reverse_sequence, kOps)

}  // namespace fettle::ops
