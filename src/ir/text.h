// SPDX-License-Identifier: Apache-2.0
//
// A graph as text, for dumps, for tests of passes (before and after as strings) and for fuzzing.
// What is printed parses back to the same graph: types, quantization, attributes and constants to
// the last bit, unless large constants were elided for people.
//
//   graph "name" {
//     meta "labels" = "cat\ndog"
//     input %x : f32[1,3,?,?] = f32[1,3,224,224]      declared, and once bound
//     const %w : i8[2] q(axis=0, 0.5:0, 0.25:0) = [1, -2]
//     %y : f32[8], _ = Split "node name" (%x, _, %w) {axis = 1, scale = 0.5, mode = "a", k = [1]}
//     output %y
//   }
//
// A type ends in ~ where its extents depend on data. Names that are not plain are quoted, %"a b";
// a name that stands twice, or is empty, is numbered: %a#2, %#1. Lists of constants too long to
// read are hex"..." of their bytes. Comments run from // to the end of the line.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "ir/graph.h"

namespace fettle::ir {

struct PrintOptions {
  int64_t most_listed = 16;  // longer constants are printed as bytes
  bool elide = false;        // ... or only as "...", which does not parse
};

std::string print(const Graph& graph, const PrintOptions& options = {});
// An error names the line. Only the form is checked; verify() tells whether the graph is sound.
Result<std::unique_ptr<Graph>> parse(std::string_view text);

}  // namespace fettle::ir
