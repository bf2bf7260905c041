// SPDX-License-Identifier: Apache-2.0
//
// Any model file that the readers know, told apart by its content.
#pragma once

#include <memory>
#include <string>

#include "ir/graph.h"

namespace fettle::compile {

enum class Format { onnx, tflite, package, unknown };

Result<Format> sniff(const std::string& path);
// ONNX or TFLite. A package holds a plan and no graph: it is refused here.
Result<std::unique_ptr<ir::Graph>> read_model(const std::string& path);

}  // namespace fettle::compile
