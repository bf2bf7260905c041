// SPDX-License-Identifier: Apache-2.0
//
// Activations over rows of floats, in place or into another array; one function per instruction
// set. Within 2e-6 of the exact value, relative; gelu within 2e-7 absolute where that is more.
#pragma once

#include <cstdint>

#include "runtime/kernels/activation.h"

namespace fettle::runtime {

// to[r * stride + c] = act(from[r * stride + c]) for r < rows, c < cols. `from` may be `to`.
// Touches nothing between cols and stride.
using ActivationF32Fn = void (*)(const Activation& act, const float* from, float* to, int64_t rows,
                                 int64_t cols, int64_t stride);

struct ActivationF32 {
  const char* name;
  Isa isa;
  ActivationF32Fn fn;
};

// The best that runs on `isa`.
const ActivationF32& activation_f32(Isa isa);

}  // namespace fettle::runtime
