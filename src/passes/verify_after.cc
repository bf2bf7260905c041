// SPDX-License-Identifier: Apache-2.0
#include "ir/verify.h"
#include "ops/verify.h"
#include "passes/passes.h"

namespace fettle::passes {

Status verify_after(const ir::Graph& graph) {
  FETTLE_TRY(ir::verify(graph));
  return ops::verify(graph);
}

}  // namespace fettle::passes
