// SPDX-License-Identifier: Apache-2.0
//
// A package read back is the plan that was written, to the last bit; a damaged one is refused or
// still a valid plan, and never read outside its bytes.
#include "plan/package.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <cstring>
#include <random>

#include "plan/arena.h"
#include "plan/plan_generated.h"

namespace fettle::plan {
namespace {

Plan example() {
  Plan plan;
  plan.name = "an example";
  plan.metadata = {{"labels", "cat\ndog"}, {"empty", ""}};
  const auto add = [&](const char* name, DType dtype, Dims dims) {
    PlanTensor t;
    t.name = name;
    t.dtype = dtype;
    t.dims = dims;
    plan.tensors.push_back(t);
    return static_cast<int32_t>(plan.tensors.size() - 1);
  };
  const int32_t x = add("x", DType::i8, {1, 8, 8, 3}), w = add("w", DType::i8, {4, 3, 3, 3});
  const int32_t b = add("b", DType::i32, {4}), y = add("y", DType::i8, {1, 6, 6, 4});
  const int32_t z = add("", DType::i8, {1, 6, 6, 4}), none = add("none", DType::f32, {0, 7});
  plan.tensors[x].quant = std::make_shared<Quantization>(Quantization{{0.5f}, {-3}, 0});
  plan.tensors[w].quant =
      std::make_shared<Quantization>(Quantization{{0.1f, 0.25f, 1e-30f, 3e38f}, {0, 0, 0, 0}, 0});
  plan.tensors[y].dynamic = plan.tensors[z].dynamic = true;
  Tensor weights(DType::i8, {4, 3, 3, 3}), bias(DType::i32, {4});
  for (size_t i = 0; i < weights.bytes(); ++i) {
    weights.mutable_data<int8_t>()[i] = static_cast<int8_t>(i * 7);
  }
  bias.mutable_data<int32_t>()[3] = INT32_MIN;
  weights.set_quant(plan.tensors[w].quant);
  plan.tensors[w].weight = weights;
  plan.tensors[b].weight = bias;
  plan.tensors[none].weight = Tensor(DType::f32, {0, 7});
  plan.inputs = {x};
  plan.steps.push_back({"Conv",
                        "first",
                        {{"pads", std::vector<int64_t>{0, INT64_MIN, INT64_MAX}},
                         {"alpha", -0.0f},
                         {"mode", std::string("a\0b", 3)},
                         {"i", int64_t{-5}},
                         {"f", std::vector<float>{1e-45f}},
                         {"t", std::vector<std::string>{"", "two"}},
                         {"nothing", std::vector<int64_t>{}}},
                        {x, w, b, -1},
                        {y},
                        -1,
                        int64_t{1} << 40});
  plan.steps.push_back({"Relu", "second", {}, {y}, {z}, 0, 0});
  const int32_t c = add("c", DType::boolean, {1}), u = add("u", DType::i8, {1, 6, 6, 4});
  plan.inputs.push_back(c);
  plan.steps.push_back({"Relu", "under a condition", {}, {z}, {u}, -1, 0, c, false});
  plan.outputs = {z};
  plan_arena(plan);
  return plan;
}

// With packed weights of two instruction sets.
Plan packed_example() {
  Plan plan = example();
  static const std::string bytes(200, '7');
  const auto some = std::as_bytes(std::span(bytes));
  plan.packed = {{.isa = "neon", .steps = {{0, "Conv_i8", some}, {2, "Relu", some.first(1)}}},
                 {.isa = "avx2", .steps = {{1, "none", {}}}}};
  return plan;
}

void expect_same(const Plan& a, const Plan& b) {
  EXPECT_EQ(a.name, b.name);
  EXPECT_EQ(a.metadata, b.metadata);
  EXPECT_EQ(a.inputs, b.inputs);
  EXPECT_EQ(a.outputs, b.outputs);
  EXPECT_EQ(a.arena_bytes, b.arena_bytes);
  ASSERT_EQ(a.tensors.size(), b.tensors.size());
  for (size_t i = 0; i < a.tensors.size(); ++i) {
    SCOPED_TRACE(i);
    const PlanTensor &x = a.tensors[i], &y = b.tensors[i];
    EXPECT_EQ(x.name, y.name);
    EXPECT_EQ(x.dtype, y.dtype);
    EXPECT_EQ(x.dynamic, y.dynamic);
    EXPECT_EQ(x.dims, y.dims);
    ASSERT_EQ(x.quant == nullptr, y.quant == nullptr);
    if (x.quant) {
      EXPECT_EQ(*x.quant, *y.quant);
    }
    ASSERT_EQ(x.is_weight(), y.is_weight());
    if (x.is_weight()) {
      EXPECT_EQ(std::memcmp(x.weight.raw(), y.weight.raw(), x.bytes()), 0);
      EXPECT_EQ(reinterpret_cast<uintptr_t>(y.weight.raw()) % kAlignment, 0u);
    } else {
      EXPECT_EQ(x.offset, y.offset);
    }
  }
  ASSERT_EQ(a.steps.size(), b.steps.size());
  for (size_t i = 0; i < a.steps.size(); ++i) {
    const Step &x = a.steps[i], &y = b.steps[i];
    EXPECT_EQ(x.op, y.op);
    EXPECT_EQ(x.name, y.name);
    EXPECT_EQ(x.attrs, y.attrs);
    EXPECT_EQ(x.inputs, y.inputs);
    EXPECT_EQ(x.outputs, y.outputs);
    EXPECT_EQ(x.in_place, y.in_place);
    EXPECT_EQ(x.macs, y.macs);
    EXPECT_EQ(x.guard, y.guard);
    EXPECT_EQ(x.guard_is, y.guard_is);
  }
}

// At a multiple of 64, and of this size exactly.
Result<std::shared_ptr<const Plan>> read(const std::string& file) {
  const size_t rounded = (file.size() + kAlignment) / kAlignment * kAlignment;
  std::shared_ptr<void> bytes(std::aligned_alloc(kAlignment, rounded), std::free);
  std::memcpy(bytes.get(), file.data(), file.size());
  return read_package({static_cast<const std::byte*>(bytes.get()), file.size()}, bytes);
}

std::string refusal(const std::string& file) {
  const auto plan = read(file);
  if (plan.ok()) return "accepted";
  EXPECT_EQ(plan.status().exit_code(), 3) << plan.status().to_string();
  return plan.status().to_string();
}

TEST(Package, ReadsBackWhatWasWritten) {
  const Plan plan = example();
  ASSERT_TRUE(validate(plan).ok()) << validate(plan).to_string();
  const auto back = read(write_package(plan));
  ASSERT_TRUE(back.ok()) << back.status().to_string();
  expect_same(plan, **back);
  EXPECT_EQ(write_package(**back), write_package(plan));
  const auto empty = read(write_package({}));
  ASSERT_TRUE(empty.ok()) << empty.status().to_string();
  expect_same({}, **empty);
}

TEST(Package, WeightsOutliveTheReader) {
  std::shared_ptr<const Plan> plan;
  {
    auto back = read(write_package(example()));
    ASSERT_TRUE(back.ok());
    plan = *back;
  }
  EXPECT_EQ(plan->tensors[1].weight.data<int8_t>()[2], 14);
}

TEST(Package, KeepsPackedWeights) {
  const Plan plan = packed_example();
  const std::string file = write_package(plan);
  const auto back = read(file);
  ASSERT_TRUE(back.ok()) << back.status().to_string();
  ASSERT_EQ((*back)->packed.size(), 2U);
  for (size_t i = 0; i < 2; ++i) {
    const PackedWeights &was = plan.packed[i], &is = (*back)->packed[i];
    EXPECT_EQ(is.isa, was.isa);
    ASSERT_EQ(is.steps.size(), was.steps.size());
    for (const PackedStep& s : was.steps) {
      const auto found = is.find(s.step, s.kernel);
      EXPECT_TRUE(std::equal(found.begin(), found.end(), s.bytes.begin(), s.bytes.end()));
      if (!found.empty()) {
        EXPECT_EQ(reinterpret_cast<uintptr_t>(found.data()) % 64, 0U);
      }
      EXPECT_TRUE(is.find(s.step, "else").empty());
    }
  }
  EXPECT_TRUE((*back)->packed[0].find(1, "Conv_i8").empty());
  EXPECT_TRUE((*back)->packed[0].find(3, "Relu").empty());
  // Of a later build: passed over. Of none: refused.
  std::string other = file;
  const size_t section = other.find("FTLPACK");
  other[section + 8] = 99;
  ASSERT_TRUE(read(other).ok());
  EXPECT_EQ((*read(other))->packed.size(), 1U);
  other[section] = 'X';
  EXPECT_NE(refusal(other).find("bytes after its end"), std::string::npos);
}

TEST(Package, PackedWeightsOfImpossiblePlacesAreRefused) {
  const std::string file = write_package(packed_example());
  const size_t section = file.find("FTLPACK");
  const auto with = [&](size_t at, uint64_t value, size_t bytes) {
    std::string other = file;
    std::memcpy(other.data() + section + at, &value, bytes);
    return refusal(other);
  };
  for (uint64_t entries : {3U, 4U, 1U << 31}) {
    EXPECT_NE(with(12, entries, 4), "accepted") << entries << " entries";
  }
  for (uint64_t bytes : {uint64_t{0}, uint64_t{63}, uint64_t{65}, uint64_t{1} << 40, UINT64_MAX}) {
    EXPECT_NE(with(16, bytes, 8), "accepted") << "a section of " << bytes;
    EXPECT_NE(with(64 + 16, bytes == 0 ? UINT64_MAX - 1 : bytes + (1 << 20), 8), "accepted");
  }
  for (uint64_t offset : {uint64_t{1}, uint64_t{1} << 40, UINT64_MAX - 63}) {
    EXPECT_NE(with(64 + 8, offset, 8), "accepted") << "at " << offset;
  }
  EXPECT_NE(with(64, 3, 4), "accepted") << "no such step";
  EXPECT_NE(with(64, 2, 4), "accepted") << "a step twice";
}

TEST(Package, SaysWhatItIsNot) {
  const std::string file = write_package(example());
  EXPECT_NE(refusal("").find("not a Fettle package"), std::string::npos);
  EXPECT_NE(refusal("FETTLE").find("not a Fettle package"), std::string::npos);
  std::string other = file;
  other[7] = 9;
  EXPECT_NE(refusal(other).find("format 9"), std::string::npos);
  for (uint64_t size : {UINT64_MAX, UINT64_MAX - 15, uint64_t{1} << 40, uint64_t{0}}) {
    other = file;
    std::memcpy(other.data() + 8, &size, sizeof size);
    EXPECT_NE(refusal(other), "accepted") << size;
  }
  EXPECT_FALSE(open_package("/nonexistent/x.fettle").ok());
}

TEST(Package, EveryTruncationIsRefused) {
  const std::string file = write_package(packed_example());
  const size_t plain = write_package(example()).size(), second = file.rfind("FTLPACK");
  for (size_t n = 0; n < file.size(); ++n) {
    if (n == plain || n == second) continue;  // one with fewer sections
    EXPECT_NE(refusal(file.substr(0, n)), "accepted") << n << " of " << file.size();
  }
  EXPECT_NE(refusal(file + '\0').find("1 bytes after its end"), std::string::npos);
}

TEST(Package, EveryFlippedBitIsRefusedOrHarmless) {
  const std::string file = write_package(packed_example());
  int accepted = 0;
  for (size_t bit = 0; bit < file.size() * 8; ++bit) {
    std::string damaged = file;
    damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ (1 << bit % 8));
    const auto plan = read(damaged);
    if (!plan.ok()) continue;
    ++accepted;
    const Status valid = validate(**plan);
    EXPECT_TRUE(valid.ok()) << "bit " << bit << ": " << valid.to_string();
    (void)write_package(**plan);  // touches every weight
    (void)print_arena(**plan);
  }
  EXPECT_GT(accepted, 0);  // weights and names carry no redundancy
}

TEST(Package, RandomDamageIsRefusedOrHarmless) {
  const std::string file = write_package(packed_example());
  std::mt19937 random(5);
  for (int round = 0; round < 4000; ++round) {
    std::string damaged = file;
    for (int i = 0; i < 3; ++i) {
      const size_t at = random() % damaged.size();
      const size_t length = std::min<size_t>(1 + random() % 8, damaged.size() - at);
      std::fill_n(damaged.begin() + static_cast<int64_t>(at), length,
                  static_cast<char>(random() % 3 == 0 ? 0xff : random()));
    }
    const auto plan = read(damaged);
    if (plan.ok()) (void)write_package(**plan);
  }
}

// One list of a megabyte, named by thousands of steps: gigabytes, were it read.
TEST(Package, PartsNamedManyTimesAreRefused) {
  flatbuffers::FlatBufferBuilder b;
  const auto list = b.CreateVector(std::vector<int64_t>(1 << 17));
  const auto value = fb::CreateInts(b, list).Union();
  const auto name = b.CreateString("a");
  const auto attr = fb::CreateAttribute(b, name, fb::Value_Ints, value);
  const auto attrs = b.CreateVector(std::vector(64, attr));
  const auto step = fb::CreateStep(b, name, name, attrs);
  const auto steps = b.CreateVector(std::vector(4096, step));
  fb::PlanBuilder plan(b);
  plan.add_steps(steps);
  fb::FinishPlanBuffer(b, plan.Finish());
  const uint64_t size = b.GetSize();
  std::string file("FETTLE\0", 7);
  file.push_back(kPackageVersion);
  file.append(reinterpret_cast<const char*>(&size), sizeof size);
  file.append(reinterpret_cast<const char*>(b.GetBufferPointer()), size);
  EXPECT_NE(refusal(file).find("more than once"), std::string::npos) << refusal(file);
}

}  // namespace
}  // namespace fettle::plan
