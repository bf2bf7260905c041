// SPDX-License-Identifier: Apache-2.0
#include "allocation_guard.h"

#include <execinfo.h>
#include <malloc.h>

#include <atomic>
#include <cerrno>

namespace {

std::atomic<bool> counting{false};
std::atomic<int64_t> calls{0};
std::atomic<bool> inside{false};  // backtrace may itself allocate
fettle::runtime::AllocationCount first;

void note(size_t bytes) {
  if (!counting.load(std::memory_order_relaxed) || inside.load(std::memory_order_relaxed)) return;
  if (calls.fetch_add(1) != 0) return;
  inside = true;
  first.first_bytes = bytes;
  first.depth = backtrace(first.stack, 16);
  inside = false;
}

}  // namespace

// glibc's own allocator, behind the names that this program takes over.
extern "C" {
void* __libc_malloc(size_t);            // NOLINT
void* __libc_calloc(size_t, size_t);    // NOLINT
void* __libc_realloc(void*, size_t);    // NOLINT
void* __libc_memalign(size_t, size_t);  // NOLINT
void __libc_free(void*);                // NOLINT

void* malloc(size_t bytes) noexcept {
  note(bytes);
  return __libc_malloc(bytes);
}
void* calloc(size_t count, size_t bytes) noexcept {
  note(count * bytes);
  return __libc_calloc(count, bytes);
}
void* realloc(void* p, size_t bytes) noexcept {
  note(bytes);
  return __libc_realloc(p, bytes);
}
void* memalign(size_t alignment, size_t bytes) noexcept {
  note(bytes);
  return __libc_memalign(alignment, bytes);
}
void* aligned_alloc(size_t alignment, size_t bytes) noexcept {
  note(bytes);
  return __libc_memalign(alignment, bytes);
}
int posix_memalign(void** p, size_t alignment, size_t bytes) noexcept {
  note(bytes);
  *p = __libc_memalign(alignment, bytes);
  return *p == nullptr ? ENOMEM : 0;
}
void free(void* p) noexcept {
  if (p != nullptr) note(0);
  __libc_free(p);
}
}

namespace fettle::runtime {

void start_counting() {
  void* warm_up[1];
  backtrace(warm_up, 1);  // loads its library now
  first = {};
  calls = 0;
  counting = true;
}

AllocationCount stop_counting() {
  counting = false;
  first.calls = calls;
  return first;
}

void print_stack(const AllocationCount& count) {
  backtrace_symbols_fd(count.stack, count.depth, 2);
}

}  // namespace fettle::runtime
