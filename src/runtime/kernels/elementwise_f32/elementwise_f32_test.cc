// SPDX-License-Identifier: Apache-2.0
//
// Element-wise operators against their definitions in double, on every instruction set of this
// machine: every way of broadcasting, every length, and with the output over an operand.
#include <functional>

#include "runtime/kernels/kernel_testing.h"

namespace fettle::runtime {
namespace {

using Formula = std::function<double(double, double)>;
const std::pair<const char*, Formula> kBinary[] = {
    {"add_f32", [](double a, double b) { return a + b; }},
    {"sub_f32", [](double a, double b) { return a - b; }},
    {"mul_f32", [](double a, double b) { return a * b; }},
    {"div_f32", [](double a, double b) { return a / b; }},
    {"max_f32", [](double a, double b) { return std::max(a, b); }},
    {"min_f32", [](double a, double b) { return std::min(a, b); }},
    {"prelu_f32", [](double a, double b) { return a < 0 ? a * b : a; }},
};

// Where element `at` of `out` comes from in an operand of extents `in`.
int64_t source(const Dims& in, const Dims& out, int64_t at) {
  int64_t from = 0, step = 1;
  for (int i = 1; i <= out.rank(); ++i) {
    const int64_t index = at % out[out.rank() - i];
    at /= out[out.rank() - i];
    if (i > in.rank()) continue;
    if (in[in.rank() - i] > 1) from += index * step;
    step *= in[in.rank() - i];
  }
  return from;
}

// over: 0, 1: that operand's bytes are the output's; 2: neither.
void check_binary(const char* name, const Formula& f, const Dims& a_dims, const Dims& b_dims,
                  const Dims& y_dims, const Attributes& attrs, int over) {
  const std::string activation(attrs.get_string("activation", "none"));
  for (const Isa isa : available_isas()) {
    for (const int threads : {1, 2}) {
      Guarded a(a_dims.elements(), true, 3), b(b_dims.elements(), true, 4), y(y_dims.elements());
      for (int64_t i = 0; i < b.size(); ++i) b.data()[i] += b.data()[i] < 0 ? -0.5F : 0.5F;
      std::vector<double> want(y.size());
      for (int64_t i = 0; i < y.size(); ++i) {
        const double v =
            f(a.data()[source(a_dims, y_dims, i)], b.data()[source(b_dims, y_dims, i)]);
        want[i] = exact_activation(activation, {}, v);
      }
      Guarded& out = over == 0 ? a : over == 1 ? b : y;
      run_kernel(name, attrs, {view_of(a, a_dims), view_of(b, b_dims)}, {false, false},
                 view_of(out, y_dims), {.isa = isa, .threads = threads});
      for (int64_t i = 0; i < y.size(); ++i) {
        ASSERT_NEAR(out.data()[i], want[i], 2e-6 * (1 + std::abs(want[i])))
            << name << " " << name_of(isa) << " " << a_dims.to_string() << " by "
            << b_dims.to_string() << " at " << i;
      }
    }
  }
}

TEST(BroadcastF32, EveryLengthAndFormula) {
  for (const auto& [name, f] : kBinary) {
    for (int64_t n = 1; n <= 140; n += n < 40 ? 1 : 9) {
      check_binary(name, f, {n}, {n}, {n}, {}, static_cast<int>(n % 3));
      check_binary(name, f, {2, n}, {}, {2, n}, {}, 0);
      check_binary(name, f, {1}, {n}, {n}, {}, 1);
    }
  }
}

TEST(BroadcastF32, EveryShape) {
  const Dims pairs[][3] = {
      {{2, 3, 5, 19}, {19}, {2, 3, 5, 19}},
      {{2, 3, 5, 19}, {1, 1, 1, 19}, {2, 3, 5, 19}},
      {{2, 3, 5, 33}, {2, 1, 1, 33}, {2, 3, 5, 33}},
      {{2, 1, 1, 33}, {2, 3, 5, 33}, {2, 3, 5, 33}},
      {{2, 5, 3, 7}, {5, 1, 1}, {2, 5, 3, 7}},
      {{4, 1, 6}, {3, 1}, {4, 3, 6}},
      {{2, 1, 3, 1, 5}, {4, 1, 2, 1}, {2, 4, 3, 2, 5}},
      {{1, 1}, {1}, {1, 1}},
      {{3, 70000}, {3, 1}, {3, 70000}},
      {{90, 61, 7}, {61, 1}, {90, 61, 7}},
  };
  for (const auto& [a, b, y] : pairs) {
    check_binary("sub_f32", kBinary[1].second, a, b, y, {}, 2);
    check_binary("sub_f32", kBinary[1].second, a, b, y, {{"activation", "relu"}}, a == y ? 0 : 2);
    check_binary("mul_f32", kBinary[2].second, a, b, y, {{"activation", "hard_swish"}},
                 b == y ? 1 : 2);
  }
}

TEST(BroadcastF32, NanGoesThrough) {
  for (const auto& [name, f] : kBinary) {
    for (const Isa isa : available_isas()) {
      for (const bool left : {false, true}) {
        Guarded a(37, true), b(37, true), y(37);
        for (int64_t i = 0; i < 37; ++i) {
          a.data()[i] = left ? NAN : -1.0F;
          if (!left) b.data()[i] = NAN;
        }
        run_kernel(name, {}, {view_of(a, {37}), view_of(b, {37})}, {false, false}, view_of(y, {37}),
                   {.isa = isa});
        for (int64_t i = 0; i < 37; ++i) ASSERT_TRUE(std::isnan(y.data()[i])) << name << i;
      }
    }
  }
}

struct UnaryCase {
  const char* name;
  Attributes attrs;
  std::function<double(double)> f;
};

TEST(UnaryF32, EveryLength) {
  const UnaryCase cases[] = {
      {"exp_f32", {}, [](double x) { return std::exp(x); }},
      {"sqrt_f32", {}, [](double x) { return std::sqrt(x); }},
      {"abs_f32", {}, [](double x) { return std::abs(x); }},
      {"neg_f32", {}, [](double x) { return -x; }},
      {"reciprocal_f32", {}, [](double x) { return 1 / x; }},
      {"relu_f32", {}, [](double x) { return exact_activation("relu", {}, x); }},
      {"hardswish_f32", {}, [](double x) { return exact_activation("hard_swish", {}, x); }},
      {"hardsigmoid_f32",
       {{"alpha", 0.25F}},
       [](double x) {
         return exact_activation("hard_sigmoid", {0.25F, 0.5F}, x);
       }},
      {"sigmoid_f32", {}, [](double x) { return exact_activation("sigmoid", {}, x); }},
      {"swish_f32", {}, [](double x) { return exact_activation("silu", {}, x); }},
      {"tanh_f32", {}, [](double x) { return std::tanh(x); }},
      {"leakyrelu_f32",
       {{"alpha", 0.125F}},
       [](double x) { return exact_activation("leaky_relu", {0.125F}, x); }},
      {"gelu_f32", {}, [](double x) { return exact_activation("gelu", {}, x); }},
  };
  for (const UnaryCase& c : cases) {
    const bool positive = c.name == std::string("sqrt_f32");
    for (const Isa isa : available_isas()) {
      for (int64_t n = 1; n <= 20000; n += n < 40 ? 1 : 6653) {
        Guarded x(n, true, static_cast<uint32_t>(n)), y(n);
        for (int64_t i = 0; i < n; ++i) {
          x.data()[i] *= 5;
          if (positive) x.data()[i] = std::abs(x.data()[i]);
        }
        const bool over = n % 2 == 0;
        const std::vector<float> from(x.data(), x.data() + n);
        run_kernel(c.name, c.attrs, {view_of(x, {n})}, {false}, view_of(over ? x : y, {n}),
                   {.isa = isa, .threads = n % 3 == 0 ? 2 : 1});
        for (int64_t i = 0; i < n; ++i) {
          const double want = c.f(from[i]);
          ASSERT_NEAR((over ? x : y).data()[i], want, 3e-6 * (0.2 + std::abs(want)))
              << c.name << " " << name_of(isa) << " of " << from[i];
        }
      }
    }
  }
}

TEST(UnaryF32, ClipHasItsBoundsFromInputs) {
  float low = -0.25F, high = 0.5F;
  TensorView lo, hi;
  lo.dtype = hi.dtype = DType::f32;
  lo.data = &low;
  hi.data = &high;
  for (const Isa isa : available_isas()) {
    Guarded x(101, true), y(101), z(101);
    x.data()[7] = NAN;
    const TensorView in = view_of(x, {101});
    run_kernel("clip_f32", {}, {in, lo, hi}, {false, true, true}, view_of(y, {101}), {.isa = isa});
    run_kernel("clip_f32", {}, {in, {}, hi}, {false, true, true}, view_of(z, {101}), {.isa = isa});
    for (int64_t i = 0; i < 101; ++i) {
      if (i == 7) {
        EXPECT_TRUE(std::isnan(y.data()[i])) << name_of(isa);
        continue;
      }
      EXPECT_EQ(y.data()[i], std::min(std::max(x.data()[i], low), high));
      EXPECT_EQ(z.data()[i], std::min(x.data()[i], high));
    }
  }
}

TEST(UnaryF32, ExpOverAllFloats) {
  std::vector<float> xs = {0.0F,     -0.0F,  1e-30F, 88.72F, 88.8F,     1000,
                           INFINITY, -87.2F, -87.4F, -1000,  -INFINITY, NAN};
  for (float x = -90; x < 90; x += 0.0131F) xs.push_back(x);
  for (const Isa isa : available_isas()) {
    const auto n = static_cast<int64_t>(xs.size());
    Guarded x(n), y(n);
    std::copy(xs.begin(), xs.end(), x.data());
    run_kernel("exp_f32", {}, {view_of(x, {n})}, {false}, view_of(y, {n}), {.isa = isa});
    for (int64_t i = 0; i < n; ++i) {
      const float want = std::exp(xs[i]), got = y.data()[i];
      if (std::isnan(want) || std::isinf(want)) {
        EXPECT_TRUE(std::isnan(want) ? std::isnan(got) : got == want) << xs[i] << name_of(isa);
      } else {
        EXPECT_NEAR(got, want, 5e-7F * want + 1.2e-38F) << xs[i] << " " << name_of(isa);
      }
    }
  }
}

TEST(SoftmaxF32, EveryLength) {
  for (const Isa isa : available_isas()) {
    for (int64_t n = 1; n <= 1100; n += n < 70 ? 1 : 131) {
      for (const int threads : {1, 2}) {
        const int64_t rows = n > 1000 ? 30 : n <= 8 ? 301 : 3;
        Guarded x(rows * n, true), y(rows * n);
        for (int64_t i = 0; i < x.size(); ++i) x.data()[i] *= 20;
        if (n > 1) x.data()[1] = -INFINITY;
        run_kernel("softmax_f32", {{"axis", int64_t{-2}}}, {view_of(x, {rows, n, 1})}, {false},
                   view_of(y, {rows, n, 1}), {.isa = isa, .threads = threads});
        for (int64_t r = 0; r < rows; ++r) {
          const float* row = x.data() + r * n;
          double largest = -INFINITY, sum = 0;
          for (int64_t i = 0; i < n; ++i) largest = std::max<double>(largest, row[i]);
          for (int64_t i = 0; i < n; ++i) sum += std::exp(row[i] - largest);
          for (int64_t i = 0; i < n; ++i) {
            const double want = std::exp(row[i] - largest) / sum;  // x - max is rounded to 2e-6
            ASSERT_NEAR(y.data()[r * n + i], want, 4e-6 * want + 1e-37) << n << name_of(isa);
          }
        }
      }
    }
  }
}

}  // namespace
}  // namespace fettle::runtime
