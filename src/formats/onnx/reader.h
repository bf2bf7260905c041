// SPDX-License-Identifier: Apache-2.0
//
// Reads an ONNX model, IR 3 to 13, any opset, into a graph of Fettle's operators. Each node is
// made as it stands in the file and then rewritten by its operator's own ONNX rule, so operators
// of every age arrive in one form. Model-local functions are expanded, constants in all their
// forms become constant values, and the bodies of If, Loop and Scan become subgraphs whose outer
// values are extra inputs of the node.
//
// A file is hostile until read: sizes, offsets, names, nesting and cycles are checked, and an
// error names the node or tensor. What Fettle does not know is refused by operator, domain and
// opset, or by element type.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "ir/graph.h"

namespace fettle::formats {

Result<std::unique_ptr<ir::Graph>> read_onnx(const std::string& path);
// External data is looked for in `folder`; refused where that is empty.
Result<std::unique_ptr<ir::Graph>> read_onnx(std::string_view bytes, const std::string& folder);

}  // namespace fettle::formats
