// SPDX-License-Identifier: Apache-2.0
//
// A command of the `fettle` program: a row of the table in main.cc and one file that reads its
// arguments, calls one library function and prints its report.
//
// Contract (docs: the command line): results go to stdout, as one JSON object with --json;
// progress and errors go to stderr; exit 0 success, 2 wrong usage, 3 bad input, 4 the budget
// cannot be met, 1 any other failure; no half-written output is left behind.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"

namespace CLI {
class App;
}

namespace fettle::cli {

struct Command {
  std::string_view name;
  std::string_view help;
  Status (*run)(const std::vector<std::string>& args);  // without the command's name
};

Status inspect_command(const std::vector<std::string>& args);
Status convert_command(const std::vector<std::string>& args);
Status run_command(const std::vector<std::string>& args);
Status eval_command(const std::vector<std::string>& args);
Status bench_command(const std::vector<std::string>& args);
Status quantize_command(const std::vector<std::string>& args);
Status fit_command(const std::vector<std::string>& args);
Status compare_command(const std::vector<std::string>& args);
Status device_command(const std::vector<std::string>& args);

}  // namespace fettle::cli
