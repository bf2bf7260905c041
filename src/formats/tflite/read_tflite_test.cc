// SPDX-License-Identifier: Apache-2.0
//
// Small models built with flatbuffers' own builder, broken in one place each, and the real models.
#include "formats/tflite/read_tflite.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "base/files.h"
#include "formats/tflite/options.h"
#include "formats/tflite/schema_generated.h"

namespace fettle::formats {
namespace {

namespace schema = tflite::schema;

// One CONV_2D, uint8 input [1,4,4,2] to [1,4,4,3]; a test changes what it wants broken.
schema::ModelT small_model() {
  schema::ModelT model;
  model.version = 3;
  const auto tensor = [](std::string name, std::vector<int> shape, schema::TensorType type,
                         uint32_t buffer, float scale, int64_t zero) {
    auto t = std::make_unique<schema::TensorT>();
    t->name = std::move(name);
    t->shape = std::move(shape);
    t->type = type;
    t->buffer = buffer;
    t->quantization = std::make_unique<schema::QuantizationParametersT>();
    t->quantization->scale = {scale};
    t->quantization->zero_point = {zero};
    return t;
  };
  auto graph = std::make_unique<schema::SubGraphT>();
  using schema::TensorType_INT32, schema::TensorType_UINT8;
  graph->tensors.push_back(tensor("in", {1, 4, 4, 2}, TensorType_UINT8, 0, 0.5f, 128));
  graph->tensors.push_back(tensor("w", {3, 1, 1, 2}, TensorType_UINT8, 1, 0.25f, 120));
  graph->tensors.push_back(tensor("b", {3}, TensorType_INT32, 2, 0.125f, 0));
  graph->tensors.push_back(tensor("out", {1, 4, 4, 3}, TensorType_UINT8, 0, 1.0f, 3));
  graph->inputs = {0};
  graph->outputs = {3};
  auto op = std::make_unique<schema::OperatorT>();
  op->inputs = {0, 1, 2};
  op->outputs = {3};
  schema::Conv2DOptionsT options;
  options.stride_h = 1;
  options.stride_w = 1;
  options.fused_activation_function = schema::ActivationFunctionType_RELU6;
  op->builtin_options.Set(std::move(options));
  graph->operators.push_back(std::move(op));
  model.subgraphs.push_back(std::move(graph));
  auto code = std::make_unique<schema::OperatorCodeT>();
  code->builtin_code = schema::BuiltinOperator_CONV_2D;
  code->deprecated_builtin_code = 3;
  model.operator_codes.push_back(std::move(code));
  for (const std::vector<uint8_t>& data :
       {std::vector<uint8_t>{}, {0, 120, 128, 255, 1, 2}, {1, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0}}) {
    auto buffer = std::make_unique<schema::BufferT>();
    buffer->data = data;
    model.buffers.push_back(std::move(buffer));
  }
  return model;
}

std::vector<std::byte> packed(const schema::ModelT& model) {
  flatbuffers::FlatBufferBuilder builder;
  schema::FinishModelBuffer(builder, schema::Model::Pack(builder, &model));
  const auto* data = reinterpret_cast<const std::byte*>(builder.GetBufferPointer());
  return {data, data + builder.GetSize()};
}

Result<std::unique_ptr<ir::Graph>> read(const schema::ModelT& model) {
  const std::vector<std::byte> bytes = packed(model);
  return read_tflite(bytes, nullptr);
}

void expect_refused(const schema::ModelT& model, const std::string& part) {
  const auto graph = read(model);
  ASSERT_FALSE(graph.ok()) << part;
  EXPECT_NE(graph.status().to_string().find(part), std::string::npos) << graph.status().to_string();
}

TEST(ReadTflite, Uint8BecomesInt8Inside) {
  const auto graph = read(small_model());
  ASSERT_TRUE(graph.ok()) << graph.status().to_string();
  const ir::Graph& g = **graph;
  ASSERT_EQ(g.nodes().size(), 3u);
  auto it = g.nodes().begin();
  EXPECT_EQ((*it)->op, "Requantize");
  const ir::Node& conv = **++it;
  EXPECT_EQ((*++it)->op, "Requantize");
  EXPECT_EQ(conv.op, "Conv");
  EXPECT_EQ(conv.attrs.get_string("activation"), "relu6");
  EXPECT_EQ(conv.inputs[0]->type.dtype, DType::i8);
  EXPECT_EQ(conv.inputs[0]->type.quant->zero_point, std::vector<int32_t>{0});
  EXPECT_EQ(conv.inputs[1]->type.quant->zero_point, std::vector<int32_t>{-8});
  const auto w = conv.inputs[1]->data->data<int8_t>();
  EXPECT_EQ(std::vector<int>(w.begin(), w.end()), (std::vector<int>{-128, -8, 0, 127, -127, -126}));
  EXPECT_EQ(g.inputs()[0].value->name, "in");
  EXPECT_EQ(g.inputs()[0].dtype, DType::u8);
  EXPECT_EQ(g.outputs()[0]->name, "out");
  EXPECT_EQ(g.outputs()[0]->type.dtype, DType::u8);
  EXPECT_EQ(g.outputs()[0]->type.quant->zero_point, std::vector<int32_t>{3});
}

// A pool moves codes; this one states another range for what comes out.
TEST(ReadTflite, MovedCodesAreRequantizedToTheStatedRange) {
  schema::ModelT model = small_model();
  schema::SubGraphT& g = *model.subgraphs[0];
  model.operator_codes[0]->builtin_code = schema::BuiltinOperator_MAX_POOL_2D;
  model.operator_codes[0]->deprecated_builtin_code = schema::BuiltinOperator_MAX_POOL_2D;
  schema::Pool2DOptionsT options;
  options.stride_h = options.stride_w = options.filter_height = options.filter_width = 1;
  g.operators[0]->builtin_options.Reset();
  g.operators[0]->builtin_options.Set(std::move(options));
  g.operators[0]->inputs = {0};
  g.tensors[3]->shape = {1, 4, 4, 2};
  const auto graph = read(model);
  ASSERT_TRUE(graph.ok()) << graph.status().to_string();
  std::vector<std::string> ops;
  for (const auto& node : (*graph)->nodes()) ops.push_back(node->op);
  EXPECT_EQ(ops, (std::vector<std::string>{"Requantize", "MaxPool", "Requantize", "Requantize"}));
}

TEST(ReadTflite, SignatureMakesExtentsDynamic) {
  schema::ModelT model = small_model();
  model.subgraphs[0]->tensors[0]->shape_signature = {-1, 4, 4, 2};
  const auto graph = read(model);
  ASSERT_TRUE(graph.ok()) << graph.status().to_string();
  EXPECT_EQ((*graph)->inputs()[0].extents, (std::vector<int64_t>{-1, 4, 4, 2}));
}

TEST(ReadTflite, RefusesIndicesOutside) {
  const auto broken = [](auto change) {
    schema::ModelT model = small_model();
    change(model, *model.subgraphs[0]);
    return model;
  };
  using M = schema::ModelT;
  using G = schema::SubGraphT;
  expect_refused(broken([](M&, G& g) { g.operators[0]->inputs[1] = 4; }), "tensor 4 of 4");
  expect_refused(broken([](M&, G& g) { g.operators[0]->inputs[1] = -7; }), "tensor -7 of 4");
  expect_refused(broken([](M&, G& g) { g.operators[0]->opcode_index = 1; }), "operator code 1");
  expect_refused(broken([](M&, G& g) { g.tensors[1]->buffer = 9; }), "buffer 9");
  expect_refused(broken([](M&, G& g) { g.tensors[1]->shape = {3, 1, 1, 3}; }), "takes 9 bytes");
  expect_refused(broken([](M&, G& g) { g.tensors[1]->shape = {-3, 1, 1, 2}; }), "impossible shape");
  expect_refused(broken([](M&, G& g) {
                   g.tensors[0]->shape = {1 << 30, 1 << 30, 1 << 30, 1 << 30};
                 }),
                 "impossible shape");
  expect_refused(broken([](M&, G& g) { g.outputs = {7}; }), "tensor 7 of 4");
  expect_refused(broken([](M&, G& g) { g.inputs = {0, 0}; }), "listed twice");
  expect_refused(broken([](M&, G& g) { g.operators[0]->outputs = {0}; }), "made twice");
  expect_refused(broken([](M&, G& g) { g.operators[0]->inputs[0] = 3; }), "before anything");
  expect_refused(broken([](M&, G& g) { g.tensors[0]->quantization->zero_point = {300}; }),
                 "zero point");
  expect_refused(broken([](M&, G& g) { g.tensors[1]->quantization->scale = {1, 2}; }), "scales");
  expect_refused(broken([](M&, G& g) { g.tensors[0]->type = schema::TensorType_STRING; }),
                 "STRING");
  expect_refused(broken([](M& m, G&) {
                   m.operator_codes[0]->builtin_code = schema::BuiltinOperator_LSH_PROJECTION;
                 }),
                 "LSH_PROJECTION is not supported");
  expect_refused(
      broken([](M& m, G&) { m.subgraphs.push_back(std::make_unique<schema::SubGraphT>()); }),
      "2 subgraphs");
  expect_refused(broken([](M& m, G&) { m.version = 2; }), "version 2");
}

TEST(ReadTflite, RefusesEveryTruncation) {
  const std::vector<std::byte> bytes = packed(small_model());
  for (size_t n = 0; n < bytes.size(); ++n) {
    const std::vector<std::byte> part(bytes.begin(), bytes.begin() + static_cast<ptrdiff_t>(n));
    (void)read_tflite(part, nullptr).ok();  // under the sanitizers: no read outside
  }
  EXPECT_FALSE(read_tflite(std::span(bytes).first(bytes.size() / 2), nullptr).ok());
}

TEST(Options, AbsentTableHasDefaults) {
  const Attributes attrs = tflite::builtin_options(schema::BuiltinOptions_Conv2DOptions, nullptr);
  EXPECT_EQ(attrs.get_int("dilation_h_factor"), 1);
  EXPECT_EQ(attrs.get_string("padding"), "SAME");
  EXPECT_EQ(attrs.get_string("quantized_bias_type"), "f32");
  EXPECT_TRUE(tflite::builtin_options(200, nullptr).entries().empty());
}

// Facts about these files are those that other readers (zipfile, the reference interpreter) show.
TEST(ReadTflite, MetadataOfRealModel) {
  const std::string path = FETTLE_SHARED "/data/models/classify/mobilenet_v1_0.25_224_quant.tflite";
  if (!std::filesystem::exists(path)) GTEST_SKIP() << path << " is absent";
  const auto graph = read_tflite(path);
  if (!graph.ok()) GTEST_SKIP() << graph.status().to_string();
  const auto& metadata = (*graph)->metadata;
  ASSERT_TRUE(metadata.contains("labels"));
  const std::string& labels = metadata.at("labels");
  EXPECT_EQ(std::count(labels.begin(), labels.end(), '\n'), 1000);
  EXPECT_TRUE(labels.starts_with("background\ntench\n")) << labels.substr(0, 40);
}

}  // namespace
}  // namespace fettle::formats
