// SPDX-License-Identifier: Apache-2.0
//
// A pass alone, on a graph given as text: what it becomes, or that it stays. Before and after
// compute the same numbers, and a second run changes nothing.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>

#include "ir/text.h"
#include "passes/bind_shapes.h"
#include "passes/passes.h"
#include "passes/pipeline.h"
#include "run_graph.h"

namespace fettle::passes {

inline std::unique_ptr<ir::Graph> typed(const std::string& body) {
  auto graph = ir::parse("graph \"t\" {\n" + body + "\n}\n");
  EXPECT_TRUE(graph.ok()) << graph.status().to_string();
  if (!graph.ok()) return std::make_unique<ir::Graph>();
  const Status bound = bind_shapes(**graph, {});
  EXPECT_TRUE(bound.ok()) << bound.to_string();
  return std::move(graph).value();
}

inline int run_pass(std::string_view name, ir::Graph& graph) {
  const auto all = pipeline();
  const auto pass =
      std::find_if(all.begin(), all.end(), [&](const Pass& p) { return p.name == name; });
  EXPECT_NE(pass, all.end()) << name;
  if (pass == all.end()) return 0;
  const auto changes = pass->run(graph);
  EXPECT_TRUE(changes.ok()) << changes.status().to_string();
  const Status sound = verify_after(graph);
  EXPECT_TRUE(sound.ok()) << sound.to_string();
  return changes.ok() ? *changes : 0;
}

inline void expect_same_numbers(const ir::Graph& a, const ir::Graph& b) {
  const auto x = run_graph(a, 1), y = run_graph(b, 1);
  ASSERT_TRUE(x.ok()) << x.status().to_string();
  ASSERT_TRUE(y.ok()) << y.status().to_string();
  EXPECT_LE(relative_difference(*x, *y), 1e-5);
}

inline void expect_becomes(std::string_view pass, const std::string& before,
                           const std::string& after) {
  SCOPED_TRACE(std::string(pass) + " on\n" + before);
  const auto original = typed(before), graph = typed(before), expected = typed(after);
  EXPECT_GT(run_pass(pass, *graph), 0);
  EXPECT_EQ(outline(*graph), outline(*expected));
  expect_same_numbers(*graph, *original);
  EXPECT_EQ(run_pass(pass, *graph), 0) << "a second run found more to do";
}

inline void expect_stays(std::string_view pass, const std::string& text) {
  SCOPED_TRACE(std::string(pass) + " on\n" + text);
  const auto graph = typed(text);
  const std::string before = outline(*graph);
  EXPECT_EQ(run_pass(pass, *graph), 0);
  EXPECT_EQ(outline(*graph), before);
}

inline const std::string kX = "input %x : f32[1,2,4,4]\n";

}  // namespace fettle::passes
