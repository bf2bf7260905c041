// SPDX-License-Identifier: Apache-2.0
#include "example_plan.h"

#include <algorithm>

#include "lower/lower.h"
#include "passes/bind_shapes.h"

namespace fettle::operators {

Result<std::shared_ptr<const plan::Plan>> plan_of(const Example& example,
                                                  const std::vector<Tensor>& tensors) {
  const auto& fixed = example.call.constants;
  ir::Graph graph;
  std::vector<ir::Value*> operands;
  for (size_t i = 0; i < tensors.size(); ++i) {
    const Tensor& t = tensors[i];
    const bool constant = std::find(fixed.begin(), fixed.end(), static_cast<int>(i)) != fixed.end();
    const std::string name = std::to_string(i);
    if (t.dtype() == DType::none) {
      operands.push_back(nullptr);
    } else if (constant) {
      operands.push_back(graph.add_constant(name, t));
    } else {
      operands.push_back(
          graph.add_input(name, t.dtype(), {t.dims().begin(), t.dims().end()}, t.shared_quant()));
    }
  }
  const size_t outputs = output_count(*example.op, example.call);
  ir::Node* node = graph.add_node(std::string(example.op->name), operands,
                                  static_cast<int>(outputs), example.call.attrs);
  for (ir::Value* v : node->outputs) graph.add_output(v);
  FETTLE_TRY(passes::bind_shapes(graph, {}));
  FETTLE_ASSIGN(plan::Plan plan, lower::lower(graph));
  return std::make_shared<const plan::Plan>(std::move(plan));
}

}  // namespace fettle::operators
