// SPDX-License-Identifier: Apache-2.0
#include "ops/pool/pool.h"
#include "ops/tflite_rules.h"

namespace fettle::ops {

namespace {
Status read_pool(ir::Node* node, const char* op) {
  Attributes& attrs = node->attrs;
  pair_to_list(attrs, "stride_h", "stride_w", "strides");
  pair_to_list(attrs, "filter_height", "filter_width", "kernel_shape");
  FETTLE_TRY(read_tflite_padding(attrs));
  FETTLE_TRY(read_tflite_activation(attrs));
  attrs.set("layout", "nhwc");
  node->op = op;
  return {};
}
Status read_max(ir::Graph&, ir::Node* node) { return read_pool(node, "MaxPool"); }
Status read_average(ir::Graph&, ir::Node* node) { return read_pool(node, "AveragePool"); }
}  // namespace

std::span<const TfliteRule> max_pool_tflite() {
  static constexpr TfliteRule rules[] = {{"MAX_POOL_2D", read_max}};
  return rules;
}
std::span<const TfliteRule> average_pool_tflite() {
  static constexpr TfliteRule rules[] = {{"AVERAGE_POOL_2D", read_average}};
  return rules;
}

}  // namespace fettle::ops
