// SPDX-License-Identifier: Apache-2.0
// Kernels over 16-bit codes against their operators: sizes around every vector, every code.
#include <gtest/gtest.h>

#include "integer_call.h"

namespace fettle::operators {
namespace {

IntegerOperand codes(const Dims& dims, float scale) {
  return {.dtype = DType::i16, .dims = dims, .scale = scale, .zero_point = 0};
}
IntegerOperand result(float scale) { return codes({}, scale); }

struct Hard {
  const char *kernel, *op;
  Attributes attrs;
};
const Hard kHards[] = {{"hardswish_i16", "HardSwish", {}},
                       {"hardsigmoid_i16", "HardSigmoid", {}},
                       {"hardsigmoid_i16", "HardSigmoid", {{"alpha", -0.3F}, {"beta", 0.7F}}}};

TEST(HardI16, EverySize) {
  for (const Hard& h : kHards) {
    for (int64_t n = 1; n <= 140; ++n) {
      check({h.kernel, h.op, h.attrs, {codes({n}, 2.4e-4F)}, result(2e-4F)},
            static_cast<uint32_t>(n));
    }
    IntegerCall large{h.kernel, h.op, h.attrs, {codes({1, 5, 7, 9001}, 3e-4F)}, result(2e-4F)};
    check(large);
    large.in_place = true;
    check(large);
  }
}

// Codes that are all within the corners, some, and next to none; results past the range.
TEST(HardI16, EveryCode) {
  for (const Hard& h : kHards) {
    for (const float from : {1e-5F, 9.2e-5F, 7.3e-4F, 1.0F, 1e30F}) {
      for (const float to : {1.0F / 32768, 4.1e-4F, 0.9F}) {
        IntegerCall call{h.kernel, h.op, h.attrs, {codes({65536}, from)}, result(to)};
        call.in[0].every_code = true;
        if (from / to < 1e4F) check(call);
      }
    }
  }
}

TEST(HardI16, LeavesWhatFits32BitsNot) {
  EXPECT_FALSE(takes({"hardswish_i16", "HardSwish", {}, {codes({9}, 1.0F)}, result(1e-6F)}));
  EXPECT_FALSE(takes({"hardsigmoid_i16", "HardSigmoid", {}, {codes({9}, 1.0F)}, result(1e-10F)}));
}

}  // namespace
}  // namespace fettle::operators
