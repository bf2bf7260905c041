// SPDX-License-Identifier: Apache-2.0
//
// The graph that every reader produces, every pass rewrites and lowering consumes: values in
// single assignment, nodes in an order that respects their inputs.
//
// A value is made by a node, is an input of the graph, or is a constant (it has `data`). Its type
// is known once bind_shapes() has run; before that a model with dynamic dimensions has none.
//
// Invariants (checked by verify()): every input of a node is an input of the graph, a constant or
// an output of an earlier node; uses and producers agree; names of inputs and outputs are unique;
// every operator is known and its attributes and operand counts fit its schema.
//
// Ownership: the graph owns nodes and values. Pointers stay valid until the object is erased.
#pragma once

#include <list>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/attributes.h"
#include "base/tensor.h"

namespace fettle::ir {

struct Node;
class Graph;

struct Use {
  Node* node;
  int index;  // which input of the node
  friend bool operator==(const Use&, const Use&) = default;
};

// What is known of a value before it is computed.
struct Type {
  DType dtype = DType::none;  // none: not inferred yet
  bool dynamic = false;       // extents depend on data; `dims` is their upper bound
  Dims dims;
  std::shared_ptr<const Quantization> quant;
  // Of integers that extents may follow from (ops/value_bounds.h). No part of equality.
  std::shared_ptr<const Bounds> bounds = nullptr;
  bool known() const { return dtype != DType::none; }
  size_t bytes() const { return static_cast<size_t>(dims.elements()) * size_of(dtype); }
  friend bool operator==(const Type& a, const Type& b);
};

struct Value {
  std::string name;
  Type type;
  std::shared_ptr<const Tensor> data;  // set: a constant
  Node* producer = nullptr;
  int output_index = 0;
  std::vector<Use> uses;

  bool is_constant() const { return data != nullptr; }
  // Type, and data where constant, as operators' functions take it.
  TensorView view() const;
};

struct Node {
  std::string op;
  std::string name;
  Attributes attrs;
  std::vector<Value*> inputs;   // nullptr: an absent optional input
  std::vector<Value*> outputs;  // nullptr: an output nobody wants
  // Bodies of If (then, else) and the like. Gone once the graph is imported.
  std::vector<std::unique_ptr<Graph>> subgraphs;
  std::list<std::unique_ptr<Node>>::iterator position;

  Value* input(size_t i) const { return i < inputs.size() ? inputs[i] : nullptr; }
  Value* output(size_t i) const { return i < outputs.size() ? outputs[i] : nullptr; }
  std::string label() const;  // "Conv 'features.0'", for messages
};

// An input of the graph as its author declared it.
struct DeclaredInput {
  Value* value;
  DType dtype;
  std::vector<int64_t> extents;  // -1: dynamic
  bool has_shape = true;
};

class Graph {
 public:
  Graph() = default;
  Graph(const Graph&) = delete;
  Graph& operator=(const Graph&) = delete;

  std::string name;
  // Free-form facts of the file: labels, normalization, producer ("labels", "mean", ...).
  std::map<std::string, std::string> metadata;

  const std::list<std::unique_ptr<Node>>& nodes() const { return nodes_; }
  const std::list<std::unique_ptr<Value>>& values() const { return values_; }
  const std::vector<DeclaredInput>& inputs() const { return inputs_; }
  const std::vector<Value*>& outputs() const { return outputs_; }

  Value* add_input(std::string name, DType dtype, std::vector<int64_t> extents,
                   std::shared_ptr<const Quantization> quant = nullptr, bool has_shape = true);
  Value* add_constant(std::string name, Tensor data);
  Value* add_value(std::string name);  // that a node will be given as its output
  void add_output(Value* value) { outputs_.push_back(value); }
  // Another declaration of an input's shape, as a caller who knows better gives it.
  void declare_extents(size_t input, std::vector<int64_t> extents) {
    inputs_[input].extents = std::move(extents);
  }
  // Goes before `before`, at the end if null.
  Node* add_node(std::string op, std::vector<Value*> inputs, int outputs, Attributes attrs = {},
                 Node* before = nullptr);
  Node* add_node_with_outputs(std::string op, std::vector<Value*> inputs,
                              std::vector<Value*> outputs, Attributes attrs = {},
                              Node* before = nullptr);

  void set_input(Node* node, size_t index, Value* value);  // grows the list with absent inputs
  // Every use of `from`, outputs of the graph included, becomes a use of `to`; an output of the
  // graph keeps its name.
  void replace_uses(Value* from, Value* to);
  void set_output(size_t index, Value* value);  // output of the graph; takes over the name
  void erase(Node* node);                       // its outputs must be unused
  // Nodes without used outputs, constants without uses. Returns how many went.
  int erase_dead();
  bool is_output(const Value* value) const;
  // An input whose value was given when the session was made becomes a constant.
  void bind_input(Value* input, Tensor data);
  // Orders nodes so that each follows the makers of its inputs. An error on a cycle.
  Status sort();
  std::unique_ptr<Graph> clone() const;

 private:
  std::list<std::unique_ptr<Node>> nodes_;
  std::list<std::unique_ptr<Value>> values_;
  std::vector<DeclaredInput> inputs_;
  std::vector<Value*> outputs_;
};

}  // namespace fettle::ir
