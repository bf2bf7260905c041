// SPDX-License-Identifier: Apache-2.0
//
// CONV_2D       filter [O,KH,KW,I/group]  ->  Conv nhwc, the same weight; groups follow from shapes
// DEPTHWISE     filter [1,KH,KW,O]        ->  Conv nhwc, weight [O,KH,KW,1], group = input channels
#include <algorithm>

#include "ops/conv/conv.h"
#include "ops/tflite_rules.h"

namespace fettle::ops {

namespace {

Status read_common(ir::Node* node) {
  Attributes& attrs = node->attrs;
  pair_to_list(attrs, "stride_h", "stride_w", "strides");
  pair_to_list(attrs, "dilation_h_factor", "dilation_w_factor", "dilations");
  FETTLE_TRY(read_tflite_padding(attrs));
  FETTLE_TRY(read_tflite_activation(attrs));
  attrs.erase("quantized_bias_type");
  attrs.set("layout", "nhwc");
  node->op = "Conv";
  return {};
}

Status read_conv_2d(ir::Graph&, ir::Node* node) {
  FETTLE_TRY(need_inputs(*node, 2));
  FETTLE_TRY(read_common(node));
  const Dims& x = node->inputs[0]->type.dims;
  const Dims& w = node->inputs[1]->type.dims;
  // Grouped convolutions have no option: their filter is narrower than the input.
  if (x.rank() == 4 && w.rank() == 4 && w[3] > 0 && x[3] % w[3] == 0 && x[3] > w[3]) {
    node->attrs.set("group", x[3] / w[3]);
  }
  return {};
}

// Axes of a [1,KH,KW,O] tensor turned to [O,KH,KW,1]: a move of the last axis to the front.
Tensor channels_first(const Tensor& w) {
  const Dims& d = w.dims();
  const int64_t taps = d[1] * d[2], channels = d[3];
  const size_t size = size_of(w.dtype());
  Tensor moved(w.dtype(), {channels, d[1], d[2], 1});
  const auto* from = static_cast<const std::byte*>(w.raw());
  auto* to = static_cast<std::byte*>(moved.mutable_raw());
  for (int64_t c = 0; c < channels; ++c) {
    for (int64_t t = 0; t < taps; ++t) {
      std::copy_n(from + static_cast<size_t>(t * channels + c) * size, size,
                  to + static_cast<size_t>(c * taps + t) * size);
    }
  }
  if (w.quant() != nullptr) {
    Quantization q = *w.quant();
    q.axis = 0;
    moved.set_quant(std::make_shared<Quantization>(std::move(q)));
  }
  return moved;
}

Status read_depthwise(ir::Graph& graph, ir::Node* node) {
  FETTLE_TRY(need_inputs(*node, 2));
  const int64_t multiplier = node->attrs.get_int("depth_multiplier", 1);
  node->attrs.erase("depth_multiplier");
  FETTLE_TRY(read_common(node));
  ir::Value* w = node->inputs[1];
  if (!w->type.known() || w->type.dims.rank() != 4 || w->type.dims[0] != 1) {
    return invalid_input("the filter of DEPTHWISE_CONV_2D should be [1,KH,KW,C]", node->label());
  }
  const int64_t channels = w->type.dims[3];
  const Dims& x = node->inputs[0]->type.dims;
  // Files exist whose depth_multiplier is 0: shapes say the same thing.
  const int64_t in = x.rank() == 4 ? x[3] : multiplier > 0 ? channels / multiplier : channels;
  node->attrs.set("group", in);
  if (w->is_constant()) {
    graph.set_input(node, 1,
                    graph.add_constant(w->name + "/channels_first", channels_first(*w->data)));
    return {};
  }
  ir::Node* turn =
      graph.add_node("Transpose", {w}, 1, {{"perm", std::vector<int64_t>{3, 1, 2, 0}}}, node);
  graph.set_input(node, 1, turn->outputs[0]);
  return {};
}

}  // namespace

constexpr TfliteRule kConvTflite[] = {{"CONV_2D", read_conv_2d, true},
                                      {"DEPTHWISE_CONV_2D", read_depthwise, true}};

}  // namespace fettle::ops
