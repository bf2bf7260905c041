// SPDX-License-Identifier: Apache-2.0
#include "search/layer_costs.h"

namespace fettle::search {

namespace {

device::LayerKind kind_of(const plan::Plan& plan, const plan::Step& step, DType compute) {
  if (step.op == "Gemm" || step.op == "MatMul") return device::LayerKind::gemm;
  if (step.op != "Conv" || step.inputs.size() < 2) return device::LayerKind::other;
  const Dims& x = plan.tensors[step.inputs[0]].dims;
  const Dims& w = plan.tensors[step.inputs[1]].dims;
  if (x.rank() != 4 || w.rank() != 4) return device::LayerKind::conv;
  const bool nhwc = step.attrs.get_string("layout", "nchw") == "nhwc";
  const auto strides = step.attrs.get_ints("strides");
  return device::kind_of_conv(w[nhwc ? 1 : 2], w[nhwc ? 2 : 3], strides.empty() ? 1 : strides[0],
                              step.attrs.get_int("group", 1), nhwc ? x[3] : x[1], compute);
}

}  // namespace

std::vector<device::LayerCost> layer_costs(const plan::Plan& plan) {
  std::vector<device::LayerCost> layers;
  for (const plan::Step& step : plan.steps) {
    device::LayerCost layer;
    layer.name = step.name;
    layer.op = step.op;
    layer.macs = step.macs;
    for (int32_t t : step.inputs) {
      if (t < 0) continue;
      if (plan.tensors[t].striped) continue;  // its rows stay in the cache
      const auto bytes = static_cast<int64_t>(plan.tensors[t].bytes());
      (plan.tensors[t].is_weight() ? layer.weight_bytes : layer.in_bytes) += bytes;
    }
    for (int32_t t : step.outputs) {
      if (t < 0) continue;
      if (!plan.tensors[t].striped)
        layer.out_bytes += static_cast<int64_t>(plan.tensors[t].bytes());
      if (step.macs == 0) layer.flops_other += plan.tensors[t].dims.elements();
    }
    if (!step.inputs.empty() && step.inputs[0] >= 0) {
      layer.compute = plan.tensors[step.inputs[0]].dtype;
    }
    layer.kind = kind_of(plan, step, layer.compute);
    layers.push_back(std::move(layer));
  }
  return layers;
}

}  // namespace fettle::search
