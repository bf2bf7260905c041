// SPDX-License-Identifier: Apache-2.0
//
// HardSigmoid and HardSwish of 16-bit codes (base/hard_gate.h): products are rounded before the
// offset is added, no fused multiply-add.
#pragma once

#include <cstdint>

#include "base/cpu.h"
#include "base/hard_gate.h"

namespace fettle::runtime {

// y[i] = round(gate(x[i])), which fits 32 bits. y may be x.
using HardI16Fn = void (*)(const HardGate& gate, const int16_t* x, int16_t* y, int64_t count);

// The best that runs on `isa`.
HardI16Fn hard_i16(Isa isa);

}  // namespace fettle::runtime
