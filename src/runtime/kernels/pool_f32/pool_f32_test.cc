// SPDX-License-Identifier: Apache-2.0
//
// Pools and reductions against plain loops in double, on every instruction set of this machine.
#include <limits>

#include "runtime/kernels/kernel_testing.h"

namespace fettle::runtime {
namespace {

using I = std::vector<int64_t>;

struct PoolCase {
  int64_t batch, h, w, c, kh, kw, sh, sw, dh, dw, top, left, bottom, right;
  bool ceil, include;
};

int64_t out_extent(int64_t in, int64_t k, int64_t s, int64_t d, int64_t begin, int64_t end,
                   bool ceil) {
  const int64_t room = in + begin + end - (k - 1) * d - 1;
  int64_t out = (ceil ? (room + s - 1) / s : room / s) + 1;
  if (ceil && (out - 1) * s >= in + begin) --out;
  return out;
}

// The definition: a number per output, nothing shared with the kernel.
double pooled(const PoolCase& p, const float* x, bool max, int64_t n, int64_t oy, int64_t ox,
              int64_t c) {
  double best = -std::numeric_limits<double>::infinity(), sum = 0;
  int64_t inside = 0, counted = 0;
  for (int64_t i = 0; i < p.kh; ++i) {
    for (int64_t j = 0; j < p.kw; ++j) {
      const int64_t y = oy * p.sh - p.top + i * p.dh, xx = ox * p.sw - p.left + j * p.dw;
      if (y < p.h + p.bottom && xx < p.w + p.right) ++counted;
      if (y < 0 || y >= p.h || xx < 0 || xx >= p.w) continue;
      ++inside;
      const double v = x[((n * p.h + y) * p.w + xx) * p.c + c];
      best = std::max(best, v);
      sum += v;
    }
  }
  return max ? best : sum / std::max<int64_t>(p.include ? counted : inside, 1);
}

void check_pool(const PoolCase& p, bool max, const std::string& activation) {
  const int64_t oh = out_extent(p.h, p.kh, p.sh, p.dh, p.top, p.bottom, p.ceil);
  const int64_t ow = out_extent(p.w, p.kw, p.sw, p.dw, p.left, p.right, p.ceil);
  const Attributes attrs = {
      {"kernel_shape", I{p.kh, p.kw}}, {"strides", I{p.sh, p.sw}},
      {"dilations", I{p.dh, p.dw}},    {"pads", I{p.top, p.left, p.bottom, p.right}},
      {"ceil_mode", int64_t{p.ceil}},  {"count_include_pad", int64_t{p.include}},
      {"activation", activation},      {"layout", "nhwc"}};
  Guarded x(p.batch * p.h * p.w * p.c, true);
  for (const Isa isa : available_isas()) {
    for (const int threads : {1, 2}) {
      Guarded y(p.batch * oh * ow * p.c);
      run_kernel(max ? "maxpool_f32" : "averagepool_f32", attrs,
                 {view_of(x, {p.batch, p.h, p.w, p.c})}, {false},
                 view_of(y, {p.batch, oh, ow, p.c}), {.isa = isa, .threads = threads});
      int64_t at = 0;
      for (int64_t n = 0; n < p.batch; ++n) {
        for (int64_t i = 0; i < oh; ++i) {
          for (int64_t j = 0; j < ow; ++j) {
            for (int64_t c = 0; c < p.c; ++c, ++at) {
              const double want =
                  exact_activation(activation, {}, pooled(p, x.data(), max, n, i, j, c));
              ASSERT_NEAR(y.data()[at], want, 2e-6)
                  << name_of(isa) << " " << threads << " threads, " << n << " " << i << " " << j
                  << " " << c;
            }
          }
        }
      }
    }
  }
}

TEST(PoolF32, EveryNumberOfChannels) {
  for (int64_t c = 1; c <= 75; ++c) {
    check_pool({1, 5, 6, c, 3, 3, 2, 2, 1, 1, 1, 1, 1, 1, false, false}, c % 2 == 0, "none");
  }
}

TEST(PoolF32, StridesPadsDilationsCeilAndCounts) {
  const PoolCase cases[] = {
      {2, 7, 8, 20, 2, 2, 2, 2, 2, 2, 1, 1, 1, 1, true, true},
      {2, 7, 8, 20, 2, 2, 2, 2, 2, 2, 1, 1, 1, 1, true, false},
      {1, 9, 4, 33, 3, 2, 1, 3, 1, 1, 0, 1, 2, 0, false, true},
      {1, 1, 1, 17, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, false, false},
      {1, 3, 3, 5, 5, 5, 1, 1, 1, 1, 2, 2, 2, 2, false, true},
      {3, 6, 5, 130, 2, 3, 3, 2, 1, 2, 1, 2, 0, 1, true, true},
      {1, 13, 13, 64, 3, 3, 2, 2, 1, 1, 0, 0, 0, 0, true, false},
  };
  for (const PoolCase& p : cases) {
    check_pool(p, true, "none");
    check_pool(p, true, "relu");
    check_pool(p, false, "none");
    check_pool(p, false, "hard_swish");
  }
}

TEST(PoolF32, SamePaddingAndGlobal) {
  Guarded x(11 * 11 * 19, true), y(6 * 6 * 19), z(6 * 6 * 19), all(19), most(19);
  const Attributes same = {{"kernel_shape", I{3, 3}},
                           {"strides", I{2, 2}},
                           {"auto_pad", "SAME_UPPER"},
                           {"layout", "nhwc"}};
  const Attributes pads = {
      {"kernel_shape", I{3, 3}}, {"strides", I{2, 2}}, {"pads", I{1, 1, 1, 1}}, {"layout", "nhwc"}};
  const TensorView in = view_of(x, {1, 11, 11, 19});
  run_kernel("maxpool_f32", same, {in}, {false}, view_of(y, {1, 6, 6, 19}), {});
  run_kernel("maxpool_f32", pads, {in}, {false}, view_of(z, {1, 6, 6, 19}), {});
  EXPECT_EQ(0, std::memcmp(y.data(), z.data(), y.size() * sizeof(float)));
  const Attributes global = {{"layout", "nhwc"}};
  run_kernel("globalaveragepool_f32", global, {in}, {false}, view_of(all, {1, 1, 1, 19}), {});
  run_kernel("globalmaxpool_f32", global, {in}, {false}, view_of(most, {1, 1, 1, 19}), {});
  const PoolCase p{1, 11, 11, 19, 11, 11, 1, 1, 1, 1, 0, 0, 0, 0, false, false};
  for (int64_t c = 0; c < 19; ++c) {
    EXPECT_NEAR(all.data()[c], pooled(p, x.data(), false, 0, 0, 0, c), 1e-6);
    EXPECT_EQ(most.data()[c], pooled(p, x.data(), true, 0, 0, 0, c));
  }
}

TEST(PoolF32, NanGoesThrough) {
  for (const Isa isa : available_isas()) {
    for (int64_t at = 0; at < 4; ++at) {
      Guarded x(2 * 2 * 37, true), y(37);
      for (int64_t c = 0; c < 37; ++c) x.data()[at * 37 + c] = NAN;
      run_kernel("maxpool_f32", {{"kernel_shape", I{2, 2}}, {"layout", "nhwc"}},
                 {view_of(x, {1, 2, 2, 37})}, {false}, view_of(y, {1, 1, 1, 37}), {.isa = isa});
      for (int64_t c = 0; c < 37; ++c) EXPECT_TRUE(std::isnan(y.data()[c])) << name_of(isa);
    }
  }
}

// [outer][taps][inner] reduced over its middle.
void check_reduce(const Dims& dims, I axes, int64_t outer, int64_t taps, int64_t inner) {
  Guarded x(dims.elements(), true, static_cast<uint32_t>(dims.elements()));
  TensorView axes_view;
  axes_view.dtype = DType::i64;
  axes_view.dims = {static_cast<int64_t>(axes.size())};
  axes_view.data = axes.data();
  for (const char* name : {"reducesum_f32", "reducemean_f32", "reducemax_f32", "reducemin_f32"}) {
    for (const Isa isa : available_isas()) {
      for (const int threads : {1, 2}) {
        Guarded y(outer * inner);
        run_kernel(name, {{"keepdims", int64_t{0}}}, {view_of(x, dims), axes_view}, {false, true},
                   view_of(y, {outer * inner}), {.isa = isa, .threads = threads});
        for (int64_t i = 0; i < outer * inner; ++i) {
          double sum = 0, most = -1e9, least = 1e9;
          for (int64_t t = 0; t < taps; ++t) {
            const double v = x.data()[(i / inner * taps + t) * inner + i % inner];
            sum += v;
            most = std::max(most, v);
            least = std::min(least, v);
          }
          const std::string_view kind(name + 6, 3);
          const double want = kind == "sum"   ? sum
                              : kind == "mea" ? sum / static_cast<double>(taps)
                              : kind == "max" ? most
                                              : least;
          ASSERT_NEAR(y.data()[i], want, 1e-6 + 1e-7 * static_cast<double>(taps))
              << name << " " << name_of(isa) << " " << dims.to_string() << " at " << i;
        }
      }
    }
  }
}

TEST(ReduceF32, SpatialAxesAtEveryNumberOfChannels) {
  for (int64_t c = 1; c <= 75; c += 2) check_reduce({2, 3, 5, c}, {1, 2}, 2, 15, c);
  check_reduce({1, 7, 7, 960}, {-3, -2}, 1, 49, 960);
}

TEST(ReduceF32, LastAxesAtEveryLength) {
  for (int64_t n = 1; n <= 150; n += 3) check_reduce({3, n}, {-1}, 3, n, 1);
  check_reduce({5, 31, 33}, {1, 2}, 5, 31 * 33, 1);
  check_reduce({1, 100003}, {1}, 1, 100003, 1);
}

TEST(ReduceF32, AllAxesAndOnesBetween) {
  check_reduce({4, 5, 6}, {0, 1, 2}, 1, 120, 1);
  check_reduce({4, 5, 1, 6}, {1, 3}, 4, 30, 1);
  check_reduce({1, 6, 1}, {0, 2}, 6, 1, 1);
}

}  // namespace
}  // namespace fettle::runtime
