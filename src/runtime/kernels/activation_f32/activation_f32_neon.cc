// SPDX-License-Identifier: Apache-2.0
#include "runtime/kernels/activation_f32/activation_f32_body.h"

namespace fettle::runtime {
extern const ActivationF32 kActivationF32Neon;
const ActivationF32 kActivationF32Neon = {"activation_f32_neon", Isa::neon, run_activation};
}  // namespace fettle::runtime
