// SPDX-License-Identifier: Apache-2.0
//
// Binds a graph to the inputs of one run. Shapes alone are tried first, so that the graph stays
// good for other values. Where a shape depends on what an input holds (a Reshape's target, a
// Resize's sizes), the inputs that can say so are bound by value: small integers and booleans
// first, then small floats (scales) too.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "ir/graph.h"

namespace fettle::passes {

// A bound copy of `graph`. Inputs that were bound by value are constants in it, no longer among
// its inputs. Every input needs an entry in `inputs`, of its element type.
Result<std::unique_ptr<ir::Graph>> bind_inputs(const ir::Graph& graph,
                                               const std::map<std::string, Tensor>& inputs);

}  // namespace fettle::passes
