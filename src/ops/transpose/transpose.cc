// SPDX-License-Identifier: Apache-2.0
//
// Transpose: axis i of the output is axis perm[i] of the input; without perm, the reverse order.
#include "ops/cases.h"
#include "ops/onnx_rules.h"
#include "ops/shapes.h"
#include "ops/small_ints.h"
#include "ops/strided_copy.h"
#include "ops/tflite_rules.h"

namespace fettle::ops {

namespace {

constexpr AttrSpec kAttrs[] = {{"perm", AttrKind::integers}};

Status permutation(const OpCall& call, SmallInts* perm) {
  const int rank = call.in[0].dims.rank();
  const auto given = call.attrs.get_ints("perm");
  perm->count = rank;
  if (!call.attrs.has("perm")) {
    for (int i = 0; i < rank; ++i) perm->value[i] = rank - 1 - i;
    return {};
  }
  if (given.size() != static_cast<size_t>(rank)) {
    return invalid_input("Transpose: perm has " + std::to_string(given.size()) +
                         " axes, the input " + std::to_string(rank));
  }
  for (int i = 0; i < rank; ++i) perm->value[i] = given[static_cast<size_t>(i)];
  return normalize_axes("Transpose", rank, perm);
}

Status infer(const OpCall& call) {
  SmallInts perm;
  FETTLE_TRY(permutation(call, &perm));
  FETTLE_TRY(inherit_quant("Transpose", call));
  TensorView& y = call.out[0];
  y.dtype = call.in[0].dtype;
  y.dynamic = call.in[0].dynamic;
  y.dims = {};
  for (int i = 0; i < perm.count; ++i) y.dims.push_back(call.in[0].dims[static_cast<int>(perm[i])]);
  return {};
}

Status reference(const OpCall& call) {
  SmallInts perm;
  FETTLE_TRY(permutation(call, &perm));
  const Strides from = row_major_strides(call.in[0].dims);
  const Strides to = row_major_strides(call.out[0].dims);
  CopyAxis axes[kMaxRank];
  for (int i = 0; i < perm.count; ++i) {
    axes[i] = {call.out[0].dims[i], from.step[perm[i]], to.step[i]};
  }
  copy_strided(size_of(call.in[0].dtype), call.in[0].data, call.out[0].data,
               {axes, static_cast<size_t>(perm.count)});
  return {};
}

Status from_tflite(ir::Graph& graph, ir::Node* node) {
  FETTLE_ASSIGN(const Tensor* perm, constant_input(*node, 1, "TRANSPOSE: its permutation"));
  node->attrs.set("perm", to_int64(perm->view()));
  graph.set_input(node, 1, nullptr);
  node->inputs.pop_back();
  node->op = "Transpose";
  return {};
}

std::vector<Case> cases() {
  using I = std::vector<int64_t>;
  return {{.name = "reverse", .inputs = {f32({3, 5, 7})}},
          {.name = "to_nhwc", .attrs = {{"perm", I{0, 2, 3, 1}}}, .inputs = {f32({2, 19, 9, 11})}},
          {.name = "to_nchw", .attrs = {{"perm", I{0, 3, 1, 2}}}, .inputs = {f32({2, 9, 11, 19})}},
          {.name = "heads", .attrs = {{"perm", I{0, 2, 1, 3}}}, .inputs = {f32({1, 12, 4, 16})}},
          {.name = "none", .attrs = {{"perm", I{0, 1}}}, .inputs = {f32({4, 16})}},
          {.name = "bytes",
           .attrs = {{"perm", I{1, 0}}},
           .inputs = {typed(DType::i8, {33, 65})},
           .low = -9,
           .high = 9}};
}

constexpr OnnxRule kOnnx[] = {{"Transpose"}};
constexpr TfliteRule kTflite[] = {{"TRANSPOSE", from_tflite}};
constexpr OpDef kOps[] = {{.name = "Transpose",
                           .schema = Schema(1, 1, 1, 1, kAttrs),
                           .infer = infer,
                           .cost = kNotApplicable,
                           .reference = reference,
                           .scratch = kNotApplicable,
                           .in_place = kNotApplicable,
                           .rows = kNotApplicable,
                           .quant = QuantRule::pass_through,
                           .onnx = kOnnx,
                           .tflite = kTflite,
                           .cases = cases}};

}  // namespace

FETTLE_OP_TABLE(transpose, kOps)

}  // namespace fettle::ops
