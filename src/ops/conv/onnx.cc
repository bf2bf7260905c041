// SPDX-License-Identifier: Apache-2.0
#include "ops/conv/conv.h"

namespace fettle::ops {

std::span<const OnnxRule> conv_onnx() {
  static constexpr OnnxRule rules[] = {{"Conv"}};
  return rules;
}

}  // namespace fettle::ops
