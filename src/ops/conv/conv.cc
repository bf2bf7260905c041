// SPDX-License-Identifier: Apache-2.0
#include "ops/conv/conv.h"

#include "ops/cases.h"
#include "ops/shapes.h"

namespace fettle::ops {

namespace {
constexpr AttrSpec kAttrs[] = {
    {"kernel_shape", AttrKind::integers},  {"strides", AttrKind::integers},
    {"pads", AttrKind::integers},          {"dilations", AttrKind::integers},
    {"group", AttrKind::integer},          {"auto_pad", AttrKind::string},
    {"layout", AttrKind::string},          {"activation", AttrKind::string},
    {"activation_params", AttrKind::reals}};

bool in_place_conv(const OpCall&, int input) { return input == 3; }
}  // namespace

std::vector<Case> conv_cases() {
  using I = std::vector<int64_t>;
  return {
      {.name = "plain_3x3",
       .attrs = {{"pads", I{1, 1, 1, 1}}},
       .inputs = {f32({1, 3, 9, 7}), f32({5, 3, 3, 3}), f32({5})},
       .constants = {1, 2}},
      {.name = "strided_asymmetric",
       .attrs = {{"pads", I{0, 0, 1, 1}}, {"strides", I{2, 2}}},
       .inputs = {f32({2, 4, 11, 8}), f32({6, 4, 3, 3})},
       .constants = {1}},
      {.name = "depthwise_relu6",
       .attrs = {{"group", int64_t{8}}, {"pads", I{1, 1, 1, 1}}, {"activation", "relu6"}},
       .inputs = {f32({1, 8, 10, 10}), f32({8, 1, 3, 3}), f32({8})},
       .constants = {1, 2}},
      {.name = "grouped_dilated",
       .attrs = {{"group", int64_t{2}}, {"dilations", I{2, 2}}, {"auto_pad", "SAME_UPPER"}},
       .inputs = {f32({1, 6, 8, 8}), f32({4, 3, 3, 3})},
       .constants = {1}},
      {.name = "nhwc_1x1_residual",
       .attrs = {{"layout", "nhwc"}, {"activation", "relu"}},
       .inputs = {f32({1, 5, 5, 17}), f32({9, 1, 1, 17}), f32({9}), f32({1, 5, 5, 9})},
       .constants = {1, 2}},
      {.name = "nhwc_3x3_silu",
       .attrs = {{"layout", "nhwc"}, {"pads", I{1, 1, 1, 1}}, {"activation", "silu"}},
       .inputs = {f32({1, 12, 9, 3}), f32({20, 3, 3, 3}), f32({20})},
       .constants = {1, 2}},
      {.name = "nhwc_depthwise_5x5",
       .attrs = {{"layout", "nhwc"},
                 {"group", int64_t{24}},
                 {"auto_pad", "SAME_LOWER"},
                 {"strides", I{2, 2}}},
       .inputs = {f32({1, 14, 14, 24}), f32({24, 5, 5, 1}), f32({24})},
       .constants = {1, 2}},
      {.name = "nhwc_i8_weights",
       .attrs = {{"layout", "nhwc"}, {"pads", I{1, 1, 0, 2}}, {"activation", "relu"}},
       .inputs = {f32({2, 9, 11, 13}), weights_i8({37, 3, 3, 13}, 0), f32({37})},
       .constants = {1, 2}},
      {.name = "nhwc_i8_weights_few_channels",
       .attrs = {{"layout", "nhwc"}, {"strides", I{2, 2}}, {"auto_pad", "SAME_UPPER"}},
       .inputs = {f32({1, 14, 15, 3}), weights_i8({8, 5, 5, 3}, 0)},
       .constants = {1}},
      {.name = "nhwc_i8_weights_pointwise",
       .attrs = {{"layout", "nhwc"}, {"activation", "hard_swish"}},
       .inputs = {f32({2, 5, 7, 19}), weights_i8({70, 1, 1, 19}, 0), f32({70}), f32({2, 5, 7, 70})},
       .constants = {1, 2}},
      {.name = "nhwc_i8_weights_depthwise",
       .attrs = {{"layout", "nhwc"},
                 {"group", int64_t{21}},
                 {"pads", I{1, 1, 1, 1}},
                 {"activation", "relu6"}},
       .inputs = {f32({2, 8, 9, 21}), weights_i8({21, 3, 3, 1}, 0), f32({21})},
       .constants = {1, 2}},
      {.name = "i8_weights_in_groups",
       .attrs = {{"group", int64_t{2}}},
       .inputs = {f32({1, 6, 8, 8}), weights_i8({4, 3, 3, 3}, 0)},
       .constants = {1}},
      {.name = "one_axis",
       .attrs = {{"pads", I{2, 0}}},
       .inputs = {f32({1, 4, 16}), f32({4, 4, 3})},
       .constants = {1}},
      {.name = "three_axes",
       .attrs = {{"pads", I{0, 1, 1, 0, 1, 1}}},
       .inputs = {f32({1, 2, 4, 5, 6}), f32({3, 2, 3, 3, 3}), f32({3})},
       .constants = {1, 2}},
  };
}

namespace {

constexpr OpDef kOps[] = {{
    .name = "Conv",
    .schema = Schema(2, 4, 1, 1, kAttrs),
    .infer = infer_conv,
    .cost = cost_conv,
    .reference = reference_conv,
    .scratch = scratch_conv,
    .in_place = in_place_conv,
    .rows = rows_conv,
    .quant = QuantRule::weighted,
    .onnx = kConvOnnx,
    .tflite = kConvTflite,
    .cases = conv_cases,
}};

}  // namespace

FETTLE_OP_TABLE(conv, kOps)

}  // namespace fettle::ops
