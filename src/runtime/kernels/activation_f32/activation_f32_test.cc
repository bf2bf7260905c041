// SPDX-License-Identifier: Apache-2.0
//
// Activations over the whole range that networks see, and far outside it, on every instruction
// set of this machine.
#include "runtime/kernels/activation_f32/activation_f32.h"

#include "runtime/kernels/kernel_testing.h"

namespace fettle::runtime {
namespace {

TEST(ActivationF32, WithinToleranceEverywhere) {
  std::vector<float> xs;
  for (float x = -30; x <= 30; x += 0.0037F) xs.push_back(x);
  for (float x : {0.0F, 1e-30F, -1e-30F, 1e-4F, -1e-4F, 80.0F, -80.0F, 500.0F, -500.0F, 1e30F}) {
    xs.push_back(x);
  }
  for (const char* name :
       {"relu6", "hard_swish", "hard_sigmoid", "sigmoid", "silu", "leaky_relu", "tanh", "gelu"}) {
    const std::vector<float> params = {0.25F, 0.5F};
    Activation act;
    ASSERT_TRUE(
        read_activation({{"activation", std::string(name)}, {"activation_params", params}}, &act));
    for (const Isa isa : available_isas()) {
      SCOPED_TRACE(std::string(name) + " " + std::string(name_of(isa)));
      const bool cancels = name[0] == 'h' || name[0] == 'g';
      const int64_t n = static_cast<int64_t>(xs.size());
      Guarded y(n);
      activation_f32(isa).fn(act, xs.data(), y.data(), 1, n, n);
      for (int64_t i = 0; i < n; ++i) {
        const double want = exact_activation(name, params, xs[i]);
        const double room = cancels ? 2e-7 * (1 + std::abs(xs[i])) : 1e-34;
        ASSERT_NEAR(y.data()[i], want, std::max(2e-6 * std::abs(want), room)) << xs[i];
      }
    }
  }
}

TEST(ActivationF32, TouchesOnlyItsColumns) {
  const Activation relu{.lo = 0};
  for (const Isa isa : available_isas()) {
    for (int64_t columns = 1; columns <= 35; ++columns) {
      std::vector<float> x(3 * 40, -1.0F);
      activation_f32(isa).fn(relu, x.data(), x.data(), 3, columns, 40);
      for (int64_t i = 0; i < 3 * 40; ++i) EXPECT_EQ(x[i], i % 40 < columns ? 0.0F : -1.0F);
    }
  }
}

}  // namespace
}  // namespace fettle::runtime
