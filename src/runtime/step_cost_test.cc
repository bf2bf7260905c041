// SPDX-License-Identifier: Apache-2.0
#include "runtime/step_cost.h"

#include <gtest/gtest.h>

namespace fettle::runtime {
namespace {

TensorView view(DType type, Dims dims) { return {type, false, dims, nullptr, nullptr}; }

TEST(StepCost, BigStepsGetAllThreadsAndSmallOnesOne) {
  const auto threads = [](int64_t macs, DType type, Dims dims, Isa isa) {
    const TensorView in = view(type, dims), out = in;
    const StepWork work{macs, {&in, 1}, {&out, 1}};
    return threads_worth(estimated_ns(work, isa), 4000, 4);
  };
  // A 3x3 convolution of ResNet-18: 115.6 million MACs, 1 ms or more anywhere.
  for (const Isa isa : {Isa::portable, Isa::avx512vnni, Isa::neon}) {
    EXPECT_EQ(threads(115'605'504, DType::i8, {1, 56, 56, 64}, isa), 4);
  }
  // A ReLU of a thousand floats; the classifier of keyword spotting, 64 x 12: microseconds.
  EXPECT_EQ(threads(0, DType::f32, {1000}, Isa::neon), 1);
  EXPECT_EQ(threads(768, DType::i8, {1, 64}, Isa::neon), 1);
  // Its middle layers, 125 x 64 x 64, take 10 us without a fast instruction and 5 with VNNI.
  EXPECT_EQ(threads(512'000, DType::i8, {1, 25, 5, 64}, Isa::avx512vnni), 1);
  EXPECT_EQ(threads(512'000, DType::i8, {1, 25, 5, 64}, Isa::neon), 4);
}

TEST(StepCost, SharesAreHeldBetweenOneAndAll) {
  EXPECT_EQ(threads_worth(0, 4000, 8), 1);
  EXPECT_EQ(threads_worth(7999, 4000, 8), 1);
  EXPECT_EQ(threads_worth(8001, 4000, 8), 2);
  EXPECT_EQ(threads_worth(1e30, 4000, 8), 8);
  EXPECT_EQ(threads_worth(0, 0, 8), 8) << "0: always all";
  const TensorView absent;
  EXPECT_EQ(estimated_ns({10, {}, {}}, Isa::neon), 0);
  EXPECT_GE(estimated_ns({10, {&absent, 1}, {}}, Isa::neon), 0);
}

}  // namespace
}  // namespace fettle::runtime
