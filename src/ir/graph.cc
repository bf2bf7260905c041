// SPDX-License-Identifier: Apache-2.0
#include "ir/graph.h"

#include <algorithm>
#include <unordered_map>
#include <unordered_set>

namespace fettle::ir {

bool operator==(const Type& a, const Type& b) {
  const bool same_quant = a.quant == b.quant || (a.quant && b.quant && *a.quant == *b.quant);
  return a.dtype == b.dtype && a.dynamic == b.dynamic && a.dims == b.dims && same_quant;
}

TensorView Value::view() const {
  return {type.dtype,       type.dynamic,
          type.dims,        data ? const_cast<void*>(data->raw()) : nullptr,
          type.quant.get(), data ? nullptr : type.bounds.get()};
}

std::string Node::label() const {
  std::string shown = name;
  if (shown.empty() && !outputs.empty() && outputs[0] != nullptr) shown = outputs[0]->name;
  return op + " '" + shown + "'";
}

Value* Graph::add_value(std::string name) {
  values_.push_back(std::make_unique<Value>());
  values_.back()->name = std::move(name);
  return values_.back().get();
}

Value* Graph::add_input(std::string name, DType dtype, std::vector<int64_t> extents,
                        std::shared_ptr<const Quantization> quant, bool has_shape) {
  Value* v = add_value(std::move(name));
  v->type.quant = std::move(quant);
  inputs_.push_back({v, dtype, std::move(extents), has_shape});
  return v;
}

Value* Graph::add_constant(std::string name, Tensor data) {
  Value* v = add_value(std::move(name));
  v->type = {data.dtype(), false, data.dims(), data.shared_quant()};
  v->data = std::make_shared<const Tensor>(std::move(data));
  return v;
}

Node* Graph::add_node(std::string op, std::vector<Value*> inputs, int outputs, Attributes attrs,
                      Node* before) {
  std::vector<Value*> made;
  for (int i = 0; i < outputs; ++i) made.push_back(add_value(""));
  return add_node_with_outputs(std::move(op), std::move(inputs), std::move(made), std::move(attrs),
                               before);
}

Node* Graph::add_node_with_outputs(std::string op, std::vector<Value*> inputs,
                                   std::vector<Value*> outputs, Attributes attrs, Node* before) {
  auto node = std::make_unique<Node>();
  node->op = std::move(op);
  node->attrs = std::move(attrs);
  Node* n = node.get();
  n->position = nodes_.insert(before ? before->position : nodes_.end(), std::move(node));
  for (size_t i = 0; i < inputs.size(); ++i) {
    n->inputs.push_back(inputs[i]);
    if (inputs[i]) inputs[i]->uses.push_back({n, static_cast<int>(i)});
  }
  for (size_t i = 0; i < outputs.size(); ++i) {
    n->outputs.push_back(outputs[i]);
    if (outputs[i] == nullptr) continue;
    outputs[i]->producer = n;
    outputs[i]->output_index = static_cast<int>(i);
  }
  return n;
}

void Graph::set_input(Node* node, size_t index, Value* value) {
  while (node->inputs.size() <= index) node->inputs.push_back(nullptr);
  Value*& slot = node->inputs[index];
  const Use use{node, static_cast<int>(index)};
  if (slot) std::erase(slot->uses, use);
  slot = value;
  if (value) value->uses.push_back(use);
}

void Graph::replace_uses(Value* from, Value* to) {
  assert(from != to);
  const std::vector<Use> uses = from->uses;
  for (const Use& u : uses) set_input(u.node, static_cast<size_t>(u.index), to);
  for (size_t i = 0; i < outputs_.size(); ++i) {
    if (outputs_[i] == from) set_output(i, to);
  }
}

void Graph::set_output(size_t index, Value* value) {
  Value* old = outputs_[index];
  outputs_[index] = value;
  // Inputs of the graph and other outputs keep their own names.
  const bool named = is_output(value) && std::count(outputs_.begin(), outputs_.end(), value) > 1;
  const bool input = std::any_of(inputs_.begin(), inputs_.end(),
                                 [&](const DeclaredInput& i) { return i.value == value; });
  if (!named && !input) std::swap(old->name, value->name);
}

void Graph::erase(Node* node) {
  for (size_t i = 0; i < node->inputs.size(); ++i) set_input(node, i, nullptr);
  for (Value* o : node->outputs) {
    if (o == nullptr) continue;
    assert(o->uses.empty() && !is_output(o));
    o->producer = nullptr;  // swept by erase_dead
  }
  nodes_.erase(node->position);
}

int Graph::erase_dead() {
  int erased = 0;
  for (auto it = nodes_.end(); it != nodes_.begin();) {
    Node* n = std::prev(it)->get();
    const bool used = std::any_of(n->outputs.begin(), n->outputs.end(), [&](Value* o) {
      return o != nullptr && (!o->uses.empty() || is_output(o));
    });
    if (used) {
      --it;
      continue;
    }
    erase(n);
    ++erased;
  }
  std::unordered_set<const Value*> kept(outputs_.begin(), outputs_.end());
  for (const DeclaredInput& i : inputs_) kept.insert(i.value);
  erased += static_cast<int>(values_.remove_if([&](const auto& v) {
    return v->producer == nullptr && v->uses.empty() && !kept.contains(v.get());
  }));
  return erased;
}

bool Graph::is_output(const Value* value) const {
  return std::find(outputs_.begin(), outputs_.end(), value) != outputs_.end();
}

void Graph::bind_input(Value* input, Tensor data) {
  input->type = {data.dtype(), false, data.dims(), data.shared_quant()};
  input->data = std::make_shared<const Tensor>(std::move(data));
  std::erase_if(inputs_, [&](const DeclaredInput& i) { return i.value == input; });
}

Status Graph::sort() {
  std::unordered_map<Node*, int> waiting;  // inputs not made yet
  std::vector<Node*> ready;
  for (const auto& n : nodes_) {
    int count = 0;
    for (Value* v : n->inputs) count += v != nullptr && v->producer != nullptr;
    waiting[n.get()] = count;
    if (count == 0) ready.push_back(n.get());
  }
  std::list<std::unique_ptr<Node>> sorted;
  for (size_t i = 0; i < ready.size(); ++i) {
    Node* n = ready[i];
    sorted.splice(sorted.end(), nodes_, n->position);
    for (Value* o : n->outputs) {
      if (o == nullptr) continue;
      for (const Use& u : o->uses) {
        if (--waiting[u.node] == 0) ready.push_back(u.node);
      }
    }
  }
  const bool cycle = !nodes_.empty();
  const std::string stuck = cycle ? nodes_.front()->label() : "";
  sorted.splice(sorted.end(), nodes_);
  nodes_ = std::move(sorted);
  if (cycle) return invalid_input("the graph has a cycle through this node", stuck);
  return {};
}

std::unique_ptr<Graph> Graph::clone() const {
  auto copy = std::make_unique<Graph>();
  copy->name = name;
  copy->metadata = metadata;
  std::unordered_map<const Value*, Value*> map{{nullptr, nullptr}};
  for (const auto& v : values_) {
    Value* c = copy->add_value(v->name);
    c->type = v->type;
    c->data = v->data;
    map[v.get()] = c;
  }
  for (const auto& n : nodes_) {
    std::vector<Value*> in, out;
    for (Value* v : n->inputs) in.push_back(map.at(v));
    for (Value* v : n->outputs) out.push_back(map.at(v));
    Node* c = copy->add_node_with_outputs(n->op, std::move(in), std::move(out), n->attrs);
    c->name = n->name;
    for (const auto& g : n->subgraphs) c->subgraphs.push_back(g->clone());
  }
  for (const DeclaredInput& i : inputs_) {
    copy->inputs_.push_back({map.at(i.value), i.dtype, i.extents, i.has_shape});
  }
  for (const Value* o : outputs_) copy->outputs_.push_back(map.at(o));
  return copy;
}

}  // namespace fettle::ir
