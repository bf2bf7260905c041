// SPDX-License-Identifier: Apache-2.0
#include "runtime/kernels/activation_f32/activation_f32_body.h"

namespace fettle::runtime {
extern const ActivationF32 kActivationF32Portable;
const ActivationF32 kActivationF32Portable = {"activation_f32_portable", Isa::portable,
                                              run_activation};
}  // namespace fettle::runtime
