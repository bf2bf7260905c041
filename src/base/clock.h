// SPDX-License-Identifier: Apache-2.0
//
// The monotonic clock, in nanoseconds.
#pragma once

#include <time.h>

#include <cstdint>

namespace fettle {

inline int64_t now_ns() {
  timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return int64_t{t.tv_sec} * 1'000'000'000 + t.tv_nsec;
}

}  // namespace fettle
