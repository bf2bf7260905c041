// SPDX-License-Identifier: Apache-2.0
//
// libfettle_device.so by itself: this program links nothing else of the project, so that what an
// embedding program needs and the library does not export fails here, when it is linked.
#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>

#include "ops/portable.h"
#include "plan/package.h"
#include "runtime/session.h"

namespace fettle {
namespace {

std::string package(const std::string& name) {
  return std::string(FETTLE_SOURCE) + "/tests/fuzz/corpus/package/" + name + ".fettle";
}

TEST(DeviceLibrary, RunsAPackage) {
  auto plan = plan::open_package(package("Softmax"));
  ASSERT_TRUE(plan.ok()) << plan.status().to_string();
  runtime::SessionOptions options;
  options.threads = 2;
  auto loaded = runtime::Session::load(*plan, ops::find_portable, options);
  ASSERT_TRUE(loaded.ok()) << loaded.status().to_string();
  runtime::Session& session = **loaded;
  ASSERT_EQ(session.inputs(), 1U);
  const TensorView& in = session.input(0);
  ASSERT_EQ(in.dtype, DType::f32);
  std::vector<float> x(static_cast<size_t>(in.dims.elements()));
  std::iota(x.begin(), x.end(), 0.0F);
  ASSERT_TRUE(session.bind_input(0, std::as_bytes(std::span(x))).ok());
  ASSERT_TRUE(session.run().ok());
  // All of a softmax together is the number of its rows, and the row's last is its largest.
  const TensorView& out = session.output(0);
  const float* y = out.as<float>();
  const int64_t n = out.dims.elements(), row = out.dims[out.dims.rank() - 1];
  EXPECT_NEAR(std::accumulate(y, y + n, 0.0), static_cast<double>(n / row), 1e-4);
  EXPECT_EQ(std::max_element(y, y + row) - y, row - 1);
}

TEST(DeviceLibrary, RefusesWhatIsNoPackage) {
  EXPECT_EQ(plan::open_package(std::string(FETTLE_SOURCE) + "/README.md").status().code(),
            Code::invalid_input);
  EXPECT_EQ(plan::open_package("/nowhere/at/all").status().code(), Code::invalid_input);
}

TEST(DeviceLibrary, HasTheOperators) {
  PortableOp op;
  for (const char* name : {"Conv", "Gemm", "Softmax", "Resize", "LSTM", "NonMaxSuppression"}) {
    EXPECT_TRUE(ops::find_portable(name, &op)) << name;
  }
  EXPECT_FALSE(ops::find_portable("If", &op));  // lowering has removed it
  EXPECT_FALSE(ops::find_portable("NoSuchOperator", &op));
}

}  // namespace
}  // namespace fettle
