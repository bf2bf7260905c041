// SPDX-License-Identifier: Apache-2.0
//
// What the commands' argument readers share: parsing with one error form, and the options that
// every command that takes a MODEL has.
#pragma once

#include <CLI/CLI.hpp>

#include "cli/command.h"
#include "compile/compile.h"

namespace fettle::cli {

// Parses args into `app`. On --help prints it and sets *done.
Status parse(CLI::App& app, const std::vector<std::string>& args, bool* done);

// "NAME=1,3,224,224" and "NAME=FILE" options.
Result<std::pair<std::string, std::string>> split_assignment(const std::string& text);
Result<std::vector<int64_t>> parse_extents(const std::string& text);

struct ModelOptions {
  std::string model;
  std::vector<std::string> shapes;
  std::vector<std::string> disabled_passes;
  int stripe_cache_kb = -1;  // StripeOptions::cache_bytes in KiB; below 0: this machine's
  std::string dump_passes;   // folder for the graph's text after each pass
  int threads = 0;           // 0: one for each of the fastest cores it may use
  bool json = false;

  void add_to(CLI::App& app);
  Result<compile::CompileOptions> compile_options() const;
  int thread_count() const;
};

}  // namespace fettle::cli
