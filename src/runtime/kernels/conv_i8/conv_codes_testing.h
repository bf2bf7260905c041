// SPDX-License-Identifier: Apache-2.0
//
// Convolutions and products of codes for tests: random operands, their results by sums in 64 bits
// and the one rule of requantization, and a kernel held against them bit for bit.
#pragma once

#include "runtime/kernels/conv_i8/conv_i8.h"
#include "runtime/kernels/gemm_i8/product_i8.h"
#include "runtime/kernels/kernel_testing.h"

namespace fettle::runtime {

// Codes of 8 or 16 bits between guard bytes.
class GuardedCodes {
 public:
  GuardedCodes(DType type, int64_t n)
      : type_(type), size_(n), bytes_(n * size_of(type) + 2 * kGuard, kMark) {}
  ~GuardedCodes() {
    for (size_t i = 0; i < kGuard; ++i) {
      EXPECT_EQ(bytes_[i], kMark) << "written before the tensor";
      EXPECT_EQ(bytes_[bytes_.size() - 1 - i], kMark) << "written past it";
    }
  }
  DType type() const { return type_; }
  void* data() { return bytes_.data() + kGuard; }
  int64_t size() const { return size_; }
  int32_t operator[](int64_t i) const {
    const int8_t* p = bytes_.data() + kGuard + i * static_cast<int64_t>(size_of(type_));
    if (type_ == DType::i8) return *p;
    int16_t code;
    std::memcpy(&code, p, sizeof code);
    return code;
  }
  void set(int64_t i, int32_t code) {
    int8_t* p = bytes_.data() + kGuard + i * static_cast<int64_t>(size_of(type_));
    const auto wide = static_cast<int16_t>(code);
    if (type_ == DType::i8) *p = static_cast<int8_t>(code);
    if (type_ == DType::i16) std::memcpy(p, &wide, sizeof wide);
  }
  void fill_random(uint32_t seed) {
    std::mt19937 rng(seed);
    for (int64_t i = 0; i < size_; ++i) set(i, static_cast<int32_t>(rng() >> 8));
  }
  void fill(int32_t code) {
    for (int64_t i = 0; i < size_; ++i) set(i, code);
  }

 private:
  static constexpr size_t kGuard = 78;  // data is aligned to nothing but codes
  static constexpr int8_t kMark = 0x5a;
  DType type_;
  int64_t size_;
  std::vector<int8_t> bytes_;
};

struct Case {
  int64_t n = 1, h = 1, w = 1, c = 1, o = 1;
  int64_t kh = 1, kw = 1, sh = 1, sw = 1, dh = 1, dw = 1;
  int64_t pt = 0, pl = 0, pb = 0, pr = 0;
  bool depthwise = false, bias = true;
  int32_t zx = -3, zw = 0, zy = 5;
  // 1: the least activation and the least weight that is symmetric; 2: the least of both; 3: the
  // largest activation and the least weight.
  int saturated = 0;
  std::string activation = "none";
  std::vector<float> params = {};
  DType type = DType::i8, weights = DType::i8;
  int64_t most() const { return type == DType::i8 ? 127 : 32767; }
  int64_t channels_in() const { return depthwise ? 1 : c; }
  int64_t terms() const { return kh * kw * channels_in(); }
  int64_t out_h() const { return (h + pt + pb - (kh - 1) * dh - 1) / sh + 1; }
  int64_t out_w() const { return (w + pl + pr - (kw - 1) * dw - 1) / sw + 1; }
};

// 3 x 3 taps so far apart that some are padding for whole tiles.
inline Case dilated_into_padding(int64_t d, int64_t c, int64_t o) {
  Case made{.n = 2, .h = 10, .w = 9, .c = c, .o = o, .kh = 3, .kw = 3, .dh = d, .dw = d};
  made.pt = made.pl = made.pb = made.pr = d;
  return made;
}

inline std::string describe(const Case& c) {
  std::string s;
  for (int64_t v : {c.n, c.h, c.w, c.c, c.o, c.kh, c.kw, c.sh, c.sw, c.dh, c.dw, c.pt, c.pl, c.pb,
                    c.pr, int64_t{c.zx}, int64_t{c.zw}, int64_t{c.zy}, int64_t{c.saturated}}) {
    s += std::to_string(v) + " ";
  }
  return s + std::string(name_of(c.type)) + " by " + std::string(name_of(c.weights)) + " " +
         c.activation + (c.bias ? " bias" : "") + (c.depthwise ? " depthwise" : "");
}

struct Operands {
  GuardedCodes x, w;
  std::vector<int64_t> bias;
  Quantization qx, qw, qy;
  Requantizer requantize;
  std::vector<int32_t> expected;

  explicit Operands(const Case& c)
      : x(c.type, c.n * c.h * c.w * c.c),
        w(c.weights, c.o * c.terms()),
        bias(static_cast<size_t>(c.o)) {
    x.fill_random(1);
    w.fill_random(2);
    if (c.saturated != 0) {
      const int32_t least_weight = c.weights == DType::i8 ? -128 : -32768;
      x.fill(static_cast<int32_t>(c.saturated == 3 ? c.most() : -c.most() - 1));
      w.fill(c.saturated == 1 ? least_weight + 1 : least_weight);
    }
    std::mt19937 rng(3);
    // The largest bias is some thousandths of the largest product.
    const int64_t unit_bias = c.type == DType::i8 ? 1 : c.weights == DType::i8 ? 256 : 65536;
    for (int64_t& b : bias) b = (static_cast<int64_t>(rng() % 4001) - 2000) * unit_bias;
    const bool wide = c.type == DType::i16;
    qx = {{wide ? 0.0002F : 0.05F}, {c.zx}};
    qw = {{}, {}};
    // Scales such that results spread over the codes.
    const float unit = 40.0F / (5000.0F * std::sqrt(static_cast<float>(c.terms()))) *
                       (c.weights == DType::i8 ? 1.0F : 1.0F / 256);
    for (int64_t o = 0; o < c.o; ++o) {
      qw.scale.push_back(unit * (1 + static_cast<float>(o % 7)));
      qw.zero_point.push_back(c.zw);
    }
    qy = {{wide ? 0.06F / 256 : 0.06F}, {c.zy}};
    requantize.zero_point = c.zy;
    const auto most = static_cast<int32_t>(c.most());
    const auto code_of = [&](double real) {
      return static_cast<int32_t>(std::nearbyint(real / static_cast<double>(qy.scale[0]))) + c.zy;
    };
    requantize.low = -most - 1;
    requantize.high = most;
    if (c.activation == "relu" || c.activation == "relu6")
      requantize.low = std::max(-most - 1, c.zy);
    if (c.activation == "relu6") requantize.high = std::min(most, code_of(6));
    if (c.activation == "clip") {
      requantize.low = std::max(-most - 1, code_of(static_cast<double>(-0.6F)));
      requantize.high = std::min(most, code_of(static_cast<double>(1.2F)));
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
          const int64_t at_x = ((n * c.h + ih) * c.w + iw) * c.c + (c.depthwise ? o : 0);
          const int64_t at_w = ((o * c.kh + kh) * c.kw + kw) * ci;
          for (int64_t k = 0; k < ci; ++k) {
            sum += int64_t{x[at_x + k] - c.zx} * (w[at_w + k] - c.zw);
          }
        }
      }
      const float m =
          requantize_multiplier(qx.scale[0], qw.scale[static_cast<size_t>(o)], qy.scale[0]);
      expected.push_back(requantize(sum, m));
    }
  }
};

inline TensorView codes(GuardedCodes& g, const Dims& dims, const Quantization* quant) {
  TensorView v;
  v.dtype = g.type();
  v.dims = dims;
  v.data = g.data();
  v.quant = quant;
  return v;
}

inline void check(const std::string& kernel, const Case& c, Operands& t, Isa isa, int threads) {
  SCOPED_TRACE(kernel + " " + std::string(name_of(isa)) + " threads " + std::to_string(threads) +
               ": " + describe(c));
  const bool gemm = kernel.starts_with("gemm");
  GuardedCodes y(c.type, static_cast<int64_t>(t.expected.size()));
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
    bias.dtype = DType::i64;
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
    const int got = y[at], want = t.expected[static_cast<size_t>(at)];
    if (got != want && ++wrong < 4) {
      ADD_FAILURE() << "element " << at << ": " << got << " for " << want;
    }
  }
  ASSERT_EQ(wrong, 0);
}

inline void check_everywhere(const std::string& kernel, const Case& c) {
  Operands operands(c);
  for (const Isa isa : available_isas()) {
    for (const int threads : {1, 2}) {
      check(kernel, c, operands, isa, threads);
      if (testing::Test::HasFailure()) return;
    }
  }
}

}  // namespace fettle::runtime
