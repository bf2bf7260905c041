// SPDX-License-Identifier: Apache-2.0
#include "runtime/kernels/lookup_i16/lookup_kernel_i16.h"

namespace fettle::runtime {

bool supports_lookup_i16(const OpCall& call) {
  const TensorView &x = call.in[0], &table = call.in[1];
  return x.dtype == DType::i16 && table.dtype == DType::i16 && call.out[0].dtype == DType::i16 &&
         !x.dynamic && WideTable::of(table.dims).shift >= 0;
}

Status LookupKernelI16::prepare(const OpCall& call, const KernelOptions& options) {
  if (!supports_lookup_i16(call)) return unsupported("lookup_i16: no function of one 16-bit code");
  form_ = WideTable::of(call.in[1].dims);
  set_extents(call.out[0].dims);
  const LookupI16& kernels = lookup_i16(options.isa);
  fn_ = form_.curves ? kernels.curves : kernels.lines;
  return {};
}

void LookupKernelI16::run_elements(const OpCall& call, int64_t begin, int64_t end) const {
  fn_(call.in[0].as<int16_t>() + begin, call.in[1].as<int16_t>(), form_.shift,
      call.out[0].as_mutable<int16_t>() + begin, end - begin);
}

}  // namespace fettle::runtime
