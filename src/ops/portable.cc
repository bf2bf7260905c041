// SPDX-License-Identifier: Apache-2.0
#include "ops/portable.h"

namespace fettle::ops {

#define FETTLE_OPS(table) std::span<const PortableOp> table##_portable_ops();
#include "ops/ops.def"
#undef FETTLE_OPS

namespace {
using Table = std::span<const PortableOp> (*)();
constexpr Table kTables[] = {
#define FETTLE_OPS(table) table##_portable_ops,
#include "ops/ops.def"
#undef FETTLE_OPS
};
}  // namespace

bool find_portable(std::string_view name, PortableOp* op) {
  for (const Table table : kTables) {
    for (const PortableOp& candidate : table()) {
      if (candidate.name != name) continue;
      *op = candidate;
      return op->run != nullptr;
    }
  }
  return false;
}

}  // namespace fettle::ops
