// SPDX-License-Identifier: Apache-2.0
//
// What the rules that read ONNX's operators share: numbers of element types, and attributes of
// old opsets that are inputs today.
#pragma once

#include "ops/op.h"

namespace fettle::ops {

// TensorProto.DataType; none: a type that Fettle does not compute with.
DType dtype_of_onnx_code(int64_t code);
int64_t onnx_code_of(DType dtype);

// Attribute `name`, a TensorProto.DataType, becomes the name of our type ("f32"), and back.
// Nothing to do where it is missing.
Status read_dtype_attribute(ir::Node* node, const char* name);
void write_dtype_attribute(ir::Node* node, const char* name);

// OnnxRule.to of an operator that ONNX got after opset 21, which is what Fettle writes.
Status refuse_to_write(ir::Graph& graph, ir::Node* node);

// Gives the node a constant as input `index`, named after the node.
void set_constant_input(ir::Graph& graph, ir::Node* node, size_t index, const char* what,
                        Tensor value);
// Integer list attribute `name` becomes constant input `index`; nothing where it is missing.
void ints_to_input(ir::Graph& graph, ir::Node* node, const char* name, size_t index);
// The reverse, for writing old opsets; false where the input is not constant.
bool input_to_ints(ir::Graph& graph, ir::Node* node, size_t index, const char* name);

// Puts a node behind `node`: it reads a new value that `node` now makes, and makes what was
// output 0 of `node`.
ir::Node* append_node(ir::Graph& graph, ir::Node* node, std::string op, Attributes attrs = {});

}  // namespace fettle::ops
