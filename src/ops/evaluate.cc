// SPDX-License-Identifier: Apache-2.0
#include "ops/evaluate.h"

#include <algorithm>

namespace fettle::ops {

Status check_schema(const OpDef& op, const Attributes& attrs, size_t inputs, size_t outputs) {
  return fettle::check_schema(op.name, op.schema.get(), attrs, inputs, outputs);
}

Status infer(const OpDef& op, const OpCall& call) { return infer_types(portable_half(op), call); }

Result<std::vector<Tensor>> evaluate(const OpDef& op, const Attributes& attrs,
                                     std::span<const TensorView> in, size_t outputs,
                                     uint64_t limit_bytes,
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
  if (!makes_nothing(out)) FETTLE_TRY(op.reference.get()(call));
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
