// SPDX-License-Identifier: Apache-2.0
//
// Runs a fuzzer's entry point without a fuzzer: over its seeds, over each seed cut short or with
// a size or an offset in it gone wrong, and over a fixed set of mutations of each. It knows nothing
// of coverage, so it finds again what was found and what lies near, on every machine and in
// seconds; to find what is new is libFuzzer's work (tools/fuzz.sh). A file given by name runs as it
// is, to look at a crash. An input that the entry point does not survive stops the program, and
// with it the test; set FETTLE_REPLAY_KEEP to a path to find that input there.
//
// usage: fuzz_NAME_replay FOLDER_OR_FILE...
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

namespace {
constexpr size_t kCuts = 128, kWords = 64, kMutations = 256;
// An input that is read for ever, or that fills the memory, must not take the machine with it.
constexpr unsigned kHangSeconds = 120;
constexpr rlim_t kMaxBytes = rlim_t{512} << 20;

int64_t runs = 0;

void run(const std::string& input) {
  if (const char* keep = std::getenv("FETTLE_REPLAY_KEEP"); keep != nullptr) {
    std::ofstream(keep, std::ios::binary) << input;
  }
  alarm(kHangSeconds);
  // A copy of exactly this size, so that a sanitizer sees a read past its end.
  const std::vector<uint8_t> bytes(input.begin(), input.end());
  LLVMFuzzerTestOneInput(bytes.data(), bytes.size());
  ++runs;
}

// The same numbers on every machine.
class Random {
 public:
  size_t below(size_t limit) {
    state_ ^= state_ << 13;
    state_ ^= state_ >> 7;
    state_ ^= state_ << 17;
    return limit == 0 ? 0 : static_cast<size_t>(state_ % limit);
  }

 private:
  uint64_t state_ = 0x9e3779b97f4a7c15;
};

// The numbers at which sizes, offsets and counts go wrong, little or big endian.
std::string extreme_number(Random* random) {
  constexpr uint64_t kExtremes[] = {0,          1,          0x7f,       0x80,       0xff,
                                    0x7fff,     0xffff,     0x10000,    0x7fffffff, 0x80000000,
                                    0xfffffffc, 0xffffffff, 1ull << 32, ~0ull >> 1, ~0ull};
  const size_t bytes = size_t{1} << random->below(4);
  const uint64_t number = kExtremes[random->below(std::size(kExtremes))];
  std::string out;
  for (size_t i = 0; i < bytes; ++i) out += static_cast<char>(number >> (8 * i));
  if (random->below(2) == 1) std::reverse(out.begin(), out.end());
  return out;
}

// `other`: another seed, whose parts may come in.
std::string mutate(std::string input, const std::string& other, Random* random) {
  constexpr char kTelling[] = {0,   1,   '\x7f', '\x80', '\xff', '0', '9',
                               '-', '.', ',',    '"',    '[',    '{'};
  const size_t changes = 1 + random->below(4);
  for (size_t i = 0; i < changes && !input.empty(); ++i) {
    const size_t at = random->below(input.size());
    const size_t length = std::min(random->below(16) + 1, input.size() - at);
    switch (random->below(8)) {
      case 0:
        input[at] = static_cast<char>(input[at] ^ (1 << random->below(8)));
        break;
      case 1:
        input[at] = kTelling[random->below(sizeof kTelling)];
        break;
      case 2:
        input.erase(at, length);
        break;
      case 3:
        input.insert(at, input.substr(at, length));
        break;
      case 4:
        std::fill_n(input.begin() + static_cast<std::ptrdiff_t>(at), length, '\xff');
        break;
      case 5:
        input.replace(at, length, input.substr(random->below(input.size()), length));
        break;
      case 6: {
        const std::string number = extreme_number(random);
        input.replace(at - at % number.size(), number.size(), number);
        break;
      }
      case 7:
        if (other.empty()) break;
        input.replace(at, length, other.substr(random->below(other.size()), length * 4));
        break;
    }
  }
  return input;
}

std::string contents(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

void replay_seed(const std::string& seed, const std::string& other) {
  run(seed);
  for (size_t i = 0; i < kCuts; ++i) {
    if (seed.size() >= kCuts || i < seed.size()) {
      run(seed.substr(0, seed.size() >= kCuts ? seed.size() * i / kCuts : i));
    }
  }
  const size_t words = std::min(kWords, seed.size() / 4);
  for (size_t i = 0; i < words; ++i) {
    std::string damaged = seed;
    for (const char* number : {"\xff\xff\xff\xff", "\xff\xff\xff\x7f"}) {
      damaged.replace(seed.size() / 4 * i / words * 4, 4, number);
      run(damaged);
    }
  }
  Random random;
  for (size_t i = 0; i < kMutations; ++i) run(mutate(seed, other, &random));
}
}  // namespace

int main(int argc, char** argv) {
  namespace fs = std::filesystem;
#ifndef FETTLE_SANITIZED  // sanitizers reserve terabytes
  const rlimit limit{kMaxBytes, kMaxBytes};
  setrlimit(RLIMIT_DATA, &limit);
#endif
  for (int i = 1; i < argc; ++i) {
    if (!fs::is_directory(argv[i])) {
      run(contents(argv[i]));
      continue;
    }
    std::vector<fs::path> paths;
    for (const auto& entry : fs::directory_iterator(argv[i])) paths.push_back(entry.path());
    std::sort(paths.begin(), paths.end());
    std::vector<std::string> seeds;
    for (const fs::path& path : paths) seeds.push_back(contents(path));
    for (size_t s = 0; s < seeds.size(); ++s) {
      replay_seed(seeds[s], seeds[(s + 1) % seeds.size()]);
    }
  }
  std::printf("%lld inputs survived\n", static_cast<long long>(runs));
  return runs > 0 ? 0 : 1;
}
