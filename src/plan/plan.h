// SPDX-License-Identifier: Apache-2.0
//
// The compiled form of a network: a straight list of steps over tensors whose places are fixed.
// It names operators, not kernels: which kernel runs a step is chosen when the plan is loaded on
// a machine, so that one plan serves every instruction set.
//
// Invariants (checked by validate(), which everything that executes a plan relies on): every
// index is in range; each tensor is written by at most one step and before it is read, and what is
// written under a condition is read under the same one, or by the Choose of both; arena
// tensors lie inside arena_bytes at multiples of kAlignment; two arena tensors whose lives
// overlap do not share bytes, unless a step declares that it works in place; weights have data.
// All steps of a chain count as one for lives; what is striped links a step to the next one of its
// chain, as its only output and read once, and no step of a chain works in place.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/attributes.h"
#include "base/tensor.h"
#include "plan/packed.h"

namespace fettle {
class MappedFile;
}

namespace fettle::plan {

inline constexpr size_t kAlignment = 64;
constexpr size_t align_up(size_t bytes) {
  return (bytes + kAlignment - 1) / kAlignment * kAlignment;
}
// Sums of offsets and sizes below it cannot overflow.
inline constexpr uint64_t kMaxArenaBytes = uint64_t{1} << 48;

struct PlanTensor {
  std::string name;
  DType dtype = DType::none;
  bool dynamic = false;  // dims are an upper bound
  Dims dims;
  std::shared_ptr<const Quantization> quant;
  // A constant: its elements. Otherwise the tensor lives in the arena at `offset`.
  Tensor weight;
  uint64_t offset = 0;
  // Made and read within one chain, a few rows at a time: it never exists whole, and has no place
  // in the arena.
  bool striped = false;

  bool is_weight() const { return weight.raw() != nullptr; }
  size_t bytes() const { return static_cast<size_t>(dims.elements()) * size_of(dtype); }
};

struct Step {
  std::string op;
  std::string name;  // of the node, for profiles and messages
  Attributes attrs;
  std::vector<int32_t> inputs;   // -1: absent
  std::vector<int32_t> outputs;  // -1: not wanted
  int32_t in_place = -1;         // which input's bytes output 0 takes over
  int64_t macs = 0;
  // Runs only where this tensor, one boolean, is `guard_is`; what it makes is there only then. -1:
  // runs always.
  int32_t guard = -1;
  bool guard_is = true;
};

// The operator that reads what steps under a condition have made: Choose(condition, where true,
// where false).
inline constexpr const char* kChoose = "Choose";

// Steps that run together, stripe by stripe: a stripe is a few rows of the last step's output, and
// each step before makes just the rows that are still missing for it. What lies between two steps
// of a chain is striped: a window of rows, small enough for a cache.
struct Chain {
  int32_t first_step = 0, steps = 0;
  int32_t stripe_rows = 1;
  int32_t last_step() const { return first_step + steps - 1; }
  bool operator==(const Chain&) const = default;
};

struct Plan {
  std::string name;
  std::vector<std::pair<std::string, std::string>> metadata;
  std::vector<PlanTensor> tensors;
  std::vector<Step> steps;
  std::vector<Chain> chains;             // disjoint, in the order of their steps
  std::vector<int32_t> inputs, outputs;  // tensors
  uint64_t arena_bytes = 0;
  std::vector<PackedWeights> packed;       // at most one for each instruction set
  std::shared_ptr<const MappedFile> file;  // in which the weights lie, or null

  size_t weight_bytes() const;
};

Status validate(const Plan& plan);

}  // namespace fettle::plan
