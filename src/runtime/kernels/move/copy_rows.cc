// SPDX-License-Identifier: Apache-2.0
#include "runtime/kernels/move/copy_rows.h"

#include <bit>
#include <cstddef>
#include <cstring>

namespace fettle::runtime {

namespace {

constexpr int kMostWord = 64;
constexpr int64_t kWorthCalling = 1024;  // bytes: memcpy's own loop is better from here on

struct RowCopy {
  const std::byte* from;
  int64_t from_step;
  std::byte* to;
  int64_t to_step;
  int64_t rows, bytes;
};

// Rows of at least kWord bytes.
template <int kWord>
void copy_in_words(const RowCopy& given) {
  RowCopy c = given;
  const int64_t last = c.bytes - kWord;
  for (int64_t r = 0; r < c.rows; ++r, c.from += c.from_step, c.to += c.to_step) {
    for (int64_t i = 0; i < last; i += kWord) std::memcpy(c.to + i, c.from + i, kWord);
    std::memcpy(c.to + last, c.from + last, kWord);
  }
}

using CopyFn = void (*)(const RowCopy& rows);
constexpr CopyFn kByWord[] = {copy_in_words<1>, copy_in_words<2>,  copy_in_words<4>,
                              copy_in_words<8>, copy_in_words<16>, copy_in_words<32>,
                              copy_in_words<64>};

}  // namespace

void copy_rows(const void* from, int64_t from_step, void* to, int64_t to_step, int64_t rows,
               int64_t bytes) {
  const auto* p = static_cast<const std::byte*>(from);
  auto* q = static_cast<std::byte*>(to);
  if (bytes >= kWorthCalling) {
    for (int64_t r = 0; r < rows; ++r) {
      std::memcpy(q + r * to_step, p + r * from_step, static_cast<size_t>(bytes));
    }
    return;
  }
  const auto word = bytes < kMostWord ? static_cast<unsigned>(bytes) : unsigned{kMostWord};
  kByWord[std::bit_width(word) - 1]({p, from_step, q, to_step, rows, bytes});
}

}  // namespace fettle::runtime
