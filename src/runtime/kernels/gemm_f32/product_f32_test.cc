// SPDX-License-Identifier: Apache-2.0
//
// Gemm and MatMul kernels on every instruction set of this machine against sums in double.
#include "runtime/kernels/gemm_f32/product_f32.h"

#include "runtime/kernels/kernel_testing.h"

namespace fettle::runtime {
namespace {

void compare(Guarded& y, int64_t at, Guarded& a, int64_t a_at, Guarded& b, int64_t b_at,
             int64_t b_step_k, int64_t b_step_n, const float* bias, int64_t m, int64_t k, int64_t n,
             const std::string& activation) {
  int wrong = 0;
  for (int64_t i = 0; i < m; ++i) {
    for (int64_t j = 0; j < n; ++j) {
      double sum = bias == nullptr ? 0 : bias[j], products = std::abs(sum);
      for (int64_t t = 0; t < k; ++t) {
        const double p =
            double{a.data()[a_at + i * k + t]} * b.data()[b_at + t * b_step_k + j * b_step_n];
        sum += p;
        products += std::abs(p);
      }
      const double want = exact_activation(activation, {}, sum);
      const double got = y.data()[at + i * n + j];
      if (!(std::abs(got - want) <= 1e-5 * products + 1e-7) && ++wrong < 4) {
        ADD_FAILURE() << i << "," << j << ": " << got << " for " << want;
      }
    }
  }
  ASSERT_EQ(wrong, 0);
}

template <class Body>
void everywhere(const std::string& what, const Body& body) {
  for (const Isa isa : available_isas()) {
    for (const int threads : {1, 2}) {
      SCOPED_TRACE(what + " " + std::string(name_of(isa)) + " threads " + std::to_string(threads));
      body(KernelOptions{.isa = isa, .threads = threads});
      if (testing::Test::HasFailure()) return;
    }
  }
}

TEST(ProductF32, Gemm) {
  for (int64_t m : {1, 2, 7, 13, 33}) {
    for (int64_t n : {1, 10, 24, 47, 100}) {
      for (int64_t k : {1, 5, 64, 131}) {
        for (const int64_t transposed : {0, 1}) {
          everywhere(
              std::to_string(m) + "x" + std::to_string(k) + "x" + std::to_string(n),
              [&](const KernelOptions& options) {
                Guarded a(m * k, true, 1), b(k * n, true, 2), c(n, true, 3), y(m * n);
                const Attributes attrs{{"transB", transposed}, {"activation", std::string("relu")}};
                run_kernel("gemm_f32_packed", attrs,
                           {view_of(a, {m, k}), view_of(b, transposed ? Dims{n, k} : Dims{k, n}),
                            transposed ? view_of(c, {1, n}) : view_of(c, {n})},
                           {false, true, true}, view_of(y, {m, n}), options);
                compare(y, 0, a, 0, b, 0, transposed ? 1 : n, transposed ? k : 1, c.data(), m, k, n,
                        "relu");
              });
          if (HasFailure()) return;
        }
      }
    }
  }
}

TEST(ProductF32, MatMulWithConstantRightSide) {
  for (int64_t n : {3, 64, 130}) {
    everywhere("columns " + std::to_string(n), [&](const KernelOptions& options) {
      const int64_t m = 3 * 19, k = 77;
      Guarded a(m * k, true, 1), b(k * n, true, 2), y(m * n);
      run_kernel("matmul_f32_packed", {}, {view_of(a, {3, 19, k}), view_of(b, {k, n})},
                 {false, true}, view_of(y, {3, 19, n}), options);
      compare(y, 0, a, 0, b, 0, n, 1, nullptr, m, k, n, "none");
    });
  }
}

TEST(ProductF32, MatMulBroadcast) {
  const int64_t m = 9, k = 21, n = 27;
  struct Row {
    Dims a, b, y;
    std::vector<int64_t> a_index, b_index;
  };
  const Row rows[] = {
      {{m, k}, {k, n}, {m, n}, {0}, {0}},
      {{5, m, k}, {5, k, n}, {5, m, n}, {0, 1, 2, 3, 4}, {0, 1, 2, 3, 4}},
      {{2, 1, m, k}, {3, k, n}, {2, 3, m, n}, {0, 0, 0, 1, 1, 1}, {0, 1, 2, 0, 1, 2}},
      {{m, k}, {2, 2, k, n}, {2, 2, m, n}, {0, 0, 0, 0}, {0, 1, 2, 3}},
      {{2, 3, m, k}, {2, 1, k, n}, {2, 3, m, n}, {0, 1, 2, 3, 4, 5}, {0, 0, 0, 1, 1, 1}}};
  for (const Row& row : rows) {
    everywhere(row.a.to_string() + " by " + row.b.to_string(), [&](const KernelOptions& options) {
      Guarded a(row.a.elements(), true, 1), b(row.b.elements(), true, 2), y(row.y.elements());
      run_kernel("matmul_f32_batched", {}, {view_of(a, row.a), view_of(b, row.b)}, {false, false},
                 view_of(y, row.y), options);
      for (size_t i = 0; i < row.a_index.size(); ++i) {
        compare(y, i * m * n, a, row.a_index[i] * m * k, b, row.b_index[i] * k * n, n, 1, nullptr,
                m, k, n, "none");
      }
    });
  }
}

}  // namespace
}  // namespace fettle::runtime
