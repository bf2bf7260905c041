// SPDX-License-Identifier: Apache-2.0
//
// Every pass over a typed graph, one file each; pipeline.cc is their order. Each returns how often
// it rewrote something.
#pragma once

#include "ir/graph.h"

namespace fettle::passes {

Result<int> remove_identity(ir::Graph& graph);
Result<int> expand_global_pool(ir::Graph& graph);
Result<int> recognize_activation(ir::Graph& graph);
Result<int> fold_batchnorm(ir::Graph& graph);
Result<int> fold_pad(ir::Graph& graph);
Result<int> channels_last(ir::Graph& graph);
Result<int> sink_transpose(ir::Graph& graph);
Result<int> place_transpose(ir::Graph& graph);
Result<int> fuse_residual(ir::Graph& graph);
Result<int> fuse_clamp(ir::Graph& graph);
Result<int> fuse_activation(ir::Graph& graph);

// What the pipeline checks after each pass: structure, schemas, and that inferring again gives
// the types that the graph states.
Status verify_after(const ir::Graph& graph);

}  // namespace fettle::passes
