// SPDX-License-Identifier: Apache-2.0
#include "runtime/owned_memory.h"

#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>

#include "plan/plan.h"

namespace fettle::runtime {

namespace {
// What the machine has. Systems promise more than that, and kill who takes them at their word.
uint64_t physical_bytes() {
  const long pages = sysconf(_SC_PHYS_PAGES), page = sysconf(_SC_PAGESIZE);
  return pages > 0 && page > 0 ? static_cast<uint64_t>(pages) * static_cast<uint64_t>(page)
                               : UINT64_MAX;
}
}  // namespace

Result<OwnedMemory> allocate_touched(uint64_t bytes, const char* what) {
  void* p = nullptr;
  size_t aligned = 0;
  if (bytes < std::min<uint64_t>(physical_bytes(), SIZE_MAX / 2)) {
    aligned = plan::align_up(std::max<size_t>(static_cast<size_t>(bytes), 1));
    p = std::aligned_alloc(plan::kAlignment, aligned);
  }
  if (p == nullptr) {
    return Status(Code::out_of_memory, std::string("no memory for the ") + what + " of " +
                                           std::to_string(bytes) + " bytes");
  }
  std::memset(p, 0, aligned);  // touched now, so that no page faults come later
  return OwnedMemory(static_cast<std::byte*>(p), std::free);
}

}  // namespace fettle::runtime
