// SPDX-License-Identifier: Apache-2.0
//
// Shape and Size: extents of a tensor as data. Neither reads the tensor's elements, so both are
// constant wherever the extents do not depend on data.
#include <algorithm>

#include "ops/cases.h"
#include "ops/onnx_rules.h"
#include "ops/shapes.h"

namespace fettle::ops {

namespace {

constexpr AttrSpec kAttrs[] = {{"start", AttrKind::integer}, {"end", AttrKind::integer}};

struct Range {
  int first, last;
};
Range range(const OpCall& call) {
  const int64_t rank = call.in[0].dims.rank();
  const auto clamped = [&](int64_t i) {
    return std::clamp(i < 0 ? i + rank : i, int64_t{0}, rank);
  };
  const int64_t first = clamped(call.attrs.get_int("start", 0));
  const int64_t last = clamped(call.attrs.get_int("end", rank));
  return {static_cast<int>(first), static_cast<int>(std::max(first, last))};
}

Status infer_shape(const OpCall& call) {
  const Range r = range(call);
  call.out[0].dtype = DType::i64;
  call.out[0].dims = {r.last - r.first};
  return {};
}

Status reference_shape(const OpCall& call) {
  const Range r = range(call);
  for (int i = r.first; i < r.last; ++i) {
    call.out[0].as_mutable<int64_t>()[i - r.first] = call.in[0].dims[i];
  }
  return {};
}

Status infer_size(const OpCall& call) {
  call.out[0].dtype = DType::i64;
  call.out[0].dims = {};
  return {};
}

Status reference_size(const OpCall& call) {
  call.out[0].as_mutable<int64_t>()[0] = call.in[0].elements();
  return {};
}

// TFLite's shapes are of i32 unless out_type says otherwise.
Status from_tflite(ir::Graph& graph, ir::Node* node) {
  const bool wide = node->attrs.get_string("out_type") == "i64";
  node->op = "Shape";
  node->attrs = {};
  if (!wide) append_node(graph, node, "Cast", {{"to", std::string("i32")}});
  return {};
}

std::vector<Case> cases() { return {{.name = "rank3", .inputs = {f32({3, 5, 2})}}}; }

constexpr OnnxRule kShape[] = {{"Shape"}}, kSize[] = {{"Size"}};
constexpr TfliteRule kTflite[] = {{"SHAPE", from_tflite}};
constexpr OpDef kOps[] = {{.name = "Shape",
                           .schema = Schema(1, 1, 1, 1, kAttrs),
                           .infer = infer_shape,
                           .cost = kNotApplicable,
                           .reference = reference_shape,
                           .scratch = kNotApplicable,
                           .in_place = kNotApplicable,
                           .rows = kNotApplicable,
                           .quant = QuantRule::keep_float,
                           .onnx = kShape,
                           .tflite = kTflite,
                           .cases = cases},
                          {.name = "Size",
                           .schema = Schema(1, 1, 1, 1),
                           .infer = infer_size,
                           .cost = kNotApplicable,
                           .reference = reference_size,
                           .scratch = kNotApplicable,
                           .in_place = kNotApplicable,
                           .rows = kNotApplicable,
                           .quant = QuantRule::keep_float,
                           .onnx = kSize,
                           .tflite = kNotApplicable,
                           .cases = cases}};

}  // namespace

FETTLE_OP_TABLE(shape, kOps)

}  // namespace fettle::ops
