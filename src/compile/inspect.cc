// SPDX-License-Identifier: Apache-2.0
#include "compile/inspect.h"

#include <cstdio>

namespace fettle::compile {

namespace {

std::string type_of(const plan::PlanTensor& t) {
  std::string s =
      std::string(name_of(t.dtype)) + " " + (t.dynamic ? "up to " : "") + t.dims.to_string();
  if (!t.quant) return s;
  if (!t.quant->per_tensor()) return s + " (quantized per channel)";
  char text[80];
  std::snprintf(text, sizeof text, " (scale %.6g, zero point %d)",
                static_cast<double>(t.quant->scale[0]), t.quant->zero_point[0]);
  return s + text;
}

LayerReport layer_of(const plan::Plan& plan, const plan::Step& step) {
  LayerReport layer;
  layer.op = step.op;
  layer.name = step.name;
  layer.macs = step.macs;
  for (int32_t t : step.inputs) {
    if (t < 0) continue;
    const plan::PlanTensor& in = plan.tensors[t];
    (in.is_weight() ? layer.weight_bytes : layer.in_bytes) += in.bytes();
  }
  for (int32_t t : step.outputs) {
    if (t >= 0) layer.out_bytes += plan.tensors[t].bytes();
  }
  if (!step.inputs.empty() && step.inputs[0] >= 0)
    layer.compute = plan.tensors[step.inputs[0]].dtype;
  if (!step.outputs.empty() && step.outputs[0] >= 0) {
    layer.output = type_of(plan.tensors[step.outputs[0]]);
  }
  return layer;
}

}  // namespace

ModelReport inspect(const CompiledModel& model) {
  const plan::Plan& plan = *model.plan;
  ModelReport report;
  report.name = plan.name;
  report.arena = model.arena;
  report.arena_map = plan::print_arena(plan);
  report.metadata.insert(plan.metadata.begin(), plan.metadata.end());
  for (int32_t t : plan.inputs) {
    report.inputs.push_back({plan.tensors[t].name, type_of(plan.tensors[t])});
  }
  for (int32_t t : plan.outputs) {
    report.outputs.push_back({plan.tensors[t].name, type_of(plan.tensors[t])});
  }
  for (const plan::PlanTensor& t : plan.tensors) {
    if (!t.is_weight()) continue;
    report.parameters += is_float(t.dtype) || t.quant ? t.dims.elements() : 0;
    report.weight_bytes += t.bytes();
  }
  for (const lower::ChainReport& c : lower::report_chains(plan)) {
    report.stripes.push_back({c.chain.first_step, c.chain.last_step(), c.chain.stripe_rows,
                              c.window_bytes, c.whole_bytes});
  }
  for (const plan::Step& s : plan.steps) {
    ++report.operators[s.op];
    report.macs += s.macs;
    report.layers.push_back(layer_of(plan, s));
  }
  return report;
}

}  // namespace fettle::compile
