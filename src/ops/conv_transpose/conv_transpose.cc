// SPDX-License-Identifier: Apache-2.0
#include "ops/conv_transpose/conv_transpose.h"

#include "ops/cases.h"
#include "ops/operands.h"
#include "ops/tflite_rules.h"

namespace fettle::ops {

namespace {

constexpr AttrSpec kAttrs[] = {
    {"kernel_shape", AttrKind::integers},  {"strides", AttrKind::integers},
    {"pads", AttrKind::integers},          {"dilations", AttrKind::integers},
    {"output_shape", AttrKind::integers},  {"output_padding", AttrKind::integers},
    {"group", AttrKind::integer},          {"auto_pad", AttrKind::string},
    {"layout", AttrKind::string},          {"activation", AttrKind::string},
    {"activation_params", AttrKind::reals}};

Status infer(const OpCall& call) {
  ConvTransposeShape s;
  FETTLE_TRY(resolve_conv_transpose(call, &s));
  FETTLE_TRY(refuse_quantized("ConvTranspose", call));
  FETTLE_TRY(require_float("ConvTranspose", "input", call.in[0]));
  for (size_t i = 1; i < 3; ++i) {
    if (call.has_in(i)) FETTLE_TRY(require_same_dtype("ConvTranspose", call.in[0], call.in[i]));
  }
  call.out[0].dtype = call.in[0].dtype;
  call.out[0].dims = image_dims(s.window.rank, s.nhwc, s.x.batch, s.out_channels, s.window.out);
  call.out[0].dynamic = any_dynamic(call);
  return {};
}

Cost cost(const OpCall& call) {
  ConvTransposeShape s;
  if (!resolve_conv_transpose(call, &s).ok()) return {};
  const int64_t inputs = s.window.in[0] * s.window.in[1] * s.window.in[2];
  return {.macs = s.x.batch * s.x.channels * inputs * (s.out_channels / s.group) * s.window.taps()};
}

Status reference(const OpCall& call) {
  ConvTransposeShape s;
  FETTLE_TRY(resolve_conv_transpose(call, &s));
  return reference_conv_transpose_float(call, s);
}

// TRANSPOSE_CONV(output_shape, w [O,KH,KW,I], x, bias?): what the stated shape does not need is
// cut off, the larger half at the end. Where weights are 8-bit codes, floats are quantized as they
// come; there is no product of codes here, so they are rounded to what they would be then.
Status read_tflite(ir::Graph& graph, ir::Node* node) {
  if (node->inputs.size() < 3) return invalid_input("TRANSPOSE_CONV needs three inputs");
  Attributes& attrs = node->attrs;
  pair_to_list(attrs, "stride_h", "stride_w", "strides");
  FETTLE_TRY(read_tflite_padding(attrs));
  FETTLE_TRY(read_tflite_activation(attrs));
  attrs.erase("quantized_bias_type");
  attrs.set("auto_pad", "SAME_UPPER");
  attrs.set("layout", "nhwc");
  ir::Value *shape = node->input(0), *w = node->input(1), *x = node->input(2),
            *bias = node->input(3);
  if (w != nullptr && w->type.quant && x != nullptr && x->type.dtype == DType::f32) {
    x = graph.add_node("DynamicRound", {x}, 1, {}, node)->outputs[0];
  }
  graph.set_input(node, 0, x);
  graph.set_input(node, 1, w);
  graph.set_input(node, 2, bias);
  graph.set_input(node, 3, shape);
  node->op = "ConvTranspose";
  return {};
}

std::vector<Case> cases() {
  using I = std::vector<int64_t>;
  return {
      {.name = "strided",
       .attrs = {{"strides", I{2, 2}}, {"pads", I{1, 1, 1, 1}}},
       .inputs = {f32({1, 4, 5, 6}), f32({4, 3, 4, 4}), f32({3})},
       .constants = {1, 2}},
      {.name = "grouped_output_padding",
       .attrs = {{"strides", I{2, 3}}, {"group", int64_t{2}}, {"output_padding", I{1, 1}}},
       .inputs = {f32({1, 4, 3, 3}), f32({4, 2, 3, 3})},
       .constants = {1}},
      {.name = "nhwc_same",
       .attrs = {{"strides", I{2, 2}},
                 {"auto_pad", "SAME_UPPER"},
                 {"layout", "nhwc"},
                 {"activation", "relu"}},
       .inputs = {f32({1, 5, 5, 8}), f32({6, 3, 3, 8}), f32({6})},
       .constants = {1, 2}},
      {.name = "one_axis", .inputs = {f32({1, 2, 7}), f32({2, 3, 3})}, .constants = {1}},
  };
}

constexpr OnnxRule kOnnx[] = {{"ConvTranspose"}};
constexpr TfliteRule kTflite[] = {{"TRANSPOSE_CONV", read_tflite, true}};
constexpr OpDef kOps[] = {{
    .name = "ConvTranspose",
    .schema = Schema(2, 4, 1, 1, kAttrs),
    .infer = infer,
    .cost = cost,
    .reference = reference,
    .scratch = scratch_conv_transpose,
    .in_place = kNotApplicable,
    .rows = kNotApplicable,
    .quant = QuantRule::weighted,
    .onnx = std::span<const OnnxRule>(kOnnx),
    .tflite = std::span<const TfliteRule>(kTflite),
    .cases = cases,
}};

}  // namespace

FETTLE_OP_TABLE(conv_transpose, kOps)

}  // namespace fettle::ops
