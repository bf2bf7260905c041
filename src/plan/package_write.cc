// SPDX-License-Identifier: Apache-2.0
#include <cstring>

#include "plan/package.h"
#include "plan/plan_generated.h"

namespace fettle::plan {

namespace {

using flatbuffers::FlatBufferBuilder;
using flatbuffers::Offset;

struct AttributeWriter {
  FlatBufferBuilder& b;
  fb::Value type = fb::Value_NONE;
  Offset<void> operator()(int64_t v) { return type = fb::Value_Int, fb::CreateInt(b, v).Union(); }
  Offset<void> operator()(float v) { return type = fb::Value_Float, fb::CreateFloat(b, v).Union(); }
  Offset<void> operator()(const std::string& v) {
    return type = fb::Value_Text, fb::CreateText(b, b.CreateString(v)).Union();
  }
  Offset<void> operator()(const std::vector<int64_t>& v) {
    return type = fb::Value_Ints, fb::CreateInts(b, b.CreateVector(v)).Union();
  }
  Offset<void> operator()(const std::vector<float>& v) {
    return type = fb::Value_Floats, fb::CreateFloats(b, b.CreateVector(v)).Union();
  }
  Offset<void> operator()(const std::vector<std::string>& v) {
    return type = fb::Value_Texts, fb::CreateTexts(b, b.CreateVectorOfStrings(v)).Union();
  }
};

Offset<fb::Step> write_step(FlatBufferBuilder& b, const Step& step) {
  std::vector<Offset<fb::Attribute>> attrs;
  for (const auto& [name, value] : step.attrs.entries()) {
    const auto key = b.CreateString(name);
    AttributeWriter writer{b};
    const auto written = std::visit(writer, value);
    attrs.push_back(fb::CreateAttribute(b, key, writer.type, written));
  }
  const auto op = b.CreateString(step.op), name = b.CreateString(step.name);
  const auto attr_list = b.CreateVector(attrs);
  const auto inputs = b.CreateVector(step.inputs), outputs = b.CreateVector(step.outputs);
  return fb::CreateStep(b, op, name, attr_list, inputs, outputs, step.in_place, step.macs,
                        step.guard, step.guard_is);
}

// `weight_at`: where the next weight goes, counted from the first.
Offset<fb::Tensor> write_tensor(FlatBufferBuilder& b, const PlanTensor& t, uint64_t offset) {
  const auto name = b.CreateString(t.name);
  const auto dims = b.CreateVector(t.dims.begin(), static_cast<size_t>(t.dims.rank()));
  Offset<fb::Quantization> quant;
  if (t.quant) {
    const auto scale = b.CreateVector(t.quant->scale);
    const auto zero = b.CreateVector(t.quant->zero_point);
    quant = fb::CreateQuantization(b, scale, zero, t.quant->axis);
  }
  return fb::CreateTensor(b, name, static_cast<uint8_t>(t.dtype), t.dynamic, dims, quant,
                          t.is_weight(), offset, t.striped);
}

// Weight offsets are counted from the end of the plan, whose size does not depend on them.
FlatBufferBuilder write_plan(const Plan& plan) {
  FlatBufferBuilder b(1 << 16);
  std::vector<Offset<fb::Entry>> metadata;
  for (const auto& [key, value] : plan.metadata) {
    const auto k = b.CreateString(key), v = b.CreateString(value);
    metadata.push_back(fb::CreateEntry(b, k, v));
  }
  std::vector<Offset<fb::Tensor>> tensors;
  uint64_t weight_at = 0;
  for (const PlanTensor& t : plan.tensors) {
    tensors.push_back(write_tensor(b, t, t.is_weight() ? weight_at : t.offset));
    if (t.is_weight()) weight_at += align_up(t.bytes());
  }
  std::vector<Offset<fb::Step>> steps;
  for (const Step& s : plan.steps) steps.push_back(write_step(b, s));
  const auto name = b.CreateString(plan.name);
  const auto entries = b.CreateVector(metadata);
  const auto tensor_list = b.CreateVector(tensors);
  const auto step_list = b.CreateVector(steps);
  const auto inputs = b.CreateVector(plan.inputs), outputs = b.CreateVector(plan.outputs);
  std::vector<fb::Chain> chains;
  for (const Chain& c : plan.chains) chains.emplace_back(c.first_step, c.steps, c.stripe_rows);
  const auto chain_list = b.CreateVectorOfStructs(chains);
  fb::FinishPlanBuffer(b, fb::CreatePlan(b, name, entries, tensor_list, step_list, inputs, outputs,
                                         plan.arena_bytes, chain_list));
  return b;
}

}  // namespace

std::string write_package(const Plan& plan) {
  const FlatBufferBuilder b = write_plan(plan);
  const uint64_t size = b.GetSize();
  std::string file("FETTLE\0", 7);
  file.push_back(kPackageVersion);
  file.append(reinterpret_cast<const char*>(&size), sizeof size);
  file.append(reinterpret_cast<const char*>(b.GetBufferPointer()), size);
  for (const PlanTensor& t : plan.tensors) {
    file.resize(align_up(file.size()), '\0');
    if (t.is_weight()) file.append(static_cast<const char*>(t.weight.raw()), t.bytes());
  }
  file.resize(align_up(file.size()), '\0');
  for (const PackedWeights& weights : plan.packed) file += write_packed(weights);
  return file;
}

}  // namespace fettle::plan
