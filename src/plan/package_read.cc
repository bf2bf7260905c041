// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstring>

#include "base/files.h"
#include "plan/package.h"
#include "plan/plan_generated.h"

namespace fettle::plan {

namespace {

constexpr size_t kHeader = 16;
constexpr uint64_t kMaxPlanBytes = uint64_t{1} << 30;  // FlatBuffers' own end is at 2 GB

std::string text(const flatbuffers::String* s) { return s ? s->str() : std::string(); }

template <class T>
std::vector<T> list(const flatbuffers::Vector<T>* v) {
  return v ? std::vector<T>(v->begin(), v->end()) : std::vector<T>();
}

// A hostile plan may name one long list from many places, so that reading it would fill the memory:
// every byte of an honest one is read once. Counts what reading copies, up to `limit`. And it may
// put numbers where they cannot be loaded from, which FlatBuffers' verifier does not look at.
class ListScan {
 public:
  explicit ListScan(uint64_t limit) : limit_(limit) {}
  bool over() const { return bytes_ > limit_; }
  bool misaligned() const { return misaligned_; }

  void add(const fb::Plan& plan) {
    add(plan.name());
    add(plan.inputs());
    add(plan.outputs());
    if (const auto* chains = plan.chains())
      add(chains->Data(), chains->size(), sizeof(fb::Chain), 4);
    each(plan.metadata(), [&](const fb::Entry& e) { add(e.key()), add(e.value()); });
    each(plan.tensors(), [&](const fb::Tensor& t) {
      add(t.name());
      add(t.dims());
      if (t.quant() != nullptr) add(t.quant()->scale()), add(t.quant()->zero_point());
    });
    each(plan.steps(), [&](const fb::Step& s) {
      add(s.op());
      add(s.name());
      add(s.inputs());
      add(s.outputs());
      each(s.attrs(), [&](const fb::Attribute& a) { add(a); });
    });
  }

 private:
  static constexpr size_t kTableBytes = 16;  // no table of a plan is smaller, its offset included

  void add(const flatbuffers::String* s) { bytes_ += s ? s->size() : 0; }
  template <class T>
  void add(const flatbuffers::Vector<T>* v) {
    if (v != nullptr) add(v->Data(), v->size(), sizeof(T), alignof(T));
  }
  void add(const void* data, uint64_t count, size_t size, size_t alignment) {
    bytes_ += count * size;
    if (count > 0 && reinterpret_cast<uintptr_t>(data) % alignment != 0) misaligned_ = true;
  }
  void add(const fb::Attribute& a) {
    add(a.name());
    if (const auto* v = a.value_as_Text()) add(v->value());
    if (const auto* v = a.value_as_Ints()) add(v->value());
    if (const auto* v = a.value_as_Floats()) add(v->value());
    const auto* texts = a.value_as_Texts();
    if (texts == nullptr || texts->value() == nullptr) return;
    for (const auto* s : *texts->value()) {
      bytes_ += sizeof(uint32_t);
      add(s);
      if (over()) return;
    }
  }
  template <class Vector, class F>
  void each(const Vector* tables, const F& f) {
    if (tables == nullptr) return;
    for (const auto* t : *tables) {
      if (over()) return;
      bytes_ += kTableBytes;
      f(*t);
    }
  }

  uint64_t limit_, bytes_ = 0;
  bool misaligned_ = false;
};

Result<Attribute> read_value(const fb::Attribute& a) {
  switch (a.value_type()) {
    case fb::Value_Int:
      return Attribute(a.value_as_Int()->value());
    case fb::Value_Float:
      return Attribute(a.value_as_Float()->value());
    case fb::Value_Text:
      return Attribute(text(a.value_as_Text()->value()));
    case fb::Value_Ints:
      return Attribute(list(a.value_as_Ints()->value()));
    case fb::Value_Floats:
      return Attribute(list(a.value_as_Floats()->value()));
    case fb::Value_Texts: {
      std::vector<std::string> texts;
      if (const auto* v = a.value_as_Texts()->value()) {
        for (const auto* s : *v) texts.push_back(text(s));
      }
      return Attribute(std::move(texts));
    }
    default:
      return invalid_input("an attribute is of no known kind");
  }
}

Result<Step> read_step(const fb::Step& from) {
  Step step;
  step.op = text(from.op());
  step.name = text(from.name());
  if (const auto* attrs = from.attrs()) {
    for (const fb::Attribute* a : *attrs) {
      if (a->value() == nullptr) return invalid_input("an attribute has no value", step.name);
      FETTLE_ASSIGN(Attribute value, read_value(*a));
      step.attrs.set(text(a->name()), std::move(value));
    }
  }
  step.inputs = list(from.inputs());
  step.outputs = list(from.outputs());
  step.in_place = from.in_place();
  step.macs = from.macs();
  step.guard = from.guard();
  step.guard_is = from.guard_is();
  return step;
}

Result<PlanTensor> read_tensor(const fb::Tensor& from, std::span<const std::byte> weights,
                               const std::shared_ptr<const void>& owner) {
  PlanTensor t;
  t.name = text(from.name());
  const auto bad = [&](const std::string& what) {
    return invalid_input(what, "tensor '" + t.name + "'");
  };
  if (from.dtype() == 0 || from.dtype() >= kDTypeCount) return bad("is of no known type");
  t.dtype = static_cast<DType>(from.dtype());
  t.dynamic = from.dynamic();
  if (const auto* dims = from.dims()) {
    if (dims->size() > static_cast<size_t>(kMaxRank)) return bad("has too many dimensions");
    t.dims = Dims(dims->begin(), dims->end());
  }
  if (!t.dims.valid()) return bad("has impossible extents");
  if (const auto* q = from.quant()) {
    t.quant = std::make_shared<Quantization>(
        Quantization{list(q->scale()), list(q->zero_point()), q->axis()});
  }
  t.offset = from.offset();
  t.striped = from.striped();
  if (!from.is_weight()) return t;
  if (t.offset % kAlignment != 0 || t.offset > weights.size() ||
      t.bytes() > weights.size() - t.offset) {
    return bad("has its data outside the file");
  }
  const auto* data = reinterpret_cast<const unsigned char*>(weights.data()) + t.offset;
  if (t.dtype == DType::boolean &&
      std::any_of(data, data + t.bytes(), [](unsigned char c) { return c > 1; })) {
    return bad("holds what is no bool");
  }
  t.weight = Tensor(t.dtype, t.dims, weights.data() + t.offset, owner);
  t.weight.set_quant(t.quant);
  return t;
}

Status read_plan(const fb::Plan& from, std::span<const std::byte> weights,
                 const std::shared_ptr<const void>& owner, Plan* plan) {
  plan->name = text(from.name());
  if (const auto* metadata = from.metadata()) {
    for (const fb::Entry* e : *metadata)
      plan->metadata.emplace_back(text(e->key()), text(e->value()));
  }
  if (const auto* tensors = from.tensors()) {
    for (const fb::Tensor* t : *tensors) {
      FETTLE_ASSIGN(PlanTensor tensor, read_tensor(*t, weights, owner));
      plan->tensors.push_back(std::move(tensor));
    }
  }
  if (const auto* steps = from.steps()) {
    for (const fb::Step* s : *steps) {
      FETTLE_ASSIGN(Step step, read_step(*s));
      plan->steps.push_back(std::move(step));
    }
  }
  if (const auto* chains = from.chains()) {
    for (const fb::Chain* c : *chains) {
      plan->chains.push_back({c->first_step(), c->steps(), c->stripe_rows()});
    }
  }
  plan->inputs = list(from.inputs());
  plan->outputs = list(from.outputs());
  plan->arena_bytes = from.arena_bytes();
  return validate(*plan);
}

// Where the padding after the last weight ends.
size_t end_of_weights(const Plan& plan) {
  size_t end = 0;
  for (const PlanTensor& t : plan.tensors) {
    if (t.is_weight()) end = std::max(end, align_up(t.offset + t.bytes()));
  }
  return end;
}

Result<std::shared_ptr<Plan>> read(std::span<const std::byte> bytes,
                                   std::shared_ptr<const void> owner) {
  if (bytes.size() < kHeader || std::memcmp(bytes.data(), "FETTLE\0", 7) != 0) {
    return invalid_input("is not a Fettle package");
  }
  const int version = static_cast<int>(bytes[7]);
  if (version != kPackageVersion) {
    return unsupported("is a package of format " + std::to_string(version) +
                       "; this build reads format " + std::to_string(kPackageVersion));
  }
  uint64_t size = 0;
  std::memcpy(&size, bytes.data() + 8, sizeof size);
  if (size > bytes.size() - kHeader) return invalid_input("the package is cut short");
  if (size > kMaxPlanBytes) return invalid_input("the package's plan is too large");
  const auto* fb_bytes = reinterpret_cast<const uint8_t*>(bytes.data() + kHeader);
  flatbuffers::Verifier verifier(fb_bytes, size, 64, 10'000'000);
  if (!fb::VerifyPlanBuffer(verifier)) return invalid_input("the package's plan is damaged");
  ListScan lists(size);
  lists.add(*fb::GetPlan(fb_bytes));
  if (lists.misaligned())
    return invalid_input("the package's plan is damaged: a list is misplaced");
  if (lists.over()) return invalid_input("the package's plan names its parts more than once");
  const size_t weights_at = align_up(kHeader + size);
  const auto weights = bytes.subspan(std::min(weights_at, bytes.size()));
  auto plan = std::make_shared<Plan>();
  FETTLE_TRY(read_plan(*fb::GetPlan(fb_bytes), weights, owner, plan.get()));
  const size_t end = weights_at + end_of_weights(*plan);
  if (bytes.size() < end) return invalid_input("the package is cut short");
  FETTLE_ASSIGN(plan->packed, read_packed(bytes.subspan(end), plan->steps.size(), owner));
  return plan;
}

}  // namespace

Result<std::shared_ptr<const Plan>> read_package(std::span<const std::byte> bytes,
                                                 std::shared_ptr<const void> owner) {
  FETTLE_ASSIGN(std::shared_ptr<Plan> plan, read(bytes, std::move(owner)));
  return std::shared_ptr<const Plan>(std::move(plan));
}

Result<std::shared_ptr<const Plan>> open_package(const std::string& path) {
  FETTLE_ASSIGN(std::shared_ptr<const MappedFile> file, MappedFile::open(path));
  auto plan = read(file->bytes(), file);
  if (!plan.ok()) return plan.take_status().at(path);
  (*plan)->file = std::move(file);
  return std::shared_ptr<const Plan>(std::move(*plan));
}

}  // namespace fettle::plan
