// SPDX-License-Identifier: Apache-2.0
//
// MaxPool, AveragePool, LpPool and their global forms: one set of loops over windows, and a
// reduction of each window.
#pragma once

#include "ops/activation.h"
#include "ops/op.h"
#include "ops/window.h"

namespace fettle::ops {

enum class PoolKind : uint8_t { max, average, lp };

struct PoolShape {
  PoolKind kind = PoolKind::max;
  bool nhwc = false, global = false;
  Window window;
  Image x, y;
  Dims out;
  bool count_include_pad = false;  // average
  bool column_major = false;       // max: order of indices
  int64_t p = 2;                   // lp
  Activation activation;
};

Status resolve_pool(const char* op, PoolKind kind, bool global, const OpCall& call, PoolShape* out);
// Elements that an average divides by, at output position (z, y, x).
int64_t average_count(const PoolShape& shape, int64_t z, int64_t y, int64_t x);

// Averages of codes: types of operand and output; computation.
Status infer_average_integer(const char* op, const OpCall& call);
Status reference_average_integer(const OpCall& call, const PoolShape& shape);
Status reference_pool(const OpCall& call, const PoolShape& shape);

extern const TfliteRule kMaxPoolTflite[1];
extern const TfliteRule kAveragePoolTflite[2];
std::vector<Case> pool_cases();
std::vector<Case> global_pool_cases();

}  // namespace fettle::ops
