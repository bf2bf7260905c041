// SPDX-License-Identifier: Apache-2.0
#include "runtime/kernels/quantize/concat_i16.h"

#include <cstring>

#include "base/requantize.h"

namespace fettle::runtime {

namespace {

constexpr int64_t kGrain = 4096;  // codes that are worth handing over

bool is_activation_i16(const TensorView& v) {
  return v.dtype == DType::i16 && v.quant != nullptr && v.quant->per_tensor() &&
         v.quant->zero_point[0] == 0;
}

}  // namespace

bool supports_concat_i16(const OpCall& call) {
  const TensorView& y = call.out[0];
  for (const TensorView& x : call.in) {
    if (!is_activation_i16(x) || x.dims.rank() != y.dims.rank()) return false;
  }
  return is_activation_i16(y) && y.elements() > 0;
}

Status ConcatI16::prepare(const OpCall& call, const KernelOptions& options) {
  if (!supports_concat_i16(call)) return unsupported("concat_i16: not one that it takes");
  const TensorView& y = call.out[0];
  const int rank = y.dims.rank();
  const int64_t given = call.attrs.get_int("axis");
  const int axis = static_cast<int>(given < 0 ? given + rank : given);
  outer_ = y.dims.product(0, axis);
  out_unit_ = y.dims.product(axis, rank);
  for (const TensorView& x : call.in) {
    Requantization what{};
    what.count = x.dims.product(axis, rank);
    what.scale = requantize_multiplier(x.quant->scale[0], y.quant->scale[0]);
    what.lo = INT16_MIN;
    what.hi = INT16_MAX;
    operands_.push_back({what.count, *x.quant == *y.quant, what});
  }
  const auto type = static_cast<size_t>(CodeType::i16);
  requantize_ = quantize_kernels(options.isa).requantize[type][type];
  return {};
}

Status ConcatI16::run(const OpCall& call, ThreadPool& pool) {
  auto* y = call.out[0].as_mutable<int16_t>();
  pool.parallel_for(
      outer_, (kGrain + out_unit_ - 1) / out_unit_, [&](int64_t begin, int64_t end, int) {
        for (int64_t o = begin; o < end; ++o) {
          int16_t* to = y + o * out_unit_;
          for (size_t k = 0; k < operands_.size(); to += operands_[k++].unit) {
            const Operand& operand = operands_[k];
            const int16_t* from = call.in[k].as<int16_t>() + o * operand.unit;
            if (operand.unit == 0) continue;
            if (operand.copies) {
              std::memcpy(to, from, static_cast<size_t>(operand.unit) * sizeof(int16_t));
              continue;
            }
            Requantization what = operand.what;
            what.x = from;
            what.y = to;
            requantize_(what);
          }
        }
      });
  return {};
}

}  // namespace fettle::runtime
