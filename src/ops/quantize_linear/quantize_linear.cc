// SPDX-License-Identifier: Apache-2.0
#include "ops/quantize_linear/quantize_linear.h"

#include "ops/cases.h"
#include "ops/quantize_linear/contrib_rules.h"
#include "ops/shapes.h"

namespace fettle::ops {

namespace {

constexpr AttrSpec kQuantizeAttrs[] = {{"axis", AttrKind::integer},
                                       {"block_size", AttrKind::integer},
                                       {"output_dtype", AttrKind::integer},
                                       {"precision", AttrKind::integer},
                                       {"saturate", AttrKind::integer}};
constexpr AttrSpec kDequantizeAttrs[] = {{"axis", AttrKind::integer},
                                         {"block_size", AttrKind::integer},
                                         {"output_dtype", AttrKind::integer}};

Cost cost(const OpCall& call) { return {.flops = 3 * call.in[0].elements()}; }

// QUANTIZE(x): the range is the output tensor's. From codes to codes it is a Requantize.
Status read_quantize(ir::Graph&, ir::Node* node) {
  node->attrs = {};
  const ir::Value* out = node->output(0);
  if (out == nullptr || onnx_number_of(out->type.dtype) == 0) {
    return invalid_input("QUANTIZE needs an output of a known type", node->label());
  }
  const ir::Value* in = node->input(0);
  if (in != nullptr && in->type.quant != nullptr) {
    node->attrs.set("to", std::string(name_of(out->type.dtype)));
    node->op = "Requantize";
    return {};
  }
  node->attrs.set("output_dtype", onnx_number_of(out->type.dtype));
  node->op = "QuantizeLinear";
  return {};
}

// DEQUANTIZE(q): the range is the input tensor's; f16 weights are merely widened.
Status read_dequantize(ir::Graph&, ir::Node* node) {
  node->attrs = {};
  const ir::Value* in = node->input(0);
  if (in != nullptr && is_float(in->type.dtype)) {
    node->op = "Cast";
    node->attrs.set("to", std::string("f32"));
    return {};
  }
  node->op = "DequantizeLinear";
  return {};
}

std::vector<Case> quantize_cases() {
  return {{.name = "per_tensor", .inputs = {f32({3, 40}), f32({})}, .low = 0.1, .high = 3}};
}
std::vector<Case> dequantize_cases() {
  return {{.name = "per_axis",
           .inputs = {typed(DType::i8, {3, 4, 5}), f32({4})},
           .low = 0.1,
           .high = 9,
           .constants = {1}}};
}

constexpr OnnxRule kDequantize[] = {{"DequantizeLinear"}, {"com.microsoft:DequantizeLinear"}};
constexpr TfliteRule kTfliteQuantize[] = {{"QUANTIZE", read_quantize}},
                     kTfliteDequantize[] = {{"DEQUANTIZE", read_dequantize}};
constexpr OpDef kOps[] = {
    {.name = "QuantizeLinear",
     .schema = Schema(1, 3, 1, 1, kQuantizeAttrs),
     .infer = infer_quantize,
     .cost = cost,
     .reference = reference_quantize,
     .scratch = kNotApplicable,
     .in_place = kNotApplicable,
     .rows = rows_same,
     .quant = QuantRule::keep_float,
     .onnx = std::span<const OnnxRule>(kQuantizeOnnx),
     .tflite = std::span<const TfliteRule>(kTfliteQuantize),
     .cases = quantize_cases},
    {.name = "DequantizeLinear",
     .schema = Schema(1, 3, 1, 1, kDequantizeAttrs),
     .infer = infer_dequantize,
     .cost = cost,
     .reference = reference_dequantize,
     .scratch = kNotApplicable,
     .in_place = kNotApplicable,
     .rows = rows_same,
     .quant = QuantRule::keep_float,
     .onnx = std::span<const OnnxRule>(kDequantize),
     .tflite = std::span<const TfliteRule>(kTfliteDequantize),
     .cases = dequantize_cases},
};

}  // namespace

FETTLE_OP_TABLE(quantize_linear, kOps)

}  // namespace fettle::ops
