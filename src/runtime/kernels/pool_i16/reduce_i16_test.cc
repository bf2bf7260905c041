// SPDX-License-Identifier: Apache-2.0
//
// Means and sums of every shape and of codes at their ends, against the rule of base/requantize.h.
#include "base/requantize.h"
#include "runtime/kernels/kernel_testing.h"

namespace fettle::runtime {
namespace {

void check(int64_t batch, int64_t h, int64_t w, int64_t c, bool mean, bool ends) {
  const Quantization from{{0.5F}, {0}}, to{{mean ? 0.3F : 40.0F}, {0}};
  std::mt19937 random(static_cast<uint32_t>(h * w + c));
  std::vector<int16_t> x(static_cast<size_t>(batch * h * w * c));
  for (int16_t& v : x) v = ends ? INT16_MIN : static_cast<int16_t>(random());
  std::vector<int64_t> axes = {1, 2};
  TensorView axes_view;
  axes_view.dtype = DType::i64;
  axes_view.dims = {2};
  axes_view.data = axes.data();
  for (const int threads : {1, 2}) {
    std::vector<int16_t> y(static_cast<size_t>(batch * c) + 1, 0x5a5a);
    run_kernel(mean ? "reducemean_i16" : "reducesum_i16", {{"keepdims", int64_t{1}}},
               {view_of(x, {batch, h, w, c}, &from), axes_view}, {false, true},
               view_of(y, {batch, 1, 1, c}, &to), {.isa = Isa::portable, .threads = threads});
    for (int64_t at = 0; at < batch * c; ++at) {
      int64_t sum = 0;
      for (int64_t t = 0; t < h * w; ++t) {
        sum += x[static_cast<size_t>((at / c * h * w + t) * c + at % c)];
      }
      const auto count = static_cast<float>(mean ? h * w : 1);
      const float m = requantize_multiplier(0.5F, to.scale[0] * count);
      const Requantizer quantize{0, INT16_MIN, INT16_MAX};
      ASSERT_EQ(y[static_cast<size_t>(at)], quantize(sum, m)) << at << " of " << h << "x" << w;
    }
    ASSERT_EQ(y.back(), 0x5a5a);
  }
}

TEST(ReduceI16, IsTheScaledSum) {
  for (const bool mean : {true, false}) {
    for (const int64_t channels : {2, 7, 8, 9, 40}) {
      check(2, 7, 7, channels, mean, false);
      check(1, 1, 3, channels, mean, false);
      check(1, 128, 256, channels, mean, true);
    }
  }
}

}  // namespace
}  // namespace fettle::runtime
