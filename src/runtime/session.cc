// SPDX-License-Identifier: Apache-2.0
#include "runtime/session.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>

#include "base/clock.h"
#include "base/files.h"
#include "runtime/step_cost.h"

namespace fettle::runtime {

namespace {

// Reads each page of the file now, so that no run waits for it.
void touch(std::span<const std::byte> mapped) {
  volatile std::byte seen{};
  for (size_t at = 0; at < mapped.size(); at += 4096) seen = mapped[at];
  static_cast<void>(seen);
}

// The reference as a kernel like any other.
class PortableKernel : public Kernel {
 public:
  explicit PortableKernel(const PortableOp& op) : op_(op) {}
  Status prepare(const OpCall& call, const KernelOptions&) override {
    scratch_ = op_.scratch != nullptr ? op_.scratch(call) : 0;
    return {};
  }
  size_t scratch_bytes() const override { return scratch_; }
  Status run(const OpCall& call, ThreadPool&) override { return op_.run(call); }

 private:
  PortableOp op_;
  size_t scratch_ = 0;
};

// What takes over an input's bytes must fit there, and nothing else of the step may read them.
Status check_in_place(const plan::Step& step, std::span<const TensorView> in,
                      std::span<const TensorView> out) {
  if (step.in_place < 0) return {};
  const auto taken = static_cast<size_t>(step.in_place);
  const bool once = std::count(step.inputs.begin(), step.inputs.end(), step.inputs[taken]) == 1;
  const bool fixed = !in[taken].dynamic && !out[0].dynamic;
  if (once && fixed && out[0].bytes() <= in[taken].bytes()) return {};
  return invalid_input("cannot work in place over input " + std::to_string(taken));
}

}  // namespace

Session::Session(std::shared_ptr<const plan::Plan> plan, Isa isa, std::shared_ptr<Workers> workers)
    : plan_(std::move(plan)),
      isa_(isa),
      pool_(std::move(workers)),
      arena_(nullptr, std::free),
      scratch_(nullptr, std::free),
      whole_(nullptr, std::free) {}

Session::~Session() = default;

Result<std::unique_ptr<Session>> Session::load(std::shared_ptr<const plan::Plan> plan,
                                               FindPortableOp find_portable,
                                               const SessionOptions& options) {
  FETTLE_TRY(plan::validate(*plan));
  std::shared_ptr<Workers> workers = options.workers;
  if (!workers && options.threads != 1) {
    FETTLE_ASSIGN(workers, Workers::start({options.threads, options.cores, options.spin_us}));
  }
  std::unique_ptr<Session> session(new Session(std::move(plan), options.isa, std::move(workers)));
  FETTLE_TRY(session->take_memory());
  const std::vector<plan::Step>& steps = session->plan_->steps;
  for (size_t s = 0; s < steps.size(); ++s) {
    if (Status st = session->load_step(s, find_portable, options); !st.ok()) {
      return std::move(st).at("step " + steps[s].op + " '" + steps[s].name + "'");
    }
  }
  FETTLE_TRY(session->load_chains(options));
  FETTLE_ASSIGN(session->scratch_, allocate_touched(session->memory_.scratch, "scratch"));
  session->scratch_bytes_ = {session->scratch_.get(), session->memory_.scratch};
  return session;
}

Status Session::take_memory() {
  memory_.arena = plan_->arena_bytes;
  memory_.plan_weights = plan_->weight_bytes();
  FETTLE_ASSIGN(arena_, allocate_touched(plan_->arena_bytes, "arena"));
  for (const plan::PlanTensor& t : plan_->tensors) {
    void* data = t.is_weight() ? const_cast<void*>(t.weight.raw()) : arena_.get() + t.offset;
    if (t.striped) data = nullptr;
    tensors_.push_back({t.dtype, t.dynamic, t.dims, data, t.quant.get()});
  }
  size_t operands = 0;
  for (const plan::Step& s : plan_->steps) operands += s.inputs.size() + s.outputs.size();
  operands_.resize(operands);
  TensorView* next = operands_.data();
  steps_.resize(plan_->steps.size());
  for (size_t s = 0; s < steps_.size(); ++s) {
    steps_[s].in = {next, plan_->steps[s].inputs.size()};
    next += steps_[s].in.size();
    steps_[s].out = {next, plan_->steps[s].outputs.size()};
    next += steps_[s].out.size();
    gather(steps_[s], plan_->steps[s]);
  }
  return {};
}

Status Session::load_step(size_t s, FindPortableOp find_portable, const SessionOptions& options) {
  const plan::Step& from = plan_->steps[s];
  LoadedStep& step = steps_[s];
  if (!find_portable(from.op, &step.portable)) {
    return unsupported("operator '" + from.op + "' is not known to this runtime");
  }
  const auto dynamic = [](const TensorView& v) { return v.dynamic; };
  step.dynamic = std::any_of(step.in.begin(), step.in.end(), dynamic) ||
                 std::any_of(step.out.begin(), step.out.end(), dynamic);

  FETTLE_TRY(check_in_place(from, step.in, step.out));
  // What a kernel may take for constant has data now; what is computed later has none.
  std::vector<TensorView> in(step.in.begin(), step.in.end());
  for (size_t i = 0; i < in.size(); ++i) {
    if (from.inputs[i] >= 0 && !plan_->tensors[from.inputs[i]].is_weight()) in[i].data = nullptr;
  }
  std::vector<TensorView> out(step.out.begin(), step.out.end());
  // A package is not believed: shapes are inferred again, so that no kernel runs past a tensor.
  Status inferred = infer(step.portable, {from.attrs, in, out});
  // Its shapes follow from values: what the reference needs besides cannot be known before them.
  const bool later = inferred.code() == Code::needs_value && step.portable.scratch == nullptr;
  if (!inferred.ok() && !later) return inferred;
  for (size_t i = 0; i < out.size(); ++i) {
    if (!step.out[i].present()) {
      return invalid_input("the plan has no place for output " + std::to_string(i));
    }
    if ((later || out[i].dynamic) && !step.out[i].dynamic) {
      return invalid_input("the plan takes output " + std::to_string(i) +
                           " for one of fixed extents, which depend on data");
    }
    if (later) {
      out[i] = step.out[i];
      continue;
    }
    // The place of dynamic ones may be smaller, where bounds of values were known: each run checks.
    const bool fits = step.out[i].dynamic ? out[i].dims.valid() : out[i].dims == step.out[i].dims;
    if (out[i].dtype != step.out[i].dtype || !fits) {
      return invalid_input("the plan gives output " + std::to_string(i) + " as " +
                           step.out[i].dims.to_string() + ", but it is " + out[i].dims.to_string());
    }
    out[i].quant = step.out[i].quant;
  }
  step.nothing = !later && makes_nothing(out);
  const OpCall call{from.attrs, in, out};
  step.ns = estimated_ns({from.macs, in, out}, options.isa);
  step.threads = threads_worth(step.ns, options.least_share_ns, pool_.most_threads());
  for (const KernelEntry& e : fast_kernels()) {
    if (options.portable_only || step.dynamic || e.op != from.op) continue;
    if (!implies(options.isa, e.isa) || !e.supports(call)) continue;
    step.kernel = e.make();
    step.kernel_name = e.name;
    break;
  }
  if (!step.kernel) {
    step.kernel = std::make_unique<PortableKernel>(step.portable);
    step.kernel_name = "portable";
    step.threads = 1;
  }
  const std::span<const std::byte> found = find_packed(s);
  const bool windowed =
      !from.inputs.empty() && from.inputs[0] >= 0 && plan_->tensors[from.inputs[0]].striped;
  const KernelOptions chosen = {options.isa, step.threads, options.extra_bytes, found, windowed};
  FETTLE_TRY(step.kernel->prepare(call, chosen));
  count_packed(s, found);
  return {};
}

std::span<const std::byte> Session::find_packed(size_t s) const {
  for (const plan::PackedWeights& w : plan_->packed) {
    if (w.isa == name_of(isa_)) return w.find(static_cast<int32_t>(s), steps_[s].kernel_name);
  }
  return {};
}

void Session::count_packed(size_t s, std::span<const std::byte> found) {
  const Kernel& kernel = *steps_[s].kernel;
  const bool mapped = !found.empty() && kernel.packed().data() == found.data();
  memory_.packed_weights += kernel.packed_bytes() - (mapped ? found.size() : 0);
  if (mapped) {
    memory_.mapped_weights += found.size();
    touch(found);
  }
  if (kernel.packed_bytes() > 0) let_go_of_weights(plan_->steps[s]);
}

plan::PackedWeights Session::packed_weights() const {
  plan::PackedWeights weights{.isa = std::string(name_of(isa_))};
  for (size_t s = 0; s < steps_.size(); ++s) {
    const std::span<const std::byte> bytes = steps_[s].kernel->packed();
    if (bytes.empty()) continue;
    weights.steps.push_back({static_cast<int32_t>(s), std::string(steps_[s].kernel_name), bytes});
  }
  return weights;
}

// A kernel that has packed its weights does not read them again: they need not stay in memory.
void Session::let_go_of_weights(const plan::Step& step) const {
  if (plan_->file == nullptr) return;
  for (const int32_t t : step.inputs) {
    if (t < 0 || !plan_->tensors[static_cast<size_t>(t)].is_weight()) continue;
    const Tensor& weight = plan_->tensors[static_cast<size_t>(t)].weight;
    plan_->file->let_go({static_cast<const std::byte*>(weight.raw()), weight.bytes()});
  }
}

void Session::gather(LoadedStep& step, const plan::Step& from) {
  for (size_t i = 0; i < step.in.size(); ++i) {
    step.in[i] = from.inputs[i] >= 0 ? tensors_[from.inputs[i]] : TensorView{};
  }
  for (size_t i = 0; i < step.out.size(); ++i) {
    step.out[i] = from.outputs[i] >= 0 ? tensors_[from.outputs[i]] : TensorView{};
  }
}

Status Session::set_input(size_t i, const TensorView& value) {
  const TensorView& in = input(i);
  if (value.dtype != in.dtype || !(value.dims == in.dims)) {
    return usage_error("input '" + std::string(input_name(i)) + "' is " +
                       std::string(name_of(in.dtype)) + " " + in.dims.to_string() + ", not " +
                       std::string(name_of(value.dtype)) + " " + value.dims.to_string());
  }
  if (in.dtype == DType::boolean) {  // any byte may come; a bool is 0 or 1
    const auto* from = static_cast<const unsigned char*>(value.data);
    std::transform(from, from + in.bytes(), static_cast<bool*>(in.data),
                   [](unsigned char c) { return c != 0; });
  } else {
    std::memcpy(in.data, value.data, in.bytes());
  }
  return {};
}

Status Session::run() {
  const bool profiled = step_ns_.size() == steps_.size() && !steps_.empty();
  auto chain = chains_.begin();
  int64_t before = profiled ? now_ns() : 0;
  for (size_t s = 0; s < steps_.size(); ++s) {
    if (steps_[s].in_chain) {
      run_chain(*chain, profiled);
      s += static_cast<size_t>(chain->steps()) - 1;
      ++chain;
    } else {
      FETTLE_TRY(run_one(s));
      if (profiled) step_ns_[s] = now_ns() - before;
    }
    if (profiled) before = now_ns();
  }
  return {};
}

Status Session::run_one(size_t s) {
  const plan::Step& from = plan_->steps[s];
  if (from.guard >= 0) {  // any byte may have come as a bool
    const auto* holds = static_cast<const unsigned char*>(tensors_[from.guard].data);
    if ((*holds != 0) != from.guard_is) return {};
  }
  Status status = steps_[s].dynamic ? run_dynamic(steps_[s], from) : run_step(steps_[s], from);
  if (status.ok()) return status;
  return std::move(status).at("step " + from.op + " '" + from.name + "'");
}

Status Session::run_step(LoadedStep& step, const plan::Step& from) {
  if (step.nothing) return {};
  const OpCall call{from.attrs, step.in, step.out, scratch_bytes_};
  pool_.use(step.threads);
  return step.kernel->run(call, pool_);
}

Status Session::run_dynamic(LoadedStep& step, const plan::Step& from) {
  gather(step, from);
  for (TensorView& in : step.in)
    in.dynamic = false;  // they are there: what depends on data is left
  const OpCall call{from.attrs, step.in, step.out, scratch_bytes_};
  FETTLE_TRY(infer(step.portable, call));
  for (size_t i = 0; i < step.out.size(); ++i) {
    if (from.outputs[i] < 0) continue;
    const plan::PlanTensor& planned = plan_->tensors[from.outputs[i]];
    if (step.out[i].dtype != planned.dtype || !step.out[i].dims.valid() ||
        step.out[i].bytes() > planned.bytes()) {
      return Status(Code::out_of_memory,
                    "an output grew past its place in the arena: " + step.out[i].dims.to_string() +
                        " over " + planned.dims.to_string());
    }
    step.out[i].quant = planned.quant.get();
  }
  if (step.portable.scratch != nullptr && step.portable.scratch(call) > scratch_bytes_.size()) {
    return Status(Code::out_of_memory, "it needs more scratch than its largest extents said");
  }
  if (!makes_nothing(step.out)) FETTLE_TRY(step.kernel->run(call, pool_));
  for (size_t i = 0; i < step.out.size(); ++i) {
    if (from.outputs[i] >= 0) tensors_[from.outputs[i]].dims = step.out[i].dims;
  }
  return {};
}

}  // namespace fettle::runtime
