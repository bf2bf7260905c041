// SPDX-License-Identifier: Apache-2.0
#include "ir/rewrite.h"

#include <algorithm>
#include <deque>
#include <unordered_set>

namespace fettle::ir {

namespace {

bool is_used(const Graph& graph, const Node* node) {
  return std::any_of(node->outputs.begin(), node->outputs.end(), [&](const Value* o) {
    return o != nullptr && (!o->uses.empty() || graph.is_output(o));
  });
}

class Worklist {
 public:
  void push(Node* node) {
    if (node != nullptr && queued_.insert(node).second) queue_.push_back(node);
  }
  void forget(Node* node) { queued_.erase(node); }
  Node* pop() {
    while (!queue_.empty()) {
      Node* node = queue_.front();
      queue_.pop_front();
      if (queued_.erase(node) > 0) return node;
    }
    return nullptr;
  }

 private:
  std::deque<Node*> queue_;
  std::unordered_set<Node*> queued_;  // what is in the queue and not forgotten
};

using NodeSet = std::unordered_set<Node*>;

void add_neighbours(const Node* node, NodeSet* set) {
  for (const Value* v : node->inputs) {
    if (v == nullptr) continue;
    if (v->producer != nullptr) set->insert(v->producer);
    for (const Use& u : v->uses) set->insert(u.node);
  }
  for (const Value* v : node->outputs) {
    if (v == nullptr) continue;
    for (const Use& u : v->uses) set->insert(u.node);
  }
}

// Erases a node that nobody reads, and then what it alone had read.
void sweep(Graph& graph, Node* node, Worklist* work, NodeSet* set) {
  std::vector<Node*> stack{node};
  while (!stack.empty()) {
    Node* n = stack.back();
    stack.pop_back();
    if (is_used(graph, n)) continue;
    NodeSet makers;
    for (const Value* v : n->inputs) {
      if (v != nullptr && v->producer != nullptr) makers.insert(v->producer);
    }
    work->forget(n);
    set->erase(n);
    graph.erase(n);
    stack.insert(stack.end(), makers.begin(), makers.end());
  }
}

bool starts_at(const Rule& rule, const Node* node) {
  return rule.roots.size() == 0 ||
         std::find(rule.roots.begin(), rule.roots.end(), node->op) != rule.roots.end();
}

// Tries the rules at a node; whether one fired.
bool apply_one(Graph& graph, std::span<const Rule> rules, Node* node, Worklist* work) {
  for (const Rule& rule : rules) {
    if (!starts_at(rule, node)) continue;
    NodeSet touched{node};
    add_neighbours(node, &touched);
    if (!rule.apply(graph, node)) continue;
    for (Node* n : NodeSet(touched)) add_neighbours(n, &touched);
    sweep(graph, node, work, &touched);
    // In the order of the graph, so that a run is repeatable.
    for (const auto& n : graph.nodes()) {
      if (touched.contains(n.get())) work->push(n.get());
    }
    return true;
  }
  return false;
}

}  // namespace

int rewrite(Graph& graph, std::span<const Rule> rules) {
  graph.erase_dead();
  Worklist work;
  for (const auto& n : graph.nodes()) work.push(n.get());
  const int cap = 100 * (static_cast<int>(graph.nodes().size()) + 100);
  int fired = 0;
  while (Node* node = work.pop()) {
    fired += apply_one(graph, rules, node, &work);
    assert(fired < cap && "rules undo each other");
    if (fired >= cap) break;
  }
  graph.erase_dead();
  return fired;
}

Node* producer(const Value* value, std::string_view op) {
  if (value == nullptr || value->producer == nullptr || value->is_constant()) return nullptr;
  return value->producer->op == op ? value->producer : nullptr;
}

Node* only_use_producer(const Graph& graph, const Value* value, std::string_view op) {
  Node* node = producer(value, op);
  if (node == nullptr || value->uses.size() != 1 || graph.is_output(value)) return nullptr;
  return node;
}

Node* only_reader(const Graph& graph, const Node* node) {
  const Value* v = node->output(0);
  if (v == nullptr || v->uses.size() != 1 || graph.is_output(v)) return nullptr;
  return v->uses[0].node;
}

}  // namespace fettle::ir
