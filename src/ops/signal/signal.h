// SPDX-License-Identifier: Apache-2.0
//
// Operators on signals: DFT, STFT and MelWeightMatrix.
#pragma once

#include "ops/op.h"

namespace fettle::ops {

// The value of a scalar integer input, or `otherwise` where it is absent. An error where it is no
// scalar integer, or not known.
Status scalar_input(const char* op, const char* what, const OpCall& call, size_t input,
                    int64_t otherwise, int64_t* value);

}  // namespace fettle::ops
