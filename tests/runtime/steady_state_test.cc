// SPDX-License-Identifier: Apache-2.0
//
// What a one-thread session does in its steady state, counted: no system call, no lock, and with
// memory locked no page fault. (no_allocation_test counts allocations.)
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <filesystem>
#include <mutex>

#include "../operators/example_plan.h"
#include "call_guard.h"
#include "compile/compile.h"
#include "realtime/memory_lock.h"
#include "runtime/session.h"

namespace fettle::runtime {
namespace {

using SharedPlan = std::shared_ptr<const plan::Plan>;

std::unique_ptr<Session> load(const SharedPlan& plan, bool portable = false) {
  SessionOptions options;
  options.portable_only = portable;
  auto session = Session::load(plan, ops::find_portable, options);
  EXPECT_TRUE(session.ok()) << session.status().to_string();
  return session.ok() ? std::move(session).value() : nullptr;
}

struct Subject {
  std::string name;
  std::unique_ptr<Session> session;
  std::vector<Tensor> inputs;  // bound
};

void bind(Subject& s, std::vector<Tensor> inputs) {
  s.inputs = std::move(inputs);
  for (size_t i = 0; i < s.session->inputs(); ++i) {
    const auto* bytes = static_cast<const std::byte*>(s.inputs[i].raw());
    ASSERT_TRUE(s.session->bind_input(i, {bytes, s.inputs[i].bytes()}).ok()) << s.name;
  }
}

// Real models, zeros in; then every operator with its examples' inputs, with the reference and with
// fast kernels.
std::vector<Subject> model_subjects() {
  std::vector<Subject> subjects;
  const std::string shared = FETTLE_SHARED "/data/models/";
  for (const std::string& path :
       {std::string(FETTLE_SOURCE "/models/fashion_dscnn.onnx"),
        shared + "tiny/kws_dscnn_int8.tflite", shared + "tiny/resnet8_cifar10_float.tflite",
        shared + "classify/mobilenet_v1_0.25_128_quant.tflite",
        shared + "classify/mobilenet_v2_0.5_128.onnx"}) {
    if (!std::filesystem::exists(path)) continue;
    for (const int64_t stripe_cache_bytes : {0, 1 << 14}) {  // layer by layer, and in chains
      compile::CompileOptions options;
      options.stripes.cache_bytes = stripe_cache_bytes;
      auto model = compile::load_model(path, options);
      EXPECT_TRUE(model.ok()) << model.status().to_string();
      if (!model.ok()) continue;
      const std::string chains = std::to_string(model->plan->chains.size()) + " chains";
      Subject s{path + ", " + chains, load(model->plan), {}};
      std::vector<Tensor> inputs;
      for (size_t i = 0; i < s.session->inputs(); ++i) {
        inputs.emplace_back(s.session->input(i).dtype, s.session->input(i).dims);
      }
      bind(s, std::move(inputs));
      subjects.push_back(std::move(s));
    }
  }
  return subjects;
}

std::vector<Subject> operator_subjects() {
  std::vector<Subject> subjects;
  for (const operators::Example& e : operators::all_examples()) {
    if (!e.op->reference.applies()) continue;
    const std::vector<Tensor> tensors = operators::random_inputs(e.call, 7);
    const auto plan = operators::plan_of(e, tensors);
    if (!plan.ok()) {
      EXPECT_EQ(plan.status().code(), Code::needs_value) << plan.status().to_string();
      continue;
    }
    for (const bool portable : {true, false}) {
      Subject s{e.name + (portable ? ", reference" : ", kernels"), load(*plan, portable), {}};
      std::vector<Tensor> inputs;
      for (size_t i = 0; i < s.session->inputs(); ++i) {
        inputs.push_back(tensors[std::stoul(std::string(s.session->input_name(i)))]);
      }
      bind(s, std::move(inputs));
      subjects.push_back(std::move(s));
    }
  }
  return subjects;
}

void expect_no_calls(std::vector<Subject> subjects, int runs) {
  const int n = static_cast<int>(subjects.size());
  std::vector<CallCount> counts(subjects.size());
  const auto run = [&](int i) {
    for (int r = 0; r < runs; ++r) {
      if (!subjects[i].session->run().ok()) _exit(3);
    }
  };
  const auto warm_up = [&] {
    for (int i = 0; i < n; ++i) run(i);
  };
  if (!count_calls(warm_up, n, run, counts.data())) GTEST_SKIP() << "no seccomp on this system";
  ASSERT_GE(counts[0].system_calls, 0) << "the child died";
  for (int i = 0; i < n; ++i) {
    EXPECT_EQ(counts[i].system_calls, 0)
        << subjects[i].name << ", the first was number " << counts[i].first_number;
    EXPECT_EQ(counts[i].locks, 0) << subjects[i].name;
  }
}

TEST(SteadyState, ModelsCallNeitherSystemNorLock) { expect_no_calls(model_subjects(), 20); }

TEST(SteadyState, OperatorsCallNeitherSystemNorLock) { expect_no_calls(operator_subjects(), 2); }

// The counter itself: it must see what it is there to see.
TEST(SteadyState, TheCounterSeesCallsAndLocks) {
  CallCount counts[4];
  std::mutex mutex;
  const auto item = [&](int i) {
    if (i == 1) (void)syscall(SYS_getppid);
    if (i == 2) mutex.lock();
    if (i == 2) mutex.unlock();
    if (i == 3) usleep(1);
  };
  const auto prepare = [&] {
    mutex.lock();  // finds the system's own
    mutex.unlock();
  };
  if (!count_calls(prepare, 4, item, counts)) GTEST_SKIP() << "no seccomp on this system";
  EXPECT_EQ(counts[0].system_calls + counts[0].locks, 0);
  EXPECT_EQ(counts[1].system_calls, 1);
  EXPECT_EQ(counts[1].first_number, SYS_getppid);
  EXPECT_EQ(counts[2].locks, 1);
  EXPECT_EQ(counts[2].system_calls, 0) << "a free lock";
  EXPECT_GE(counts[3].system_calls, 1);
}

// The least of a few batches: the system may move even a locked page to make room for a huge one.
TEST(SteadyState, LockedMemoryDoesNotFault) {
  std::vector<Subject> subjects = model_subjects();
  for (Subject& s : subjects) ASSERT_TRUE(s.session->run().ok());
  if (const auto locked = realtime::lock_memory(); !locked.ok()) {
    GTEST_SKIP() << locked.status().to_string();
  }
  for (Subject& s : subjects) {
    int64_t least = INT64_MAX;
    for (int batch = 0; batch < 4 && least != 0; ++batch) {
      rusage before{}, after{};
      getrusage(RUSAGE_THREAD, &before);
      for (int r = 0; r < 50; ++r) EXPECT_TRUE(s.session->run().ok());
      getrusage(RUSAGE_THREAD, &after);
      least = std::min<int64_t>(
          least, after.ru_minflt - before.ru_minflt + after.ru_majflt - before.ru_majflt);
    }
    EXPECT_EQ(least, 0) << s.name;
  }
  realtime::unlock_memory();
}

}  // namespace
}  // namespace fettle::runtime
