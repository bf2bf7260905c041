// SPDX-License-Identifier: Apache-2.0
//
// Floats by 8-bit weights on every instruction set of this machine, against the formulas of
// base/dynamic_range.h summed up plainly, bit for bit: past every edge of a tile, with padding,
// more than one image, a residual in place, and numbers that are none.
#include "base/dynamic_range.h"
#include "runtime/kernels/kernel_testing.h"

namespace fettle::runtime {
namespace {

using Ints = std::vector<int64_t>;

struct Weights {
  std::vector<int8_t> codes;
  Quantization quant;
  Weights(int64_t count, int64_t channels, int axis, uint32_t seed) {
    std::mt19937 random(seed);
    for (int64_t i = 0; i < count; ++i) {
      codes.push_back(static_cast<int8_t>(static_cast<int>(random() % 256) - 128));
    }
    quant.axis = axis;
    for (int64_t c = 0; c < channels; ++c) {
      quant.scale.push_back(0.003F * static_cast<float>(1 + c % 5));
      quant.zero_point.push_back(0);
    }
  }
  TensorView view(const Dims& dims) {
    TensorView v;
    v.dtype = DType::i8;
    v.dims = dims;
    v.data = codes.data();
    v.quant = &quant;
    return v;
  }
};

struct Case {
  int64_t batch, h, w, in, out, kernel, stride, pad;
  bool residual = false;
};

int64_t out_extent(int64_t in, const Case& c) { return (in + 2 * c.pad - c.kernel) / c.stride + 1; }

DynamicRange range_of(const float* x, int64_t n, bool depthwise) {
  float least = 0, most = 0;
  for (int64_t i = 0; i < n; ++i) {
    least = x[i] < least ? x[i] : least;
    most = x[i] > most ? x[i] : most;
  }
  return depthwise ? depthwise_dynamic_range(least, most) : dynamic_range(least, most);
}

// Channels last, with relu.
std::vector<float> plain(const Case& c, const float* x, const Weights& w, const float* bias,
                         const float* residual, bool depthwise) {
  const int64_t oh = out_extent(c.h, c), ow = out_extent(c.w, c), terms = depthwise ? 1 : c.in;
  const bool by_pixel = !depthwise && c.kernel == 1 && c.stride == 1 && c.pad == 0;
  std::vector<float> y;
  for (int64_t m = 0; m < c.batch * oh * ow; ++m) {
    const int64_t image = m / (oh * ow), row = m / ow % oh, column = m % ow;
    const float* from = x + image * c.h * c.w * c.in;
    const float* pixel = from + (row * c.w + column) * c.in;
    const DynamicRange range =
        by_pixel ? range_of(pixel, c.in, false) : range_of(from, c.h * c.w * c.in, depthwise);
    for (int64_t o = 0; o < c.out; ++o) {
      int64_t sum = 0;
      for (int64_t k = 0; k < c.kernel * c.kernel; ++k) {
        const int64_t ih = row * c.stride - c.pad + k / c.kernel;
        const int64_t iw = column * c.stride - c.pad + k % c.kernel;
        if (ih < 0 || iw < 0 || ih >= c.h || iw >= c.w) continue;
        for (int64_t i = 0; i < terms; ++i) {
          const float v = from[(ih * c.w + iw) * c.in + (depthwise ? o : i)];
          const int64_t at = (o * c.kernel * c.kernel + k) * terms + i;
          sum += range.centred(v) * int64_t{w.codes[static_cast<size_t>(at)]};
        }
      }
      const float scale = w.quant.scale[static_cast<size_t>(o)];
      float v = depthwise ? depthwise_scaled_sum(sum, range.scale, scale, bias[o])
                          : scaled_sum(sum, range.scale, scale, bias[o]);
      if (residual != nullptr) v += residual[m * c.out + o];
      y.push_back(v > 0 ? v : 0);
    }
  }
  return y;
}

void expect_same(const Case& c, bool depthwise, float odd = 0) {
  const int64_t oh = out_extent(c.h, c), ow = out_extent(c.w, c), terms = depthwise ? 1 : c.in;
  Guarded x(c.batch * c.h * c.w * c.in, true, 1), bias(c.out, true, 2);
  x.data()[x.size() / 2] += odd;
  Weights w(c.out * c.kernel * c.kernel * terms, c.out, 0, 3);
  const Dims out{c.batch, oh, ow, c.out};
  Guarded added(out.elements(), true, 4);
  const std::vector<float> want =
      plain(c, x.data(), w, bias.data(), c.residual ? added.data() : nullptr, depthwise);
  Attributes attrs{{"layout", "nhwc"},
                   {"activation", "relu"},
                   {"strides", Ints{c.stride, c.stride}},
                   {"pads", Ints{c.pad, c.pad, c.pad, c.pad}}};
  if (depthwise) attrs.set("group", c.in);
  for (const Isa isa : available_isas()) {
    for (const int threads : {1, 3}) {
      SCOPED_TRACE(std::string(name_of(isa)) + " threads " + std::to_string(threads));
      Guarded y(out.elements());
      if (c.residual) std::memcpy(y.data(), added.data(), want.size() * sizeof(float));
      std::vector<TensorView> in = {view_of(x, {c.batch, c.h, c.w, c.in}),
                                    w.view({c.out, c.kernel, c.kernel, terms}),
                                    view_of(bias, {c.out})};
      if (c.residual) in.push_back(view_of(y, out));  // in place
      run_kernel(depthwise ? "conv_f32i8_depthwise" : "conv_f32i8", attrs, in,
                 {false, true, true, false}, view_of(y, out), {.isa = isa, .threads = threads});
      for (size_t i = 0; i < want.size(); ++i) ASSERT_EQ(y.data()[i], want[i]) << i;
    }
  }
}

TEST(DynamicI8, Convolutions) {
  expect_same({1, 5, 6, 3, 7, 3, 1, 1}, false);
  expect_same({2, 9, 8, 17, 33, 3, 2, 1}, false);
  expect_same({3, 7, 7, 5, 70, 5, 1, 2, true}, false);
  expect_same({1, 13, 11, 64, 16, 1, 2, 0}, false);
  expect_same({1, 4, 4, 130, 65, 3, 1, 0}, false);
}

TEST(DynamicI8, Products) {
  for (const int64_t rows : {1, 2, 7, 33, 70}) {
    for (const int64_t depth : {1, 3, 16, 67}) {
      for (const int64_t columns : {1, 5, 16, 49}) {
        expect_same({1, 1, rows, depth, columns, 1, 1, 0, rows % 2 == 0}, false);
      }
    }
  }
}

TEST(DynamicI8, DepthwiseConvolutions) {
  for (const int64_t channels : {2, 3, 8, 17, 40}) {
    expect_same({2, 9, 7, channels, channels, 3, 1, 1}, true);
    expect_same({1, 11, 8, channels, channels, 5, 2, 2}, true);
    expect_same({1, 6, 6, channels, channels, 2, 1, 0}, true);
  }
}

TEST(DynamicI8, NumbersThatAreNone) {
  for (const float odd : {1e30F, 3e38F, std::nanf("")}) {
    expect_same({1, 5, 6, 3, 7, 3, 1, 1}, false, odd);
    expect_same({1, 1, 3, 40, 7, 1, 1, 0}, false, odd);
    expect_same({1, 9, 7, 18, 18, 3, 1, 1}, true, odd);
  }
}

}  // namespace
}  // namespace fettle::runtime
