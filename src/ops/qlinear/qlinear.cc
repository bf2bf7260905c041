// SPDX-License-Identifier: Apache-2.0
#include "ops/qlinear/qlinear.h"

namespace fettle::ops {

std::span<const OpDef> qlinear_ops() {
  static const std::vector<OpDef> all = [] {
    std::vector<OpDef> ops;
    for (const OpDef& op : integer_conv_ops()) ops.push_back(op);
    for (const OpDef& op : integer_matmul_ops()) ops.push_back(op);
    return ops;
  }();
  return all;
}

}  // namespace fettle::ops
