// SPDX-License-Identifier: Apache-2.0
//
// Rewriting on a worklist: rules are tried at every node until none fires any more. A rule looks
// at one node and what it reads, redirects uses to what replaces it, and says whether it did; it
// never erases. Nodes whose outputs nobody uses any more are skipped and swept at the end.
//
// Algorithm: every node once, in order; after a rule fires, the node's readers and the makers of
// its operands are tried again, and so are nodes that the rule added.
// Invariant: a rule that fires leaves fewer or simpler nodes, so that the list runs dry; the
// number of firings is capped all the same, and reaching the cap is an assertion.
#pragma once

#include <span>
#include <string_view>

#include "ir/graph.h"

namespace fettle::ir {

struct Rule {
  std::string_view name;
  // Operators it starts at; an empty list stands for any.
  std::vector<std::string_view> roots;
  bool (*apply)(Graph& graph, Node* node);
};

// How many times a rule fired.
int rewrite(Graph& graph, std::span<const Rule> rules);

// The node that makes a value if it is of this operator and, for `only_use`, nothing else reads
// the value; nullptr otherwise.
Node* producer(const Value* value, std::string_view op);
Node* only_use_producer(const Graph& graph, const Value* value, std::string_view op);
// The one reader of a node's first output, if there is just one and it is no graph output.
Node* only_reader(const Graph& graph, const Node* node);

}  // namespace fettle::ir
