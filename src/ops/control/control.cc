// SPDX-License-Identifier: Apache-2.0
//
// If, as a model file has it. It computes nothing itself: passes/inline_if puts the taken branch
// in its place as soon as the condition is known, and one that depends on data is refused, since a
// deadline needs one known sequence of steps.
#include "ops/op.h"
#include "ops/shapes.h"

namespace fettle::ops {

namespace {

Status infer_if(const OpCall&) { return needs_value("If", "condition"); }

constexpr OnnxRule kIfOnnx[] = {{.name = "If"}};

const OpDef kOps[] = {{
    .name = "If",
    .schema = Schema(1, -1, 1, -1),
    .infer = infer_if,
    .cost = kNotApplicable,
    .reference = kNotApplicable,
    .scratch = kNotApplicable,
    .in_place = kNotApplicable,
    .rows = kNotApplicable,
    .quant = kNotApplicable,
    .onnx = std::span<const OnnxRule>(kIfOnnx),
    .tflite = kNotApplicable,
    .cases = kNotApplicable,
}};

}  // namespace

std::span<const OpDef> control_ops() { return kOps; }

}  // namespace fettle::ops
