// SPDX-License-Identifier: Apache-2.0
//
// Turns the one subgraph of a verified file into a graph: tensors become values as they are met,
// operators become nodes in the file's order, which has to be an order of execution.
#pragma once

#include <string>
#include <unordered_set>
#include <vector>

#include "formats/tflite/tensors.h"
#include "ir/graph.h"
#include "ops/op.h"

namespace fettle::formats::tflite {

class SubgraphReader {
 public:
  SubgraphReader(const schema::Model& model, const schema::SubGraph& subgraph,
                 const FileBytes& file, ir::Graph* graph)
      : model_(model), subgraph_(subgraph), file_(file), graph_(*graph) {}
  Status read();

 private:
  // A tensor of the file, and the value that it is once something has made it.
  struct Slot {
    const schema::Tensor* tensor = nullptr;
    std::string name;
    TensorType type;
    ir::Value* value = nullptr;
  };

  Status read_tensors();
  Status read_inputs();
  Status read_operator(const schema::Operator& op, size_t index);
  Status read_outputs();
  Result<Slot*> slot(int32_t index, const char* what);
  // The value of an input operand, made now if it is a constant.
  Result<ir::Value*> operand(Slot& slot);
  Result<std::string> operator_name(const schema::Operator& op) const;
  Status count_copied(size_t bytes);
  Status dequantize_weights(const ops::TfliteRule& rule, ir::Node* node);
  void give_input_range(const std::vector<ir::Value*>& inputs, std::vector<ir::Value*>* outputs);

  const schema::Model& model_;
  const schema::SubGraph& subgraph_;
  const FileBytes& file_;
  ir::Graph& graph_;
  std::vector<Slot> slots_;
  std::unordered_set<std::string> names_;
  size_t copied_bytes_ = 0;
};

}  // namespace fettle::formats::tflite
