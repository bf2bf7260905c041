// SPDX-License-Identifier: Apache-2.0
#include "ops/evaluate.h"

#include <algorithm>

namespace fettle::ops {

namespace {
std::string count_range(int least, int most) {
  if (most < 0) return std::to_string(least) + " or more";
  if (least == most) return std::to_string(least);
  return std::to_string(least) + " to " + std::to_string(most);
}

bool fits(size_t n, int least, int most) {
  return n >= static_cast<size_t>(least) && (most < 0 || n <= static_cast<size_t>(most));
}
}  // namespace

Status check_schema(const OpDef& op, const Attributes& attrs, size_t inputs, size_t outputs) {
  const Schema& s = op.schema.get();
  if (!fits(inputs, s.min_inputs, s.max_inputs)) {
    return invalid_input(std::string(op.name) + " takes " +
                         count_range(s.min_inputs, s.max_inputs) + " inputs, not " +
                         std::to_string(inputs));
  }
  if (!fits(outputs, s.min_outputs, s.max_outputs)) {
    return invalid_input(std::string(op.name) + " has " +
                         count_range(s.min_outputs, s.max_outputs) + " outputs, not " +
                         std::to_string(outputs));
  }
  for (const auto& [name, value] : attrs.entries()) {
    const auto spec =
        std::find_if(s.attrs.begin(), s.attrs.end(),
                     [&wanted = name](const AttrSpec& a) { return a.name == wanted; });
    if (spec == s.attrs.end()) {
      return unsupported(std::string(op.name) + " has no attribute '" + name + "'");
    }
    if (static_cast<size_t>(spec->kind) != value.index()) {
      return invalid_input(std::string(op.name) + ": attribute '" + name + "' is of another kind");
    }
  }
  return {};
}

Status infer(const OpDef& op, const OpCall& call) {
  for (size_t i = 0; i < static_cast<size_t>(op.schema.get().min_inputs); ++i) {
    if (!call.has_in(i)) {
      return invalid_input(std::string(op.name) + " needs its input " + std::to_string(i));
    }
  }
  FETTLE_TRY(op.infer.get()(call));
  for (const TensorView& out : call.out) {
    if (!out.dims.valid()) {
      return invalid_input("output of " + std::string(op.name) + " would be " +
                           out.dims.to_string() + ", past any size this can hold");
    }
  }
  return {};
}

Result<std::vector<Tensor>> evaluate(const OpDef& op, const Attributes& attrs,
                                     std::span<const TensorView> in, size_t outputs,
                                     size_t limit_bytes,
                                     std::span<const Quantization* const> stated) {
  if (!op.reference.applies()) {
    return unsupported(std::string(op.name) + " cannot be evaluated by itself");
  }
  std::vector<TensorView> out(outputs);
  for (size_t i = 0; i < std::min(outputs, stated.size()); ++i) out[i].quant = stated[i];
  OpCall call{attrs, in, out};
  FETTLE_TRY(infer(op, call));
  std::vector<Tensor> made;
  for (TensorView& o : out) {
    if (o.bytes() > limit_bytes) {
      return Status(Code::out_of_memory,
                    std::string(op.name) + " would make " + std::to_string(o.bytes()) + " bytes");
    }
    made.emplace_back(o.dtype, o.dims);
    o.data = made.back().mutable_raw();
  }
  const size_t scratch_bytes = op.scratch.applies() ? op.scratch.get()(call) : 0;
  if (scratch_bytes > limit_bytes) {
    return Status(Code::out_of_memory, std::string(op.name) + " needs too much scratch");
  }
  Tensor scratch(DType::u8, {static_cast<int64_t>(scratch_bytes)});
  call.scratch = {static_cast<std::byte*>(scratch.mutable_raw()), scratch_bytes};
  FETTLE_TRY(op.reference.get()(call));
  for (size_t i = 0; i < outputs; ++i) {
    if (!(made[i].dims() == out[i].dims)) {  // the actual extents of a dynamic output
      made[i] =
          Tensor(made[i].dtype(), out[i].dims, made[i].raw(), std::make_shared<Tensor>(made[i]));
    }
    if (out[i].quant) made[i].set_quant(std::make_shared<Quantization>(*out[i].quant));
  }
  return made;
}

}  // namespace fettle::ops
