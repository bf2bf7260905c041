// SPDX-License-Identifier: Apache-2.0
//
// The activation that Conv, Gemm, MatMul, Add and the like apply to what they have computed, where
// a pass has fused it into them: attribute `activation` and the numbers in `activation_params`.
//
//   none · relu · relu6 · clip {low, high} · hard_swish · hard_sigmoid {alpha, beta} · sigmoid ·
//   silu · leaky_relu {alpha} · tanh · gelu
#pragma once

#include <cmath>

#include "base/attributes.h"
#include "base/status.h"

namespace fettle::ops {

enum class ActivationKind : uint8_t {
  none,
  clip,
  hard_swish,
  hard_sigmoid,
  sigmoid,
  silu,
  leaky_relu,
  tanh,
  gelu,
};

struct Activation {
  ActivationKind kind = ActivationKind::none;
  float a = 0, b = 0;  // clip: low, high (relu: 0, infinity); hard_sigmoid: alpha, beta
};

// An error on an unknown name or a wrong count of parameters.
Status parse_activation(const Attributes& attrs, Activation* out);

// TFLite's attribute fused_activation_function ("RELU6") rewritten into ours.
Status read_tflite_activation(Attributes& attrs);

template <class A>
A activate(const Activation& f, A x) {
  const A one = 1;
  switch (f.kind) {
    case ActivationKind::none:
      return x;
    case ActivationKind::clip:
      return x < f.a ? A(f.a) : x > f.b ? A(f.b) : x;
    case ActivationKind::hard_swish: {
      const A t = x + 3;
      return x * (t < 0 ? A(0) : t > 6 ? A(6) : t) / 6;
    }
    case ActivationKind::hard_sigmoid: {
      const A t = f.a * x + f.b;
      return t < 0 ? A(0) : t > 1 ? one : t;
    }
    case ActivationKind::sigmoid:
      return one / (one + std::exp(-x));
    case ActivationKind::silu:
      return x / (one + std::exp(-x));
    case ActivationKind::leaky_relu:
      return x < 0 ? f.a * x : x;
    case ActivationKind::tanh:
      return std::tanh(x);
    case ActivationKind::gelu:
      return x * (one + std::erf(x * A(0.70710678118654752440))) / 2;
  }
  return x;
}

}  // namespace fettle::ops
