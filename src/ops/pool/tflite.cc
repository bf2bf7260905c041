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

// Where halves go: see integer.cc.
Status read_average_of(ir::Node* node, const char* ties) {
  FETTLE_TRY(read_pool(node, "AveragePool"));
  const ir::Value *x = node->input(0), *y = node->output(0);
  const bool one_range = x != nullptr && y != nullptr && x->type.quant && y->type.quant &&
                         *x->type.quant == *y->type.quant;
  if (one_range) node->attrs.set("ties", ties);
  return {};
}
Status read_average(ir::Graph&, ir::Node* node) { return read_average_of(node, "away"); }
Status read_average_u8(ir::Graph&, ir::Node* node) { return read_average_of(node, "up"); }
}  // namespace

constexpr TfliteRule kMaxPoolTflite[] = {{"MAX_POOL_2D", read_max}};
constexpr TfliteRule kAveragePoolTflite[] = {{"AVERAGE_POOL_2D", read_average},
                                             {"AVERAGE_POOL_2D/u8", read_average_u8}};

}  // namespace fettle::ops
