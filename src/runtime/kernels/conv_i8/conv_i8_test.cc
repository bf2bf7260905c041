// SPDX-License-Identifier: Apache-2.0
//
// Every 8-bit convolution and product kernel on every instruction set of this machine, bit for bit
// against sums in 64 bits and the one rule of requantization.
#include "runtime/kernels/conv_i8/conv_i8.h"

#include "runtime/kernels/kernel_testing.h"

namespace fettle::runtime {
namespace {

// Codes between guard bytes.
class GuardedCodes {
 public:
  explicit GuardedCodes(int64_t n) : size_(n), bytes_(static_cast<size_t>(n + 2 * kGuard), kMark) {}
  ~GuardedCodes() {
    for (int64_t i = 0; i < kGuard; ++i) {
      EXPECT_EQ(bytes_[static_cast<size_t>(i)], kMark) << "written before the tensor";
      EXPECT_EQ(bytes_[static_cast<size_t>(kGuard + size_ + i)], kMark) << "written past it";
    }
  }
  int8_t* data() { return bytes_.data() + kGuard; }
  int64_t size() const { return size_; }
  void fill_random(uint32_t seed) {
    std::mt19937 rng(seed);
    for (int64_t i = 0; i < size_; ++i) data()[i] = static_cast<int8_t>(rng() >> 8);
  }
  void fill(int8_t code) { std::memset(data(), code, static_cast<size_t>(size_)); }

 private:
  static constexpr int64_t kGuard = 77;  // odd: data is not aligned to vectors
  static constexpr int8_t kMark = 0x5a;
  int64_t size_;
  std::vector<int8_t> bytes_;
};

struct Case {
  int64_t n = 1, h = 1, w = 1, c = 1, o = 1;
  int64_t kh = 1, kw = 1, sh = 1, sw = 1, dh = 1, dw = 1;
  int64_t pt = 0, pl = 0, pb = 0, pr = 0;
  bool depthwise = false, bias = true;
  int32_t zx = -3, zw = 0, zy = 5;
  int saturated = 0;  // 1: activations -128, weights -127; 2: -128 and -128; 3: 127 and -128
  std::string activation = "none";
  std::vector<float> params = {};
  int64_t channels_in() const { return depthwise ? 1 : c; }
  int64_t terms() const { return kh * kw * channels_in(); }
  int64_t out_h() const { return (h + pt + pb - (kh - 1) * dh - 1) / sh + 1; }
  int64_t out_w() const { return (w + pl + pr - (kw - 1) * dw - 1) / sw + 1; }
};

std::string describe(const Case& c) {
  std::string s;
  for (int64_t v : {c.n, c.h, c.w, c.c, c.o, c.kh, c.kw, c.sh, c.sw, c.dh, c.dw, c.pt, c.pl, c.pb,
                    c.pr, int64_t{c.zx}, int64_t{c.zw}, int64_t{c.zy}, int64_t{c.saturated}}) {
    s += std::to_string(v) + " ";
  }
  return s + c.activation + (c.bias ? " bias" : "") + (c.depthwise ? " depthwise" : "");
}

struct Operands {
  GuardedCodes x, w;
  std::vector<int32_t> bias;
  Quantization qx, qw, qy;
  Requantizer requantize;
  std::vector<int8_t> expected;

  explicit Operands(const Case& c)
      : x(c.n * c.h * c.w * c.c), w(c.o * c.terms()), bias(static_cast<size_t>(c.o)) {
    x.fill_random(1);
    w.fill_random(2);
    if (c.saturated != 0) {
      x.fill(c.saturated == 3 ? 127 : -128);
      w.fill(c.saturated == 1 ? -127 : -128);
    }
    std::mt19937 rng(3);
    for (int32_t& b : bias) b = static_cast<int32_t>(rng() % 4001) - 2000;
    qx = {{0.05F}, {c.zx}};
    qw = {{}, {}};
    // Scales such that results spread over the codes.
    const float unit = 40.0F / (5000.0F * std::sqrt(static_cast<float>(c.terms())));
    for (int64_t o = 0; o < c.o; ++o) {
      qw.scale.push_back(unit * (1 + static_cast<float>(o % 7)));
      qw.zero_point.push_back(c.zw);
    }
    qy = {{0.06F}, {c.zy}};
    requantize.zero_point = c.zy;
    if (c.activation == "relu" || c.activation == "relu6") requantize.low = std::max(-128, c.zy);
    if (c.activation == "relu6") requantize.high = std::min(127, 100 + c.zy);  // 6 / 0.06
    if (c.activation == "clip") {
      requantize.low = std::max(-128, -10 + c.zy);  // -0.6
      requantize.high = std::min(127, 20 + c.zy);   // 1.2
    }
    requantize.high = std::max(requantize.low, requantize.high);
    compute(c);
  }

  void compute(const Case& c) {
    const int64_t oh = c.out_h(), ow = c.out_w(), ci = c.channels_in();
    for (int64_t at = 0; at < c.n * oh * ow * c.o; ++at) {
      const int64_t o = at % c.o, j = at / c.o % ow, i = at / (c.o * ow) % oh;
      const int64_t n = at / (c.o * ow * oh);
      int64_t sum = c.bias ? bias[static_cast<size_t>(o)] : 0;
      for (int64_t kh = 0; kh < c.kh; ++kh) {
        const int64_t ih = i * c.sh - c.pt + kh * c.dh;
        if (ih < 0 || ih >= c.h) continue;
        for (int64_t kw = 0; kw < c.kw; ++kw) {
          const int64_t iw = j * c.sw - c.pl + kw * c.dw;
          if (iw < 0 || iw >= c.w) continue;
          const int8_t* xs = x.data() + ((n * c.h + ih) * c.w + iw) * c.c + (c.depthwise ? o : 0);
          const int8_t* ws = w.data() + ((o * c.kh + kh) * c.kw + kw) * ci;
          for (int64_t k = 0; k < ci; ++k) sum += int64_t{xs[k] - c.zx} * (ws[k] - c.zw);
        }
      }
      const float m =
          requantize_multiplier(qx.scale[0], qw.scale[static_cast<size_t>(o)], qy.scale[0]);
      expected.push_back(static_cast<int8_t>(requantize(sum, m)));
    }
  }
};

TensorView codes(GuardedCodes& g, const Dims& dims, const Quantization* quant) {
  TensorView v;
  v.dtype = DType::i8;
  v.dims = dims;
  v.data = g.data();
  v.quant = quant;
  return v;
}

void check(const std::string& kernel, const Case& c, Operands& t, Isa isa, int threads) {
  SCOPED_TRACE(kernel + " " + std::string(name_of(isa)) + " threads " + std::to_string(threads) +
               ": " + describe(c));
  const bool gemm = kernel.starts_with("gemm");
  GuardedCodes y(static_cast<int64_t>(t.expected.size()));
  Attributes attrs{{"activation", c.activation}, {"activation_params", c.params}};
  if (gemm) {
    attrs.set("transB", int64_t{1});
  } else {
    attrs.set("layout", std::string("nhwc"));
    attrs.set("strides", std::vector<int64_t>{c.sh, c.sw});
    attrs.set("dilations", std::vector<int64_t>{c.dh, c.dw});
    attrs.set("pads", std::vector<int64_t>{c.pt, c.pl, c.pb, c.pr});
    attrs.set("group", c.depthwise ? c.c : int64_t{1});
  }
  TensorView bias;
  if (c.bias) {
    bias.dtype = DType::i32;
    bias.dims = {c.o};
    bias.data = t.bias.data();
  }
  const std::vector<TensorView> in = {
      codes(t.x, gemm ? Dims{c.n, c.c} : Dims{c.n, c.h, c.w, c.c}, &t.qx),
      codes(t.w, gemm ? Dims{c.o, c.c} : Dims{c.o, c.kh, c.kw, c.channels_in()}, &t.qw), bias};
  const Dims out = gemm ? Dims{c.n, c.o} : Dims{c.n, c.out_h(), c.out_w(), c.o};
  run_kernel(kernel, attrs, in, {false, true, true}, codes(y, out, &t.qy),
             {.isa = isa, .threads = threads});
  if (testing::Test::HasFatalFailure()) return;
  int wrong = 0;
  for (int64_t at = 0; at < y.size(); ++at) {
    const int got = y.data()[at], want = t.expected[static_cast<size_t>(at)];
    if (got != want && ++wrong < 4) {
      ADD_FAILURE() << "element " << at << ": " << got << " for " << want;
    }
  }
  ASSERT_EQ(wrong, 0);
}

void check_everywhere(const std::string& kernel, const Case& c) {
  Operands operands(c);
  for (const Isa isa : available_isas()) {
    for (const int threads : {1, 2}) {
      check(kernel, c, operands, isa, threads);
      if (testing::Test::HasFailure()) return;
    }
  }
}

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
  Case c{.n = 1, .h = 16, .w = 16, .c = 1, .o = 20, .bias = false, .zx = 0, .zy = 0};
  Operands t(c);
  t.w.fill(1);
  t.qx.scale = {0.5F};
  std::fill(t.qw.scale.begin(), t.qw.scale.end(), 1.0F);
  t.qy.scale = {1.0F};
  t.expected.clear();
  t.compute(c);
  EXPECT_EQ(t.requantize(int64_t{1}, 0.5F), 0);
  EXPECT_EQ(t.requantize(int64_t{3}, 0.5F), 2);
  for (const Isa isa : available_isas()) check(kConv, c, t, isa, 1);
}

// Sums past 32 bits are left to the reference.
TEST(ConvI8, RefusesWhatMayOverflow) {
  Case c{.c = 4, .o = 1};
  Operands t(c);
  t.bias[0] = std::numeric_limits<int32_t>::max() - 100;
  const Attributes attrs{{"layout", std::string("nhwc")}};
  TensorView bias;
  bias.dtype = DType::i32;
  bias.dims = {1};
  bias.data = t.bias.data();
  GuardedCodes y(1);
  const std::vector<TensorView> in = {codes(t.x, {1, 1, 1, 4}, &t.qx),
                                      codes(t.w, {1, 1, 1, 4}, &t.qw), bias};
  TensorView out = codes(y, {1, 1, 1, 1}, &t.qy);
  EXPECT_FALSE(supports_conv_i8({attrs, in, {&out, 1}}));
  t.bias[0] = 0;
  EXPECT_TRUE(supports_conv_i8({attrs, in, {&out, 1}}));
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
