// SPDX-License-Identifier: Apache-2.0
//
//   Add(Conv(x, w, b), r)  ->  Conv(x, w, b, r)
//
// where the convolution has no activation of its own, nothing else reads it, and r has its shape.
// The convolution moves down to where r is known.
#include "ir/rewrite.h"
#include "ops/build.h"
#include "passes/passes.h"

namespace fettle::passes {

namespace {

bool join(ir::Graph& graph, ir::Node* node) {
  if (node->inputs.size() != 2 || !node->input(0) || !node->input(1)) return false;
  for (size_t i : {size_t{1}, size_t{0}}) {
    ir::Node* conv = ir::only_use_producer(graph, node->input(i), "Conv");
    ir::Value* other = node->input(1 - i);
    if (conv == nullptr || conv->input(3) != nullptr || other->is_constant()) continue;
    if (conv->attrs.get_string("activation", "none") != "none") continue;
    if (!(other->type == conv->output(0)->type) || other->type.quant || other->type.dynamic) {
      continue;
    }
    Attributes attrs = conv->attrs;
    for (const char* name : {"activation", "activation_params"}) {
      if (const Attribute* a = node->attrs.find(name)) attrs.set(name, *a);
    }
    ir::Value* y = ops::build(graph, node, "Conv",
                              {conv->input(0), conv->input(1), conv->input(2), other}, attrs);
    y->producer->name = conv->name;
    graph.replace_uses(node->output(0), y);
    return true;
  }
  return false;
}

const ir::Rule kRules[] = {{"join", {"Add"}, join}};

}  // namespace

Result<int> fuse_residual(ir::Graph& graph) { return ir::rewrite(graph, kRules); }

}  // namespace fettle::passes
