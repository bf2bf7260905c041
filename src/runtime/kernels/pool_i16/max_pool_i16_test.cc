// SPDX-License-Identifier: Apache-2.0
//
// Windows of every kind against the definition: strides, dilation, padding, windows beyond the
// image, channels beside whole vectors.
#include "runtime/kernels/kernel_testing.h"

namespace fettle::runtime {
namespace {

using I = std::vector<int64_t>;

struct Case {
  int64_t h, w, c, kernel, stride, dilation, pad;
};

void check(const Case& p, std::mt19937& random) {
  const Quantization q{{0.5F}, {0}};
  const auto out_extent = [&](int64_t in) {
    return (in + 2 * p.pad - (p.kernel - 1) * p.dilation - 1) / p.stride + 1;
  };
  const int64_t batch = 2, oh = out_extent(p.h), ow = out_extent(p.w);
  std::vector<int16_t> x(static_cast<size_t>(batch * p.h * p.w * p.c));
  for (int16_t& v : x) v = static_cast<int16_t>(random());
  const Attributes attrs = {{"kernel_shape", I{p.kernel, p.kernel}},
                            {"strides", I{p.stride, p.stride}},
                            {"dilations", I{p.dilation, p.dilation}},
                            {"pads", I{p.pad, p.pad, p.pad, p.pad}},
                            {"layout", "nhwc"}};
  for (const int threads : {1, 2}) {
    std::vector<int16_t> y(static_cast<size_t>(batch * oh * ow * p.c) + 1, 0x5a5a);
    run_kernel("maxpool_i16", attrs, {view_of(x, {batch, p.h, p.w, p.c}, &q)}, {false},
               view_of(y, {batch, oh, ow, p.c}, &q), {.isa = Isa::portable, .threads = threads});
    for (int64_t at = 0; at < batch * oh * ow * p.c; ++at) {
      const int64_t c = at % p.c, column = at / p.c % ow, row = at / p.c / ow % oh;
      const int64_t image = at / p.c / ow / oh;
      int most = -32768;
      for (int64_t i = 0; i < p.kernel; ++i) {
        for (int64_t j = 0; j < p.kernel; ++j) {
          const int64_t ih = row * p.stride - p.pad + i * p.dilation;
          const int64_t iw = column * p.stride - p.pad + j * p.dilation;
          if (ih < 0 || ih >= p.h || iw < 0 || iw >= p.w) continue;
          most = std::max<int>(most,
                               x[static_cast<size_t>(((image * p.h + ih) * p.w + iw) * p.c + c)]);
        }
      }
      ASSERT_EQ(y[static_cast<size_t>(at)], most)
          << at << " of " << p.h << "x" << p.w << "x" << p.c;
    }
    ASSERT_EQ(y.back(), 0x5a5a);
  }
}

TEST(MaxPoolI16, IsTheLargestOfItsWindow) {
  std::mt19937 random(1);
  for (const int64_t channels : {1, 3, 7, 8, 9, 16, 61}) {
    check({9, 8, channels, 3, 2, 1, 1}, random);
    check({7, 11, channels, 2, 1, 1, 0}, random);
    check({10, 9, channels, 3, 1, 2, 1}, random);
    check({5, 5, channels, 5, 5, 1, 2}, random);
  }
}

}  // namespace
}  // namespace fettle::runtime
