// SPDX-License-Identifier: Apache-2.0
#include "data/npy.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <numeric>

#include "base/files.h"
#include "data/npz.h"

namespace fettle::data {
namespace {

const std::string kNumpy = FETTLE_SOURCE "/tests/data/numpy/";

std::string bytes_of(const std::string& name) {
  auto bytes = read_file(kNumpy + name);
  EXPECT_TRUE(bytes.ok()) << bytes.status().to_string();
  return bytes.ok() ? *bytes : "";
}

TEST(Npy, ReadsEveryTypeThatNumpyWrites) {
  const struct {
    const char* file;
    DType dtype;
    int64_t first;
  } cases[] = {
      {"bool", DType::boolean, 0}, {"int8", DType::i8, -2},     {"uint8", DType::u8, 0},
      {"int16", DType::i16, -2},   {"uint16", DType::u16, 0},   {"int32", DType::i32, -2},
      {"uint32", DType::u32, 0},   {"int64", DType::i64, -2},   {"uint64", DType::u64, 0},
      {"float16", DType::f16, -2}, {"float32", DType::f32, -2}, {"float64", DType::f64, -2}};
  for (const auto& c : cases) {
    SCOPED_TRACE(c.file);
    for (const auto& tensor :
         {read_npy(kNumpy + c.file + ".npy"), map_npy(kNumpy + c.file + ".npy")}) {
      ASSERT_TRUE(tensor.ok()) << tensor.status().to_string();
      EXPECT_EQ(tensor->dtype(), c.dtype);
      EXPECT_EQ(tensor->dims(), (Dims{2, 3}));
      const std::vector<float> values = to_float(tensor->view());
      for (int64_t i = 0; i < 6; ++i) {
        const int64_t number = c.first + i;
        EXPECT_EQ(values[i], c.dtype == DType::boolean ? number != 0 : number);
      }
      // What we write is what NumPy writes, byte for byte.
      const auto written = format_npy(tensor->view());
      ASSERT_TRUE(written.ok());
      EXPECT_EQ(*written, bytes_of(c.file + std::string(".npy")));
    }
  }
}

TEST(Npy, FortranOrderBecomesCOrder) {
  for (const auto& t : {read_npy(kNumpy + "fortran.npy"), map_npy(kNumpy + "fortran.npy")}) {
    ASSERT_TRUE(t.ok());
    EXPECT_EQ(t->dims(), (Dims{2, 3, 4}));
    for (int i = 0; i < 24; ++i) EXPECT_EQ(t->data<float>()[i], i);
  }
}

TEST(Npy, OtherFormsOfOneArray) {
  const auto big = read_npy(kNumpy + "big_endian.npy");
  ASSERT_TRUE(big.ok());
  EXPECT_EQ(to_int64(big->view()), (std::vector<int64_t>{0, 1, 2, 3}));
  const auto scalar = read_npy(kNumpy + "scalar.npy");
  ASSERT_TRUE(scalar.ok());
  EXPECT_EQ(scalar->dims().rank(), 0);
  EXPECT_EQ(scalar->data<double>()[0], 2.5);
  EXPECT_EQ(*format_npy(scalar->view()), bytes_of("scalar.npy"));
  const auto empty = read_npy(kNumpy + "empty.npy");
  ASSERT_TRUE(empty.ok());
  EXPECT_EQ(empty->dims(), (Dims{0, 3}));
  for (const char* name : {"version2.npy", "version3.npy"}) {
    const auto t = read_npy(kNumpy + name);
    ASSERT_TRUE(t.ok()) << t.status().to_string();
    EXPECT_EQ(to_int64(t->view()), (std::vector<int64_t>{0, 1, 2}));
  }
}

TEST(Npy, RefusesWhatIsNoPlainArray) {
  EXPECT_EQ(read_npy(kNumpy + "object.npy").status().code(), Code::unsupported);
  EXPECT_EQ(read_npy(kNumpy + "structured.npy").status().code(), Code::unsupported);
  EXPECT_EQ(read_npy(kNumpy + "absent.npy").status().code(), Code::invalid_input);
  EXPECT_EQ(parse_npy("hello").status().code(), Code::invalid_input);
  const std::string whole = bytes_of("float32.npy");
  for (size_t n = 0; n < whole.size(); ++n) {
    EXPECT_FALSE(parse_npy(std::string_view(whole).substr(0, n)).ok()) << n;
  }
  EXPECT_FALSE(parse_npy(whole + '\0').ok());
  // A shape that asks for more than there is, or than can be, allocates nothing.
  for (const char* shape : {"(999999,9999)", "(4294967296,4294967296)", "(-1,)",
                            "(1,1,1,1,1,1,1,1,1)", "(99999999999999999999,)", "(1", "3"}) {
    std::string dict =
        std::string("{'descr': '<f4', 'fortran_order': False, 'shape': ") + shape + "}";
    std::string bytes("\x93NUMPY\x01\x00", 8);
    bytes += static_cast<char>(dict.size());
    bytes += '\0';
    EXPECT_FALSE(parse_npy(bytes + dict + "1234").ok()) << shape;
  }
}

TEST(Npz, ReadsStoredAndDeflated) {
  const auto stored = read_npz(kNumpy + "stored.npz");
  ASSERT_TRUE(stored.ok()) << stored.status().to_string();
  ASSERT_EQ(stored->size(), 2u);
  EXPECT_EQ((*stored)[0].first, "x");
  EXPECT_EQ((*stored)[0].second.dims(), (Dims{2, 3}));
  EXPECT_EQ((*stored)[0].second.data<float>()[5], 5.0f);
  EXPECT_EQ((*stored)[1].first, "y");
  EXPECT_EQ((*stored)[1].second.data<int64_t>()[0], 1);
  const auto deflated = read_npz(kNumpy + "deflated.npz");
  ASSERT_TRUE(deflated.ok()) << deflated.status().to_string();
  for (int i = 0; i < 1000; ++i) ASSERT_EQ((*deflated)[0].second.data<int32_t>()[i], i);
}

TEST(Npz, LimitsHold) {
  EXPECT_FALSE(parse_npz(bytes_of("deflated.npz"), {.total_bytes = 1000}).ok());
  EXPECT_FALSE(parse_npz(bytes_of("stored.npz"), {.entries = 1}).ok());
  EXPECT_FALSE(parse_npz("").ok());
  EXPECT_FALSE(parse_npz("PK\x03\x04 nonsense").ok());
}

TEST(Npz, WritesWhatItReadsAndTheSameBytesEachTime) {
  std::vector<int32_t> numbers(5000);
  std::iota(numbers.begin(), numbers.end(), 0);
  const NamedTensors arrays = {{"images", Tensor::vector<int32_t>(numbers)},
                               {"labels", Tensor::of<uint8_t>({2}, {3, 4})}};
  for (bool compress : {false, true}) {
    const auto bytes = format_npz(arrays, compress);
    ASSERT_TRUE(bytes.ok()) << bytes.status().to_string();
    EXPECT_EQ(*bytes, *format_npz(arrays, compress));
    const auto back = parse_npz(*bytes);
    ASSERT_TRUE(back.ok());
    ASSERT_EQ(back->size(), 2u);
    EXPECT_EQ((*back)[0].first, "images");
    EXPECT_EQ((*back)[0].second.data<int32_t>()[4999], 4999);
    EXPECT_EQ((*back)[1].second.data<uint8_t>()[1], 4);
    // And NumPy, where it is at hand, reads it too.
    const std::string path = testing::TempDir() + "fettle_npz_test.npz";
    ASSERT_TRUE(write_npz(path, arrays, compress).ok());
    if (std::system("python3 -c 'import numpy' 2>/dev/null") == 0) {
      EXPECT_EQ(
          std::system(("python3 -c \"import numpy as n; z=n.load('" + path +
                       "'); assert z['images'].sum()==12497500 and list(z['labels'])==[3,4]\"")
                          .c_str()),
          0);
    }
  }
  const auto none = parse_npz(*format_npz({}));
  ASSERT_TRUE(none.ok()) << none.status().to_string();
  EXPECT_TRUE(none->empty());
  EXPECT_FALSE(format_npz({{"a", Tensor(DType::bf16, {1})}}).ok());
  EXPECT_FALSE(format_npz({{"a", Tensor(DType::f32, {1})}, {"a", Tensor(DType::f32, {1})}}).ok());
}

}  // namespace
}  // namespace fettle::data
