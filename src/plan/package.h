// SPDX-License-Identifier: Apache-2.0
//
// A package (.fettle): one file, mapped and not copied.
//
//   0   "FETTLE\0" and the format's version, one byte
//   8   size of the plan, 8 bytes, little endian
//   16  the plan (FlatBuffers, plan.fbs), then zeros up to a multiple of 64
//   ..  each weight at a multiple of 64, at the offset that the plan gives; zeros up to a multiple
//       of 64
//   ..  sections of packed weights, each for an instruction set (packed.h); nothing after them
#pragma once

#include <memory>
#include <span>
#include <string>

#include "plan/plan.h"

namespace fettle::plan {

inline constexpr int kPackageVersion = 2;  // the only one that is read

// With its packed weights.
std::string write_package(const Plan& plan);

// Weights borrow `bytes`, which `owner` keeps alive and which start at a multiple of 64. The plan
// is validated.
Result<std::shared_ptr<const Plan>> read_package(std::span<const std::byte> bytes,
                                                 std::shared_ptr<const void> owner);
Result<std::shared_ptr<const Plan>> open_package(const std::string& path);

}  // namespace fettle::plan
