// SPDX-License-Identifier: Apache-2.0
//
// What Session promises after load: run() takes no memory and gives none back, on any thread, and
// with one thread neither faults a page in nor waits. Its results are those of the reference: bit
// for bit where the model's outputs are integers or made from them, within 1e-5 of the largest in
// floats.
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <cmath>
#include <cstring>
#include <filesystem>
#include <random>

#include "../operators/example_plan.h"
#include "allocation_guard.h"
#include "compile/compile.h"
#include "compile/read_model.h"
#include "ir/text.h"
#include "lower/lower.h"
#include "passes/bind_shapes.h"
#include "quantize/post_training.h"
#include "runtime/session.h"

namespace fettle::runtime {
namespace {

const std::string kShared = FETTLE_SHARED "/data/models/";
const std::string kFashion = FETTLE_SOURCE "/models/fashion_dscnn.onnx";
using SharedPlan = std::shared_ptr<const plan::Plan>;

Tensor random_like(const TensorView& like, uint32_t seed) {
  std::mt19937 random(seed);
  std::shared_ptr<const Quantization> quant;
  if (like.quant != nullptr) quant = std::make_shared<Quantization>(*like.quant);
  return operators::random_tensor({like.dtype, false, like.dims, quant}, 0, 1, random);
}

void set_inputs(Session& session) {
  for (size_t i = 0; i < session.inputs(); ++i) {
    const Tensor t = random_like(session.input(i), static_cast<uint32_t>(i) + 1);
    ASSERT_TRUE(session.set_input(i, t.view()).ok());
  }
}

// Runs counted, inputs set anew before each outside the count.
AllocationCount count_runs(Session& session, int runs) {
  AllocationCount all;
  for (int r = 0; r < runs; ++r) {
    set_inputs(session);
    start_counting();
    const Status status = session.run();
    const AllocationCount one = stop_counting();
    EXPECT_TRUE(status.ok()) << status.to_string();
    if (all.calls == 0) all = one;
  }
  return all;
}

void expect_no_allocation(Session& session, int runs) {
  const AllocationCount count = count_runs(session, runs);
  EXPECT_EQ(count.calls, 0) << "the first was of " << count.first_bytes << " bytes";
  if (count.calls != 0) print_stack(count);
}

// The least of several batches: another process may cost us a page, a kernel that faults in
// memory of its own does so every time.
void expect_no_faults(Session& session) {
  int64_t faults = INT64_MAX, waits = INT64_MAX;
  for (int batch = 0; batch < 8 && (faults != 0 || waits != 0); ++batch) {
    rusage before{}, after{};
    getrusage(RUSAGE_THREAD, &before);
    for (int r = 0; r < 2; ++r) EXPECT_TRUE(session.run().ok());
    getrusage(RUSAGE_THREAD, &after);
    faults = std::min<int64_t>(faults, after.ru_minflt - before.ru_minflt);
    waits = std::min<int64_t>(waits, after.ru_nvcsw - before.ru_nvcsw);
  }
  EXPECT_EQ(faults, 0) << "pages faulted in during runs";
  EXPECT_EQ(waits, 0) << "times the thread gave up the processor by itself";
}

std::unique_ptr<Session> load(const SharedPlan& plan, const SessionOptions& options) {
  auto session = Session::load(plan, ops::find_portable, options);
  EXPECT_TRUE(session.ok()) << session.status().to_string();
  return session.ok() ? std::move(session).value() : nullptr;
}

void expect_as_reference(const Session& got, const Session& reference, bool bit_for_bit) {
  ASSERT_EQ(got.outputs(), reference.outputs());
  for (size_t i = 0; i < got.outputs(); ++i) {
    const TensorView &a = got.output(i), &b = reference.output(i);
    ASSERT_TRUE(a.dtype == b.dtype && a.dims == b.dims);
    if (bit_for_bit) {
      EXPECT_EQ(std::memcmp(a.data, b.data, a.bytes()), 0) << "output " << i;
      continue;
    }
    const std::vector<float> x = to_float(a), y = to_float(b);
    float largest = 0, off = 0;
    for (size_t e = 0; e < x.size(); ++e) {
      largest = std::max(largest, std::fabs(y[e]));
      off = std::max(off, std::fabs(x[e] - y[e]));
    }
    EXPECT_LE(off, 1e-5f * largest) << "output " << i;
  }
}

void expect_promises(const SharedPlan& plan, bool bit_for_bit) {
  ASSERT_NE(plan, nullptr);
  SessionOptions portable;
  portable.portable_only = true;
  const auto reference = load(plan, portable);
  ASSERT_NE(reference, nullptr);
  expect_no_allocation(*reference, 1);
  for (int threads : {1, 2}) {
    SCOPED_TRACE(std::to_string(threads) + " threads");
    SessionOptions options;
    options.threads = threads;
    options.least_share_ns = 0;  // small steps too on both
    const auto session = load(plan, options);
    ASSERT_NE(session, nullptr);
    expect_no_allocation(*session, 3);
    expect_as_reference(*session, *reference, bit_for_bit);
    if (threads == 1) expect_no_faults(*session);
  }
}

SharedPlan compile_file(const std::string& path, int64_t stripe_cache_bytes = 0) {
  compile::CompileOptions options;
  options.stripes.cache_bytes = stripe_cache_bytes;
  auto model = compile::load_model(path, options);
  EXPECT_TRUE(model.ok()) << model.status().to_string();
  return model.ok() ? model->plan : nullptr;
}

TEST(NoAllocation, FashionFloat) { expect_promises(compile_file(kFashion), false); }

TEST(NoAllocation, FashionInStripes) {
  const SharedPlan plan = compile_file(kFashion, 16 << 10);
  ASSERT_NE(plan, nullptr);
  EXPECT_FALSE(plan->chains.empty());
  expect_promises(plan, false);
}

TEST(NoAllocation, FashionInt8) {
  auto graph = compile::read_model(kFashion);
  ASSERT_TRUE(graph.ok()) << graph.status().to_string();
  const auto samples = [](int64_t i, const TensorView& like) -> Result<std::optional<Tensor>> {
    if (i == 4) return std::optional<Tensor>();
    return std::optional(random_like(like, static_cast<uint32_t>(i)));
  };
  const auto report = quantize::post_training(**graph, quantize::Scheme::int8, {}, {}, samples, 1);
  ASSERT_TRUE(report.ok()) << report.status().to_string();
  auto plan = lower::lower(**graph);
  ASSERT_TRUE(plan.ok()) << plan.status().to_string();
  expect_promises(std::make_shared<const plan::Plan>(std::move(*plan)), true);
}

// Shapes that each run works out again, and steps under a condition, taken or not.
TEST(NoAllocation, ExtentsAndBranchesOfData) {
  for (const char* above : {"-1.0", "99.0"}) {
    SCOPED_TRACE(above);
    auto graph = ir::parse(R"(graph "g" {
      input %x : f32[40]
      const %half : f32[] = [0.5]
      const %limit : f32[] = [)" +
                           std::string(above) + R"(]
      const %axes : i64[1] = [0]
      const %two : i64[1] = [2]
      const %few : i64[1] = [5]
      const %zero : i64[] = [0]
      const %one : i64[] = [1]
      %large = Greater(%x, %half)
      %at = NonZero(%large)
      %shape = Shape(%at)
      %k = Gather(%shape, %one) {axis = 0}
      %n = Unsqueeze(%k, %axes)
      %zeros = ConstantOfShape(%n)
      %range = Range(%zero, %k, %one)
      %wide = Concat(%two, %n) {axis = 0}
      %rows = Expand(%half, %wide)
      %count = Min(%n, %few)
      %top, %where = TopK(%x, %count) {axis = 0}
      %tiles = Tile(%x, %n)
      %flat = Reshape(%at, %n)
      %sum = ReduceSum(%x, %axes) {keepdims = 0}
      %c = Greater(%sum, %limit)
      %y = If(%c, %x, %top) graph "then" {
        input %x : none[]
        input %top : none[]
        %a = Exp(%x)
        output %a
      } graph "else" {
        input %x : none[]
        input %top : none[]
        %b = Neg(%top)
        output %b
      }
      output %y
      output %zeros
      output %range
      output %rows
      output %where
      output %tiles
      output %flat
    })");
    ASSERT_TRUE(graph.ok()) << graph.status().to_string();
    const Status bound = passes::bind_shapes(**graph, {});
    ASSERT_TRUE(bound.ok()) << bound.to_string();
    auto plan = lower::lower(**graph);
    ASSERT_TRUE(plan.ok()) << plan.status().to_string();
    expect_promises(std::make_shared<const plan::Plan>(std::move(*plan)), false);
  }
}

struct RealModel {
  const char* path;
  bool bit_for_bit;
  friend void PrintTo(const RealModel& m, std::ostream* out) { *out << m.path; }
};

class NoAllocationOf : public testing::TestWithParam<RealModel> {};

TEST_P(NoAllocationOf, RealModel) {
  const std::string path = kShared + GetParam().path;
  if (!std::filesystem::exists(path)) GTEST_SKIP() << path << " is absent";
  for (const int64_t stripe_cache : {0, 64 << 10}) {
    SCOPED_TRACE("stripes for " + std::to_string(stripe_cache) + " bytes");
    expect_promises(compile_file(path, stripe_cache), GetParam().bit_for_bit);
  }
}

INSTANTIATE_TEST_SUITE_P(All, NoAllocationOf,
                         testing::Values(RealModel{"tiny/kws_dscnn_int8.tflite", true},
                                         RealModel{"tiny/ad01_fp32.tflite", false},
                                         RealModel{"tiny/resnet8_cifar10_int8.tflite", true},
                                         RealModel{"classify/mobilenet_v1_0.25_128_quant.tflite",
                                                   true},
                                         RealModel{"classify/mobilenet_v2_0.5_128.onnx", false}));

// Every operator, alone, with every kernel that takes its examples and with the reference.
class NoAllocationIn : public testing::TestWithParam<operators::Example> {};

TEST_P(NoAllocationIn, Operator) {
  const operators::Example& e = GetParam();
  if (!e.op->reference.applies()) GTEST_SKIP() << "computes nothing by itself";
  const std::vector<Tensor> tensors = operators::random_inputs(e.call, 7);
  const auto plan = operators::plan_of(e, tensors);
  if (plan.status().code() == Code::needs_value) GTEST_SKIP() << plan.status().to_string();
  ASSERT_TRUE(plan.ok()) << plan.status().to_string();
  for (bool portable : {true, false}) {
    SCOPED_TRACE(portable ? "reference" : "kernels");
    SessionOptions options;
    options.portable_only = portable;
    const auto session = load(*plan, options);
    ASSERT_NE(session, nullptr);
    for (int run = 0; run < 2; ++run) {
      for (size_t i = 0; i < session->inputs(); ++i) {
        const size_t from = std::stoul(std::string(session->input_name(i)));
        ASSERT_TRUE(session->set_input(i, tensors[from].view()).ok());
      }
      start_counting();
      const Status status = session->run();
      const AllocationCount count = stop_counting();
      ASSERT_TRUE(status.ok()) << status.to_string();
      EXPECT_EQ(count.calls, 0) << "the first was of " << count.first_bytes << " bytes";
      if (count.calls != 0) print_stack(count);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(All, NoAllocationIn, testing::ValuesIn(operators::all_examples()),
                         [](const auto& info) { return info.param.name; });

// The counter itself: it must see what it is there to see.
TEST(AllocationGuard, SeesEveryKind) {
  start_counting();
  auto* volatile a = new std::vector<int>(100);
  delete a;
  EXPECT_GE(stop_counting().calls, 4);
  start_counting();
  void* volatile b = std::aligned_alloc(64, 128);
  std::free(b);
  EXPECT_EQ(stop_counting().calls, 2);
  start_counting();
  EXPECT_EQ(stop_counting().calls, 0);
}

}  // namespace
}  // namespace fettle::runtime
