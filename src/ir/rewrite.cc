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
  Node* pop() {
    if (queue_.empty()) return nullptr;
    Node* node = queue_.front();
    queue_.pop_front();
    queued_.erase(node);
    return node;
  }
  void push_neighbours(const Node* node) {
    for (const Value* v : node->inputs) {
      if (v == nullptr) continue;
      push(v->producer);
      for (const Use& u : v->uses) push(u.node);
    }
    for (const Value* v : node->outputs) {
      if (v == nullptr) continue;
      for (const Use& u : v->uses) push(u.node);
    }
  }

 private:
  std::deque<Node*> queue_;
  std::unordered_set<Node*> queued_;
};

bool starts_at(const Rule& rule, const Node* node) {
  return rule.roots.size() == 0 ||
         std::find(rule.roots.begin(), rule.roots.end(), node->op) != rule.roots.end();
}

}  // namespace

int rewrite(Graph& graph, std::span<const Rule> rules) {
  Worklist work;
  for (const auto& n : graph.nodes()) work.push(n.get());
  const size_t cap = 100 * (graph.nodes().size() + 100);
  size_t fired = 0;
  while (Node* node = work.pop()) {
    for (const Rule& rule : rules) {
      if (!starts_at(rule, node) || !is_used(graph, node)) continue;
      std::vector<Value*> outputs = node->outputs;
      std::vector<std::vector<Use>> readers;
      for (const Value* o : outputs) readers.push_back(o ? o->uses : std::vector<Use>());
      if (!rule.apply(graph, node)) continue;
      ++fired;
      assert(fired < cap && "rules undo each other");
      if (fired >= cap) break;
      work.push(node);
      work.push_neighbours(node);
      for (const auto& uses : readers) {  // who read it before: now reads the replacement
        for (const Use& u : uses) {
          work.push(u.node);
          for (const Value* v : u.node->inputs) {
            if (v != nullptr && v->producer != nullptr) {
              work.push(v->producer);
              work.push_neighbours(v->producer);
            }
          }
        }
      }
      break;
    }
    if (fired >= cap) break;
  }
  graph.erase_dead();
  return static_cast<int>(fired);
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
