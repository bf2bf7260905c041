// SPDX-License-Identifier: Apache-2.0
#include "runtime/kernels/activation_f32/activation_f32_body.h"

namespace fettle::runtime {
extern const ActivationF32 kActivationF32Avx2;
const ActivationF32 kActivationF32Avx2 = {"activation_f32_avx2", Isa::avx2, run_activation};
}  // namespace fettle::runtime
