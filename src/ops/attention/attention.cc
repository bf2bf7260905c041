// SPDX-License-Identifier: Apache-2.0
#include "ops/attention/attention.h"

#include "ops/cases.h"
#include "ops/operands.h"

namespace fettle::ops {

namespace {

constexpr AttrSpec kAttrs[] = {{"is_causal", AttrKind::integer},
                               {"kv_num_heads", AttrKind::integer},
                               {"left_window_size", AttrKind::integer},
                               {"q_num_heads", AttrKind::integer},
                               {"qk_matmul_output_mode", AttrKind::integer},
                               {"right_window_size", AttrKind::integer},
                               {"scale", AttrKind::real},
                               {"softcap", AttrKind::real},
                               {"softmax_precision", AttrKind::integer}};

Status infer(const OpCall& call) {
  AttentionShape s;
  FETTLE_TRY(refuse_quantized("Attention", call));
  FETTLE_TRY(resolve_attention(call, &s));
  FETTLE_TRY(require_float("Attention", "query", call.in[0]));
  for (size_t i : {1, 2, 4, 5}) {
    if (call.has_in(i)) FETTLE_TRY(require_same_dtype("Attention", call.in[0], call.in[i]));
  }
  const int64_t total = s.past + s.keys;
  const Dims dims[] = {s.packed ? Dims{s.batch, s.queries, s.q_heads * s.value_head}
                                : Dims{s.batch, s.q_heads, s.queries, s.value_head},
                       {s.batch, s.kv_heads, total, s.head},
                       {s.batch, s.kv_heads, total, s.value_head},
                       {s.batch, s.q_heads, s.queries, total}};
  for (size_t i = 0; i < call.out.size(); ++i) {
    call.out[i].dtype = call.in[0].dtype;
    call.out[i].dims = dims[i];
    call.out[i].dynamic = any_dynamic(call);
  }
  return {};
}

Cost cost(const OpCall& call) {
  AttentionShape s;
  if (!resolve_attention(call, &s).ok()) return {};
  const int64_t pairs = s.batch * s.q_heads * s.queries * (s.past + s.keys);
  return {.macs = pairs * (s.head + s.value_head), .flops = 4 * pairs};
}

// FlexAttention without its modifying graphs is plain attention.
Status read_flex(ir::Graph&, ir::Node* node, int) {
  if (!node->subgraphs.empty()) {
    return unsupported("FlexAttention with graphs that modify scores", node->label());
  }
  node->op = "Attention";
  return {};
}

std::vector<Case> cases() {
  return {{.name = "heads",
           .inputs = {f32({1, 3, 4, 8}), f32({1, 3, 6, 8}), f32({1, 3, 6, 5})},
           .tolerance = 1e-4f},
          {.name = "causal_grouped",
           .attrs = {{"is_causal", int64_t{1}}},
           .inputs = {f32({2, 4, 5, 8}), f32({2, 2, 5, 8}), f32({2, 2, 5, 8})},
           .tolerance = 1e-4f},
          {.name = "packed_masked",
           .attrs = {{"q_num_heads", int64_t{2}}, {"kv_num_heads", int64_t{2}}},
           .inputs = {f32({1, 4, 16}), f32({1, 6, 16}), f32({1, 6, 16}), f32({4, 6})},
           .tolerance = 1e-4f}};
}

constexpr OnnxRule kOnnx[] = {{"Attention"}, {"ai.onnx.preview:FlexAttention", 1, read_flex}};
constexpr OpDef kOps[] = {{
    .name = "Attention",
    .schema = Schema(3, 7, 1, 4, kAttrs),
    .infer = infer,
    .cost = cost,
    .reference = reference_attention,
    .scratch = scratch_attention,
    .in_place = kNotApplicable,
    .rows = kNotApplicable,
    .quant = QuantRule::keep_float,
    .onnx = std::span<const OnnxRule>(kOnnx),
    .tflite = kNotApplicable,
    .cases = cases,
}};

}  // namespace

FETTLE_OP_TABLE(attention, kOps)

}  // namespace fettle::ops
