// SPDX-License-Identifier: Apache-2.0
//
// Counts what the whole process asks of the allocator while a guard lives: malloc and its family
// are replaced in this program (operator new ends in them), so nothing is missed, on any thread.
#pragma once

#include <cstddef>
#include <cstdint>

namespace fettle::runtime {

struct AllocationCount {
  int64_t calls = 0;       // allocations and frees
  size_t first_bytes = 0;  // of the first one; 0: it was a free
  void* stack[16] = {};    // and who asked, for addr2line
  int depth = 0;
};

void start_counting();
AllocationCount stop_counting();

// Where the first call came from, one frame a line.
void print_stack(const AllocationCount& count);

}  // namespace fettle::runtime
