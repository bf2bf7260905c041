// SPDX-License-Identifier: Apache-2.0
//
// Every 16-bit convolution and product kernel on every instruction set of this machine, with
// weights of 8 and of 16 bits, bit for bit against sums in 64 bits.
#include "runtime/kernels/conv_i8/conv_codes_testing.h"

namespace fettle::runtime {
namespace {

constexpr const char* kConv = "conv_i16_indirect";
constexpr const char* kGemm = "gemm_i16_packed";
constexpr const char* kDepthwise = "conv_i16_depthwise";
constexpr DType kWeights[] = {DType::i8, DType::i16};

// 16-bit activations have no zero point.
Case wide(Case c, DType weights) {
  c.type = DType::i16;
  c.weights = weights;
  c.zx = c.zy = 0;
  if (weights == DType::i16) c.zw = 0;
  return c;
}

TEST(GemmI16, EveryTileEdge) {
  for (const DType weights : kWeights) {
    for (int64_t m : {1, 2, 3, 5, 6, 7, 8, 9, 13}) {
      for (int64_t n : {1, 7, 8, 9, 16, 17, 33, 48, 65, 100}) {
        for (int64_t k : {1, 2, 3, 4, 5, 7, 8, 19}) {
          check_everywhere(kGemm,
                           wide({.n = m, .c = k, .o = n, .zw = n % 2 == 0 ? -9 : 0}, weights));
          if (HasFailure()) return;
        }
      }
    }
  }
}

// The bound of a run is 65,535 for the sum of weights' magnitudes: 511 weights of -128 are inside,
// 512 are not; here the activations make every sum as large as it can be.
TEST(GemmI16, SumsAtTheEdgeOf32Bits) {
  for (const DType weights : kWeights) {
    for (int saturated = 1; saturated <= 3; ++saturated) {
      for (int64_t k : {504, 511, 512, 513, 516, 517, 1023, 1024, 1031, 4096, 4609}) {
        Case c = wide({.n = 5, .c = k, .o = 19, .saturated = saturated}, weights);
        check_everywhere(kGemm, c);
        c.zw = weights == DType::i8 ? 127 : 0;  // weights less zero points of -255
        check_everywhere(kGemm, c);
        if (HasFailure()) return;
      }
    }
  }
}

// A bias beyond 32 bits moves sums to doubles, one beyond 2^53 is left to the reference.
TEST(GemmI16, Biases) {
  for (const DType weights : kWeights) {
    const Case c = wide({.n = 3, .c = 30, .o = 5}, weights);
    for (const int64_t bias : {int64_t{2147483647}, int64_t{-2147483648}, int64_t{1} << 40}) {
      Operands t(c);
      t.bias[0] = bias;
      t.bias[3] = -bias;
      for (float& scale : t.qw.scale) scale *= 1e-4F;  // so that the results are codes
      t.expected.clear();
      t.compute(c);
      for (const Isa isa : available_isas()) check(kGemm, c, t, isa, 1);
    }
    Operands t(c);
    t.bias[0] = int64_t{1} << 53;
    TensorView bias;
    bias.dtype = DType::i64;
    bias.dims = {c.o};
    bias.data = t.bias.data();
    GuardedCodes y(DType::i16, c.n * c.o);
    const std::vector<TensorView> in = {codes(t.x, {c.n, c.c}, &t.qx),
                                        codes(t.w, {c.o, c.c}, &t.qw), bias};
    TensorView out = codes(y, {c.n, c.o}, &t.qy);
    const Attributes attrs{{"transB", int64_t{1}}};
    EXPECT_FALSE(supports_gemm_codes<true>({attrs, in, {&out, 1}}));
  }
}

TEST(ConvI16, KernelsStridesPadsAndDilations) {
  for (const DType weights : kWeights) {
    for (int64_t c : {1, 2, 3, 4, 6, 16, 21}) {
      for (int64_t k : {1, 2, 3, 5}) {
        for (int64_t s : {1, 2}) {
          for (int64_t d : {1, 2}) {
            check_everywhere(kConv, wide({.n = 2,
                                          .h = 9,
                                          .w = 11,
                                          .c = c,
                                          .o = 3 + 10 * s,
                                          .kh = k,
                                          .kw = k == 2 ? 4 : k,
                                          .sh = s,
                                          .sw = s,
                                          .dh = d,
                                          .dw = d,
                                          .pt = k - 1,
                                          .pl = k / 2,
                                          .pb = k - 1,
                                          .pr = k,
                                          .zw = s == 2 ? -7 : 0},
                                         weights));
            if (HasFailure()) return;
          }
        }
      }
    }
  }
}

TEST(ConvI16, DilationIntoThePadding) {
  for (const DType weights : kWeights) {
    for (const int saturated : {0, 1}) {
      for (int64_t d : {4, 7, 9, 12}) {
        for (int64_t c : {5, 67, 130}) {
          Case made = dilated_into_padding(d, c, 61);
          made.saturated = saturated;
          check_everywhere(kConv, wide(made, weights));
          if (HasFailure()) return;
        }
      }
    }
  }
}

TEST(ConvI16, Activations) {
  for (const DType weights : kWeights) {
    for (const char* name : {"none", "relu", "relu6", "clip"}) {
      const std::vector<float> params =
          std::string(name) == "clip" ? std::vector<float>{-0.6F, 1.2F} : std::vector<float>{};
      check_everywhere(kConv, wide({.h = 7,
                                    .w = 5,
                                    .c = 24,
                                    .o = 40,
                                    .bias = false,
                                    .activation = name,
                                    .params = params},
                                   weights));
    }
  }
}

// Runs that end inside taps, and at their ends.
TEST(ConvI16, RunsOverTaps) {
  for (const DType weights : kWeights) {
    for (int64_t c : {40, 128, 200, 512}) {
      for (int saturated : {0, 2, 3}) {
        check_everywhere(kConv, wide({.h = 5,
                                      .w = 6,
                                      .c = c,
                                      .o = 21,
                                      .kh = 3,
                                      .kw = 3,
                                      .pt = 1,
                                      .pl = 1,
                                      .pb = 1,
                                      .pr = 1,
                                      .saturated = saturated},
                                     weights));
        if (HasFailure()) return;
      }
    }
  }
}

TEST(ConvI16, LargerThanABlock) {
  for (const DType weights : kWeights) {
    check_everywhere(kConv, wide({.h = 40, .w = 41, .c = 32, .o = 70}, weights));
  }
}

// Multipliers of exactly one half: every other sum lies between two codes.
TEST(ConvI16, HalvesRoundToEven) {
  for (const DType weights : kWeights) {
    const Case c = wide({.n = 1, .h = 16, .w = 16, .c = 1, .o = 20, .bias = false}, weights);
    Operands t(c);
    t.w.fill(1);
    t.qx.scale = {0.5F};
    std::fill(t.qw.scale.begin(), t.qw.scale.end(), 1.0F);
    t.qy.scale = {1.0F};
    t.expected.clear();
    t.compute(c);
    for (const Isa isa : available_isas()) check(kConv, c, t, isa, 1);
  }
}

TEST(DepthwiseI16, KernelsStridesAndPads) {
  for (const DType weights : kWeights) {
    for (int64_t c : {8, 40}) {
      for (int64_t kh : {1, 3, 4, 5, 7}) {
        for (int64_t kw : {1, 2, 3, 5}) {
          for (int64_t s : {1, 2, 3}) {
            check_everywhere(kDepthwise, wide({.n = 2,
                                               .h = 9,
                                               .w = 12,
                                               .c = c,
                                               .o = c,
                                               .kh = kh,
                                               .kw = kw,
                                               .sh = s,
                                               .sw = s,
                                               .pt = kh / 2,
                                               .pl = kw / 2,
                                               .pb = kh,
                                               .pr = kw + 1,
                                               .depthwise = true,
                                               .zw = kw == 5 ? 30 : 0},
                                              weights));
            if (HasFailure()) return;
          }
        }
      }
    }
    check_everywhere(kDepthwise, wide({.h = 9,
                                       .w = 8,
                                       .c = 24,
                                       .o = 24,
                                       .kh = 3,
                                       .kw = 3,
                                       .dh = 2,
                                       .dw = 3,
                                       .pt = 2,
                                       .pl = 3,
                                       .pb = 1,
                                       .depthwise = true},
                                      weights));
  }
}

TEST(DepthwiseI16, EveryChannelTail) {
  for (const DType weights : kWeights) {
    for (int64_t c = 1; c <= 70; ++c) {
      check_everywhere(kDepthwise, wide({.h = 4,
                                         .w = 3 + c % 9,
                                         .c = c,
                                         .o = c,
                                         .kh = 3,
                                         .kw = 3,
                                         .pt = 1,
                                         .pl = 1,
                                         .pb = 1,
                                         .pr = 1,
                                         .depthwise = true,
                                         .bias = c % 2 == 0,
                                         .zw = c % 3 == 0 ? -128 : 0},
                                        weights));
      if (HasFailure()) return;
    }
  }
}

// Sums as large as codes make them, up to where 32 bits end (257 taps of -255 would be too many:
// 32768 * 255 * 257 > 2^31) and past it, where two halves take over.
TEST(DepthwiseI16, ExtremeCodes) {
  for (const DType weights : kWeights) {
    for (int saturated = 0; saturated < 4; ++saturated) {
      for (int64_t k : {5, 16, 17}) {
        check_everywhere(kDepthwise, wide({.h = 20,
                                           .w = 19,
                                           .c = 35,
                                           .o = 35,
                                           .kh = k,
                                           .kw = k,
                                           .pt = 2,
                                           .pl = 2,
                                           .pb = 2,
                                           .pr = 2,
                                           .depthwise = true,
                                           .zw = 127,
                                           .saturated = saturated,
                                           .activation = "relu6"},
                                          weights));
        if (HasFailure()) return;
      }
    }
  }
}

TEST(DepthwiseI16, BiasPast32Bits) {
  const Case c =
      wide({.h = 5, .w = 6, .c = 20, .o = 20, .kh = 3, .kw = 3, .depthwise = true}, DType::i8);
  Operands t(c);
  t.bias[7] = int64_t{1} << 41;
  t.bias[19] = -(int64_t{1} << 31) - 77;
  for (float& scale : t.qw.scale) scale *= 1e-4F;
  t.expected.clear();
  t.compute(c);
  for (const Isa isa : available_isas()) check(kDepthwise, c, t, isa, 1);
}

}  // namespace
}  // namespace fettle::runtime
