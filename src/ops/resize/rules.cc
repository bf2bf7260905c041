// SPDX-License-Identifier: Apache-2.0
//
// Upsample(x, scales), and Resize before opset 11  ->  Resize, coordinates asymmetric, floor
// RESIZE_BILINEAR, RESIZE_NEAREST_NEIGHBOR (x, size)  ->  Resize along axes 1 and 2
#include "ops/resize/resize.h"

namespace fettle::ops {

namespace {

Status read_old(ir::Graph& graph, ir::Node* node) {
  ir::Value* scales = node->input(1);
  const auto list = node->attrs.get_floats("scales");
  if (scales == nullptr && !list.empty()) {
    scales = graph.add_constant(node->label() + "/scales", Tensor::vector<float>(list));
  }
  if (scales == nullptr) return invalid_input("scales are missing", node->label());
  if (node->attrs.get_string("mode") == "bilinear") node->attrs.set("mode", "linear");
  node->attrs.erase("scales");
  node->attrs.set("coordinate_transformation_mode", "asymmetric");
  node->attrs.set("nearest_mode", "floor");
  graph.set_input(node, 1, nullptr);
  graph.set_input(node, 2, scales);
  node->op = "Resize";
  return {};
}

Status read_upsample(ir::Graph& graph, ir::Node* node, int) { return read_old(graph, node); }
Status read_resize(ir::Graph& graph, ir::Node* node, int opset) {
  if (opset < 11) return read_old(graph, node);
  // An empty constant means that the input is absent.
  for (size_t i = 1; i < node->inputs.size(); ++i) {
    const ir::Value* v = node->inputs[i];
    if (v && v->is_constant() && v->data->elements() == 0) graph.set_input(node, i, nullptr);
  }
  return {};
}

Status read_tflite(ir::Graph& graph, ir::Node* node, const char* mode) {
  if (node->inputs.size() != 2) return invalid_input("two inputs are expected", node->label());
  const bool corners = node->attrs.get_int("align_corners", 0) != 0;
  const bool half = node->attrs.get_int("half_pixel_centers", 0) != 0;
  ir::Value* sizes = node->inputs[1];
  node->attrs = {{"mode", mode},
                 {"axes", std::vector<int64_t>{1, 2}},
                 {"nearest_mode", corners || half ? "round_prefer_ceil" : "floor"},
                 {"coordinate_transformation_mode", corners ? "align_corners"
                                                    : half  ? "half_pixel"
                                                            : "asymmetric"}};
  graph.set_input(node, 1, nullptr);
  graph.set_input(node, 3, sizes);
  node->op = "Resize";
  return {};
}
Status read_bilinear(ir::Graph& g, ir::Node* n) { return read_tflite(g, n, "linear"); }
Status read_nearest(ir::Graph& g, ir::Node* n) { return read_tflite(g, n, "nearest"); }

}  // namespace

constexpr OnnxRule kResizeOnnx[] = {{"Resize", 1, read_resize}, {"Upsample", 1, read_upsample}};

constexpr TfliteRule kResizeTflite[] = {{"RESIZE_BILINEAR", read_bilinear},
                                        {"RESIZE_NEAREST_NEIGHBOR", read_nearest}};

}  // namespace fettle::ops
