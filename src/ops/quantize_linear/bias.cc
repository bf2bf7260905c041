// SPDX-License-Identifier: Apache-2.0
#include "ops/quantize_linear/bias.h"

#include <algorithm>

namespace fettle::ops {

ir::Value* dequantized_bias(ir::Graph& graph, ir::Node* before, ir::Value* bias,
                            const ir::Value* x_scale, const ir::Value* w_scale, float alpha) {
  for (const ir::Value* s : {x_scale, w_scale}) {
    if (s == nullptr || !s->is_constant() || s->data->dtype() != DType::f32) return nullptr;
  }
  if (x_scale->data->elements() != 1) return nullptr;
  const float unit = alpha * x_scale->data->data<float>()[0];
  Tensor scale(DType::f32, w_scale->data->elements() == 1 ? Dims{} : w_scale->data->dims());
  const auto from = w_scale->data->data<float>();
  std::transform(from.begin(), from.end(), scale.mutable_data<float>().begin(),
                 [unit](float s) { return unit * s; });
  ir::Value* operand = graph.add_constant(bias->name + "/scale", std::move(scale));
  return graph.add_node("DequantizeLinear", {bias, operand}, 1, {{"axis", int64_t{0}}}, before)
      ->outputs[0];
}

}  // namespace fettle::ops
