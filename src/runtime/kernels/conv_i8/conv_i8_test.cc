// SPDX-License-Identifier: Apache-2.0
//
// Every 8-bit convolution and product kernel on every instruction set of this machine, bit for bit
// against sums in 64 bits and the one rule of requantization.
#include "runtime/kernels/conv_i8/conv_codes_testing.h"

namespace fettle::runtime {
namespace {

constexpr const char* kConv = "conv_i8_indirect";
constexpr const char* kDepthwise = "conv_i8_depthwise";
constexpr const char* kGemm = "gemm_i8_packed";

TEST(GemmI8, EveryTileEdge) {
  for (int64_t m : {1, 2, 3, 5, 6, 7, 8, 9, 13}) {
    for (int64_t n : {1, 7, 8, 9, 16, 17, 33, 48, 65, 100}) {
      for (int64_t k : {1, 2, 3, 4, 5, 7, 19}) {
        check_everywhere(kGemm, {.n = m, .c = k, .o = n, .zw = static_cast<int32_t>(n % 2) * 9});
        if (HasFailure()) return;
      }
    }
  }
}

// Sums that begin at 0, centred and from zero (sum_form.h), by what the output's zero point is and
// by one channel whose sums are large.
void check_forms(const char* kernel, const Case& c) {
  for (int32_t zy : {-128, -127, 5}) {
    for (const bool large : {false, true}) {
      Case each = c;
      each.zy = zy;
      Operands t(each);
      if (large) t.bias[0] = 3 << 23;
      t.expected.clear();
      t.compute(each);
      for (const Isa isa : available_isas()) check(kernel, each, t, isa, 1);
    }
  }
}

TEST(GemmI8, EveryFormAtEveryTileEdge) {
  for (int64_t m = 1; m <= 13; ++m) {
    for (int64_t n : {1, 7, 8, 9, 16, 17, 31, 48, 65}) {
      for (const char* name : {"none", "relu6"}) {
        check_forms(kGemm, {.n = m, .c = 19, .o = n, .activation = name});
        if (HasFailure()) return;
      }
    }
  }
}

// Where another step would take a sum out of the range in which its bits are a float.
TEST(GemmI8, SumsAtTheLimitsOfTheirForms) {
  for (const int64_t limit : {kMostCentredSum, kMostSumFromZero}) {
    for (int64_t d : {-256, -255, -254, -1, 0, 1}) {
      for (int32_t zy : {-128, 0}) {
        Case c{.n = 9, .c = 1, .o = 40, .zx = -128, .zy = zy};
        Operands t(c);
        t.w.fill(1);
        std::fill(t.qw.scale.begin(), t.qw.scale.end(), 1.0F);
        t.qx.scale = {1.0F};
        t.qy.scale = {300.0F};
        for (int64_t o = 0; o < c.o; ++o) {
          t.bias[static_cast<size_t>(o)] = o % 3 == 0   ? limit + d
                                           : o % 3 == 1 ? -limit - d
                                                        : 150 * (o - 13) - 50;
        }
        t.expected.clear();
        t.compute(c);
        for (const Isa isa : available_isas()) check(kGemm, c, t, isa, 1);
        if (HasFailure()) return;
      }
    }
  }
}

TEST(GemmI8, ExtremeCodesAndZeroPoints) {
  for (int saturated = 0; saturated < 4; ++saturated) {
    for (int32_t zx : {-128, 0, 127}) {
      for (int32_t zw : {-128, 0, 127}) {
        check_everywhere(
            kGemm,
            {.n = 5, .c = 515, .o = 19, .zx = zx, .zw = zw, .zy = -128, .saturated = saturated});
        if (HasFailure()) return;
      }
    }
  }
}

// Taps that are padding for whole tiles are left out, and what they would have added is not.
TEST(ConvI8, DilationIntoThePadding) {
  for (int64_t d : {4, 7, 9, 12}) {
    for (int64_t c : {5, 64, 67}) {
      for (int64_t o : {56, 61, 130}) {
        Case made = dilated_into_padding(d, c, o);
        made.zx = d == 4 ? 127 : -19;
        made.zw = o == 61 ? -7 : 0;
        check_everywhere(kConv, made);
        if (HasFailure()) return;
      }
    }
  }
}

TEST(ConvI8, KernelsStridesPadsAndDilations) {
  for (int64_t c : {1, 2, 3, 4, 6, 16, 21}) {
    for (int64_t k : {1, 2, 3, 5}) {
      for (int64_t s : {1, 2}) {
        for (int64_t d : {1, 2}) {
          check_everywhere(kConv, {.n = 2,
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
                                   .zx = c % 2 == 0 ? -128 : 127,
                                   .zw = s == 2 ? -7 : 0});
          if (HasFailure()) return;
        }
      }
    }
  }
}

// Input rows too long to be copied with their padding, and blocks that end within a row.
TEST(ConvI8, FewChannelsInLongRows) {
  for (int64_t c : {3, 16, 20}) {
    for (int64_t s : {1, 2}) {
      check_everywhere(kConv, {.n = 2,
                               .h = 9,
                               .w = 360,
                               .c = c,
                               .o = 17,
                               .kh = 3,
                               .kw = 3,
                               .sh = s,
                               .sw = s,
                               .pt = 1,
                               .pl = 1,
                               .pb = 1,
                               .pr = 1,
                               .zw = s == 2 ? 4 : 0});
      if (HasFailure()) return;
    }
  }
}

// More padding than the kernel reaches over, strides past the kernel, pixels that see none of it.
TEST(ConvI8, FewChannelsInMuchPadding) {
  for (int64_t pad : {0, 2, 3, 7}) {
    for (int64_t s : {1, 3, 4}) {
      check_everywhere(kConv, {.n = 3,
                               .h = 5,
                               .w = 6,
                               .c = 3,
                               .o = 5,
                               .kh = 3,
                               .kw = 3,
                               .sh = s,
                               .sw = s,
                               .pt = pad,
                               .pl = pad,
                               .pb = 7,
                               .pr = 7});
      if (HasFailure()) return;
    }
  }
}

TEST(ConvI8, Activations) {
  for (const char* name : {"none", "relu", "relu6", "clip"}) {
    for (int32_t zy : {-128, 0, 127}) {
      const std::vector<float> params =
          std::string(name) == "clip" ? std::vector<float>{-0.6F, 1.2F} : std::vector<float>{};
      check_everywhere(kConv, {.h = 7,
                               .w = 5,
                               .c = 24,
                               .o = 40,
                               .bias = false,
                               .zy = zy,
                               .activation = name,
                               .params = params});
    }
  }
}

TEST(ConvI8, LargerThanABlock) {
  check_everywhere(kConv, {.h = 40, .w = 41, .c = 32, .o = 70});
  check_everywhere(
      kConv,
      {.h = 30, .w = 31, .c = 64, .o = 33, .kh = 3, .kw = 3, .pt = 1, .pl = 1, .pb = 1, .pr = 1});
}

// Multipliers of exactly one half: every other sum lies between two codes.
TEST(ConvI8, HalvesRoundToEven) {
  for (int32_t zy : {-128, -127, 0}) {
    Case c{.n = 1, .h = 16, .w = 16, .c = 1, .o = 20, .bias = false, .zx = 0, .zy = zy};
    Operands t(c);
    t.w.fill(1);
    t.qx.scale = {0.5F};
    std::fill(t.qw.scale.begin(), t.qw.scale.end(), 1.0F);
    t.qy.scale = {1.0F};
    t.expected.clear();
    t.compute(c);
    EXPECT_EQ(t.requantize(int64_t{1}, 0.5F), zy);
    EXPECT_EQ(t.requantize(int64_t{3}, 0.5F), zy + 2);
    for (const Isa isa : available_isas()) check(kConv, c, t, isa, 1);
  }
}

// Sums past 32 bits are left to the reference.
TEST(ConvI8, RefusesWhatMayOverflow) {
  Case c{.c = 4, .o = 1};
  Operands t(c);
  t.bias[0] = std::numeric_limits<int32_t>::max() - 100;
  const Attributes attrs{{"layout", std::string("nhwc")}};
  TensorView bias;
  bias.dtype = DType::i64;
  bias.dims = {1};
  bias.data = t.bias.data();
  GuardedCodes y(DType::i8, 1);
  const std::vector<TensorView> in = {codes(t.x, {1, 1, 1, 4}, &t.qx),
                                      codes(t.w, {1, 1, 1, 4}, &t.qw), bias};
  TensorView out = codes(y, {1, 1, 1, 1}, &t.qy);
  EXPECT_FALSE(supports_conv_codes<false>({attrs, in, {&out, 1}}));
  t.bias[0] = 0;
  EXPECT_TRUE(supports_conv_codes<false>({attrs, in, {&out, 1}}));
}

TEST(DepthwiseI8, KernelsStridesAndPads) {
  for (int64_t c : {8, 40}) {
    for (int64_t kh : {1, 3, 4, 5, 7}) {
      for (int64_t kw : {1, 2, 3, 5}) {
        for (int64_t s : {1, 2, 3}) {
          check_everywhere(kDepthwise, {.n = 2,
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
                                        .zx = s == 1 ? -128 : 127,
                                        .zw = kw == 5 ? 30 : 0});
          if (HasFailure()) return;
        }
      }
    }
  }
  check_everywhere(kDepthwise, {.h = 9,
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
                                .depthwise = true});
  check_everywhere(kDepthwise, {.h = 2,
                                .w = 2,
                                .c = 8,
                                .o = 8,
                                .kh = 5,
                                .kw = 5,
                                .pt = 6,
                                .pl = 6,
                                .pb = 6,
                                .pr = 6,
                                .depthwise = true});
}

TEST(DepthwiseI8, EveryChannelTail) {
  for (int64_t c = 1; c <= 130; ++c) {
    check_everywhere(kDepthwise, {.h = 4,
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
                                  .zw = c % 3 == 0 ? -128 : 0});
    if (HasFailure()) return;
  }
}

TEST(DepthwiseI8, EveryForm) {
  for (int64_t channels : {1, 8, 15, 16, 17, 24, 40, 67}) {
    for (int64_t k : {3, 5}) {
      for (int64_t s : {1, 2}) {
        for (int64_t w : {5, 7, 14, 17}) {
          check_forms(kDepthwise, {.h = 6,
                                   .w = w,
                                   .c = channels,
                                   .o = channels,
                                   .kh = k,
                                   .kw = k,
                                   .sh = s,
                                   .sw = s,
                                   .pt = 1,
                                   .pl = 1,
                                   .pb = 1,
                                   .pr = 2,
                                   .depthwise = true,
                                   .activation = s == 1 ? "relu" : "none"});
          if (HasFailure()) return;
        }
      }
    }
  }
}

// Several columns to a vector.
TEST(DepthwiseI8, FewChannels) {
  for (int64_t channels : {1, 3, 4, 8, 12, 21, 24, 31, 32}) {
    for (int64_t w : {1, 2, 5, 9, 16, 33}) {
      for (int64_t s : {1, 2}) {
        for (int64_t pad : {0, 1, 2}) {
          if (w + 2 * pad < 3) continue;
          check_everywhere(kDepthwise, {.n = 2,
                                        .h = 6,
                                        .w = w,
                                        .c = channels,
                                        .o = channels,
                                        .kh = 1 + (w + pad) % 4,
                                        .kw = 3,
                                        .sh = s,
                                        .sw = s,
                                        .pt = pad,
                                        .pl = pad,
                                        .pb = pad,
                                        .pr = pad,
                                        .depthwise = true,
                                        .zx = pad == 0 ? 127 : -128,
                                        .zw = w == 5 ? 3 : 0});
          if (HasFailure()) return;
        }
      }
    }
  }
}

// Where two products of -128 by -128 meet in 16 bits, they do not fit.
TEST(DepthwiseI8, LowestCodesByLowestWeights) {
  for (int64_t k : {3, 5}) {
    for (int64_t stride : {1, 2}) {
      check_everywhere(kDepthwise, {.h = 9,
                                    .w = 17,
                                    .c = 24,
                                    .o = 24,
                                    .kh = k,
                                    .kw = k,
                                    .sh = stride,
                                    .sw = stride,
                                    .depthwise = true,
                                    .saturated = 2});
    }
  }
}

TEST(DepthwiseI8, ExtremeCodesAndZeroPoints) {
  for (int saturated = 0; saturated < 4; ++saturated) {
    for (int32_t zx : {-128, 0, 127}) {
      for (int32_t zw : {-128, 0, 127}) {
        check_everywhere(kDepthwise, {.h = 6,
                                      .w = 5,
                                      .c = 67,
                                      .o = 67,
                                      .kh = 5,
                                      .kw = 5,
                                      .pt = 2,
                                      .pl = 2,
                                      .pb = 2,
                                      .pr = 2,
                                      .depthwise = true,
                                      .zx = zx,
                                      .zw = zw,
                                      .zy = 127,
                                      .saturated = saturated,
                                      .activation = "relu6"});
        if (HasFailure()) return;
      }
    }
  }
}

}  // namespace
}  // namespace fettle::runtime
