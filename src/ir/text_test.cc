// SPDX-License-Identifier: Apache-2.0
#include "ir/text.h"

#include <gtest/gtest.h>

#include <limits>

#include "ir/verify.h"

namespace fettle::ir {
namespace {

// What parses prints as it was.
void expect_stable(const std::string& text) {
  const auto graph = parse(text);
  ASSERT_TRUE(graph.ok()) << graph.status().to_string();
  EXPECT_EQ(print(**graph), text);
  EXPECT_TRUE(verify(**graph).ok()) << verify(**graph).to_string();
}

std::string refusal(const std::string& text) {
  const auto graph = parse(text);
  return graph.ok() ? "accepted" : graph.status().to_string();
}

TEST(Text, EveryFormIsStable) {
  expect_stable(R"(graph "a \"b\" \\ \x01" {
  meta "labels" = "cat\ndog"
  input %x : f32[1,3,?,?] = f32[1,3,224,224]
  input %"in put" : u8[*]
  input %q : i8[2] = i8[2] q(0.5:-3)
  const %w : i8[2,1] q(axis=0, 0.5:0, 0.25:0) = [1, -2]
  const %s : f32[] = [1.0]
  const %s#2 : bool[2] = [1, 0]
  const %#1 : i64[0] = []
  const %h : f16[2] = [0.5, -inf]
  const %n : f32[2] = hex"0000c07f0100c07f"
  const %big : u8[17] = hex"000102030405060708090a0b0c0d0e0f10"
  %a/b : f32[10]~, _, %#2 = Split "the node" (%x, _, %w) {f = 0.1, g = 1.0, h = inf, i = -3, l = [1, 2], m = [0.5, 1e+20, nan:7fc00001], s = "x y", t = ["a", "b"], u = ints[], v = floats[], w = strings[]}
  () = "com.x:Op"(%a/b)
  %c = If(%s#2, %a/b) graph "then" {
    input %a/b : none[]
    output %a/b
  } graph "else" {
    input %a/b : none[]
    output %a/b
  }
  output %c
  output %"in put"
}
)");
}

TEST(Text, ElidedConstantsAreForPeopleOnly) {
  Graph g;
  g.add_output(g.add_constant("w", Tensor(DType::f32, {100})));
  EXPECT_NE(print(g, {.most_listed = 8, .elide = true}).find("= ..."), std::string::npos);
  EXPECT_NE(refusal(print(g, {.elide = true})).find("elided"), std::string::npos);
  EXPECT_EQ(refusal(print(g)), "accepted");
}

TEST(Text, NumbersKeepTheirBits) {
  for (float f : {0.1f, -0.0f, 1e-45f, 3.4028235e38f, 16777217.0f}) {
    Graph g;
    g.add_node("Op", {}, 1, {{"a", f}});
    const auto back = parse(print(g));
    ASSERT_TRUE(back.ok()) << back.status().to_string();
    const float read = (*back)->nodes().front()->attrs.get_float("a", 7);
    EXPECT_EQ(std::bit_cast<uint32_t>(read), std::bit_cast<uint32_t>(f));
  }
  Graph g;
  g.add_output(g.add_constant("c", Tensor::of<int64_t>({2}, {INT64_MIN, INT64_MAX})));
  g.add_output(g.add_constant("d", Tensor::of<double>({1}, {0.1})));
  const auto back = parse(print(g));
  ASSERT_TRUE(back.ok());
  EXPECT_EQ((*back)->outputs()[0]->data->data<int64_t>()[0], INT64_MIN);
  EXPECT_EQ((*back)->outputs()[1]->data->data<double>()[0], 0.1);
}

TEST(Text, ErrorsNameTheLine) {
  EXPECT_NE(refusal("graph \"g\" {\n  output %y\n}").find("line 2"), std::string::npos);
  for (const char* bad :
       {"", "graph", "graph \"", "graph \"g\" {", "graph \"g\" { const %a : f32[2] = [1.0] }",
        "graph \"g\" { const %a : f32[1000000,1000000] = [] }",
        "graph \"g\" { const %a : f32[1000000,1000000] = hex\"00\" }",
        "graph \"g\" { const %a : f32[9999999999,9999999999] = [] }",
        "graph \"g\" { const %a : f32[-1] = [] }", "graph \"g\" { const %a : f99[1] = [1] }",
        "graph \"g\" { const %a : i8[1] = [300] }", "graph \"g\" { const %a : none[] = [] }",
        "graph \"g\" { const %a : f32[1,1,1,1,1,1,1,1,1] = [1.0] }", "graph \"g\" { %y = Op(%x) }",
        "graph \"g\" { %y = Op() %y = Op() }", "graph \"g\" { %y = Op() {a = 1, a = 2} }",
        "graph \"g\" { %y = Op() {a = [1, 2.0]} }", "graph \"g\" { output _ }",
        "graph \"g\" { } trailing"}) {
    EXPECT_NE(refusal(bad), "accepted") << bad;
  }
  std::string deep;
  for (int i = 0; i < 10000; ++i) deep += "graph \"g\" { () = If () ";
  EXPECT_NE(refusal(deep).find("too deep"), std::string::npos);
}

TEST(Verify, FindsWhatIsBroken) {
  const auto check = [](const std::string& text) {
    const auto graph = parse(text);
    return graph.ok() ? verify(**graph).to_string() : graph.status().to_string();
  };
  EXPECT_EQ(check("graph \"g\" { input %x : f32[1] %y = Relu(%x) output %y }"), "ok");
  EXPECT_NE(check("graph \"g\" { input %x : f32[1] input %x#2 : f32[1] }"), "ok");
  EXPECT_NE(check("graph \"g\" { input %x : f32[1] output %x output %x }"), "ok");
  EXPECT_NE(check("graph \"g\" { const %x : i8[1] q(0.0:1) = [1] }"), "ok");
  EXPECT_NE(check("graph \"g\" { const %x : i8[1] q(axis=3, 0.5:1, 0.5:1) = [1] }"), "ok");

  Graph g;
  Node* late = g.add_node("Relu", {g.add_value("nothing")}, 1);
  EXPECT_NE(verify(g).to_string().find("before it is made"), std::string::npos);
  Node* early = g.add_node("Relu", {}, 1, {}, late);
  g.set_input(late, 0, early->outputs[0]);
  EXPECT_TRUE(verify(g).ok()) << verify(g).to_string();
  early->outputs[0]->uses.clear();
  EXPECT_FALSE(verify(g).ok());
}

}  // namespace
}  // namespace fettle::ir
