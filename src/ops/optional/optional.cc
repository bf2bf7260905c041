// SPDX-License-Identifier: Apache-2.0
//
// Optionals hold tensors only here, so a value that exists is its own content: OptionalHasElement
// says whether there is an input, Optional and OptionalGetElement become Identity.
#include "ops/op.h"

namespace fettle::ops {

namespace {

Status infer(const OpCall& call) {
  call.out[0].dtype = DType::boolean;
  call.out[0].dims = {};
  return {};
}

Status reference(const OpCall& call) {
  *call.out[0].as_mutable<bool>() = call.has_in(0);
  return {};
}

Status read_content(ir::Graph&, ir::Node* node, int) {
  if (node->input(0) == nullptr) return invalid_input("an optional without content", node->label());
  node->op = "Identity";
  node->attrs = {};
  return {};
}

std::vector<Case> cases() { return {}; }  // conformance cases cover them

constexpr OnnxRule kOnnx[] = {
    {"OptionalHasElement"}, {"OptionalGetElement", 1, read_content}, {"Optional", 1, read_content}};
constexpr OpDef kOps[] = {{
    .name = "OptionalHasElement",
    .schema = Schema(0, 1, 1, 1),
    .infer = infer,
    .cost = kNotApplicable,
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

FETTLE_OP_TABLE(optional, kOps)

}  // namespace fettle::ops
