// SPDX-License-Identifier: Apache-2.0
//
// The runtimes that `fettle compare` knows, and where their workers are. Fettle's own worker is
// this program; the others' are scripts, run by the first Python that has the runtime.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"

namespace fettle::measure {

struct RuntimeEntry {
  std::string_view name;
  std::string_view script;   // in the folder of workers; empty: this program
  std::string_view install;  // how to get it
};
std::span<const RuntimeEntry> known_runtimes();
// An unknown name is an error that lists the known ones.
Result<const RuntimeEntry*> find_runtime(const std::string& name);

// Where the worker scripts are: FETTLE_WORKERS, beside the program, installed beside its bin/, or
// in the sources above build/<preset>/bin/.
Result<std::string> find_workers();

// Which Pythons to try, in order: `preferred` if it is given and nothing else; else
// FETTLE_PEERS_PYTHON, the environment that bench/peers/run_suite makes beside the workers, and the
// system's.
Result<std::vector<std::string>> find_pythons(const std::string& preferred,
                                              const std::string& workers);

// The path of this very program.
Result<std::string> own_program();

}  // namespace fettle::measure
