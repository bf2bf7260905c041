// SPDX-License-Identifier: Apache-2.0
//
// Memory that is there when it is needed: no page of the process is fetched, zeroed or taken away
// once it runs. Call it after everything is loaded and has run once, and before the first run that
// counts; memory that is taken later is not covered.
//
// All of the process is locked, not a session's memory alone: code, the dispatch tables, the stacks
// and what a kernel keeps on the heap are as needed in a run as its weights, and a page of the
// program's text that the system dropped under pressure costs a read from disk.
//
// Thread safety: any thread; the stack that is filled is the caller's.
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/status.h"

namespace fettle::realtime {

// The caller's stack that is filled before it is locked; more than any run uses.
inline constexpr size_t kStackBytes = size_t{512} << 10;

// How many bytes are locked then. A refusal says which limit to raise, and to what.
Result<int64_t> lock_memory();
void unlock_memory();

}  // namespace fettle::realtime
