// SPDX-License-Identifier: Apache-2.0
//
// The command line of fettle-run. Read by hand: the library that the workshop's commands use would
// be as large as the runtime.
#pragma once

#include <span>
#include <string>
#include <utility>
#include <vector>

#include "realtime/loop.h"

namespace fettle::runner {

struct Options {
  std::string package;
  std::vector<std::pair<std::string, std::string>> inputs;  // name, .npy file
  std::string output_folder;                                // empty: outputs are not written
  std::string packed_package;  // not empty: write it and do nothing else
  bool zeros = false;          // for inputs without a file, in place of numbers of a fixed seed
  int threads = 0;             // 0: one for each of the fastest cores
  realtime::LoopRequest loop;
  int64_t iterations = 0;  // 0: as many as `seconds` take
  int64_t warmup = 10;
  double seconds = 3;
  bool help = false, version = false;  // and nothing else
};

Result<Options> parse_options(std::span<const std::string> arguments);
std::string help_text();

}  // namespace fettle::runner
