// SPDX-License-Identifier: Apache-2.0
//
// A replay in which nothing breaks is worth what it tries. This entry point stands where a reader's
// would, notes what replay_main.cc does to the seeds in replay_reach/, and fails the program at its
// end where a kind of damage is missing.
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

namespace {

constexpr size_t kNumberAt = 8, kNumberBytes = 4;
constexpr const char* kOfTheOtherSeed = "QWXY";

struct Reached {
  bool cut = false, bit = false, shorter = false, longer = false, number = false, spliced = false;
  ~Reached() {
    std::printf("cut %d, bit %d, shorter %d, longer %d, number %d, spliced %d\n", cut, bit, shorter,
                longer, number, spliced);
    std::fflush(stdout);
    if (!(cut && bit && shorter && longer && number && spliced)) std::_Exit(1);
  }
} reached;

bool is_one_bit_off(const std::string& a, const std::string& b) {
  int bits = 0;
  for (size_t i = 0; i < a.size(); ++i) {
    bits += __builtin_popcount(static_cast<unsigned char>(a[i] ^ b[i]));
  }
  return bits == 1;
}

// All of the number's bytes are high and nothing else has changed.
bool has_largest_number(const std::string& a, const std::string& seed) {
  return a.compare(0, kNumberAt, seed, 0, kNumberAt) == 0 &&
         a.compare(kNumberAt, kNumberBytes, "\xff\xff\xff\xff") == 0 &&
         a.substr(kNumberAt + kNumberBytes) == seed.substr(kNumberAt + kNumberBytes);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string input(reinterpret_cast<const char*>(data), size);
  static const std::string seed = input;  // the first is whole
  if (size < seed.size()) {
    (seed.starts_with(input) ? reached.cut : reached.shorter) = true;
  } else if (size > seed.size()) {
    reached.longer = true;
  } else if (is_one_bit_off(input, seed)) {
    reached.bit = true;
  } else if (has_largest_number(input, seed)) {
    reached.number = true;
  }
  if (input.starts_with("first") && input.find(kOfTheOtherSeed) != std::string::npos) {
    reached.spliced = true;
  }
  return 0;
}
