// SPDX-License-Identifier: Apache-2.0
//
// Runs a fuzzer's entry point without a fuzzer: over its seeds, over each seed cut short, and over
// a fixed set of mutations of each. A file given by name runs as it is, to look at a crash. An
// input that the entry point does not survive stops the program, and with it the test; set
// FETTLE_REPLAY_KEEP to a path to find that input there.
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
constexpr size_t kCuts = 128, kMutations = 256;
// An input that is read for ever, or that fills the memory, must not take the machine with it.
constexpr unsigned kHangSeconds = 120;
constexpr rlim_t kMaxBytes = rlim_t{4} << 30;

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

std::string mutate(std::string input, Random* random) {
  constexpr char kTelling[] = {0,   1,   '\x7f', '\x80', '\xff', '0', '9',
                               '-', '.', ',',    '"',    '[',    '{'};
  const size_t changes = 1 + random->below(4);
  for (size_t i = 0; i < changes && !input.empty(); ++i) {
    const size_t at = random->below(input.size());
    const size_t length = std::min(random->below(16) + 1, input.size() - at);
    switch (random->below(6)) {
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
    }
  }
  return input;
}

std::string contents(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

void replay_seed(const std::string& seed) {
  run(seed);
  for (size_t i = 0; i < kCuts; ++i) {
    if (seed.size() >= kCuts || i < seed.size()) {
      run(seed.substr(0, seed.size() >= kCuts ? seed.size() * i / kCuts : i));
    }
  }
  Random random;
  for (size_t i = 0; i < kMutations; ++i) run(mutate(seed, &random));
}
}  // namespace

int main(int argc, char** argv) {
  namespace fs = std::filesystem;
#ifndef FETTLE_SANITIZED  // sanitizers reserve terabytes
  const rlimit limit{kMaxBytes, kMaxBytes};
  setrlimit(RLIMIT_AS, &limit);
#endif
  for (int i = 1; i < argc; ++i) {
    if (!fs::is_directory(argv[i])) {
      run(contents(argv[i]));
      continue;
    }
    std::vector<fs::path> seeds;
    for (const auto& entry : fs::directory_iterator(argv[i])) seeds.push_back(entry.path());
    std::sort(seeds.begin(), seeds.end());
    for (const fs::path& seed : seeds) replay_seed(contents(seed));
  }
  std::printf("%lld inputs survived\n", static_cast<long long>(runs));
  return runs > 0 ? 0 : 1;
}
