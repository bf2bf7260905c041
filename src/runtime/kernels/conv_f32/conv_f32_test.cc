// SPDX-License-Identifier: Apache-2.0
//
// Every float convolution kernel on every instruction set of this machine against its definition
// in double.
#include "runtime/kernels/conv_f32/conv_f32.h"

#include "runtime/kernels/kernel_testing.h"

namespace fettle::runtime {
namespace {

struct Case {
  int64_t n = 1, h = 1, w = 1, c = 1, o = 1;
  int64_t kh = 1, kw = 1, sh = 1, sw = 1, dh = 1, dw = 1;
  int64_t pt = 0, pl = 0, pb = 0, pr = 0, groups = 1;
  bool bias = true, residual = false;
  std::string activation = "none";
  std::vector<float> params = {};
  size_t extra_bytes = size_t{64} << 20;
};

std::string describe(const Case& c) {
  std::string s;
  for (int64_t v : {c.n, c.h, c.w, c.c, c.o, c.kh, c.kw, c.sh, c.sw, c.dh, c.dw, c.pt, c.pl, c.pb,
                    c.pr, c.groups}) {
    s += std::to_string(v) + " ";
  }
  return s + c.activation + (c.bias ? " bias" : "") + (c.residual ? " residual" : "");
}

// What a case computes, in double, and the sums of absolute products that errors are held against.
struct Expected {
  std::vector<double> values, products;
};

struct Buffers {
  int64_t oh, ow, cg, og;
  Guarded x, w, b, r;
  explicit Buffers(const Case& c)
      : oh((c.h + c.pt + c.pb - (c.kh - 1) * c.dh - 1) / c.sh + 1),
        ow((c.w + c.pl + c.pr - (c.kw - 1) * c.dw - 1) / c.sw + 1),
        cg(c.c / c.groups),
        og(c.o / c.groups),
        x(c.n * c.h * c.w * c.c, true, 1),
        w(c.o * c.kh * c.kw * cg, true, 2),
        b(c.o, true, 3),
        r(c.n * oh * ow * c.o, true, 4) {}
};

Expected compute(const Case& c, Buffers& t) {
  Expected e;
  for (int64_t at = 0; at < t.r.size(); ++at) {
    const int64_t o = at % c.o, j = at / c.o % t.ow, i = at / (c.o * t.ow) % t.oh;
    const int64_t n = at / (c.o * t.ow * t.oh);
    double sum = c.bias ? t.b.data()[o] : 0, products = std::abs(sum);
    for (int64_t kh = 0; kh < c.kh; ++kh) {
      const int64_t ih = i * c.sh - c.pt + kh * c.dh;
      if (ih < 0 || ih >= c.h) continue;
      for (int64_t kw = 0; kw < c.kw; ++kw) {
        const int64_t iw = j * c.sw - c.pl + kw * c.dw;
        if (iw < 0 || iw >= c.w) continue;
        const float* xs = t.x.data() + ((n * c.h + ih) * c.w + iw) * c.c + o / t.og * t.cg;
        const float* ws = t.w.data() + ((o * c.kh + kh) * c.kw + kw) * t.cg;
        for (int64_t k = 0; k < t.cg; ++k) {
          sum += double{xs[k]} * ws[k];
          products += std::abs(double{xs[k]} * ws[k]);
        }
      }
    }
    if (c.residual) {
      sum += t.r.data()[at];
      products += std::abs(t.r.data()[at]);
    }
    e.values.push_back(exact_activation(c.activation, c.params, sum));
    e.products.push_back(products);
  }
  return e;
}

void check(const std::string& kernel, const Case& c, Buffers& t, const Expected& expected, Isa isa,
           int threads, bool in_place) {
  SCOPED_TRACE(kernel + " " + std::string(name_of(isa)) + " threads " + std::to_string(threads) +
               ": " + describe(c) + (in_place ? " in place" : ""));
  Guarded y(t.r.size());
  if (in_place) std::copy_n(t.r.data(), t.r.size(), y.data());
  const Attributes attrs{{"layout", std::string("nhwc")},
                         {"strides", std::vector<int64_t>{c.sh, c.sw}},
                         {"dilations", std::vector<int64_t>{c.dh, c.dw}},
                         {"pads", std::vector<int64_t>{c.pt, c.pl, c.pb, c.pr}},
                         {"group", c.groups},
                         {"activation", c.activation},
                         {"activation_params", c.params}};
  const Dims out{c.n, t.oh, t.ow, c.o};
  std::vector<TensorView> in = {view_of(t.x, {c.n, c.h, c.w, c.c}),
                                view_of(t.w, {c.o, c.kh, c.kw, t.cg})};
  in.push_back(c.bias ? view_of(t.b, {c.o}) : TensorView{});
  in.push_back(c.residual ? view_of(in_place ? y : t.r, out) : TensorView{});
  run_kernel(kernel, attrs, in, {false, true, true, false}, view_of(y, out),
             {.isa = isa, .threads = threads, .extra_bytes = c.extra_bytes});
  if (testing::Test::HasFatalFailure()) return;
  int wrong = 0;
  for (int64_t at = 0; at < y.size(); ++at) {
    const double got = y.data()[at], want = expected.values[at];
    if (!(std::abs(got - want) <= 1e-5 * expected.products[at] + 1e-7) && ++wrong < 4) {
      ADD_FAILURE() << "element " << at << ": " << got << " for " << want;
    }
  }
  ASSERT_EQ(wrong, 0);
}

void check_everywhere(const std::string& kernel, const Case& c) {
  Buffers buffers(c);
  const Expected expected = compute(c, buffers);
  for (const Isa isa : available_isas()) {
    for (const int threads : {1, 2}) {
      check(kernel, c, buffers, expected, isa, threads, false);
      if (c.residual) check(kernel, c, buffers, expected, isa, threads, true);
      if (testing::Test::HasFailure()) return;
    }
  }
}

constexpr const char* kIndirect = "conv_f32_indirect";
constexpr const char* kDepthwise = "conv_f32_depthwise";

TEST(ConvF32, EveryPanelWidthAndTileHeight) {
  for (int64_t o = 1; o <= 100; o += o < 50 ? 1 : 7) {
    check_everywhere(kIndirect, {.h = 1, .w = 1 + o % 27, .c = 1 + o % 5, .o = o});
  }
  for (int64_t pixels = 1; pixels <= 40; ++pixels) {
    check_everywhere(kIndirect, {.h = 1, .w = pixels, .c = 9, .o = 40 + pixels % 9});
  }
}

TEST(ConvF32, KernelsStridesDilationsPads) {
  for (int64_t k : {1, 2, 3, 5, 7}) {
    for (int64_t s : {1, 2, 3}) {
      for (int64_t p : {0, 1, 3}) {
        for (int64_t c : {1, 3, 17}) {
          check_everywhere(kIndirect, {.n = 2,
                                       .h = 9,
                                       .w = 11,
                                       .c = c,
                                       .o = 10,
                                       .kh = k,
                                       .kw = k,
                                       .sh = s,
                                       .sw = s,
                                       .pt = p,
                                       .pl = p,
                                       .pb = p,
                                       .pr = p});
          if (HasFailure()) return;
        }
      }
    }
  }
  check_everywhere(kIndirect, {.h = 9,
                               .w = 8,
                               .c = 4,
                               .o = 24,
                               .kh = 3,
                               .kw = 3,
                               .dh = 2,
                               .dw = 3,
                               .pt = 2,
                               .pl = 3,
                               .pb = 1,
                               .pr = 0});
  check_everywhere(kIndirect, {.h = 9,
                               .w = 8,
                               .c = 3,
                               .o = 24,
                               .kh = 3,
                               .kw = 3,
                               .dh = 2,
                               .pt = 1,
                               .pl = 1,
                               .pb = 1,
                               .pr = 1});
  check_everywhere(
      kIndirect,
      {.h = 3, .w = 2, .c = 3, .o = 8, .kh = 3, .kw = 7, .pt = 4, .pl = 9, .pb = 4, .pr = 9});
}

// Taps that are padding for whole tiles are left out, over slices of depth too.
TEST(ConvF32, DilationIntoThePadding) {
  for (int64_t d : {4, 7, 9, 12}) {
    for (int64_t c : {5, 700}) {
      for (int64_t o : {56, 61}) {
        check_everywhere(kIndirect, {.n = 2,
                                     .h = 10,
                                     .w = 9,
                                     .c = c,
                                     .o = o,
                                     .kh = 3,
                                     .kw = 3,
                                     .dh = d,
                                     .dw = d,
                                     .pt = d,
                                     .pl = d,
                                     .pb = d,
                                     .pr = d,
                                     .residual = c == 5,
                                     .activation = o == 56 ? "relu" : "hard_swish"});
        if (HasFailure()) return;
      }
    }
  }
  // Tiles where no tap is inside.
  check_everywhere(
      kIndirect,
      {.h = 2, .w = 20, .c = 4, .o = 48, .kh = 2, .kw = 2, .dh = 30, .dw = 30, .pt = 40, .pl = 12});
}

TEST(ConvF32, Groups) {
  for (int64_t g : {2, 3, 8}) {
    check_everywhere(kIndirect, {.h = 5,
                                 .w = 6,
                                 .c = g * 5,
                                 .o = g * 3,
                                 .kh = 3,
                                 .kw = 3,
                                 .pt = 1,
                                 .pl = 1,
                                 .pb = 1,
                                 .pr = 1,
                                 .groups = g,
                                 .residual = true});
  }
  // Two output channels for each input channel.
  check_everywhere(kIndirect, {.h = 5, .w = 6, .c = 6, .o = 12, .kh = 3, .kw = 3, .groups = 6});
}

TEST(ConvF32, DepthInSlices) {
  check_everywhere(kIndirect, {.h = 4,
                               .w = 5,
                               .c = 700,
                               .o = 57,
                               .kh = 3,
                               .kw = 3,
                               .pt = 1,
                               .pl = 1,
                               .pb = 1,
                               .pr = 1,
                               .residual = true,
                               .activation = "relu"});
  check_everywhere(kIndirect, {.h = 4, .w = 5, .c = 7000, .o = 56, .activation = "hard_swish"});
}

TEST(ConvF32, Activations) {
  const std::pair<const char*, std::vector<float>> all[] = {{"none", {}},
                                                            {"relu", {}},
                                                            {"relu6", {}},
                                                            {"clip", {-0.5F, 1.5F}},
                                                            {"hard_swish", {}},
                                                            {"hard_sigmoid", {0.3F, 0.4F}},
                                                            {"sigmoid", {}},
                                                            {"silu", {}},
                                                            {"leaky_relu", {0.2F}},
                                                            {"tanh", {}},
                                                            {"gelu", {}}};
  for (const auto& [name, params] : all) {
    for (const bool residual : {false, true}) {
      check_everywhere(kIndirect, {.h = 5,
                                   .w = 7,
                                   .c = 31,
                                   .o = 61,
                                   .bias = !residual,
                                   .residual = residual,
                                   .activation = name,
                                   .params = params});
      check_everywhere(kDepthwise, {.h = 5,
                                    .w = 7,
                                    .c = 61,
                                    .o = 61,
                                    .kh = 3,
                                    .kw = 3,
                                    .pt = 1,
                                    .pl = 1,
                                    .pb = 1,
                                    .pr = 1,
                                    .groups = 61,
                                    .bias = residual,
                                    .residual = residual,
                                    .activation = name,
                                    .params = params});
    }
  }
}

TEST(WinogradF32, SizesPadsAndTails) {
  for (int64_t c : {16, 19, 72}) {
    for (int64_t o : {16, 61}) {
      for (int64_t size : {14, 25}) {
        for (int64_t p : {0, 1, 2}) {
          check_everywhere("conv_f32_winograd", {.n = 1 + size % 2,
                                                 .h = size,
                                                 .w = size + 3,
                                                 .c = c,
                                                 .o = o,
                                                 .kh = 3,
                                                 .kw = 3,
                                                 .pt = p,
                                                 .pl = p,
                                                 .pb = p,
                                                 .pr = 1,
                                                 .residual = p == 1,
                                                 .activation = p == 2 ? "hard_swish" : "relu"});
          if (HasFailure()) return;
        }
      }
    }
  }
  // Few tiles and many weights: 2x2 outputs each.
  check_everywhere(
      "conv_f32_winograd",
      {.h = 14, .w = 13, .c = 128, .o = 96, .kh = 3, .kw = 3, .pt = 1, .pl = 1, .pb = 1, .pr = 1});
}

TEST(WinogradF32, FallsBackWhereMemoryIsShort) {
  check_everywhere("conv_f32_winograd", {.h = 14,
                                         .w = 14,
                                         .c = 64,
                                         .o = 64,
                                         .kh = 3,
                                         .kw = 3,
                                         .pt = 1,
                                         .pl = 1,
                                         .pb = 1,
                                         .pr = 1,
                                         .extra_bytes = 1000});
}

TEST(DepthwiseF32, KernelsStridesDilationsPads) {
  for (int64_t k : {1, 2, 3, 5, 7}) {
    for (int64_t s : {1, 2, 3}) {
      for (int64_t p : {0, 1, 2}) {
        for (int64_t w : {7, 10, 17}) {
          const int64_t c = 1 + (k * 7 + s * 11 + p * 13 + w * 17) % 71;
          check_everywhere(kDepthwise, {.n = 2,
                                        .h = 8,
                                        .w = w,
                                        .c = c,
                                        .o = c,
                                        .kh = k,
                                        .kw = k,
                                        .sh = s,
                                        .sw = s,
                                        .pt = p,
                                        .pl = p,
                                        .pb = p,
                                        .pr = p,
                                        .groups = c});
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
                                .pr = 0,
                                .groups = 24});
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
                                .groups = 8});
}

// Columns in as many phases as the dilation, of which some are empty where the row is short.
TEST(DepthwiseF32, DilationAcross) {
  for (int64_t k : {3, 5}) {
    for (int64_t d : {2, 3, 6}) {
      for (int64_t w : {1, 4, 9, 33}) {
        for (int64_t p : {k / 2 * d, d + 1}) {
          const int64_t reach = (k - 1) * d + 1;
          check_everywhere(kDepthwise, {.h = 7,
                                        .w = std::max(w, reach - 2 * p),
                                        .c = 20 + w,
                                        .o = 20 + w,
                                        .kh = k,
                                        .kw = k,
                                        .dh = 1 + w % 2,
                                        .dw = d,
                                        .pt = k,
                                        .pl = p,
                                        .pb = k,
                                        .pr = p,
                                        .groups = 20 + w,
                                        .residual = w == 9,
                                        .activation = w == 33 ? "hard_swish" : "relu"});
          if (HasFailure()) return;
        }
      }
    }
  }
}

TEST(DepthwiseF32, EveryChannelTail) {
  for (int64_t c = 1; c <= 70; ++c) {
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
                                  .groups = c});
  }
}

}  // namespace
}  // namespace fettle::runtime
