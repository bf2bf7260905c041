// SPDX-License-Identifier: Apache-2.0
//
// Replaces a node by several: for operators whose meaning is a composition of others. New nodes
// go in front of the replaced one.
#pragma once

#include "ops/op.h"

namespace fettle::ops {

class Rewrite {
 public:
  Rewrite(ir::Graph& graph, ir::Node* node) : graph_(graph), node_(node) {}

  const Attributes& attrs() const { return node_->attrs; }
  bool has(size_t i) const { return node_->input(i) != nullptr; }
  ir::Value* in(size_t i) const { return node_->input(i); }
  // A node with one output, which is returned.
  ir::Value* add(std::string op, std::vector<ir::Value*> inputs, Attributes attrs = {}) {
    return graph_.add_node(std::move(op), std::move(inputs), 1, std::move(attrs), node_)
        ->outputs[0];
  }
  std::vector<ir::Value*> add_many(std::string op, std::vector<ir::Value*> inputs, int outputs,
                                   Attributes attrs = {}) {
    return graph_.add_node(std::move(op), std::move(inputs), outputs, std::move(attrs), node_)
        ->outputs;
  }
  ir::Value* constant(Tensor data) { return graph_.add_constant(name("const"), std::move(data)); }
  ir::Value* ints(std::vector<int64_t> values) {
    return constant(Tensor::vector<int64_t>(std::span<const int64_t>(values)));
  }
  // A float that takes the type of `like`, which is not known until shapes are bound.
  ir::Value* number(float value, ir::Value* like) {
    return add("CastLike", {constant(Tensor::scalar(value)), like});
  }
  // The node goes; `values` stand for its outputs (nullptr: nobody wants that one).
  Status finish(std::vector<ir::Value*> values) {
    for (size_t i = 0; i < node_->outputs.size(); ++i) {
      ir::Value* old = node_->outputs[i];
      if (old == nullptr) continue;
      if (i < values.size() && values[i] != nullptr) {
        graph_.replace_uses(old, values[i]);
      } else if (!old->uses.empty() || graph_.is_output(old)) {
        return unsupported("output " + std::to_string(i) + " is not provided", node_->label());
      }
    }
    graph_.erase(node_);
    return {};
  }

 private:
  std::string name(const char* what) const { return node_->label() + "/" + what; }

  ir::Graph& graph_;
  ir::Node* node_;
};

}  // namespace fettle::ops
