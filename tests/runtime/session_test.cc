// SPDX-License-Identifier: Apache-2.0
//
// Sessions in a caller's program: inputs and outputs in its own memory, several of them at once.
// What is compared with is the same session without any of it, bit for bit; no_allocation_test
// compares that with the reference.
#include "runtime/session.h"

#include <gtest/gtest.h>

#include <atomic>
#include <cstddef>
#include <cstring>
#include <filesystem>
#include <random>
#include <thread>

#include "../operators/example_plan.h"
#include "compile/compile.h"

namespace fettle::runtime {
namespace {

using SharedPlan = std::shared_ptr<const plan::Plan>;
using Bytes = std::vector<std::byte>;
constexpr std::byte kGuard{0xa5};

std::unique_ptr<Session> load(const SharedPlan& plan, const SessionOptions& options = {}) {
  auto session = Session::load(plan, ops::find_portable, options);
  EXPECT_TRUE(session.ok()) << session.status().to_string();
  return session.ok() ? std::move(session).value() : nullptr;
}

SharedPlan fashion(int64_t stripe_cache_bytes = 0) {
  compile::CompileOptions options;
  options.stripes.cache_bytes = stripe_cache_bytes;
  auto model = compile::load_model(FETTLE_SOURCE "/models/fashion_dscnn.onnx", options);
  EXPECT_TRUE(model.ok()) << model.status().to_string();
  return model.ok() ? model->plan : nullptr;
}

std::vector<Tensor> random_inputs(const Session& session, uint32_t seed) {
  std::mt19937 random(seed);
  std::vector<Tensor> tensors;
  for (size_t i = 0; i < session.inputs(); ++i) {
    const TensorView& like = session.input(i);
    std::shared_ptr<const Quantization> quant;
    if (like.quant != nullptr) quant = std::make_shared<Quantization>(*like.quant);
    tensors.push_back(
        operators::random_tensor({like.dtype, false, like.dims, quant}, 0, 1, random));
  }
  return tensors;
}

std::vector<Bytes> run(Session& session, const std::vector<Tensor>& inputs) {
  for (size_t i = 0; i < session.inputs(); ++i) {
    EXPECT_TRUE(session.set_input(i, inputs[i].view()).ok());
  }
  const Status status = session.run();
  EXPECT_TRUE(status.ok()) << status.to_string();
  std::vector<Bytes> outputs;
  for (size_t i = 0; i < session.outputs(); ++i) {
    const auto* data = static_cast<const std::byte*>(session.output(i).data);
    outputs.emplace_back(data, data + session.output(i).bytes());
  }
  return outputs;
}

// Memory between guards that begins one element past a cache line: no more aligned than asked for.
class Lent {
 public:
  Lent(const TensorView& view)
      : size_(view.bytes()), begin_(64 + size_of(view.dtype)), all_(begin_ + size_ + 64, kGuard) {
    const auto misplaced = reinterpret_cast<uintptr_t>(all_.data()) % alignof(std::max_align_t);
    EXPECT_EQ(misplaced, 0u) << "the allocator aligns less than it used to";
  }
  std::span<std::byte> memory() { return {all_.data() + begin_, size_}; }
  Bytes bytes() { return {memory().begin(), memory().end()}; }
  bool guards_stand() const {
    const auto is_guard = [](std::byte b) { return b == kGuard; };
    const auto end = all_.begin() + static_cast<std::ptrdiff_t>(begin_ + size_);
    return std::all_of(all_.begin(), all_.begin() + static_cast<std::ptrdiff_t>(begin_),
                       is_guard) &&
           std::all_of(end, all_.end(), is_guard);
  }

 private:
  size_t size_, begin_;
  Bytes all_;
};

// Two runs with everything bound give what runs without do; inputs stay as they were.
void expect_same_when_bound(const SharedPlan& plan, const SessionOptions& options) {
  const auto session = load(plan, options);
  ASSERT_NE(session, nullptr);
  const std::vector<Tensor> first = random_inputs(*session, 1), second = random_inputs(*session, 2);
  const std::vector<Bytes> expected_first = run(*session, first), expected = run(*session, second);
  std::vector<Lent> inputs, outputs;
  for (size_t i = 0; i < session->inputs(); ++i) inputs.emplace_back(session->input(i));
  for (size_t i = 0; i < session->outputs(); ++i) {
    TensorView largest = session->output(i);
    largest.dims = plan->tensors[plan->outputs[i]].dims;
    outputs.emplace_back(largest);
  }
  for (size_t i = 0; i < inputs.size(); ++i) {
    ASSERT_TRUE(session->bind_input(i, inputs[i].memory()).ok());
  }
  for (size_t i = 0; i < outputs.size(); ++i) {
    const Status bound = session->bind_output(i, outputs[i].memory());
    ASSERT_TRUE(bound.ok()) << bound.to_string();
  }
  for (const auto* values : {&first, &second}) {
    for (size_t i = 0; i < inputs.size(); ++i) {
      std::memcpy(inputs[i].memory().data(), (*values)[i].raw(), inputs[i].memory().size());
    }
    ASSERT_TRUE(session->run().ok());
    ASSERT_TRUE(session->run().ok());  // again from what is there: inputs are only read
    for (size_t i = 0; i < inputs.size(); ++i) {
      EXPECT_TRUE(inputs[i].guards_stand());
      EXPECT_EQ(std::memcmp(inputs[i].memory().data(), (*values)[i].raw(), (*values)[i].bytes()), 0)
          << "input " << i << " was written to";
    }
    for (size_t i = 0; i < outputs.size(); ++i) {
      EXPECT_TRUE(outputs[i].guards_stand()) << "output " << i;
      const Bytes& want = (values == &first ? expected_first : expected)[i];
      Bytes got = outputs[i].bytes();
      got.resize(session->output(i).bytes());
      EXPECT_TRUE(got == want) << "output " << i;
    }
  }
  // Back to the arena: the lent memory is left alone.
  for (size_t i = 0; i < inputs.size(); ++i) ASSERT_TRUE(session->bind_input(i, {}).ok());
  for (size_t i = 0; i < outputs.size(); ++i) ASSERT_TRUE(session->bind_output(i, {}).ok());
  EXPECT_TRUE(run(*session, first) == expected_first);
  for (size_t i = 0; i < outputs.size(); ++i) {
    if (expected_first[i] == expected[i]) continue;
    Bytes kept = outputs[i].bytes();
    kept.resize(expected[i].size());
    EXPECT_TRUE(kept == expected[i]);
  }
}

TEST(Binding, FashionOnOneAndTwoThreads) {
  for (const int64_t stripe_cache_bytes : {0, 1 << 14}) {
    const SharedPlan plan = fashion(stripe_cache_bytes);
    ASSERT_NE(plan, nullptr);
    EXPECT_EQ(plan->chains.empty(), stripe_cache_bytes == 0);
    for (const int threads : {1, 2}) {
      SessionOptions options;
      options.threads = threads;
      options.least_share_ns = 0;
      expect_same_when_bound(plan, options);
    }
  }
}

TEST(Binding, RefusesWhatDoesNotFit) {
  const SharedPlan plan = fashion();
  ASSERT_NE(plan, nullptr);
  const auto session = load(plan);
  ASSERT_NE(session, nullptr);
  const size_t in = session->input(0).bytes(), out = session->output(0).bytes();
  std::vector<float> memory((in + out) / sizeof(float) + 1);
  const auto bytes = std::as_writable_bytes(std::span(memory));
  EXPECT_EQ(session->bind_input(1, bytes).code(), Code::usage);
  EXPECT_EQ(session->bind_output(9, bytes).code(), Code::usage);
  const Status small = session->bind_input(0, bytes.first(in - 1));
  EXPECT_NE(small.to_string().find(std::to_string(in)), std::string::npos) << small.to_string();
  const Status crooked = session->bind_input(0, bytes.subspan(1));
  EXPECT_NE(crooked.to_string().find("aligned"), std::string::npos) << crooked.to_string();
  ASSERT_TRUE(session->bind_input(0, bytes).ok());
  EXPECT_EQ(session->bind_output(0, bytes.subspan(in - 4)).code(), Code::usage) << "overlap";
  EXPECT_TRUE(session->bind_output(0, bytes.subspan(in)).ok());
  ASSERT_TRUE(session->bind_output(0, {}).ok());
  auto* own = static_cast<std::byte*>(session->output(0).data);
  EXPECT_EQ(session->bind_input(0, {own, in}).code(), Code::usage) << "the session's own arena";
}

class BindingOf : public testing::TestWithParam<operators::Example> {};

TEST_P(BindingOf, Operator) {
  const operators::Example& e = GetParam();
  if (!e.op->reference.applies()) GTEST_SKIP() << "computes nothing by itself";
  const auto plan = operators::plan_of(e, operators::random_inputs(e.call, 7));
  if (plan.status().code() == Code::needs_value) GTEST_SKIP() << plan.status().to_string();
  ASSERT_TRUE(plan.ok()) << plan.status().to_string();
  for (const bool portable : {true, false}) {
    SCOPED_TRACE(portable ? "reference" : "kernels");
    SessionOptions options;
    options.portable_only = portable;
    expect_same_when_bound(*plan, options);
  }
}

INSTANTIATE_TEST_SUITE_P(All, BindingOf, testing::ValuesIn(operators::all_examples()),
                         [](const auto& info) { return info.param.name; });

// Floats by 8-bit weights take whole images: no chain is made of them, which loading would
// dissolve.
TEST(Chains, HoldNoKernelThatTakesNoRows) {
  for (const char* name : {"mobile_dynamic", "mobile_16x8"}) {
    compile::CompileOptions options;
    options.stripes.cache_bytes = 16 << 10;
    const auto model = compile::load_model(
        std::string(FETTLE_SOURCE "/tests/models/own/") + name + ".tflite", options);
    ASSERT_TRUE(model.ok()) << model.status().to_string();
    const auto session = load(model->plan);
    ASSERT_NE(session, nullptr);
    EXPECT_EQ(session->cut_chains(), 0u) << name;
  }
}

// Every thread runs a session of its own again and again while the others do the same.
void expect_same_at_once(const std::vector<std::unique_ptr<Session>>& sessions, int rounds) {
  std::vector<std::vector<Bytes>> expected;
  for (size_t s = 0; s < sessions.size(); ++s) {
    expected.push_back(run(*sessions[s], random_inputs(*sessions[s], static_cast<uint32_t>(s))));
  }
  std::atomic<int> wrong{0};
  std::vector<std::thread> threads;
  for (size_t s = 0; s < sessions.size(); ++s) {
    threads.emplace_back([&, s] {
      const std::vector<Tensor> inputs = random_inputs(*sessions[s], static_cast<uint32_t>(s));
      for (int r = 0; r < rounds; ++r) wrong += run(*sessions[s], inputs) != expected[s];
    });
  }
  for (std::thread& t : threads) t.join();
  EXPECT_EQ(wrong, 0);
}

TEST(SessionsAtOnce, WithAndWithoutThreadsOfTheirOwn) {
  const SharedPlan plan = fashion(1 << 14);  // with chains
  ASSERT_NE(plan, nullptr);
  std::vector<std::unique_ptr<Session>> sessions;
  for (const int threads : {1, 2, 3, 1}) {
    SessionOptions options;
    options.threads = threads;
    options.least_share_ns = 0;
    options.spin_us = threads == 3 ? 0 : 20;
    sessions.push_back(load(plan, options));
    ASSERT_NE(sessions.back(), nullptr);
  }
  expect_same_at_once(sessions, 20);
}

TEST(SessionsAtOnce, OnSharedWorkers) {
  const SharedPlan plan = fashion();
  ASSERT_NE(plan, nullptr);
  auto workers = Workers::start({.threads = 2, .cores = {}});
  ASSERT_TRUE(workers.ok()) << workers.status().to_string();
  SessionOptions options;
  options.workers = *workers;
  options.least_share_ns = 0;
  std::vector<std::unique_ptr<Session>> sessions;
  for (int s = 0; s < 3; ++s) sessions.push_back(load(plan, options));
  for (const auto& s : sessions) ASSERT_NE(s, nullptr);
  expect_same_at_once(sessions, 20);
}

}  // namespace
}  // namespace fettle::runtime
