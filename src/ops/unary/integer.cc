// SPDX-License-Identifier: Apache-2.0
#include "ops/unary/integer.h"

#include "ops/quantized.h"
#include "ops/unary/formulas.h"

namespace fettle::ops {

bool is_wide_code(const OpCall& call) {
  return call.in[0].dtype == DType::i16 && call.in[0].quant != nullptr;
}

HardGate gate_of_hard_sigmoid(const OpCall& call) {
  const UnaryParams p = formula::HardSigmoid::params(call.attrs);
  return hard_sigmoid_gate(p.a, p.b, scale_of(call.in[0]), scale_of(call.out[0]));
}

HardGate gate_of_hard_swish(const OpCall& call) {
  return hard_swish_gate(scale_of(call.in[0]), scale_of(call.out[0]));
}

Status infer_hard_gate(const char* op, const OpCall& call, GateOf gate_of) {
  FETTLE_TRY(require_quantized(op, "the input", call.in[0]));
  FETTLE_TRY(infer_quantized_output(op, call, DType::i16));
  call.out[0].dims = call.in[0].dims;
  call.out[0].dynamic = call.in[0].dynamic;
  if (gate_of(call).finite()) return {};
  return unsupported(std::string(op) + ": no integer form of a slope that is not finite");
}

Status run_hard_gate(const OpCall& call, GateOf gate_of) {
  const HardGate gate = gate_of(call);
  const Requantizer quantize{0, INT16_MIN, INT16_MAX};
  const int16_t* x = call.in[0].as<int16_t>();
  int16_t* y = call.out[0].as_mutable<int16_t>();
  for (int64_t i = 0, n = call.in[0].elements(); i < n; ++i) {
    y[i] = static_cast<int16_t>(quantize(gate(x[i])));
  }
  return {};
}

}  // namespace fettle::ops
