// SPDX-License-Identifier: Apache-2.0
#include "runtime/kernels/quantize/concat_i16.h"

#include <cstring>

#include "base/requantize.h"

namespace fettle::runtime {

namespace {

constexpr int64_t kGrain = 4096;  // codes that are worth handing over

}  // namespace

bool supports_concat_i16(const OpCall& call) { return is_concat_of_codes(call, DType::i16); }

Status ConcatI16::prepare(const OpCall& call, const KernelOptions& options) {
  if (!supports_concat_i16(call)) return unsupported("concat_i16: not one that it takes");
  rows_ = read_concat_rows(call);
  const Quantization& to = *call.out[0].quant;
  for (size_t k = 0; k < call.in.size(); ++k) {
    const Quantization& from = *call.in[k].quant;
    Requantization what{};
    what.count = rows_.units[k];
    what.scale = requantize_multiplier(from.scale[0], to.scale[0]);
    what.lo = INT16_MIN;
    what.hi = INT16_MAX;
    operands_.push_back({from == to, what});
  }
  const auto type = static_cast<size_t>(CodeType::i16);
  requantize_ = quantize_kernels(options.isa).requantize[type][type];
  return {};
}

Status ConcatI16::run(const OpCall& call, ThreadPool& pool) {
  auto* y = call.out[0].as_mutable<int16_t>();
  pool.parallel_for(rows_.outer, (kGrain + rows_.out_unit - 1) / rows_.out_unit,
                    [&](int64_t begin, int64_t end, int) {
                      for (int64_t o = begin; o < end; ++o) {
                        int16_t* to = y + o * rows_.out_unit;
                        for (size_t k = 0; k < operands_.size(); to += rows_.units[k++]) {
                          const Operand& operand = operands_[k];
                          const int64_t unit = rows_.units[k];
                          const int16_t* from = call.in[k].as<int16_t>() + o * unit;
                          if (unit == 0) continue;
                          if (operand.copies) {
                            std::memcpy(to, from, static_cast<size_t>(unit) * sizeof(int16_t));
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
