// SPDX-License-Identifier: Apache-2.0
#include "integer_call.h"

#include <algorithm>

#include "base/cpu.h"
#include "ops/evaluate.h"
#include "runtime/kernels/kernel_testing.h"

namespace fettle::operators {

namespace {

constexpr size_t kGuardBytes = 77;  // odd: elements of one byte are not aligned to vectors
constexpr unsigned char kMark = 0x5a;

// Bytes between guards.
class Memory {
 public:
  Memory(size_t bytes, size_t element) : at_(element == 1 ? kGuardBytes : 128), bytes_(bytes) {
    storage_.assign(bytes + 2 * at_, kMark);
  }
  unsigned char* data() { return storage_.data() + at_; }
  bool intact() const {
    for (size_t i = 0; i < at_; ++i) {
      if (storage_[i] != kMark || storage_[at_ + bytes_ + i] != kMark) return false;
    }
    return true;
  }

 private:
  size_t at_, bytes_;
  std::vector<unsigned char> storage_;
};

Quantization range_of(const IntegerOperand& o) { return {{o.scale}, {o.zero_point}}; }
bool is_code(DType type) { return type == DType::i8 || type == DType::u8 || type == DType::i16; }

void fill(const IntegerOperand& o, void* data, std::mt19937& random) {
  const int64_t n = o.dims.elements();
  if (!o.values.empty() && o.dtype == DType::i16) {
    std::copy(o.values.begin(), o.values.end(), static_cast<int16_t*>(data));
  } else if (!o.values.empty()) {
    std::memcpy(data, o.values.data(), o.values.size() * sizeof(int64_t));
  } else if (!o.codes.empty()) {
    std::memcpy(data, o.codes.data(), o.codes.size());
  } else if (o.every_code) {
    for (int64_t i = 0; i < n; ++i)
      static_cast<int16_t*>(data)[i] = static_cast<int16_t>(i - 32768);
  } else if (o.dtype == DType::f32) {
    std::normal_distribution<float> normal(0, o.spread);
    for (int64_t i = 0; i < n; ++i) static_cast<float*>(data)[i] = normal(random);
  } else {
    auto* bytes = static_cast<unsigned char*>(data);
    for (size_t i = 0; i < static_cast<size_t>(n) * size_of(o.dtype); ++i) {
      bytes[i] = static_cast<unsigned char>(o.fill != 1000 ? static_cast<unsigned>(o.fill)
                                                           : random() >> 9);
    }
  }
}

struct Operands {
  std::vector<Quantization> ranges;
  Quantization out_range;
  std::vector<Memory> memory;
  std::vector<TensorView> in;
  TensorView out;

  Operands(const IntegerCall& call, uint32_t seed) : out_range(range_of(call.out)) {
    std::mt19937 random(seed);
    for (const IntegerOperand& o : call.in) ranges.push_back(range_of(o));
    for (size_t i = 0; i < call.in.size(); ++i) {
      const IntegerOperand& o = call.in[i];
      const size_t bytes = static_cast<size_t>(o.dims.elements()) * size_of(o.dtype);
      memory.emplace_back(bytes, size_of(o.dtype));
      fill(o, memory.back().data(), random);
    }
    for (size_t i = 0; i < call.in.size(); ++i) {
      const IntegerOperand& o = call.in[i];
      in.push_back({o.dtype, false, o.dims, memory[i].data(),
                    is_code(o.dtype) && o.scale > 0 ? &ranges[i] : nullptr});
    }
    out.dtype = call.out.dtype;
    out.quant = is_code(out.dtype) ? &out_range : nullptr;
  }
};

std::string describe(const IntegerCall& call) {
  std::string s = call.kernel;
  for (const IntegerOperand& o : call.in) s += " " + o.dims.to_string();
  return s;
}

}  // namespace

void check(const IntegerCall& call, uint32_t seed) {
  SCOPED_TRACE(describe(call));
  const ops::OpDef* op = ops::find(call.op);
  ASSERT_NE(op, nullptr);
  Operands first(call, seed);
  const Quantization* stated[] = {first.out.quant};
  const auto expected =
      ops::evaluate(*op, call.attrs, first.in, 1, size_t{1} << 30, std::span(stated));
  ASSERT_TRUE(expected.ok()) << expected.status().to_string();
  const Tensor& want = (*expected)[0];
  ASSERT_EQ(want.dtype(), call.out.dtype);
  std::vector<bool> known;
  for (const IntegerOperand& o : call.in) known.push_back(o.known);
  for (const Isa isa : available_isas()) {
    for (const int threads : {1, 3}) {
      SCOPED_TRACE(std::string(name_of(isa)) + ", threads " + std::to_string(threads));
      Operands o(call, seed);
      Memory result(want.bytes(), size_of(want.dtype()));
      TensorView out = o.out;
      out.dims = want.dims();
      out.data = call.in_place ? o.memory[0].data() : result.data();
      runtime::run_kernel(call.kernel, call.attrs, o.in, known, out,
                          {.isa = isa, .threads = threads});
      if (testing::Test::HasFatalFailure()) return;
      const auto* got = static_cast<const unsigned char*>(out.data);
      const auto* bytes = static_cast<const unsigned char*>(want.raw());
      for (size_t i = 0; i < want.bytes(); ++i) {
        ASSERT_EQ(static_cast<int>(got[i]), static_cast<int>(bytes[i])) << "at byte " << i;
      }
      ASSERT_TRUE(result.intact()) << "wrote outside the result";
      for (const Memory& m : o.memory) ASSERT_TRUE(m.intact()) << "wrote around an operand";
    }
  }
}

bool takes(const IntegerCall& call) {
  Operands o(call, 1);
  for (size_t i = 0; i < o.in.size(); ++i) {
    if (!call.in[i].known) o.in[i].data = nullptr;
  }
  const ops::OpDef* op = ops::find(call.op);
  std::vector<TensorView> out = {o.out};
  EXPECT_TRUE(ops::infer(*op, {call.attrs, o.in, out}).ok());
  out[0].quant = o.out.quant;
  return runtime::find_kernel(call.kernel)->supports({call.attrs, o.in, out});
}

}  // namespace fettle::operators
