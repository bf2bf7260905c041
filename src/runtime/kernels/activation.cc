// SPDX-License-Identifier: Apache-2.0
#include "runtime/kernels/activation.h"

namespace fettle::runtime {

bool read_activation(const Attributes& attrs, Activation* activation) {
  const std::string_view name = attrs.get_string("activation");
  const std::span<const float> params = attrs.get_floats("activation_params");
  const auto param = [&](size_t i, float fallback) {
    return i < params.size() ? params[i] : fallback;
  };
  Activation a;
  if (name.empty() || name == "none") {
  } else if (name == "relu") {
    a.lo = 0;
  } else if (name == "relu6") {
    a.lo = 0;
    a.hi = 6;
  } else if (name == "clip") {
    a.lo = param(0, a.lo);
    a.hi = param(1, a.hi);
  } else if (name == "hard_swish") {
    a.kind = ActivationKind::hard_swish;
  } else if (name == "hard_sigmoid") {
    a = {ActivationKind::hard_sigmoid, param(0, 0.2F), param(1, 0.5F)};
  } else if (name == "sigmoid") {
    a.kind = ActivationKind::sigmoid;
  } else if (name == "silu") {
    a.kind = ActivationKind::silu;
  } else if (name == "leaky_relu") {
    a = {ActivationKind::leaky_relu, param(0, 0.01F), 0};
  } else if (name == "tanh") {
    a.kind = ActivationKind::tanh;
  } else if (name == "gelu") {
    a.kind = ActivationKind::gelu;
  } else {
    return false;
  }
  *activation = a;
  return true;
}

}  // namespace fettle::runtime
