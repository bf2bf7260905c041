// SPDX-License-Identifier: Apache-2.0
#include "ops/control/branches.h"

#include "ops/shapes.h"

namespace fettle::ops {

bool has_branches(const ir::Node& node) { return node.op == "If" && node.subgraphs.size() == 2; }

Result<ir::Type> branch_type(const ir::Node& node, size_t i) {
  const ir::Type* types[2];
  for (size_t b = 0; b < 2; ++b) {
    const auto& made = node.subgraphs[b]->outputs();
    if (i >= made.size()) return invalid_input("a branch has fewer outputs than the If");
    types[b] = &made[i]->type;
    if (!types[b]->known()) return invalid_input("an output of a branch has no type");
    if (types[b]->quant) return unsupported("an If whose branches make quantized values");
  }
  const ir::Type &a = *types[0], &b = *types[1];
  if (a.dtype != b.dtype) return invalid_input("its branches make values of different types");
  if (a.dims.rank() != b.dims.rank()) {
    return unsupported("its branches make " + a.dims.to_string() + " and " + b.dims.to_string() +
                       ", which differ in rank");
  }
  ir::Type type = a;
  type.bounds = nullptr;
  type.dims = widest(a.dims, b.dims);
  type.dynamic = a.dynamic || b.dynamic || !(a.dims == b.dims);
  if (!type.dims.valid()) return invalid_input("an output would be " + type.dims.to_string());
  return type;
}

}  // namespace fettle::ops
