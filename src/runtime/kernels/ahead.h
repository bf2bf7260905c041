// SPDX-License-Identifier: Apache-2.0
//
// Weights come from afar while there is no other memory to wait for: the tiles of one panel ask for
// the next one, each for its share, so that requests never queue.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace fettle::runtime {

// So many cache lines from `at` on, of which each of a tile's first steps of depth asks for one, on
// instruction sets where that has shown to help.
struct Ahead {
  const std::byte* at = nullptr;
  int64_t lines = 0;
};

class AheadShares {
 public:
  // `bytes` from `next` on, shared out to `tiles`.
  AheadShares(const void* next, int64_t bytes, int64_t tiles)
      : rest_{static_cast<const std::byte*>(next), bytes / kLine},
        share_((rest_.lines + tiles - 1) / std::max<int64_t>(1, tiles)) {}
  Ahead take() {
    const Ahead taken = {rest_.at, std::min(share_, rest_.lines)};
    rest_.at += taken.lines * kLine;
    rest_.lines -= taken.lines;
    return taken;
  }

 private:
  static constexpr int64_t kLine = 64;
  Ahead rest_;
  int64_t share_;
};

}  // namespace fettle::runtime
