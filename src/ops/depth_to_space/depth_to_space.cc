// SPDX-License-Identifier: Apache-2.0
//
// DepthToSpace and SpaceToDepth: blocks of channels become blocks of pixels, and back.
//
//   DCR   channel (i * block + j) * C + c  <->  pixel (i, j) of channel c
//   CRD   channel (c * block + i) * block + j
#include <cstring>

#include "ops/cases.h"
#include "ops/op.h"
#include "ops/operands.h"
#include "ops/shapes.h"
#include "ops/window.h"

namespace fettle::ops {

namespace {

constexpr AttrSpec kDepthAttrs[] = {
    {"blocksize", AttrKind::integer}, {"mode", AttrKind::string}, {"layout", AttrKind::string}};
constexpr AttrSpec kSpaceAttrs[] = {
    {"blocksize", AttrKind::integer}, {"mode", AttrKind::string}, {"layout", AttrKind::string}};

struct Blocks {
  int64_t block = 1;
  bool nhwc = false, column_row_depth = false;
  Image deep, wide;  // the form with many channels, the form with many pixels
  Dims out;
};

template <bool kToSpace>
Status resolve(const OpCall& call, Blocks* s) {
  const char* op = kToSpace ? "DepthToSpace" : "SpaceToDepth";
  FETTLE_TRY(require_rank(op, "input", call.in[0], 4, 4));
  FETTLE_TRY(parse_layout(op, call.attrs, &s->nhwc));
  const std::string_view mode = call.attrs.get_string("mode", "DCR");
  s->column_row_depth = mode == "CRD";
  if (mode != "DCR" && mode != "CRD") return invalid_input(std::string(op) + ": mode is unknown");
  s->block = call.attrs.get_int("blocksize", 0);
  const int64_t b = s->block;
  if (b < 1 || b > 1 << 15) return invalid_input(std::string(op) + ": blocksize is out of range");
  const Image in = image_of(call.in[0].dims, s->nhwc);
  const bool fits =
      kToSpace ? in.channels % (b * b) == 0 : in.extent[1] % b == 0 && in.extent[2] % b == 0;
  if (!fits) {
    return invalid_input(std::string(op) + ": " + call.in[0].dims.to_string() +
                         " is not divisible into blocks of " + std::to_string(b));
  }
  const int64_t channels = kToSpace ? in.channels / (b * b) : in.channels * b * b;
  const int64_t extent[kSpatial] = {1, kToSpace ? in.extent[1] * b : in.extent[1] / b,
                                    kToSpace ? in.extent[2] * b : in.extent[2] / b};
  s->out = image_dims(2, s->nhwc, in.batch, channels, extent);
  const Image out = image_of(s->out, s->nhwc);
  s->deep = kToSpace ? in : out;
  s->wide = kToSpace ? out : in;
  return {};
}

template <bool kToSpace>
Status infer(const OpCall& call) {
  Blocks s;
  FETTLE_TRY(resolve<kToSpace>(call, &s));
  call.out[0].dtype = call.in[0].dtype;
  call.out[0].dims = s.out;
  call.out[0].dynamic = call.in[0].dynamic;
  call.out[0].quant = call.in[0].quant;
  return {};
}

template <bool kToSpace>
Status reference(const OpCall& call) {
  Blocks s;
  FETTLE_TRY(resolve<kToSpace>(call, &s));
  const size_t size = size_of(call.in[0].dtype);
  const auto* from = static_cast<const std::byte*>(call.in[0].data);
  auto* to = static_cast<std::byte*>(call.out[0].data);
  const int64_t b = s.block, channels = s.wide.channels;
  for (int64_t n = 0; n < s.wide.batch; ++n) {
    for (int64_t y = 0; y < s.wide.extent[1]; ++y) {
      for (int64_t x = 0; x < s.wide.extent[2]; ++x) {
        const int64_t pixel = y % b * b + x % b;
        const int64_t wide = n * s.wide.step_n + y * s.wide.step[1] + x * s.wide.step[2];
        const int64_t deep = n * s.deep.step_n + y / b * s.deep.step[1] + x / b * s.deep.step[2];
        for (int64_t c = 0; c < channels; ++c) {
          const int64_t channel = s.column_row_depth ? c * b * b + pixel : pixel * channels + c;
          const auto w = static_cast<size_t>(wide + c * s.wide.step_c) * size;
          const auto d = static_cast<size_t>(deep + channel * s.deep.step_c) * size;
          std::memcpy(to + (kToSpace ? w : d), from + (kToSpace ? d : w), size);
        }
      }
    }
  }
  return {};
}

Status read_tflite(ir::Node* node, const char* op) {
  node->attrs.set("blocksize", node->attrs.get_int("block_size", 0));
  node->attrs.erase("block_size");
  node->attrs.set("layout", "nhwc");
  node->op = op;
  return {};
}
Status read_depth(ir::Graph&, ir::Node* node) { return read_tflite(node, "DepthToSpace"); }
Status read_space(ir::Graph&, ir::Node* node) { return read_tflite(node, "SpaceToDepth"); }

std::vector<Case> depth_cases() {
  return {{.name = "dcr", .attrs = {{"blocksize", int64_t{2}}}, .inputs = {f32({1, 8, 3, 5})}},
          {.name = "crd_nhwc",
           .attrs = {{"blocksize", int64_t{2}}, {"mode", "CRD"}, {"layout", "nhwc"}},
           .inputs = {f32({1, 3, 5, 12})}}};
}
std::vector<Case> space_cases() {
  return {{.name = "nchw", .attrs = {{"blocksize", int64_t{2}}}, .inputs = {f32({1, 3, 4, 6})}},
          {.name = "nhwc",
           .attrs = {{"blocksize", int64_t{3}}, {"layout", "nhwc"}},
           .inputs = {f32({2, 3, 6, 5})}}};
}

constexpr OnnxRule kDepth[] = {{"DepthToSpace"}}, kSpace[] = {{"SpaceToDepth"}};
constexpr TfliteRule kTfliteDepth[] = {{"DEPTH_TO_SPACE", read_depth}},
                     kTfliteSpace[] = {{"SPACE_TO_DEPTH", read_space}};
constexpr OpDef kOps[] = {
    {.name = "DepthToSpace",
     .schema = Schema(1, 1, 1, 1, kDepthAttrs),
     .infer = infer<true>,
     .cost = kNotApplicable,
     .reference = reference<true>,
     .scratch = kNotApplicable,
     .in_place = kNotApplicable,
     .rows = kNotApplicable,
     .quant = QuantRule::pass_through,
     .onnx = std::span<const OnnxRule>(kDepth),
     .tflite = std::span<const TfliteRule>(kTfliteDepth),
     .cases = depth_cases},
    {.name = "SpaceToDepth",
     .schema = Schema(1, 1, 1, 1, kSpaceAttrs),
     .infer = infer<false>,
     .cost = kNotApplicable,
     .reference = reference<false>,
     .scratch = kNotApplicable,
     .in_place = kNotApplicable,
     .rows = kNotApplicable,
     .quant = QuantRule::pass_through,
     .onnx = std::span<const OnnxRule>(kSpace),
     .tflite = std::span<const TfliteRule>(kTfliteSpace),
     .cases = space_cases},
};

}  // namespace

FETTLE_OP_TABLE(depth_to_space, kOps)

}  // namespace fettle::ops
