// SPDX-License-Identifier: Apache-2.0
#include "runtime/kernels/lookup_i8/lookup_kernel_i8.h"

#include <algorithm>

#include "base/requantize.h"
#include "runtime/kernels/move/copy_rows.h"
#include "runtime/kernels/quantized_i8.h"

namespace fettle::runtime {

namespace {

constexpr int64_t kGrain = 16384;
// Stretches of fewer codes fill vectors badly.
constexpr int64_t kLongStretch = 256;
constexpr int64_t kTogether = 2048;

// Codes of `from` in the range of `to`.
TableI8 requantizing(const TensorView& from, const TensorView& to) {
  const Requantizer quantize{to.quant->zero_point[0]};
  const float multiplier = requantize_multiplier(from.quant->scale[0], to.quant->scale[0]);
  TableI8 table;
  for (int32_t code = -128; code < 128; ++code) {
    table[static_cast<size_t>(code + 128)] =
        static_cast<int8_t>(quantize(code - from.quant->zero_point[0], multiplier));
  }
  return table;
}

}  // namespace

bool supports_lookup_i8(const OpCall& call) {
  const TensorView &x = call.in[0], &t = call.in[1];
  if (x.dtype != DType::i8 || t.dtype != DType::i8 || call.out[0].dtype != DType::i8) return false;
  return !x.dynamic && t.elements() == kLookupCodes;
}

Status LookupKernelI8::prepare(const OpCall& call, const KernelOptions& options) {
  if (!supports_lookup_i8(call)) return unsupported("lookup_i8: no function of one 8-bit code");
  set_extents(call.out[0].dims);
  look_up_ = lookup_i8(options.isa);
  return {};
}

void LookupKernelI8::run_elements(const OpCall& call, int64_t begin, int64_t end) const {
  look_up_(call.in[0].as<int8_t>() + begin, call.in[1].as<int8_t>(),
           call.out[0].as_mutable<int8_t>() + begin, end - begin);
}

bool supports_concat_i8(const OpCall& call) { return is_concat_of_codes(call, DType::i8); }

Status ConcatI8::prepare(const OpCall& call, const KernelOptions& options) {
  if (!supports_concat_i8(call)) return unsupported("concat_i8: not one that it takes");
  rows_ = read_concat_rows(call);
  for (const TensorView& x : call.in) {
    copies_.push_back(*x.quant == *call.out[0].quant);
    tables_.push_back(requantizing(x, call.out[0]));
  }
  look_up_ = lookup_i8(options.isa);
  return {};
}

void ConcatI8::run_tile(const OpCall& call, int64_t begin, int64_t end) const {
  int8_t* to = call.out[0].as_mutable<int8_t>() + begin * rows_.out_unit;
  for (size_t k = 0; k < rows_.units.size(); to += rows_.units[k++]) {
    const int64_t unit = rows_.units[k];
    const int8_t* x = call.in[k].as<int8_t>() + begin * unit;
    if (copies_[k]) {
      if (unit > 0) copy_rows(x, unit, to, rows_.out_unit, end - begin, unit);
    } else if (unit >= kLongStretch) {
      for (int64_t o = 0; o < end - begin; ++o) {
        look_up_(x + o * unit, tables_[k].data(), to + o * rows_.out_unit, unit);
      }
    } else if (unit > 0) {  // many together, then each to its place
      int8_t codes[kTogether];
      const int64_t most = kTogether / unit;
      for (int64_t o = 0; o < end - begin; o += most) {
        const int64_t count = std::min(most, end - begin - o);
        look_up_(x + o * unit, tables_[k].data(), codes, count * unit);
        copy_rows(codes, unit, to + o * rows_.out_unit, rows_.out_unit, count, unit);
      }
    }
  }
}

Status ConcatI8::run(const OpCall& call, ThreadPool& pool) {
  const int64_t grain = (kGrain + rows_.out_unit - 1) / rows_.out_unit;
  pool.parallel_for(rows_.outer, grain, [&](int64_t begin, int64_t end, int) {
    // A tile of the result stays near while all operands are written to it.
    for (int64_t o = begin; o < end; o += grain) run_tile(call, o, std::min(end, o + grain));
  });
  return {};
}

}  // namespace fettle::runtime
