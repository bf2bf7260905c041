// SPDX-License-Identifier: Apache-2.0
//
// Random chains of convolutions give the same bits whether they run in stripes or layer by layer,
// in floats and in 8-bit codes, on every instruction set of this machine, with any number of
// threads; and where a kernel takes no rows, the chain runs without stripes.
#include <gtest/gtest.h>

#include <cstring>
#include <limits>
#include <random>

#include "../operators/generate.h"
#include "lower/lower.h"
#include "passes/bind_shapes.h"
#include "passes/pipeline.h"
#include "quantize/post_training.h"
#include "runtime/kernels/kernel_testing.h"
#include "runtime/session.h"

namespace fettle::runtime {
namespace {

class RandomChain {
 public:
  explicit RandomChain(uint32_t seed) : random_(seed) {}

  std::unique_ptr<ir::Graph> make() {
    int64_t c = 1 + below(20);
    ir::Value* x = graph_->add_input("x", DType::f32, {1, c, 12 + below(20), 9 + below(12)});
    for (int64_t layers = 3 + below(6); layers > 0; --layers) {
      if (below(4) == 0) {
        ir::Value* wide = conv(x, c, 3 * c, 1, 1, false);
        x = node("Add",
                 {conv(conv(wide, 3 * c, 3 * c, 3 * c, 3, false), 3 * c, c, 1, 1, false), x});
        continue;
      }
      if (below(5) == 0) {
        x = pool(x);
        continue;
      }
      const bool depthwise = below(2) == 0;
      const int64_t out = depthwise ? c : 1 + below(24);
      x = conv(x, c, out, depthwise ? c : 1, 1 + 2 * below(3), true);
      c = out;
    }
    graph_->add_output(x);
    return std::move(graph_);
  }

 private:
  int64_t below(int64_t n) { return static_cast<int64_t>(random_() % static_cast<uint64_t>(n)); }
  ir::Value* node(const char* op, std::vector<ir::Value*> in, Attributes attrs = {}) {
    ir::Node* n = graph_->add_node(op, std::move(in), 1, std::move(attrs));
    n->outputs[0]->name = "v" + std::to_string(next_++);
    return n->outputs[0];
  }
  ir::Value* constant(const Dims& dims) {
    Tensor t(DType::f32, dims);
    for (float& v : t.mutable_data<float>()) {
      v = std::uniform_real_distribution<float>(-1, 1)(random_);
    }
    return graph_->add_constant("c" + std::to_string(next_++), std::move(t));
  }
  ir::Value* conv(ir::Value* x, int64_t in, int64_t out, int64_t group, int64_t k, bool strided) {
    const int64_t stride = strided && below(4) == 0 ? 2 : 1, dilation = strided ? 1 + below(2) : 1;
    const int64_t reach = (k - 1) * dilation, top = reach / 2;
    Attributes attrs{{"group", group},
                     {"strides", std::vector<int64_t>{stride, stride}},
                     {"dilations", std::vector<int64_t>{dilation, dilation}},
                     {"pads", std::vector<int64_t>{top, top, reach - top, reach - top}}};
    x = node("Conv", {x, constant({out, in / group, k, k}), constant({out})}, std::move(attrs));
    return below(2) == 0 ? node("Relu", {x}) : x;
  }

  ir::Value* pool(ir::Value* x) {
    const int64_t k = 2 + below(2), stride = 1 + below(2), pad = below(2);
    return node(below(2) == 0 ? "MaxPool" : "AveragePool", {x},
                {{"kernel_shape", std::vector<int64_t>{k, k}},
                 {"strides", std::vector<int64_t>{stride, stride}},
                 {"pads", std::vector<int64_t>{pad, pad, pad, pad}}});
  }

  std::mt19937 random_;
  std::unique_ptr<ir::Graph> graph_ = std::make_unique<ir::Graph>();
  int next_ = 0;
};

using SharedPlan = std::shared_ptr<const plan::Plan>;

SharedPlan lowered(const ir::Graph& graph, int64_t cache_bytes) {
  auto plan = lower::lower(graph, nullptr, {.cache_bytes = cache_bytes});
  EXPECT_TRUE(plan.ok()) << plan.status().to_string();
  EXPECT_TRUE(plan::validate(*plan).ok()) << plan::validate(*plan).to_string();
  return std::make_shared<const plan::Plan>(std::move(*plan));
}

struct Ran {
  std::vector<std::byte> bytes;
  size_t cut = 0, whole_bytes = 0;
};

Ran run(const SharedPlan& plan, const SessionOptions& options, uint32_t seed) {
  auto session = Session::load(plan, ops::find_portable, options);
  EXPECT_TRUE(session.ok()) << session.status().to_string();
  Session& s = **session;
  std::mt19937 random(seed);
  const Tensor x =
      operators::random_tensor({DType::f32, false, s.input(0).dims, nullptr}, -1, 1, random);
  Ran ran;
  for (int twice = 0; twice < 2; ++twice) {  // a second run begins with empty windows again
    EXPECT_TRUE(s.set_input(0, x.view()).ok());
    EXPECT_TRUE(s.run().ok());
  }
  const auto* data = static_cast<const std::byte*>(s.output(0).data);
  ran.bytes.assign(data, data + s.output(0).bytes());
  ran.cut = s.cut_chains();
  ran.whole_bytes = s.memory().unstriped;
  return ran;
}

// How many chains there were in all, and how many runs that cut some held less than single steps
// do.
struct Seen {
  size_t chains = 0, in_pieces = 0;
};
void expect_same_in_stripes(const ir::Graph& graph, uint32_t seed, Seen* seen) {
  const SharedPlan whole = lowered(graph, 0);
  EXPECT_TRUE(whole->chains.empty());
  for (const int64_t cache : {4 << 10, 16 << 10, 64 << 10}) {
    const SharedPlan striped = lowered(graph, cache);
    seen->chains += striped->chains.size();
    EXPECT_LE(striped->arena_bytes, whole->arena_bytes);
    for (const Isa isa : available_isas()) {
      SessionOptions options;
      options.isa = isa;
      const Ran expected = run(whole, options, seed);
      for (const int threads : {1, 2, 3}) {
        SCOPED_TRACE(std::string(name_of(isa)) + ", " + std::to_string(threads) +
                     " threads, cache " + std::to_string(cache));
        options.threads = threads;
        options.least_share_ns = 0;
        options.most_overlap = std::numeric_limits<double>::infinity();
        const Ran got = run(striped, options, seed);
        EXPECT_EQ(got.cut, 0u) << "a kernel takes no rows";
        EXPECT_TRUE(got.bytes == expected.bytes);
        options.most_overlap = 1.3;
        const Ran in_pieces = run(striped, options, seed);
        EXPECT_TRUE(in_pieces.bytes == expected.bytes);
        options.most_overlap = 0;
        const Ran step_by_step = run(striped, options, seed);
        EXPECT_EQ(step_by_step.cut, striped->chains.size());
        EXPECT_TRUE(step_by_step.bytes == expected.bytes);
        EXPECT_LE(in_pieces.whole_bytes, step_by_step.whole_bytes);
        seen->in_pieces +=
            in_pieces.cut > 0 && in_pieces.whole_bytes < step_by_step.whole_bytes ? 1 : 0;
      }
    }
    SessionOptions portable;
    portable.portable_only = true;
    const Ran got = run(striped, portable, seed);
    EXPECT_EQ(got.cut, striped->chains.size());
    EXPECT_TRUE(got.bytes == run(whole, portable, seed).bytes);
  }
}

TEST(Stripes, FloatsAreTheSameBits) {
  Seen seen;
  for (uint32_t seed = 1; seed <= 25; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    auto graph = RandomChain(seed).make();
    ASSERT_TRUE(passes::bind_shapes(*graph, {}).ok());
    ASSERT_TRUE(passes::run_pipeline(*graph).ok());
    expect_same_in_stripes(*graph, seed, &seen);
    if (HasFailure()) return;
  }
  EXPECT_GT(seen.chains, 50u);
  EXPECT_GT(seen.in_pieces, 10u);
}

void expect_same_codes(quantize::Scheme scheme) {
  Seen seen;
  for (uint32_t seed = 101; seed <= 120; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    auto graph = RandomChain(seed).make();
    const auto samples = [](int64_t i, const TensorView& like) -> Result<std::optional<Tensor>> {
      if (i == 2) return std::optional<Tensor>();
      std::mt19937 random(static_cast<uint32_t>(i));
      return std::optional(
          operators::random_tensor({like.dtype, false, like.dims, nullptr}, -1, 1, random));
    };
    const auto report = quantize::post_training(*graph, scheme, {}, {}, samples, 1);
    ASSERT_TRUE(report.ok()) << report.status().to_string();
    expect_same_in_stripes(*graph, seed, &seen);
    if (testing::Test::HasFailure()) return;
  }
  EXPECT_GT(seen.chains, 40u);
  EXPECT_GT(seen.in_pieces, 10u);
}

TEST(Stripes, CodesAreTheSameBits) { expect_same_codes(quantize::Scheme::int8); }
TEST(Stripes, CodesOf16BitsAreTheSameBits) { expect_same_codes(quantize::Scheme::int16); }

}  // namespace
}  // namespace fettle::runtime
