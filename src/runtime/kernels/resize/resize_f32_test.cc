// SPDX-License-Identifier: Apache-2.0
//
// Resize against its definition in double, for one output element at a time, on every instruction
// set of this machine.
#include "runtime/kernels/kernel_testing.h"

namespace fettle::runtime {
namespace {

double source(const std::string& mode, int64_t at, int64_t in, int64_t out) {
  const double scale = static_cast<double>(out) / static_cast<double>(in);
  if (mode == "align_corners") {
    return out == 1 ? 0 : static_cast<double>(at * (in - 1)) / static_cast<double>(out - 1);
  }
  if (mode == "asymmetric") return static_cast<double>(at) / scale;
  if (mode == "pytorch_half_pixel" && out == 1) return 0;
  return (static_cast<double>(at) + 0.5) / scale - 0.5;
}

struct ResizeCase {
  int64_t n, h, w, c, out_h, out_w;
};

void check_resize(const ResizeCase& r, bool linear, const std::string& coordinates,
                  const std::string& nearest) {
  const Dims in = {r.n, r.h, r.w, r.c}, out = {r.n, r.out_h, r.out_w, r.c};
  std::vector<int64_t> sizes(out.begin(), out.end());
  TensorView sizes_view;
  sizes_view.dtype = DType::i64;
  sizes_view.dims = {4};
  sizes_view.data = sizes.data();
  const Attributes attrs = {{"mode", linear ? "linear" : "nearest"},
                            {"coordinate_transformation_mode", coordinates},
                            {"nearest_mode", nearest}};
  Guarded x(in.elements(), true);
  const auto pixel = [&](int64_t n, int64_t y, int64_t xx, int64_t c) {
    y = std::clamp<int64_t>(y, 0, r.h - 1);
    xx = std::clamp<int64_t>(xx, 0, r.w - 1);
    return static_cast<double>(x.data()[((n * r.h + y) * r.w + xx) * r.c + c]);
  };
  const auto rounded = [&](double v) {
    return static_cast<int64_t>(nearest == "floor"               ? std::floor(v)
                                : nearest == "ceil"              ? std::ceil(v)
                                : nearest == "round_prefer_ceil" ? std::floor(v + 0.5)
                                                                 : std::ceil(v - 0.5));
  };
  for (const Isa isa : available_isas()) {
    for (const int threads : {1, 2}) {
      Guarded y(out.elements());
      run_kernel(linear ? "resize_f32_linear" : "resize_nearest", attrs,
                 {view_of(x, in), {}, {}, sizes_view}, {false, true, true, true}, view_of(y, out),
                 {.isa = isa, .threads = threads});
      for (int64_t i = 0; i < out.elements(); ++i) {
        const int64_t c = i % r.c, ox = i / r.c % r.out_w, oy = i / r.c / r.out_w % r.out_h;
        const int64_t n = i / r.c / r.out_w / r.out_h;
        const double sy = source(coordinates, oy, r.h, r.out_h);
        const double sx = source(coordinates, ox, r.w, r.out_w);
        double want;
        if (linear) {
          const auto y0 = static_cast<int64_t>(std::floor(sy));
          const auto x0 = static_cast<int64_t>(std::floor(sx));
          const double fy = sy - std::floor(sy), fx = sx - std::floor(sx);
          want = (1 - fy) * ((1 - fx) * pixel(n, y0, x0, c) + fx * pixel(n, y0, x0 + 1, c)) +
                 fy * ((1 - fx) * pixel(n, y0 + 1, x0, c) + fx * pixel(n, y0 + 1, x0 + 1, c));
        } else {
          want = pixel(n, rounded(sy), rounded(sx), c);
        }
        ASSERT_NEAR(y.data()[i], want, linear ? 5e-7 : 0)
            << name_of(isa) << " " << coordinates << " " << in.to_string() << " to "
            << out.to_string() << " at " << i;
      }
    }
  }
}

TEST(ResizeF32, EveryNumberOfChannels) {
  for (int64_t c = 1; c <= 40; ++c) {
    check_resize({1, 3, 5, c, 7, 9}, true, "half_pixel", "floor");
    check_resize({1, 3, 5, c, 6, 10}, false, "asymmetric", "floor");
  }
}

TEST(ResizeF32, UpDownOneAxisAndEveryCoordinate) {
  const ResizeCase cases[] = {{2, 4, 4, 19, 8, 8}, {1, 9, 7, 3, 4, 5}, {1, 1, 1, 33, 5, 6},
                              {1, 6, 6, 8, 1, 1},  {2, 3, 5, 4, 7, 5}, {2, 3, 5, 4, 3, 11},
                              {1, 13, 1, 1, 5, 1}};
  for (const ResizeCase& r : cases) {
    for (const char* mode : {"half_pixel", "align_corners", "asymmetric", "pytorch_half_pixel"}) {
      check_resize(r, true, mode, "floor");
      for (const char* nearest : {"round_prefer_floor", "round_prefer_ceil", "floor", "ceil"}) {
        // Away from ties that rounding of the coordinate itself decides.
        if (mode == std::string("asymmetric")) check_resize(r, false, mode, nearest);
      }
    }
  }
}

}  // namespace
}  // namespace fettle::runtime
