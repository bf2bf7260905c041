// SPDX-License-Identifier: Apache-2.0
//
// Which steps of a plan run as chains, stripe by stripe (plan::Chain), for the cache of a device.
//
//   before   expand -> [56 56 144] -> depthwise -> [56 56 144] -> project
//   after    the same steps, of whose tensors between them a few rows exist at a time
//
// Algorithm: along every run of steps that pass one tensor on, rows to rows, a partition into
// chains by dynamic programming. What is saved is the bytes of tensors that are too large to stay
// in the cache: each would be written and read again. A chain has to fit: its weights, and the
// windows of at least one stripe of its last output. Stripes are then as high as still fit, up to
// what keeps kernels busy.
// Weakness: sizes alone decide; a chain that spares no memory traffic on one device may spare
// arena bytes, and is not made for them.
#pragma once

#include "plan/plan.h"

namespace fettle::lower {

struct StripeOptions {
  // Of the cache that one core can count on: its private second level, or its share of a common
  // one. 0: no stripes.
  int64_t cache_bytes = 0;
};

// Adds chains, marks what they stripe, and takes back in-place steps within them. The arena must
// be planned afterwards.
void plan_stripes(plan::Plan& plan, const StripeOptions& options);

struct ChainReport {
  plan::Chain chain;
  int64_t window_bytes = 0;  // of one thread
  int64_t whole_bytes = 0;   // of the tensors that are striped
};
std::vector<ChainReport> report_chains(const plan::Plan& plan);

}  // namespace fettle::lower
