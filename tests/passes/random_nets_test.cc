// SPDX-License-Identifier: Apache-2.0
//
// Random small networks of the blocks that real ones are made of: after the pipeline they compute
// what they computed before it, through the reference operators and through the fast kernels.
#include <gtest/gtest.h>

#include <random>

#include "ir/text.h"
#include "passes/bind_shapes.h"
#include "passes/pipeline.h"
#include "run_graph.h"

namespace fettle::passes {
namespace {

class RandomNet {
  using I = std::vector<int64_t>;

 public:
  explicit RandomNet(uint32_t seed) : random_(seed) {}

  std::unique_ptr<ir::Graph> make() {
    const int64_t channels = 1 + below(6), side = 5 + below(6);
    Stage x{graph_->add_input("x", DType::f32, {1, channels, side, side + below(3)}), channels};
    const int64_t blocks = 2 + below(6);
    for (int64_t i = 0; i < blocks; ++i) x = block(x);
    if (below(4) == 0) graph_->add_output(node("Neg", {x.value}));  // a second reader
    if (below(2) == 0) {
      x.value = node("GlobalAveragePool", {x.value});
      x.value = node("Flatten", {x.value});
      x.value = node("Gemm", {x.value, constant({3, x.channels}), constant({3})},
                     {{"transB", int64_t{1}}});
    }
    graph_->add_output(x.value);
    return std::move(graph_);
  }

 private:
  struct Stage {
    ir::Value* value;
    int64_t channels;
  };

  int64_t below(int64_t n) { return static_cast<int64_t>(random_() % static_cast<uint64_t>(n)); }

  ir::Value* node(const char* op, std::vector<ir::Value*> in, Attributes attrs = {}) {
    ir::Node* n = graph_->add_node(op, std::move(in), 1, std::move(attrs));
    n->outputs[0]->name = "v" + std::to_string(next_++);
    return n->outputs[0];
  }

  ir::Value* constant(const Dims& dims, float lo = -1, float hi = 1) {
    Tensor t(DType::f32, dims);
    for (float& v : t.mutable_data<float>()) {
      v = std::uniform_real_distribution<float>(lo, hi)(random_);
    }
    return graph_->add_constant("c" + std::to_string(next_++), std::move(t));
  }
  ir::Value* number(float v) {
    return graph_->add_constant("n" + std::to_string(next_++), Tensor::scalar(v));
  }
  ir::Value* index(int64_t v) {
    return graph_->add_constant("i" + std::to_string(next_++), Tensor::scalar(v));
  }
  ir::Value* numbers(std::vector<int64_t> v) {
    return graph_->add_constant("i" + std::to_string(next_++),
                                Tensor::vector<int64_t>(std::span<const int64_t>(v)));
  }

  // Keeps height and width.
  ir::Value* conv(ir::Value* x, int64_t in, int64_t out, int64_t group) {
    const int64_t k = below(2) == 0 ? 1 : 3;
    Attributes attrs{{"group", group}, {"kernel_shape", std::vector<int64_t>{k, k}}};
    if (k == 3 && below(3) == 0) {
      x = node("Pad", {x, numbers({0, 0, 1, 1, 0, 0, 1, 1}), number(0)});
    } else if (k == 3) {
      attrs.set("pads", std::vector<int64_t>{1, 1, 1, 1});
    }
    std::vector<ir::Value*> operands = {x, constant({out, in / group, k, k})};
    if (below(2) == 0) operands.push_back(constant({out}));
    return node("Conv", std::move(operands), std::move(attrs));
  }

  ir::Value* batch_norm(ir::Value* x, int64_t c) {
    return node("BatchNormalization", {x, constant({c}, 0.5f, 1.5f), constant({c}), constant({c}),
                                       constant({c}, 0.5f, 2)});
  }

  ir::Value* activation(ir::Value* x) {
    switch (below(8)) {
      case 0:
        return node("Relu", {x});
      case 1:
        return node("Clip", {x, number(0), number(6)});
      case 2:
        return node("Mul", {x, node("Sigmoid", {x})});
      case 3: {
        ir::Value* gate = node("Clip", {node("Add", {x, number(3)}), number(0), number(6)});
        return node("Div", {node("Mul", {x, gate}), number(6)});
      }
      case 4:
        return node("LeakyRelu", {x}, {{"alpha", 0.1f}});
      case 5:
        return node("Tanh", {x});
      case 6:
        return node("Mul", {x, node("HardSigmoid", {x}, {{"alpha", 1.0f / 6}, {"beta", 0.5f}})});
      default:
        return x;
    }
  }

  ir::Value* squeeze_excite(ir::Value* x, int64_t c) {
    ir::Value* s = below(2) == 0
                       ? node("GlobalAveragePool", {x})
                       : node("ReduceMean", {x, numbers({2, 3})}, {{"keepdims", int64_t{1}}});
    s = node("Relu", {node("Conv", {s, constant({2, c, 1, 1}), constant({2})})});
    s = node("Conv", {s, constant({c, 2, 1, 1})});
    s = below(2) == 0 ? node("Sigmoid", {s}) : node("HardSigmoid", {s});
    return node("Mul", {x, s});
  }

  // Reshape to groups and back needs the extents: a shape computed as exporters do it would be
  // folded before any pass sees it, so -1 stands for one of them.
  ir::Value* shuffle(ir::Value* x, int64_t c) {
    ir::Value* shape = node("Shape", {x});
    ir::Value* spatial = node("Slice", {shape, numbers({2}), numbers({4})});
    ir::Value* five = node("Concat", {numbers({1, 2, c / 2}), spatial}, {{"axis", int64_t{0}}});
    ir::Value* g = node("Transpose", {node("Reshape", {x, five})},
                        {{"perm", std::vector<int64_t>{0, 2, 1, 3, 4}}});
    return node("Reshape", {g, shape});
  }

  // Every other channel through a branch, the rest past it; pairs of channels as the batch.
  ir::Value* alternate(ir::Value* x, int64_t c) {
    ir::Value* shape = node("Shape", {x});
    ir::Value* spatial = node("Slice", {shape, numbers({2}), numbers({4})});
    ir::Value* pairs = node("Reshape", {x, numbers({c / 2, 2, -1})});
    ir::Value* halves = node("Concat", {numbers({2, -1, c / 2}), spatial}, {{"axis", int64_t{0}}});
    ir::Value* split =
        node("Reshape", {node("Transpose", {pairs}, {{"perm", I{1, 0, 2}}}), halves});
    ir::Value* first = node("Gather", {split, index(0)}, {{"axis", int64_t{0}}});
    ir::Value* second = node("Gather", {split, index(below(2) - 1)}, {{"axis", int64_t{0}}});
    return node("Concat", {first, activation(conv(second, c / 2, c / 2, 1))},
                {{"axis", int64_t{1}}});
  }

  Stage block(Stage x) {
    const int64_t c = x.channels;
    switch (below(9)) {
      case 0: {  // convolution, norm, activation
        const int64_t out = 1 + below(8);
        return {activation(batch_norm(conv(x.value, c, out, 1), out)), out};
      }
      case 1:  // depthwise
        return {activation(conv(x.value, c, c, c)), c};
      case 2: {  // residual
        ir::Value* branch = conv(activation(conv(x.value, c, c, 1)), c, c, 1);
        if (below(2) == 0) branch = batch_norm(branch, c);
        ir::Value* sum =
            below(2) == 0 ? node("Add", {x.value, branch}) : node("Add", {branch, x.value});
        return {activation(sum), c};
      }
      case 3: {  // branches joined
        const int64_t out = 1 + below(4);
        ir::Value* a = activation(conv(x.value, c, out, 1));
        return {node("Concat", {a, below(2) == 0 ? x.value : activation(x.value)},
                     {{"axis", below(2) == 0 ? int64_t{1} : int64_t{-3}}}),
                c + out};
      }
      case 4: {  // pooled, still of some size
        Attributes attrs{{"kernel_shape", std::vector<int64_t>{3, 3}},
                         {"pads", std::vector<int64_t>{1, 1, 1, 1}},
                         {"strides", std::vector<int64_t>{1 + below(2), 1 + below(2)}}};
        if (below(2) == 0) return {node("MaxPool", {x.value}, attrs), c};
        attrs.set("count_include_pad", below(2));
        return {node("AveragePool", {x.value}, attrs), c};
      }
      case 5:
        return {c % 2 == 0 ? shuffle(x.value, c) : x.value, c};
      case 6:
        return {squeeze_excite(x.value, c), c};
      case 7:
        return {c % 2 == 0 ? alternate(x.value, c) : x.value, c};
      default: {  // a scale and a shift by themselves
        ir::Value* y = node("Mul", {x.value, constant({c, 1, 1}, 0.5f, 1.5f)});
        return {node("Add", {y, below(2) == 0 ? constant({1, c, 1, 1}) : number(0.5f)}), c};
      }
    }
  }

  std::mt19937 random_;
  std::unique_ptr<ir::Graph> graph_ = std::make_unique<ir::Graph>();
  int next_ = 0;
};

TEST(RandomNets, ComputeTheSameAfterThePasses) {
  double worst = 0;
  int changes = 0;
  for (uint32_t seed = 1; seed <= 150; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    auto graph = RandomNet(seed).make();
    const Status bound = bind_shapes(*graph, {});
    ASSERT_TRUE(bound.ok()) << bound.to_string();
    const std::string before = ir::print(*graph);
    const auto expected = run_graph(*graph, seed);
    ASSERT_TRUE(expected.ok()) << expected.status().to_string();
    const auto reports = run_pipeline(*graph);
    ASSERT_TRUE(reports.ok()) << reports.status().to_string() << "\n" << before;
    for (const PassReport& r : *reports) changes += r.changes;
    for (bool portable : {true, false}) {
      const auto got = run_graph(*graph, seed, portable);
      ASSERT_TRUE(got.ok()) << got.status().to_string();
      const double off = relative_difference(*got, *expected);
      ASSERT_LE(off, 1e-5) << (portable ? "reference" : "kernels") << "\nbefore " << before
                           << "\nafter " << ir::print(*graph);
      worst = std::max(worst, off);
    }
    const auto again = run_pipeline(*graph);
    ASSERT_TRUE(again.ok());
    for (const PassReport& r : *again) EXPECT_EQ(r.changes, 0) << r.name << " a second time";
  }
  std::printf("150 networks, %d rewrites, largest difference %.2g of the largest output\n", changes,
              worst);
  EXPECT_GT(changes, 1000);
}

}  // namespace
}  // namespace fettle::passes
