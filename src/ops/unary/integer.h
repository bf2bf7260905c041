// SPDX-License-Identifier: Apache-2.0
//
// The functions of one 16-bit code that are computed and not looked up: HardSigmoid and HardSwish
// (base/hard_gate.h).
#pragma once

#include "base/hard_gate.h"
#include "base/op_call.h"

namespace fettle::ops {

// Whether input 0 is codes of 16 bits.
bool is_wide_code(const OpCall& call);

// As HardGate makes them of the scales of input 0 and of output 0, which are checked already.
using GateOf = HardGate (*)(const OpCall& call);

// Output 0, whose quantization the graph has to state, has input 0's type and dims.
Status infer_hard_gate(const char* op, const OpCall& call, GateOf gate_of);
Status run_hard_gate(const OpCall& call, GateOf gate_of);

HardGate gate_of_hard_sigmoid(const OpCall& call);
HardGate gate_of_hard_swish(const OpCall& call);

}  // namespace fettle::ops
