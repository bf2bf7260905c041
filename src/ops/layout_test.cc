// SPDX-License-Identifier: Apache-2.0
//
// Layout nhwc means what nchw means (which ONNX's conformance cases pin down), and TFLite's rules
// read its layouts, pads and options as TFLite does: expected numbers from its own tests.
#include <gtest/gtest.h>

#include <cmath>

#include "ops/cases.h"
#include "ops/evaluate.h"

namespace fettle::ops {
namespace {

using Ints = std::vector<int64_t>;

Tensor ramp(const Dims& dims) {
  Tensor t(DType::f32, dims);
  for (int64_t i = 0; i < t.elements(); ++i) {
    t.mutable_data<float>()[static_cast<size_t>(i)] = static_cast<float>((i * 37 + 11) % 23) / 4;
  }
  return t;
}

// Axis 1 moved to the end, or back.
Tensor moved(const Tensor& t, bool to_last) {
  const Dims& d = t.dims();
  const int last = d.rank() - 1;
  const int64_t outer = d[0], channels = d[to_last ? 1 : last];
  const int64_t image = outer * channels == 0 ? 0 : t.elements() / (outer * channels);
  Dims dims{outer};
  if (!to_last) dims.push_back(channels);
  for (int i = to_last ? 2 : 1; i <= (to_last ? last : last - 1); ++i) dims.push_back(d[i]);
  if (to_last) dims.push_back(channels);
  Tensor out(DType::f32, dims);
  for (int64_t n = 0; n < outer; ++n) {
    for (int64_t c = 0; c < channels; ++c) {
      for (int64_t i = 0; i < image; ++i) {
        const auto nchw = static_cast<size_t>((n * channels + c) * image + i);
        const auto nhwc = static_cast<size_t>((n * image + i) * channels + c);
        out.mutable_data<float>()[to_last ? nhwc : nchw] = t.data<float>()[to_last ? nchw : nhwc];
      }
    }
  }
  return out;
}

Tensor run(std::string_view name, const Attributes& attrs, const std::vector<Tensor>& in) {
  std::vector<TensorView> views;
  for (const Tensor& t : in) views.push_back(t.view());
  auto out = evaluate(*find(name), attrs, views, 1);
  EXPECT_TRUE(out.ok()) << out.status().to_string();
  return out.ok() ? (*out)[0] : Tensor(DType::f32, {0});
}

void expect_near(const Tensor& got, const Tensor& want) {
  ASSERT_TRUE(got.dims() == want.dims()) << got.dims().to_string() << want.dims().to_string();
  for (size_t i = 0; i < got.data<float>().size(); ++i) {
    ASSERT_NEAR(got.data<float>()[i], want.data<float>()[i], 1e-4) << i;
  }
}

// `turned`: which operands have channels to move.
void expect_same(std::string_view op, Attributes attrs, const std::vector<Dims>& shapes,
                 std::vector<bool> turned) {
  SCOPED_TRACE(op);
  std::vector<Tensor> in, last;
  for (size_t i = 0; i < shapes.size(); ++i) {
    in.push_back(ramp(shapes[i]));
    last.push_back(turned[i] ? moved(in[i], true) : in[i]);
  }
  const Tensor want = run(op, attrs, in);
  attrs.set("layout", "nhwc");
  expect_near(moved(run(op, attrs, last), false), want);
}

TEST(Layout, ChannelsLastMeansTheSame) {
  expect_same("Conv", {{"pads", Ints{1, 0, 1, 2}}, {"strides", Ints{2, 1}}},
              {{2, 3, 6, 5}, {4, 3, 3, 3}, {4}}, {true, true, false});
  expect_same("Conv", {{"group", int64_t{3}}, {"dilations", Ints{2, 1}}},
              {{1, 6, 7, 5}, {9, 2, 3, 2}}, {true, true});
  expect_same("Conv", {{"auto_pad", "SAME_LOWER"}}, {{1, 2, 3, 4, 5}, {3, 2, 2, 2, 2}},
              {true, true});
  for (const char* op : {"MaxPool", "AveragePool", "LpPool"}) {
    expect_same(op,
                {{"kernel_shape", Ints{3, 2}}, {"auto_pad", "SAME_UPPER"}, {"strides", Ints{2, 2}}},
                {{2, 3, 7, 5}}, {true});
  }
  for (const char* op : {"GlobalMaxPool", "GlobalAveragePool"}) {
    expect_same(op, {}, {{2, 3, 7, 5}}, {true});
  }
  expect_same("BatchNormalization", {}, {{2, 3, 4, 5}, {3}, {3}, {3}, {3}},
              {true, false, false, false, false});
  expect_same("InstanceNormalization", {}, {{2, 3, 4, 5}, {3}, {3}}, {true, false, false});
  expect_same("LRN", {{"size", int64_t{3}}}, {{2, 5, 4, 3}}, {true});
  expect_same("DepthToSpace", {{"blocksize", int64_t{2}}, {"mode", "CRD"}}, {{1, 8, 2, 3}}, {true});
  expect_same("SpaceToDepth", {{"blocksize", int64_t{2}}}, {{1, 2, 4, 6}}, {true});
}

TEST(Layout, TransposedConvolution) {
  // The nhwc weight is [O,KH,KW,C], the nchw one [C,O,KH,KW].
  const Tensor x = ramp({1, 2, 3, 4}), w = ramp({2, 3, 2, 3});
  Tensor turned(DType::f32, {3, 2, 3, 2});
  for (size_t c = 0; c < 2; ++c) {
    for (size_t o = 0; o < 3; ++o) {
      for (size_t k = 0; k < 6; ++k) {
        turned.mutable_data<float>()[(o * 6 + k) * 2 + c] = w.data<float>()[(c * 3 + o) * 6 + k];
      }
    }
  }
  const Attributes attrs{{"strides", Ints{2, 2}}, {"pads", Ints{0, 1, 1, 0}}};
  Attributes nhwc = attrs;
  nhwc.set("layout", "nhwc");
  expect_near(moved(run("ConvTranspose", nhwc, {moved(x, true), turned}), false),
              run("ConvTranspose", attrs, {x, w}));
}

// Reads one TFLite node by its rule and evaluates all that it became.
Tensor run_tflite(const char* name, const Attributes& options, const std::vector<Tensor>& in) {
  ir::Graph graph;
  std::vector<ir::Value*> values;
  for (const Tensor& t : in) values.push_back(graph.add_constant("in", t));
  ir::Node* node = graph.add_node(name, values, 1, options);
  const OpDef* op = nullptr;
  const TfliteRule* rule = find_tflite_rule(name, &op);
  const Status read = rule->from(graph, node);
  EXPECT_TRUE(read.ok()) << read.to_string();
  std::vector<Tensor> operands;
  std::vector<TensorView> views;
  for (ir::Value* v : node->inputs) views.push_back(v ? v->view() : TensorView{});
  auto out = evaluate(*find(node->op), node->attrs, views, 1);
  EXPECT_TRUE(out.ok()) << out.status().to_string();
  return out.ok() ? (*out)[0] : Tensor(DType::f32, {0});
}

TEST(TfliteRules, ResizeBilinear) {
  const Tensor x = Tensor::of<float>({1, 2, 2, 1}, {3, 6, 9, 12});
  const Tensor size = Tensor::of<int32_t>({2}, {3, 3});
  expect_near(run_tflite("RESIZE_BILINEAR", {}, {x, size}),
              Tensor::of<float>({1, 3, 3, 1}, {3, 5, 6, 7, 9, 10, 9, 11, 12}));
}

TEST(TfliteRules, ResizeNearest) {
  const Tensor x = Tensor::of<float>({1, 2, 2, 1}, {3, 6, 9, 12});
  const Tensor size = Tensor::of<int32_t>({2}, {3, 3});
  expect_near(run_tflite("RESIZE_NEAREST_NEIGHBOR", {}, {x, size}),
              Tensor::of<float>({1, 3, 3, 1}, {3, 3, 6, 3, 3, 6, 9, 9, 12}));
}

TEST(TfliteRules, DepthwiseConvolution) {
  // Two channels, multiplier 2, filter [1,2,2,4].
  const Tensor x = Tensor::of<float>({1, 3, 2, 2}, {1, 2, 7, 8, 3, 4, 9, 10, 5, 6, 11, 12});
  const Tensor w =
      Tensor::of<float>({1, 2, 2, 4}, {1, 2, 3, 4, -9, 10, -11, 12, 5, 6, 7, 8, 13, -14, 15, -16});
  const Tensor b = Tensor::of<float>({4}, {1, 2, 3, 4});
  expect_near(run_tflite("DEPTHWISE_CONV_2D",
                         {{"padding", "VALID"},
                          {"stride_w", int64_t{1}},
                          {"stride_h", int64_t{1}},
                          {"depth_multiplier", int64_t{2}}},
                         {x, w, b}),
              Tensor::of<float>({1, 2, 1, 4}, {71, -34, 99, -20, 91, -26, 127, -4}));
}

TEST(TfliteRules, AveragePool) {
  const Tensor x = Tensor::of<float>({1, 2, 4, 1}, {0, 6, 2, 4, 3, 2, 10, 7});
  const Attributes options{{"padding", "VALID"},
                           {"stride_w", int64_t{2}},
                           {"stride_h", int64_t{2}},
                           {"filter_width", int64_t{2}},
                           {"filter_height", int64_t{2}}};
  expect_near(run_tflite("AVERAGE_POOL_2D", options, {x}),
              Tensor::of<float>({1, 1, 2, 1}, {2.75f, 5.75f}));
  expect_near(run_tflite("MAX_POOL_2D", options, {x}), Tensor::of<float>({1, 1, 2, 1}, {6, 10}));
}

TEST(TfliteRules, TransposeConvolution) {
  Tensor x(DType::f32, {1, 4, 4, 1}),
      w = Tensor::of<float>({1, 3, 3, 1}, {1, 2, 3, 4, 5, 6, 7, 8, 9});
  for (size_t i = 0; i < 16; ++i) x.mutable_data<float>()[i] = static_cast<float>(i + 1);
  expect_near(run_tflite("TRANSPOSE_CONV",
                         {{"padding", "SAME"}, {"stride_w", int64_t{1}}, {"stride_h", int64_t{1}}},
                         {Tensor::of<int32_t>({4}, {1, 4, 4, 1}), w, x}),
              Tensor::of<float>({1, 4, 4, 1}, {29, 62, 83, 75, 99, 192, 237, 198, 207, 372, 417,
                                               330, 263, 446, 485, 365}));
}

TEST(TfliteRules, SpaceToBatch) {
  const Tensor x = Tensor::of<float>({1, 4, 2, 1}, {1, 2, 3, 4, 5, 6, 7, 8});
  const Tensor block = Tensor::of<int32_t>({2}, {3, 2});
  const Tensor pads = Tensor::of<int32_t>({2, 2}, {1, 1, 2, 4});
  const Tensor batches = run_tflite("SPACE_TO_BATCH_ND", {}, {x, block, pads});
  expect_near(batches,
              Tensor::of<float>({6, 2, 4, 1}, {0, 0, 0, 0, 0, 5, 0, 0, 0, 0, 0, 0, 0, 6, 0, 0,
                                               0, 1, 0, 0, 0, 7, 0, 0, 0, 2, 0, 0, 0, 8, 0, 0,
                                               0, 3, 0, 0, 0, 0, 0, 0, 0, 4, 0, 0, 0, 0, 0, 0}));
  expect_near(run_tflite("BATCH_TO_SPACE_ND", {}, {batches, block, pads}), x);
}

// One box that another overlaps, one apart, and classes after a background column.
TEST(TfliteRules, DetectionPostProcess) {
  const Tensor encodings(DType::f32, {1, 3, 4});
  const Tensor anchors =
      Tensor::of<float>({3, 4}, {0.5f, 0.5f, 1, 1, 0.5f, 0.6f, 1, 1, 0.5f, 10.5f, 1, 1});
  const Tensor scores =
      Tensor::of<float>({1, 3, 3}, {0, 0.9f, 0.1f, 0, 0.75f, 0.2f, 0, 0.1f, 0.8f});
  const Attributes options{{"max_detections", int64_t{2}},
                           {"max_classes_per_detection", int64_t{1}},
                           {"num_classes", int64_t{2}},
                           {"nms_iou_threshold", 0.5f},
                           {"nms_score_threshold", 0.0f},
                           {"y_scale", 10.0f},
                           {"x_scale", 10.0f},
                           {"h_scale", 5.0f},
                           {"w_scale", 5.0f}};
  for (int64_t regular : {0, 1}) {
    Attributes attrs = options;
    attrs.set("use_regular_nms", regular);
    const std::vector<TensorView> in{encodings.view(), scores.view(), anchors.view()};
    auto out = evaluate(*find("DetectionPostProcess"), attrs, in, 4);
    ASSERT_TRUE(out.ok()) << out.status().to_string();
    expect_near((*out)[0], Tensor::of<float>({1, 2, 4}, {0, 0, 1, 1, 0, 10, 1, 11}));
    expect_near((*out)[1], Tensor::of<float>({1, 2}, {0, 1}));
    expect_near((*out)[2], Tensor::of<float>({1, 2}, {0.9f, 0.8f}));
    expect_near((*out)[3], Tensor::of<float>({1}, {2}));
  }
}

}  // namespace
}  // namespace fettle::ops
