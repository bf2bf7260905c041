// SPDX-License-Identifier: Apache-2.0
#include "runtime/kernels/hard_i16/hard_kernel_i16.h"

#include "runtime/kernels/quantized_i8.h"

namespace fettle::runtime {

namespace {

constexpr float kMostResult = 0x1p30F;

bool read_gate(const OpCall& call, bool swish, HardGate* gate) {
  const TensorView &x = call.in[0], &y = call.out[0];
  if (x.dtype != DType::i16 || y.dtype != DType::i16) return false;
  if (!is_activation(x) || !is_activation(y)) return false;
  const float from = x.quant->scale[0], to = y.quant->scale[0];
  *gate = swish ? hard_swish_gate(from, to)
                : hard_sigmoid_gate(call.attrs.get_float("alpha", 0.2F),
                                    call.attrs.get_float("beta", 0.5F), from, to);
  const float largest = swish ? static_cast<float>(kMostCodeI16) : 1.0F;
  return gate->finite() && gate->multiplier < kMostResult / largest;
}

}  // namespace

bool supports_hard_i16(const OpCall& call, bool swish) {
  HardGate gate;
  return read_gate(call, swish, &gate);
}

Status HardKernelI16::prepare(const OpCall& call, const KernelOptions& options) {
  if (!read_gate(call, swish_, &gate_)) return unsupported("hard_i16: not one that it takes");
  set_extents(call.out[0].dims);
  fn_ = hard_i16(options.isa);
  return {};
}

void HardKernelI16::run_elements(const OpCall& call, int64_t begin, int64_t end) const {
  fn_(gate_, call.in[0].as<int16_t>() + begin, call.out[0].as_mutable<int16_t>() + begin,
      end - begin);
}

}  // namespace fettle::runtime
