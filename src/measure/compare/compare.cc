// SPDX-License-Identifier: Apache-2.0
#include "measure/compare/compare.h"

#include <sched.h>
#include <sys/stat.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <numeric>

#include "base/files.h"
#include "data/npy.h"
#include "measure/compare/runtimes.h"
#include "plan/package.h"

namespace fettle::measure {

namespace {

namespace fs = std::filesystem;

constexpr int kLeastSamples = 3, kWarmupRuns = 3;

// A folder of this run, gone with it.
class TemporaryFolder {
 public:
  static Result<TemporaryFolder> make() {
    const char* base = std::getenv("TMPDIR");
    std::string path = std::string(base != nullptr ? base : "/tmp") + "/fettle-compare-XXXXXX";
    if (::mkdtemp(path.data()) == nullptr) return io_error("cannot make a folder", path);
    return TemporaryFolder(std::move(path));
  }
  TemporaryFolder(TemporaryFolder&& other) noexcept : path_(std::exchange(other.path_, {})) {}
  ~TemporaryFolder() {
    std::error_code ignored;
    if (!path_.empty()) fs::remove_all(path_, ignored);
  }
  const std::string& path() const { return path_; }

 private:
  explicit TemporaryFolder(std::string path) : path_(std::move(path)) {}
  std::string path_;
};

Result<std::string> make_folder(const std::string& path) {
  std::error_code error;
  fs::create_directories(path, error);
  if (error) return io_error("cannot make it: " + error.message(), path);
  return path;
}

double median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<int64_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

struct Contestant {
  const RuntimeEntry* entry;
  std::unique_ptr<Worker> worker;  // null once it is out
  std::vector<NamedTensor> outputs;
  RuntimeReport report;

  void drop(Outcome outcome, const Status& why) {
    report.outcome = outcome;
    report.why = why.to_string();
    worker.reset();
  }
};

class Comparison {
 public:
  Comparison(const CompareOptions& options, std::string folder)
      : options_(options), folder_(std::move(folder)) {
    for (const NamedTensor& i : options.inputs) {
      shapes_.push_back({i.name, {i.value.dims().begin(), i.value.dims().end()}});
    }
  }

  Result<CompareReport> run() {
    for (const std::string& name : options_.runtimes) {
      Contestant c;
      FETTLE_ASSIGN(c.entry, find_runtime(name));
      contestants_.push_back(std::move(c));
    }
    for (size_t i = 0; i < contestants_.size(); ++i) {
      tell("loading " + std::string(contestants_[i].entry->name), i, contestants_.size());
      FETTLE_TRY(enter(contestants_[i]));
    }
    FETTLE_TRY(run_rounds());
    return finish();
  }

 private:
  void tell(const std::string& what, size_t done, size_t all) const {
    if (options_.progress) {
      options_.progress(what, static_cast<double>(done) / static_cast<double>(all));
    }
  }

  // Starts, loads and runs once; what is wrong with this one runtime is noted in its report.
  Status enter(Contestant& c) {
    RuntimeReport& r = c.report;
    r.name = std::string(c.entry->name);
    const auto own = options_.model_of.find(r.name);
    r.model = own != options_.model_of.end() ? own->second : options_.model;
    FETTLE_TRY(start(c));
    if (!c.worker) return {};
    r.version = c.worker->version();
    r.bare_kib = c.worker->bare_kib();
    FETTLE_ASSIGN(const std::string kept,
                  make_folder((options_.keep.empty() ? folder_ : options_.keep) + "/" + r.name));
    FETTLE_ASSIGN(const std::string outputs, make_folder(folder_ + "/" + r.name + "/outputs"));
    Status status = load(c, kept, outputs);
    if (status.ok()) status = c.worker->process().pause();
    if (!status.ok()) c.drop(outcome_of(status), status);
    return {};
  }

  // A worker's own "no" is a refusal; anything else that goes wrong is a failure.
  static Outcome outcome_of(const Status& status) {
    return status.code() == Code::unsupported ? Outcome::refused : Outcome::failed;
  }

  Status start(Contestant& c) {
    std::vector<std::vector<std::string>> commands;
    if (c.entry->script.empty()) {
      FETTLE_ASSIGN(const std::string program, own_program());
      commands.push_back({program, "compare", "--worker"});
    } else {
      FETTLE_ASSIGN(const std::string workers, find_workers());
      FETTLE_ASSIGN(const auto pythons, find_pythons(options_.python, workers));
      for (const std::string& python : pythons) {
        commands.push_back({python, workers + "/" + std::string(c.entry->script)});
      }
    }
    c.drop(Outcome::missing, Status(Code::failed, "there is no Python to run its worker"));
    for (const auto& command : commands) {
      LineProcess::Options process{command, options_.cores, folder_ + "/" + c.report.name + ".log"};
      std::string missing;
      auto worker = Worker::start(process, options_.limits, &missing);
      if (!worker.ok()) {
        // One Python may be broken where the next is not; the last word is kept.
        c.drop(outcome_of(worker.status()), worker.status());
      } else if (!missing.empty()) {
        if (c.report.outcome == Outcome::missing) c.report.why = missing;
      } else {
        c.worker = std::move(*worker);
        c.report.why.clear();
        return {};
      }
    }
    if (c.report.outcome == Outcome::missing) c.report.install = std::string(c.entry->install);
    return {};
  }

  Status load(Contestant& c, const std::string& kept, const std::string& outputs) {
    std::string form = folder_ + "/model.fettle";
    if (c.entry->script.empty()) {
      FETTLE_TRY(write_file(form, plan::write_package(*options_.plan)));
    } else {
      FETTLE_ASSIGN(form, c.worker->prepare(c.report.model, kept, shapes_));
    }
    FETTLE_TRY(c.worker->load(form, options_.threads));
    FETTLE_TRY(give_inputs(*c.worker, outputs));
    FETTLE_ASSIGN(c.outputs, c.worker->outputs(outputs));
    return {};
  }

  // Inputs by name, or else by their place, in the layout that the worker wants.
  Status give_inputs(Worker& worker, const std::string& folder) const {
    const auto& slots = worker.inputs();
    if (slots.size() != options_.inputs.size()) {
      return unsupported("it has " + std::to_string(slots.size()) + " inputs where the model has " +
                         std::to_string(options_.inputs.size()));
    }
    for (size_t i = 0; i < slots.size(); ++i) {
      const auto named =
          std::find_if(options_.inputs.begin(), options_.inputs.end(),
                       [&](const NamedTensor& t) { return t.name == slots[i].name; });
      const NamedTensor& from = named != options_.inputs.end() ? *named : options_.inputs[i];
      auto fitted = fit_layout(from.value, slots[i].shape);
      if (!fitted.ok()) return fitted.take_status().at("input '" + from.name + "'");
      const std::string file = folder + "/input" + std::to_string(i) + ".npy";
      FETTLE_TRY(data::write_npy(file, fitted->view()));
      FETTLE_TRY(worker.set_input(slots[i].name, file));
    }
    return {};
  }

  Status run_rounds() {
    const size_t n = contestants_.size();
    const size_t turns = n * static_cast<size_t>(options_.rounds);
    for (size_t turn = 0; turn < turns; ++turn) {
      const size_t round = turn / n;
      Contestant& c = contestants_[(turn + round) % n];
      if (!c.worker) continue;
      tell("round " + std::to_string(round + 1) + ", " + c.report.name, turn, turns);
      auto samples = take_turn(*c.worker);
      if (!samples.ok()) {
        if (samples.status().code() == Code::io) return samples.take_status();
        c.drop(outcome_of(samples.status()), samples.status());
      } else {
        c.report.rounds_us.push_back(std::move(*samples));
      }
    }
    return {};
  }

  Result<std::vector<double>> take_turn(Worker& worker) const {
    LineProcess& process = worker.process();
    FETTLE_TRY(process.resume());
    if (options_.realtime) FETTLE_TRY(process.set_realtime(true));
    auto samples = worker.run(options_.seconds, kWarmupRuns, kLeastSamples);
    if (!samples.ok()) return samples;
    if (options_.realtime) FETTLE_TRY(process.set_realtime(false));
    FETTLE_TRY(process.pause());
    return samples;
  }

  Result<CompareReport> finish() {
    CompareReport report{{}, options_.cores, options_.threads};
    const Contestant* first = nullptr;
    for (Contestant& c : contestants_) {
      if (c.worker) {
        summarize(c);
        if (first == nullptr) first = &c;
        hold_against(c, *first);
        c.report.outcome = Outcome::measured;
        c.worker.reset();
      }
    }
    for (Contestant& c : contestants_) report.runtimes.push_back(std::move(c.report));
    return report;
  }

  static void summarize(Contestant& c) {
    std::vector<double> all;
    for (const auto& round : c.report.rounds_us) {
      all.insert(all.end(), round.begin(), round.end());
      c.report.round_medians_us.push_back(median(round));
    }
    c.report.latency = device::summarize(all);
    c.report.peak_kib = c.worker->process().peak_kib().value_or(0);
    c.report.load_ms = c.worker->load_ms();
    c.report.settings = c.worker->settings();
  }

  void hold_against(Contestant& c, const Contestant& first) const {
    std::vector<double> ratios;
    for (size_t i = 0; i < c.report.round_medians_us.size(); ++i) {
      ratios.push_back(c.report.round_medians_us[i] / first.report.round_medians_us[i]);
    }
    c.report.ratio = median(ratios);
    c.report.ratio_least = *std::min_element(ratios.begin(), ratios.end());
    c.report.ratio_most = *std::max_element(ratios.begin(), ratios.end());
    const auto& reference = options_.reference.empty() ? first.outputs : options_.reference;
    if (auto agreement = agree(reference, c.outputs); agreement.ok()) {
      c.report.agreement = *agreement;
    } else {
      c.report.why = agreement.status().to_string();
    }
  }

  const CompareOptions& options_;
  std::string folder_;
  std::vector<InputSlot> shapes_;
  std::vector<Contestant> contestants_;
};

}  // namespace

std::string_view name_of(Outcome outcome) {
  switch (outcome) {
    case Outcome::measured:
      return "measured";
    case Outcome::missing:
      return "missing";
    case Outcome::refused:
      return "refused";
    case Outcome::failed:
      break;
  }
  return "failed";
}

Result<std::vector<int>> pick_cores(int n) {
  cpu_set_t set;
  CPU_ZERO(&set);
  if (sched_getaffinity(0, sizeof(set), &set) != 0) return io_error("cannot read the affinity");
  std::vector<int> usable;
  for (int c = 0; c < CPU_SETSIZE; ++c) {
    if (CPU_ISSET(static_cast<size_t>(c), &set)) usable.push_back(c);
  }
  if (n < 1 || static_cast<size_t>(n) > usable.size()) {
    return usage_error("--threads " + std::to_string(n) + ": there are " +
                       std::to_string(usable.size()) + " cores to run on");
  }
  return std::vector<int>(usable.end() - n, usable.end());
}

Result<CompareReport> compare(const CompareOptions& options) {
  FETTLE_ASSIGN(const TemporaryFolder folder, TemporaryFolder::make());
  return Comparison(options, folder.path()).run();
}

}  // namespace fettle::measure
