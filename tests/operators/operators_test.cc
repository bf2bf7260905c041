// SPDX-License-Identifier: Apache-2.0
// For every example call of every operator: what inference, the reference, the in-place rule, the
// passes and every kernel owe each other.
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>

#include "base/cpu.h"
#include "generate.h"
#include "lower/lower.h"
#include "ops/evaluate.h"
#include "passes/bind_shapes.h"
#include "passes/pipeline.h"
#include "runtime/session.h"

namespace fettle::operators {
namespace {

constexpr size_t kGuardBytes = 256;

// Elements between guards: writing outside them is found.
class Guarded {
 public:
  Guarded(size_t bytes, unsigned char fill) : bytes_(bytes), fill_(fill) {
    memory_.assign(bytes + 2 * kGuardBytes, std::byte{fill});
  }
  std::byte* data() { return memory_.data() + kGuardBytes; }
  bool intact() const {
    for (size_t i = 0; i < kGuardBytes; ++i) {
      if (memory_[i] != std::byte{fill_}) return false;
      if (memory_[kGuardBytes + bytes_ + i] != std::byte{fill_}) return false;
    }
    return true;
  }

 private:
  size_t bytes_;
  unsigned char fill_;
  std::vector<std::byte> memory_;
};

std::vector<TensorView> views(const std::vector<Tensor>& tensors) {
  std::vector<TensorView> out;
  for (const Tensor& t : tensors) out.push_back(t.dtype() == DType::none ? TensorView{} : t.view());
  return out;
}

// One run of the reference over memory filled with `fill`.
std::vector<std::vector<std::byte>> run_reference(const Example& e,
                                                  const std::vector<Tensor>& inputs, size_t outputs,
                                                  unsigned char fill) {
  const std::vector<TensorView> in = views(inputs);
  std::vector<TensorView> out(outputs);
  OpCall call{e.call.attrs, in, out};
  const Status inferred = ops::infer(*e.op, call);
  EXPECT_TRUE(inferred.ok()) << inferred.to_string();
  if (!inferred.ok()) return {};
  std::vector<Guarded> memory;
  for (TensorView& o : out) memory.emplace_back(o.bytes(), fill);
  for (size_t i = 0; i < outputs; ++i) out[i].data = memory[i].data();
  const size_t scratch_bytes = e.op->scratch.applies() ? e.op->scratch.get()(call) : 0;
  Guarded scratch(scratch_bytes, fill);
  call.scratch = {scratch.data(), scratch_bytes};
  const Status ran = e.op->reference.get()(call);
  EXPECT_TRUE(ran.ok()) << ran.to_string();
  std::vector<std::vector<std::byte>> results;
  for (size_t i = 0; i < outputs; ++i) {
    EXPECT_TRUE(memory[i].intact()) << "output " << i << ": wrote outside";
    results.emplace_back(memory[i].data(), memory[i].data() + out[i].bytes());
  }
  EXPECT_TRUE(scratch.intact()) << "wrote outside its scratch";
  return results;
}

std::unique_ptr<ir::Graph> graph_of(const Example& e, const std::vector<Tensor>& inputs,
                                    size_t outputs) {
  auto graph = std::make_unique<ir::Graph>();
  std::vector<ir::Value*> operands;
  for (size_t i = 0; i < inputs.size(); ++i) {
    const Tensor& t = inputs[i];
    const std::string name = "x" + std::to_string(i);
    const auto& fixed = e.call.constants;
    if (t.dtype() == DType::none) {
      operands.push_back(nullptr);
    } else if (std::find(fixed.begin(), fixed.end(), static_cast<int>(i)) != fixed.end()) {
      operands.push_back(graph->add_constant(name, t));
    } else {
      operands.push_back(
          graph->add_input(name, t.dtype(), {t.dims().begin(), t.dims().end()}, t.shared_quant()));
    }
  }
  ir::Node* node =
      graph->add_node(std::string(e.op->name), operands, static_cast<int>(outputs), e.call.attrs);
  for (size_t i = 0; i < outputs; ++i) {
    node->outputs[i]->name = "y" + std::to_string(i);
    graph->add_output(node->outputs[i]);
  }
  return graph;
}

struct RunOptions {
  bool optimize = false;
  runtime::SessionOptions session;
};

// Outputs as numbers, for comparison.
Result<std::vector<std::vector<float>>> run_session(const Example& e,
                                                    const std::vector<Tensor>& inputs,
                                                    size_t outputs, const RunOptions& options) {
  auto graph = graph_of(e, inputs, outputs);
  FETTLE_TRY(passes::bind_shapes(*graph, {}));
  if (options.optimize) {
    FETTLE_ASSIGN(const auto reports, passes::run_pipeline(*graph));
    (void)reports;
  }
  FETTLE_ASSIGN(plan::Plan plan, lower::lower(*graph));
  FETTLE_ASSIGN(const auto session,
                runtime::Session::load(std::make_shared<const plan::Plan>(std::move(plan)),
                                       ops::find_portable, options.session));
  for (size_t i = 0; i < session->inputs(); ++i) {
    const std::string name(session->input_name(i));
    FETTLE_TRY(session->set_input(i, inputs[std::stoul(name.substr(1))].view()));
  }
  FETTLE_TRY(session->run());
  std::vector<std::vector<float>> results;
  for (size_t i = 0; i < session->outputs(); ++i) results.push_back(to_float(session->output(i)));
  return results;
}

void expect_near(const std::vector<float>& got, const std::vector<float>& expected,
                 double tolerance, const std::string& what) {
  ASSERT_EQ(got.size(), expected.size()) << what;
  double largest = 0;
  for (float v : expected) {
    if (std::isfinite(v)) largest = std::max(largest, std::abs(static_cast<double>(v)));
  }
  for (size_t i = 0; i < got.size(); ++i) {
    if (got[i] == expected[i] || (std::isnan(got[i]) && std::isnan(expected[i]))) continue;
    ASSERT_LE(std::abs(static_cast<double>(got[i]) - expected[i]), tolerance * largest)
        << what << ", element " << i << ": " << got[i] << " instead of " << expected[i];
  }
}

class Operators : public testing::TestWithParam<Example> {
 protected:
  void SetUp() override {
    if (!GetParam().op->reference.applies()) GTEST_SKIP() << "computes nothing by itself";
    inputs_ = random_inputs(GetParam().call, 7);
    outputs_ = output_count(*GetParam().op, GetParam().call);
  }
  std::vector<Tensor> inputs_;
  size_t outputs_ = 0;
};

TEST_P(Operators, FitItsSchema) {
  const Example& e = GetParam();
  const Status s = ops::check_schema(*e.op, e.call.attrs, inputs_.size(), outputs_);
  EXPECT_TRUE(s.ok()) << s.to_string();
}

// Whatever lay in the outputs and the scratch before, every element is written, and nothing else.
TEST_P(Operators, ReferenceWritesItsOutputsAndNothingElse) {
  const auto first = run_reference(GetParam(), inputs_, outputs_, 0xaa);
  const auto second = run_reference(GetParam(), inputs_, outputs_, 0x55);
  ASSERT_EQ(first.size(), second.size());
  for (size_t i = 0; i < first.size(); ++i) {
    EXPECT_TRUE(first[i] == second[i]) << "output " << i << " keeps what was there before";
  }
}

TEST_P(Operators, MayOverwriteTheInputsItSays) {
  const Example& e = GetParam();
  if (!e.op->in_place.applies() || outputs_ != 1) return;
  const auto expected = run_reference(e, inputs_, 1, 0xaa);
  ASSERT_EQ(expected.size(), 1u);
  for (size_t i = 0; i < inputs_.size(); ++i) {
    std::vector<TensorView> in = views(inputs_), out(1);
    OpCall call{e.call.attrs, in, out};
    ASSERT_TRUE(ops::infer(*e.op, call).ok());
    if (!in[i].present() || !e.op->in_place.get()(call, static_cast<int>(i))) continue;
    const size_t bytes = std::max(in[i].bytes(), out[0].bytes());
    std::vector<std::byte> shared(bytes);
    std::memcpy(shared.data(), in[i].data, in[i].bytes());
    in[i].data = out[0].data = shared.data();
    std::vector<std::byte> scratch(e.op->scratch.applies() ? e.op->scratch.get()(call) : 0);
    call.scratch = scratch;
    ASSERT_TRUE(e.op->reference.get()(call).ok());
    EXPECT_EQ(std::memcmp(shared.data(), expected[0].data(), expected[0].size()), 0)
        << "over input " << i;
  }
}

TEST_P(Operators, CostsWhatCanBeCounted) {
  const Example& e = GetParam();
  if (!e.op->cost.applies()) return;
  const std::vector<TensorView> in = views(inputs_);
  std::vector<TensorView> out(outputs_);
  const OpCall call{e.call.attrs, in, out};
  ASSERT_TRUE(ops::infer(*e.op, call).ok());
  const ops::Cost cost = e.op->cost.get()(call);
  EXPECT_GE(cost.macs, 0);
  EXPECT_GE(cost.flops, 0);
}

TEST_P(Operators, KernelsAndPassesAgreeWithTheReference) {
  const Example& e = GetParam();
  RunOptions portable;
  portable.session.portable_only = true;
  const auto expected = run_session(e, inputs_, outputs_, portable);
  if (!expected.ok() && expected.status().code() == Code::needs_value) {
    GTEST_SKIP() << expected.status().to_string();
  }
  ASSERT_TRUE(expected.ok()) << expected.status().to_string();
  const auto compare = [&](const RunOptions& options, const std::string& what) {
    const auto got = run_session(e, inputs_, outputs_, options);
    ASSERT_TRUE(got.ok()) << what << ": " << got.status().to_string();
    ASSERT_EQ(got->size(), expected->size());
    for (size_t i = 0; i < got->size(); ++i) {
      expect_near((*got)[i], (*expected)[i], e.call.tolerance, what);
    }
  };
  for (Isa isa : available_isas()) {
    RunOptions options;
    options.session.isa = isa;
    compare(options, "kernels for " + std::string(name_of(isa)));
  }
  RunOptions threads;
  threads.session.threads = 3;
  compare(threads, "3 threads");
  RunOptions optimized;
  optimized.optimize = true;
  compare(optimized, "after the passes");
}

INSTANTIATE_TEST_SUITE_P(All, Operators, testing::ValuesIn(all_examples()),
                         [](const auto& info) { return info.param.name; });

// Cases are what all of this stands on; an operator without any says so in writing.
TEST(OperatorTable, ExamplesExist) { EXPECT_GT(all_examples().size(), 200u); }

}  // namespace
}  // namespace fettle::operators
