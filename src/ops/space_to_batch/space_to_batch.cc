// SPDX-License-Identifier: Apache-2.0
//
// SpaceToBatch and BatchToSpace, as TFLite has them: with blocks of b along M spatial axes,
//
//   SpaceToBatch(x [N,S...,R...], block [M], pads [M,2])   pads, then pixel s of the padded image
//     goes to batch (s mod b) * N + n, position s / b
//   BatchToSpace(x, block [M], crops [M,2])                the way back, then crops
#include <cstring>

#include "ops/op.h"
#include "ops/operands.h"
#include "ops/shapes.h"

namespace fettle::ops {

namespace {

constexpr int kMaxBlocks = 4;

struct Blocks {
  int rank = 0;  // M
  int64_t block[kMaxBlocks], before[kMaxBlocks];
  int64_t space[kMaxBlocks];     // spatial extents of the form with few batches, without margins
  int64_t small[kMaxBlocks];     // and of the form with many batches
  int64_t batch = 0, inner = 0;  // of the form with few batches
  int64_t margin_value = 0;
  Dims out;
};

template <bool kToBatch>
Status resolve(const OpCall& call, Blocks* s) {
  const char* op = kToBatch ? "SpaceToBatch" : "BatchToSpace";
  const auto bad = [&](const char* what) { return invalid_input(std::string(op) + ": " + what); };
  if (!has_values(call, 1)) return needs_value(op, "block shape");
  if (!has_values(call, 2)) return needs_value(op, kToBatch ? "paddings" : "crops");
  for (size_t i = 1; i < 3; ++i) {
    if (call.in[i].dtype != DType::i32 && call.in[i].dtype != DType::i64) {
      return bad("block and margins should be integers");
    }
  }
  const Dims& x = call.in[0].dims;
  const int64_t m = call.in[1].elements();
  if (m < 1 || m > kMaxBlocks || m >= x.rank() || call.in[2].elements() != 2 * m) {
    return bad("block and margins do not fit the input");
  }
  s->rank = static_cast<int>(m);
  s->out = x;
  int64_t blocks = 1;
  for (int i = 0; i < s->rank; ++i) {
    const int64_t b = value_at(call.in[1], i), before = value_at(call.in[2], 2 * i);
    const int64_t after = value_at(call.in[2], 2 * i + 1), limit = 1 << 24;
    if (b < 1 || before < 0 || after < 0 || b > limit || before > limit || after > limit ||
        blocks > limit / b) {
      return bad("block or margins are out of range");
    }
    blocks *= b;
    s->block[i] = b;
    s->before[i] = before;
    const int64_t padded = kToBatch ? x[i + 1] + before + after : x[i + 1] * b;
    s->space[i] = kToBatch ? x[i + 1] : padded - before - after;
    s->small[i] = padded / b;
    if (padded % b != 0 || s->space[i] < 0) return bad("margins and blocks do not fit the input");
    s->out[i + 1] = kToBatch ? s->small[i] : s->space[i];
  }
  if (!kToBatch && x[0] % blocks != 0) return bad("batches are not divisible by blocks");
  s->out[0] = kToBatch ? x[0] * blocks : x[0] / blocks;
  s->batch = kToBatch ? x[0] : s->out[0];
  s->inner = x.product(s->rank + 1, x.rank());
  return {};
}

template <bool kToBatch>
Status infer(const OpCall& call) {
  Blocks s;
  FETTLE_TRY(resolve<kToBatch>(call, &s));
  call.out[0].dtype = call.in[0].dtype;
  call.out[0].dims = s.out;
  call.out[0].dynamic = any_dynamic(call);
  call.out[0].quant = call.in[0].quant;
  return {};
}

template <bool kToBatch>
Status reference(const OpCall& call) {
  Blocks s;
  FETTLE_TRY(resolve<kToBatch>(call, &s));
  const size_t bytes = static_cast<size_t>(s.inner) * size_of(call.in[0].dtype);
  const auto* from = static_cast<const std::byte*>(call.in[0].data);
  auto* to = static_cast<std::byte*>(call.out[0].data);
  if (kToBatch) {  // margins hold the number 0
    const int zero = call.in[0].quant ? call.in[0].quant->zero_point[0] : 0;
    std::memset(to, size_of(call.in[0].dtype) == 1 ? zero : 0, call.out[0].bytes());
  }
  int64_t positions = 1;
  for (int i = 0; i < s.rank; ++i) positions *= s.space[i];
  for (int64_t n = 0; n < s.batch; ++n) {
    for (int64_t p = 0; p < positions; ++p) {
      // Which block offset, and which place within the small image, pixel p has.
      int64_t rest = p, index[kMaxBlocks];
      for (int i = s.rank - 1; i >= 0; --i) {
        index[i] = rest % s.space[i] + s.before[i];
        rest /= s.space[i];
      }
      int64_t offset = 0, place = 0;
      for (int i = 0; i < s.rank; ++i) {
        offset = offset * s.block[i] + index[i] % s.block[i];
        place = place * s.small[i] + index[i] / s.block[i];
      }
      int64_t images = 1;
      for (int i = 0; i < s.rank; ++i) images *= s.small[i];
      const auto wide = static_cast<size_t>(n * positions + p) * bytes;
      const auto deep = static_cast<size_t>((offset * s.batch + n) * images + place) * bytes;
      std::memcpy(to + (kToBatch ? deep : wide), from + (kToBatch ? wide : deep), bytes);
    }
  }
  return {};
}

Status read_to_batch(ir::Graph&, ir::Node* node) {
  node->op = "SpaceToBatch";
  return {};
}
Status read_to_space(ir::Graph&, ir::Node* node) {
  node->op = "BatchToSpace";
  return {};
}

// Block and margins are values: tests of TFLite models cover these.
std::vector<Case> cases() { return {}; }

template <bool kToBatch>
constexpr OpDef define(std::span<const TfliteRule> tflite) {
  return {.name = kToBatch ? "SpaceToBatch" : "BatchToSpace",
          .schema = Schema(3, 3, 1, 1),
          .infer = infer<kToBatch>,
          .cost = kNotApplicable,
          .reference = reference<kToBatch>,
          .scratch = kNotApplicable,
          .in_place = kNotApplicable,
          .rows = kNotApplicable,
          .quant = QuantRule::pass_through,
          .onnx = kNotApplicable,
          .tflite = tflite,
          .cases = cases};
}

constexpr TfliteRule kToBatch[] = {{"SPACE_TO_BATCH_ND", read_to_batch}},
                     kToSpace[] = {{"BATCH_TO_SPACE_ND", read_to_space}};
constexpr OpDef kOps[] = {define<true>(kToBatch), define<false>(kToSpace)};

}  // namespace

FETTLE_OP_TABLE(space_to_batch, kOps)

}  // namespace fettle::ops
