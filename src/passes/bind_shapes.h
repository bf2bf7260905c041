// SPDX-License-Identifier: Apache-2.0
//
// Fixes the shapes of a graph's inputs, then walks it once: infers every type, and evaluates what
// is constant on the way, because exporters compute shapes with operators (Shape -> Gather ->
// Concat -> Reshape) and only folding tells what they come to.
//
//   before: input x [-1,3,-1,-1];  Reshape(h, Concat(Gather(Shape(x), 0), [-1]))
//   after:  input x [1,3,224,224]; Reshape(h, [1,-1]), every value typed
#pragma once

#include <map>
#include <string>
#include <vector>

#include "ir/graph.h"

namespace fettle::passes {

struct Bindings {
  // Extents of inputs by name. An input that is not named takes its declared shape, with 1 for
  // each dynamic extent.
  std::map<std::string, std::vector<int64_t>> shapes;
  // Values of inputs that shapes depend on: these inputs become constants.
  std::map<std::string, Tensor> values;
  // Values at hand for small integer inputs, bound only where a shape turns out to need them.
  std::map<std::string, Tensor> offered_values;
  // A constant that would be larger than this is left to be computed at run time, unless a shape
  // depends on it.
  size_t fold_limit_bytes = size_t{64} << 20;
};

// Afterwards every value has a type. An error names the node; the graph is then not to be used.
Status bind_shapes(ir::Graph& graph, const Bindings& bindings);

// The same for a graph whose shapes may depend on the values of inputs: first without
// offered_values, and where that is refused, with every small integer one bound. The result is
// bound; the graph given is used up.
Result<std::unique_ptr<ir::Graph>> bind_shapes_or_values(std::unique_ptr<ir::Graph> graph,
                                                         const Bindings& bindings);

// The forward walk alone, after a pass has changed types. Inputs have theirs already.
Status infer_types(ir::Graph& graph, size_t fold_limit_bytes = 0);

}  // namespace fettle::passes
