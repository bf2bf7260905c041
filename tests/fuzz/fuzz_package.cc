// SPDX-License-Identifier: Apache-2.0
//
// A package from anybody: read, loaded with the portable operators and with the fast kernels, and
// run twice where that is little work. Anything may be refused; what is accepted has to stay
// inside its memory.
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <memory>

#include "ops/op.h"
#include "plan/package.h"
#include "runtime/session.h"

namespace {

using namespace fettle;

constexpr uint64_t kMaxBytes = uint64_t{64} << 20;
constexpr int64_t kMaxWork = int64_t{1} << 22;

// Work that the operators themselves count; what the package claims is not believed.
bool is_little_work(const plan::Plan& plan) {
  int64_t work = 0;
  for (const plan::Step& s : plan.steps) {
    const ops::OpDef* op = ops::find(s.op);
    if (op == nullptr) continue;
    std::vector<TensorView> in, out(s.outputs.size());
    const auto add = [&](int32_t t, std::vector<TensorView>* views, size_t i) {
      if (t < 0) return;
      const plan::PlanTensor& p = plan.tensors[static_cast<size_t>(t)];
      (*views)[i] = {p.dtype, p.dynamic, p.dims, const_cast<void*>(p.weight.raw()), p.quant.get()};
      work += p.dims.elements();
    };
    in.resize(s.inputs.size());
    for (size_t i = 0; i < in.size(); ++i) add(s.inputs[i], &in, i);
    for (size_t i = 0; i < out.size(); ++i) add(s.outputs[i], &out, i);
    PortableOp portable;
    if (!ops::find_portable(s.op, &portable)) continue;
    if (work < 0 || work > kMaxWork) return false;
    std::vector<TensorView> inferred = out;
    if (!infer(portable, {s.attrs, in, inferred}).ok()) continue;
    const OpCall call{s.attrs, in, inferred};
    for (const TensorView& o : inferred) {
      if (!o.dims.valid() || o.elements() > kMaxWork) return false;
    }
    if (portable.scratch != nullptr && portable.scratch(call) > kMaxBytes) return false;
    if (op->cost.applies()) {
      const ops::Cost c = op->cost.get()(call);
      work += c.macs + c.flops;
    }
    if (work < 0 || work > kMaxWork) return false;
  }
  return true;
}

void load_and_run(const std::shared_ptr<const plan::Plan>& plan, bool portable_only) {
  runtime::SessionOptions options;
  options.portable_only = portable_only;
  const auto session = runtime::Session::load(plan, ops::find_portable, options);
  if (!session.ok()) return;
  runtime::Session& s = **session;
  for (int run = 0; run < 2; ++run) {
    for (size_t i = 0; i < s.inputs(); ++i) {
      const TensorView& in = s.input(i);
      Tensor codes(in.dtype, in.dims);  // small numbers at first, then wild ones
      if (in.dtype != DType::boolean) {
        std::memset(codes.mutable_raw(), run == 0 ? 1 : 0xa5, codes.bytes());
      }
      (void)s.set_input(i, codes.view()).ok();
    }
    if (!s.run().ok()) return;
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const size_t rounded = (size + plan::kAlignment) / plan::kAlignment * plan::kAlignment;
  std::shared_ptr<void> bytes(std::aligned_alloc(plan::kAlignment, rounded), std::free);
  // The end of the copy is the end of the block, so that a sanitizer sees a read past it where
  // sizes are multiples of 64, as those of packages are.
  if (size % plan::kAlignment == 0 && size > 0) {
    bytes.reset(std::aligned_alloc(plan::kAlignment, size), std::free);
  }
  std::memcpy(bytes.get(), data, size);
  const auto plan = plan::read_package({static_cast<const std::byte*>(bytes.get()), size}, bytes);
  if (!plan.ok()) return 0;
  if (!plan::validate(**plan).ok()) std::abort();
  if (plan::write_package(**plan).empty()) std::abort();
  if ((*plan)->arena_bytes > kMaxBytes || !is_little_work(**plan)) return 0;
  load_and_run(*plan, true);
  load_and_run(*plan, false);
  return 0;
}
