// SPDX-License-Identifier: Apache-2.0
#include "runtime/kernels/lookup_i16/lookup_kernel_i16.h"

namespace fettle::runtime {

namespace {

// -1: no table has so many entries.
int shift_of(int64_t entries) {
  int shift = 0;
  while (shift <= 7 && entries != (int64_t{65536} >> shift) + 1) ++shift;
  return shift <= 7 ? shift : -1;
}

}  // namespace

bool supports_lookup_i16(const OpCall& call) {
  const TensorView &x = call.in[0], &table = call.in[1];
  return x.dtype == DType::i16 && table.dtype == DType::i16 && call.out[0].dtype == DType::i16 &&
         !x.dynamic && shift_of(table.elements()) >= 0;
}

Status LookupKernelI16::prepare(const OpCall& call, const KernelOptions& options) {
  if (!supports_lookup_i16(call)) return unsupported("lookup_i16: no function of one 16-bit code");
  shift_ = shift_of(call.in[1].elements());
  set_extents(call.out[0].dims);
  fn_ = lookup_i16(options.isa);
  return {};
}

void LookupKernelI16::run_elements(const OpCall& call, int64_t begin, int64_t end) const {
  fn_(call.in[0].as<int16_t>() + begin, call.in[1].as<int16_t>(), shift_,
      call.out[0].as_mutable<int16_t>() + begin, end - begin);
}

}  // namespace fettle::runtime
