// SPDX-License-Identifier: Apache-2.0
//
// The activation that a convolution or a matrix product applies to its result. Bounded linear ones
// (none, relu, relu6, clip) are two bounds that the micro-kernels apply in registers; the others
// run over each tile while it is in the first-level cache.
#pragma once

#include <cstdint>

#include "base/attributes.h"
#include "base/cpu.h"

namespace fettle::runtime {

enum class ActivationKind : uint8_t {
  clamp,  // min(max(x, lo), hi)
  hard_swish,
  hard_sigmoid,  // clip(lo * x + hi, 0, 1): lo is alpha, hi is beta
  sigmoid,
  silu,
  leaky_relu,  // lo is alpha
  tanh,
  gelu,
};

struct Activation {
  ActivationKind kind = ActivationKind::clamp;
  float lo = -__builtin_inff();
  float hi = __builtin_inff();

  bool is_clamp() const { return kind == ActivationKind::clamp; }
  // The bounds to apply in registers: none where the activation runs afterwards.
  float clamp_lo() const { return is_clamp() ? lo : -__builtin_inff(); }
  float clamp_hi() const { return is_clamp() ? hi : __builtin_inff(); }
};

// Reads "activation" and "activation_params"; false where this build does not know the name.
bool read_activation(const Attributes& attrs, Activation* activation);

}  // namespace fettle::runtime
