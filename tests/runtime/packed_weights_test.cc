// SPDX-License-Identifier: Apache-2.0
//
// A package that keeps packed weights gives the same bits as one without, on every instruction set
// of this machine, whichever it was packed on; what does not fit is packed anew.
#include <gtest/gtest.h>

#include <cstring>

#include "compile/compile.h"
#include "compile/read_model.h"
#include "lower/lower.h"
#include "ops/portable.h"
#include "plan/package.h"
#include "quantize/post_training.h"
#include "runtime/kernels/kernel_testing.h"
#include "runtime/session.h"

namespace fettle::runtime {
namespace {

const std::string kModel = FETTLE_SOURCE "/models/fashion_dscnn.onnx";
using SharedPlan = std::shared_ptr<const plan::Plan>;

Tensor picture(uint32_t seed) {
  Tensor t(DType::f32, {1, 1, 28, 28});
  for (float& v : t.mutable_data<float>()) {
    v = static_cast<float>((seed = seed * 1664525 + 1013904223) >> 8) * 0x1p-23f - 1;
  }
  return t;
}

// The network with activations of so many bits, 32: floats.
plan::Plan network(int bits) {
  if (bits == 32) {
    const auto loaded = compile::load_model(kModel);
    EXPECT_TRUE(loaded.ok()) << loaded.status().to_string();
    return *loaded->plan;
  }
  auto graph = compile::read_model(kModel);
  EXPECT_TRUE(graph.ok()) << graph.status().to_string();
  const auto sample = [](int64_t i, const TensorView&) -> Result<std::optional<Tensor>> {
    return i < 4 ? std::optional(picture(static_cast<uint32_t>(i))) : std::nullopt;
  };
  const auto scheme = bits == 8 ? quantize::Scheme::int8 : quantize::Scheme::int16;
  EXPECT_TRUE(quantize::post_training(**graph, scheme, {}, {}, sample, 1).ok());
  auto plan = lower::lower(**graph);
  EXPECT_TRUE(plan.ok()) << plan.status().to_string();
  return std::move(*plan);
}

SharedPlan through_a_file(const plan::Plan& plan) {
  auto file = std::make_shared<std::string>(plan::write_package(plan));
  // The reader wants it at a multiple of 64.
  std::shared_ptr<std::byte> bytes(
      static_cast<std::byte*>(std::aligned_alloc(64, (file->size() + 63) / 64 * 64)), std::free);
  std::memcpy(bytes.get(), file->data(), file->size());
  auto read = plan::read_package({bytes.get(), file->size()}, bytes);
  EXPECT_TRUE(read.ok()) << read.status().to_string();
  return *read;
}

std::unique_ptr<Session> load(const SharedPlan& plan, Isa isa, int threads = 1) {
  SessionOptions options;
  options.threads = threads;
  options.isa = isa;
  auto session = Session::load(plan, ops::find_portable, options);
  EXPECT_TRUE(session.ok()) << session.status().to_string();
  return std::move(session).value();
}

std::vector<std::byte> run(Session& session) {
  EXPECT_TRUE(session.set_input(0, picture(77).view()).ok());
  EXPECT_TRUE(session.run().ok());
  const auto* y = static_cast<const std::byte*>(session.output(0).data);
  return {y, y + session.output(0).bytes()};
}

class PackedWeights : public testing::TestWithParam<int> {
 protected:
  PackedWeights() : plan_(network(GetParam())), plain_(through_a_file(plan_)) {
    for (const Isa isa : available_isas()) {
      packers_.push_back(load(plain_, isa));
      plan_.packed.push_back(packers_.back()->packed_weights());
    }
  }
  // Steps that have packed weights for `isa`.
  std::vector<plan::PackedStep>& steps(Isa isa) {
    for (plan::PackedWeights& w : plan_.packed) {
      if (w.isa == name_of(isa)) return w.steps;
    }
    std::abort();
  }

  plan::Plan plan_;
  SharedPlan plain_;
  std::vector<std::unique_ptr<Session>> packers_;  // whose bytes plan_ has
};

TEST_P(PackedWeights, GiveTheSameBits) {
  const SharedPlan packed = through_a_file(plan_);
  ASSERT_EQ(packed->packed.size(), available_isas().size());
  for (const Isa isa : available_isas()) {
    for (const int threads : {1, 3}) {
      SCOPED_TRACE(std::string(name_of(isa)) + ", threads " + std::to_string(threads));
      const auto before = load(plain_, isa, threads), after = load(packed, isa, threads);
      EXPECT_EQ(run(*before), run(*after));
      EXPECT_EQ(before->memory().mapped_weights, 0U);
      const MemoryReport memory = after->memory();
      EXPECT_EQ(memory.packed_weights + memory.mapped_weights, before->memory().packed_weights);
      // Runs of 16-bit activations follow from the weights themselves: always packed at load.
      EXPECT_EQ(memory.mapped_weights > 0, GetParam() != 16 && !steps(isa).empty());
    }
  }
}

TEST_P(PackedWeights, OfAnotherSizeArePackedAnew) {
  const Isa isa = available_isas().back();
  ASSERT_FALSE(steps(isa).empty());
  for (plan::PackedStep& s : steps(isa)) s.bytes = s.bytes.first(s.bytes.size() - 64);
  const auto session = load(through_a_file(plan_), isa);
  EXPECT_EQ(session->memory().mapped_weights, 0U);
  EXPECT_EQ(run(*session), run(*load(plain_, isa)));
}

TEST_P(PackedWeights, OfAnotherKernelArePackedAnew) {
  const Isa isa = available_isas().back();
  for (plan::PackedStep& s : steps(isa)) s.kernel += "_else";
  const auto session = load(through_a_file(plan_), isa);
  EXPECT_EQ(session->memory().mapped_weights, 0U);
  EXPECT_EQ(run(*session), run(*load(plain_, isa)));
}

// Every byte may be anything: what is run has the package's own scales, and stays in its memory.
TEST_P(PackedWeights, AreNotBelieved) {
  const Isa isa = available_isas().back();
  std::vector<std::vector<std::byte>> noise;
  for (plan::PackedStep& s : steps(isa)) {
    noise.emplace_back(s.bytes.size(), std::byte{0x7f});
    s.bytes = noise.back();
  }
  const auto session = load(through_a_file(plan_), isa);
  if (GetParam() == 32) {
    run(*session);
  } else {
    EXPECT_EQ(run(*session), run(*load(plain_, isa)));
  }
}

INSTANTIATE_TEST_SUITE_P(Bits, PackedWeights, testing::Values(8, 16, 32));

}  // namespace
}  // namespace fettle::runtime
