// SPDX-License-Identifier: Apache-2.0
// Hostile and unusual files; what ordinary ones mean is tested by tests/conformance.
#include "formats/onnx/reader.h"

#include <gtest/gtest.h>
#include <onnx.pb.h>

#include <filesystem>
#include <fstream>

#include "formats/onnx/tensor_file.h"
#include "formats/onnx/tensor_proto.h"

namespace fettle::formats {
namespace {

using onnx_pb::ModelProto;
using onnx_pb::NodeProto;

ModelProto empty_model() {
  ModelProto m;
  m.set_ir_version(8);
  m.add_opset_import()->set_version(17);
  return m;
}

template <class Graph>
NodeProto* add_node(Graph* g, const std::string& op, std::vector<std::string> in,
                    std::vector<std::string> out) {
  NodeProto* n = g->add_node();
  n->set_op_type(op);
  n->set_name("n_" + out[0]);
  for (const auto& i : in) n->add_input(i);
  for (const auto& o : out) n->add_output(o);
  return n;
}

void add_input(ModelProto* m, const std::string& name) {
  auto* i = m->mutable_graph()->add_input();
  i->set_name(name);
  i->mutable_type()->mutable_tensor_type()->set_elem_type(1);
}

void add_output(ModelProto* m, const std::string& name) {
  m->mutable_graph()->add_output()->set_name(name);
}

std::string refusal(const ModelProto& m, const std::string& folder = "") {
  const auto graph = read_onnx(m.SerializeAsString(), folder);
  return graph.ok() ? "accepted" : graph.status().to_string();
}

void expect_in(const std::string& part, const std::string& whole) {
  EXPECT_NE(whole.find(part), std::string::npos) << whole;
}

TEST(OnnxReader, RefusesWhatIsNoModel) {
  EXPECT_FALSE(read_onnx("", "").ok());
  EXPECT_FALSE(read_onnx("not a model at all", "").ok());
  EXPECT_FALSE(read_onnx("/nonexistent/model.onnx").ok());
}

TEST(OnnxReader, UnknownOperatorIsNamedWithDomainAndOpset) {
  ModelProto m = empty_model();
  auto* other = m.add_opset_import();
  other->set_domain("com.example");
  other->set_version(3);
  add_input(&m, "x");
  add_node(m.mutable_graph(), "Frobnicate", {"x"}, {"y"})->set_domain("com.example");
  add_output(&m, "y");
  const std::string message = refusal(m);
  expect_in("operator Frobnicate of domain com.example, opset 3", message);
  expect_in("'n_y'", message);
}

TEST(OnnxReader, MissingInputsCyclesAndDuplicatesNameTheNode) {
  ModelProto missing = empty_model();
  add_node(missing.mutable_graph(), "If", {"nowhere"}, {"y"});
  add_output(&missing, "y");
  expect_in("reads 'nowhere', which nothing makes", refusal(missing));
  expect_in("'n_y'", refusal(missing));

  ModelProto cycle = empty_model();
  add_node(cycle.mutable_graph(), "If", {"b"}, {"a"});
  add_node(cycle.mutable_graph(), "If", {"a"}, {"b"});
  add_output(&cycle, "a");
  expect_in("cycle", refusal(cycle));

  ModelProto twice = empty_model();
  add_input(&twice, "x");
  add_node(twice.mutable_graph(), "If", {"x"}, {"x"});
  expect_in("two values have the name 'x'", refusal(twice));

  ModelProto no_output = empty_model();
  no_output.mutable_graph();
  add_output(&no_output, "y");
  expect_in("output 'y' is made by nothing", refusal(no_output));
}

TEST(OnnxReader, UnsupportedTypesAreNamed) {
  ModelProto m = empty_model();
  add_input(&m, "x");
  m.mutable_graph()->mutable_input(0)->mutable_type()->mutable_tensor_type()->set_elem_type(17);
  expect_in("input 'x': its element type is float8e4m3fn", refusal(m));

  ModelProto s = empty_model();
  s.mutable_graph()->add_input()->mutable_type()->mutable_sequence_type();
  expect_in("sequence", refusal(s));

  ModelProto t = empty_model();
  auto* init = t.mutable_graph()->add_initializer();
  init->set_name("w");
  init->set_data_type(22);
  expect_in("tensor 'w': it has the element type int4", refusal(t));
  init->set_data_type(99);
  expect_in("type 99", refusal(t));
}

TEST(OnnxReader, InitializersAreCheckedAgainstTheirShape) {
  ModelProto m = empty_model();
  auto* t = m.mutable_graph()->add_initializer();
  t->set_name("w");
  t->set_data_type(1);
  t->add_dims(10000000);
  t->add_dims(1000000);
  t->set_raw_data("abcd");
  expect_in("tensor 'w': impossible shape", refusal(m));
  t->set_dims(1, 3);
  expect_in("holds 4 bytes", refusal(m));
  t->set_dims(0, -1);
  expect_in("impossible shape", refusal(m));
  for (int i = 0; i < 9; ++i) t->add_dims(1);
  expect_in("11 dimensions", refusal(m));
}

TEST(OnnxReader, ExternalDataStaysInItsFolderAndItsFile) {
  const std::string folder = testing::TempDir() + "/onnx_external/model";
  std::filesystem::create_directories(folder);
  std::ofstream(folder + "/w.bin")
      << std::string(64, '\0') << std::string("\0\0\x80\x3f\0\0\0\x40", 8);
  std::ofstream(folder + "/../secret.bin") << "12345678";
  std::error_code ignored;
  std::filesystem::create_symlink("../secret.bin", folder + "/link.bin", ignored);
  ModelProto m = empty_model();
  auto* t = m.mutable_graph()->add_initializer();
  t->set_name("w");
  t->set_data_type(1);
  t->add_dims(2);
  t->set_data_location(1);
  auto* location = t->add_external_data();
  location->set_key("location");
  auto* offset = t->add_external_data();
  offset->set_key("offset");
  offset->set_value("64");
  add_output(&m, "w");

  for (const char* bad :
       {"../secret.bin", "/etc/passwd", "", "a/../../secret.bin", "link.bin", "."}) {
    location->set_value(bad);
    EXPECT_NE(refusal(m, folder), "accepted") << bad;
  }
  location->set_value("link.bin");
  expect_in("outside the model's own folder", refusal(m, folder));
  location->set_value("w.bin");
  EXPECT_NE(refusal(m, ""), "accepted");
  const auto graph = read_onnx(m.SerializeAsString(), folder);
  ASSERT_TRUE(graph.ok()) << graph.status().to_string();
  EXPECT_EQ((*graph)->outputs()[0]->data->data<float>()[1], 2.0f);
  offset->set_value("65");
  expect_in("past the end", refusal(m, folder));
  offset->set_value("18446744073709551615");
  expect_in("past the end", refusal(m, folder));
  offset->set_value("-1");
  expect_in("is no number", refusal(m, folder));
}

TEST(OnnxReader, FunctionsThatUnfoldWithoutEndAreRefused) {
  ModelProto m = empty_model();
  for (int i = 0; i < 30; ++i) {  // each calls the next twice: 2^30 nodes
    auto* f = m.add_functions();
    f->set_domain("d");
    f->set_name("f" + std::to_string(i));
    f->add_input("a");
    f->add_output("c");
    f->add_opset_import()->set_domain("d");
    add_node(f, "f" + std::to_string(i + 1), {"a"}, {"b"})->set_domain("d");
    add_node(f, "f" + std::to_string(i + 1), {"b"}, {"c"})->set_domain("d");
  }
  add_input(&m, "x");
  add_node(m.mutable_graph(), "f0", {"x"}, {"y"})->set_domain("d");
  add_output(&m, "y");
  expect_in("unfold", refusal(m));

  m.mutable_functions(0)->mutable_node(0)->set_op_type("f0");  // and one calls itself
  expect_in("deep", refusal(m));
}

TEST(TensorProto, EveryTypeComesBackAsItWent) {
  for (int i = 1; i < kDTypeCount; ++i) {
    const auto dtype = static_cast<DType>(i);
    Tensor t(dtype, {2, 3});
    auto* bytes = static_cast<unsigned char*>(t.mutable_raw());
    for (size_t b = 0; b < t.bytes(); ++b) bytes[b] = dtype == DType::boolean ? b % 2 : 7 * b + 1;
    const auto back = read_tensor_proto(write_tensor_proto("t", t));
    ASSERT_TRUE(back.ok()) << back.status().to_string();
    EXPECT_EQ(back->tensor.dtype(), dtype);
    EXPECT_TRUE(back->tensor.dims() == t.dims());
    EXPECT_EQ(std::memcmp(back->tensor.raw(), t.raw(), t.bytes()), 0) << name_of(dtype);
  }
}

TEST(TensorProto, TypedLists) {
  ExternalFiles none("");
  onnx_pb::TensorProto half;
  half.set_data_type(10);
  half.add_dims(2);
  half.add_int32_data(0x3c00);
  half.add_int32_data(0xc000);
  auto t = to_tensor(half, none);
  ASSERT_TRUE(t.ok());
  EXPECT_EQ(float(t->data<Half>()[0]), 1.0f);
  EXPECT_EQ(float(t->data<Half>()[1]), -2.0f);

  onnx_pb::SparseTensorProto sparse;
  sparse.add_dims(2);
  sparse.add_dims(3);
  auto* v = sparse.mutable_values();
  v->set_data_type(1);
  v->add_dims(2);
  v->add_float_data(5);
  v->add_float_data(6);
  auto* at = sparse.mutable_indices();
  at->set_data_type(7);
  at->add_dims(2);
  at->add_dims(2);
  for (int64_t i : {0, 2, 1, 0}) at->add_int64_data(i);
  auto dense = to_tensor(sparse, none);
  ASSERT_TRUE(dense.ok()) << dense.status().to_string();
  EXPECT_EQ(to_float(dense->view()), (std::vector<float>{0, 0, 5, 6, 0, 0}));
  at->set_int64_data(0, 2);
  EXPECT_FALSE(to_tensor(sparse, none).ok());
}

}  // namespace
}  // namespace fettle::formats
