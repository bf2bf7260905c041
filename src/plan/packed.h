// SPDX-License-Identifier: Apache-2.0
//
// Weights in the form that kernels read, kept in a package behind its plan and weights, so that
// loading maps them and packs nothing. They are a copy: where no section suits a machine, or a
// step's kernel is another, the weights are packed at load as ever.
//
// A section, one for each instruction set, little endian, at a multiple of 64 from the file's
// start:
//
//   0   "FTLPACK\0"
//   8   kPackedLayout, then the number of entries, 4 bytes each
//   16  size of the section, 8 bytes, a multiple of 64
//   24  name of the instruction set, 24 bytes, filled up with zeros
//   48  16 bytes of zeros
//   64  entries in the order of their steps: step (4), zeros (4), offset from the section's start,
//       a multiple of 64 (8), size (8), name of the kernel (40, filled up with zeros)
//   ..  what each kernel has packed; zeros up to a multiple of 64
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"

namespace fettle::plan {

// To be raised when any kernel's packed form changes: what is of another is not read.
inline constexpr int kPackedLayout = 2;

struct PackedStep {
  int32_t step = 0;
  std::string kernel;
  std::span<const std::byte> bytes;
};

struct PackedWeights {
  std::string isa = {};                    // name_of(Isa)
  std::vector<PackedStep> steps = {};      // in order
  std::shared_ptr<const void> owner = {};  // of the bytes, or null

  // What `kernel` has packed for the step, or nothing.
  std::span<const std::byte> find(int32_t step, std::string_view kernel) const;
};

// The sections that make up `bytes`; of another layout than kPackedLayout only their frame is
// looked at, and they are left out. `steps`: how many the plan has.
Result<std::vector<PackedWeights>> read_packed(std::span<const std::byte> bytes, size_t steps,
                                               const std::shared_ptr<const void>& owner);
std::string write_packed(const PackedWeights& weights);

struct Plan;
// The package that the plan was opened from, with these weights in place of what it had for their
// instruction set.
std::string package_with(const Plan& plan, const PackedWeights& weights);

}  // namespace fettle::plan
