// SPDX-License-Identifier: Apache-2.0
//
// The same model and inputs through several runtimes on this machine, so that their times can be
// held against each other: each in a process of its own on the same cores, only one of them awake
// at a time, in rounds whose order moves on by one each time, so that what else goes on in the
// machine falls on all alike.
//
// Algorithm: every runtime loads, answers once (its outputs are compared) and is stopped. A round
// wakes each in turn, lets it warm up, samples it and stops it again. Ratios are taken within a
// round, where the machine was the same; the reported one is the median over rounds.
#pragma once

#include <functional>
#include <map>

#include "device/latency.h"
#include "measure/compare/agreement.h"
#include "plan/plan.h"

namespace fettle::measure {

struct CompareOptions {
  std::vector<std::string> runtimes;  // names of known_runtimes(), none twice; the first that is
                                      // measured is the one that the others are held against
  std::string model;                  // as given by the user
  std::map<std::string, std::string> model_of;  // a runtime's own form of it, in place of `model`
  // What Fettle itself runs; it loads it from a package, as a device would.
  std::shared_ptr<const plan::Plan> plan;
  std::vector<NamedTensor> inputs;  // all that the model has, in its order
  // What outputs are held to; empty: the first measured runtime's.
  std::vector<NamedTensor> reference;
  int threads = 1;
  std::vector<int> cores;  // that all run on
  int rounds = 5;
  double seconds = 1;     // of each turn
  bool realtime = false;  // SCHED_FIFO while measured
  std::string python;     // empty: looked for
  std::string keep;       // a folder for converted models, used again; empty: a temporary one
  Worker::Limits limits;
  std::function<void(const std::string&, double)> progress;  // what, share; may be empty
};

enum class Outcome : uint8_t {
  measured,
  missing,  // not installed
  refused,  // does not take the model
  failed,   // died, hung or broke the protocol
};
std::string_view name_of(Outcome outcome);

struct RuntimeReport {
  std::string name, version, settings, model;
  Outcome outcome = Outcome::failed;
  std::string why;      // it was not measured, or that it cannot be compared
  std::string install;  // how, where it is missing
  double load_ms = 0;
  int64_t peak_kib = 0;                        // of the process
  int64_t bare_kib = 0;                        // of the process before it had the runtime
  std::vector<std::vector<double>> rounds_us;  // samples in order of time
  std::vector<double> round_medians_us;
  device::LatencySummary latency;  // of all rounds together
  std::optional<Agreement> agreement;
  // This runtime's median time over the first measured one's: above 1 it is slower.
  double ratio = 1, ratio_least = 1, ratio_most = 1;
};

struct CompareReport {
  std::vector<RuntimeReport> runtimes;
  std::vector<int> cores;
  int threads = 0;
};

// Fails only for what concerns all: wrong options, no place for temporary files, privileges. What
// is wrong with one runtime stands in its report.
Result<CompareReport> compare(const CompareOptions& options);

// The last `n` cores that this process may use, so that the first ones are left to the system.
Result<std::vector<int>> pick_cores(int n);

}  // namespace fettle::measure
