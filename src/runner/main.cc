// SPDX-License-Identifier: Apache-2.0
//
// fettle-run: a package on the device that it was made for, with nothing of the workshop. Same
// contract as `fettle`: results to stdout, errors to stderr, the same exit codes.
#include <cstdio>
#include <cstring>
#include <exception>
#include <new>

#include "base/clock.h"
#include "base/files.h"
#include "data/npy.h"
#include "data/output_files.h"
#include "measure/bench.h"
#include "measure/bound_inputs.h"
#include "measure/latency_text.h"
#include "ops/portable.h"
#include "plan/package.h"
#include "plan/packed.h"
#include "realtime/surroundings.h"
#include "runner/options.h"

namespace fettle::runner {

namespace {

Tensor zeros(const TensorView& like) {
  Tensor t(like.dtype, like.dims);
  std::memset(t.mutable_raw(), 0, t.bytes());
  return t;
}

// Of every input, in the session's order.
Result<std::vector<Tensor>> make_inputs(const Options& o, runtime::Session& session) {
  std::vector<Tensor> inputs;
  for (size_t i = 0; i < session.inputs(); ++i) {
    const TensorView& in = session.input(i);
    inputs.push_back(o.zeros ? zeros(in) : measure::random_input(in, i + 1));
  }
  for (const auto& [name, file] : o.inputs) {
    size_t i = 0;
    while (i < session.inputs() && session.input_name(i) != name) ++i;
    if (i == session.inputs()) {
      std::string names;
      for (size_t j = 0; j < session.inputs(); ++j) {
        names += (j > 0 ? ", " : "") + ("'" + std::string(session.input_name(j)) + "'");
      }
      return usage_error("there is no input '" + name + "'; the package has " + names);
    }
    FETTLE_ASSIGN(Tensor t, data::read_npy(file));
    FETTLE_TRY(session.set_input(i, t.view()));  // has the type and shape, or says so
    inputs[i] = std::move(t);
  }
  return inputs;
}

// Of a run that is not timed: measuring takes the inputs' memory back when it is done.
Status write_outputs(const Options& o, const std::vector<Tensor>& inputs,
                     runtime::Session& session) {
  for (size_t i = 0; i < inputs.size(); ++i) FETTLE_TRY(session.set_input(i, inputs[i].view()));
  FETTLE_TRY(session.run());
  std::vector<std::string_view> outputs;
  for (size_t i = 0; i < session.outputs(); ++i) outputs.push_back(session.output_name(i));
  const std::vector<std::string> names = data::output_file_names(outputs);
  for (size_t i = 0; i < names.size(); ++i) {
    const std::string path = o.output_folder + "/" + names[i] + ".npy";
    FETTLE_TRY(data::write_npy(path, session.output(i)));
    std::printf("output   %s -> %s\n", std::string(outputs[i]).c_str(), path.c_str());
  }
  return {};
}

// The package anew, with what the kernels of this processor have packed.
Status write_packed_package(const Options& o, const runtime::Session& session) {
  const plan::PackedWeights weights = session.packed_weights();
  FETTLE_TRY(write_file(o.packed_package, plan::package_with(session.plan(), weights)));
  size_t bytes = 0;
  for (const plan::PackedStep& s : weights.steps) bytes += s.bytes.size();
  std::printf("packed   %10.1f KiB of %zu steps for %s -> %s\n", static_cast<double>(bytes) / 1024,
              weights.steps.size(), weights.isa.c_str(), o.packed_package.c_str());
  return {};
}

void print(const measure::BenchReport& report, const device::Placement& placement,
           int64_t locked_bytes, const Options& o) {
  std::printf("first    %10.3f ms\n", report.first_run_us / 1e3);
  std::printf("threads  %10d", placement.threads);
  for (size_t i = 0; i < placement.cores.size(); ++i) {
    std::printf("%s%d", i == 0 ? " on processors " : ",", placement.cores[i]);
  }
  if (o.loop.fifo_priority > 0) std::printf(", SCHED_FIFO %d", o.loop.fifo_priority);
  if (locked_bytes > 0) {
    std::printf(", %.1f MiB locked", static_cast<double>(locked_bytes) / (1 << 20));
  }
  std::printf("\nsamples  %10lld in %.1f s\nmean     %10.3f ms, least %.3f\n",
              static_cast<long long>(report.latency.samples), report.samples.took_s,
              report.latency.mean_us / 1e3, report.latency.min_us / 1e3);
  std::fputs(measure::text_of(report.latency).c_str(), stdout);
  std::fputs(measure::text_of(report.late, false).c_str(), stdout);
}

Status run(const Options& o) {
  FETTLE_ASSIGN(const device::Placement placement, o.loop.place(o.threads));
  if (!o.output_folder.empty()) FETTLE_TRY(make_folder(o.output_folder));
  const int64_t start = now_ns();
  FETTLE_ASSIGN(auto plan, plan::open_package(o.package));
  const int64_t opened = now_ns();
  runtime::SessionOptions session_options;
  session_options.threads = placement.threads;
  session_options.cores = placement.cores;
  auto loaded = runtime::Session::load(std::move(plan), ops::find_portable, session_options);
  if (!loaded.ok()) return loaded.take_status().at(o.package);
  runtime::Session& session = **loaded;
  const int64_t ready = now_ns();
  if (!o.packed_package.empty()) return write_packed_package(o, session);
  FETTLE_TRY(realtime::place_caller(placement));

  measure::BenchOptions options;
  FETTLE_ASSIGN(options.inputs, make_inputs(o, session));
  options.iterations = o.iterations;
  options.seconds = o.seconds;
  options.warmup = o.warmup;
  options.profile_runs = 0;
  int64_t locked_bytes = 0;
  options.settle = [&]() -> Status {
    FETTLE_ASSIGN(locked_bytes, o.loop.settle(session));
    return {};
  };
  FETTLE_ASSIGN(const measure::BenchReport report, measure::bench(session, options));
  o.loop.unsettle(session);

  const runtime::MemoryReport memory = session.memory();
  std::printf("load     %10.3f ms, of which the package %.3f\n",
              static_cast<double>(ready - start) / 1e6, static_cast<double>(opened - start) / 1e6);
  std::printf(
      "memory   %10.1f KiB weights, %.1f KiB packed and %.1f KiB mapped so, %.1f KiB arena, "
      "%.1f KiB scratch\n",
      static_cast<double>(memory.plan_weights) / 1024,
      static_cast<double>(memory.packed_weights) / 1024,
      static_cast<double>(memory.mapped_weights) / 1024, static_cast<double>(memory.arena) / 1024,
      static_cast<double>(memory.scratch) / 1024);
  print(report, placement, locked_bytes, o);
  for (const std::string& s :
       realtime::unsteady_surroundings(placement.cores, o.loop.fifo_priority > 0)) {
    std::printf("note     %s\n", s.c_str());
  }
  return o.output_folder.empty() ? Status() : write_outputs(o, options.inputs, session);
}

int main(const std::vector<std::string>& arguments) {
  auto options = parse_options(arguments);
  Status status;
  if (!options.ok()) {
    status = options.take_status();
  } else if (options->help) {
    std::fputs(help_text().c_str(), stdout);
  } else if (options->version) {
    std::puts("fettle-run 0.1.0");
  } else {
    status = run(*options);
  }
  if (!status.ok()) std::fprintf(stderr, "fettle-run: %s\n", status.to_string().c_str());
  return status.exit_code();
}

}  // namespace

}  // namespace fettle::runner

int main(int argc, char** argv) {
  try {
    return fettle::runner::main({argv + 1, argv + argc});
  } catch (const std::bad_alloc&) {
    std::fputs("fettle-run: out of memory\n", stderr);
  } catch (const std::exception& e) {
    std::fprintf(stderr, "fettle-run: unexpected failure: %s\n", e.what());
  }
  return 1;
}
