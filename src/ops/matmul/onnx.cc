// SPDX-License-Identifier: Apache-2.0
#include "ops/matmul/matmul.h"

namespace fettle::ops {

namespace {
// Before opset 7 a Gemm said whether its bias broadcasts; it does now where its shape asks for it.
Status read_gemm(ir::Graph&, ir::Node* node, int) {
  node->attrs.erase("broadcast");
  return {};
}
}  // namespace

constexpr OnnxRule kGemmOnnx[] = {{"Gemm", 1, read_gemm}};

}  // namespace fettle::ops
