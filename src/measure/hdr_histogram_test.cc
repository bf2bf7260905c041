// SPDX-License-Identifier: Apache-2.0
//
// Encodings are those that hdrhistogram 0.10.8 for Python (the project's own implementation) makes
// of the same values.
#include "measure/hdr_histogram.h"

#include <gtest/gtest.h>
#include <zlib.h>

#include <sstream>

namespace fettle::measure {
namespace {

std::string hex(std::string_view bytes) {
  std::string text;
  for (const char c : bytes) {
    char two[3];
    std::snprintf(two, sizeof two, "%02x", static_cast<unsigned char>(c));
    text += two;
  }
  return text;
}

TEST(HdrHistogram, EncodesAsItsProjectDoes) {
  HdrHistogram h;
  for (const int64_t v :
       {int64_t{0}, int64_t{1}, int64_t{1}, int64_t{2}, int64_t{2047}, int64_t{2048}, int64_t{2049},
        int64_t{4095}, int64_t{4096}, int64_t{1000000}, int64_t{1000000}, int64_t{1234567},
        int64_t{999999999999}, int64_t{86400000000000}}) {
    h.record(v);
  }
  EXPECT_EQ(hex(h.encode()),
            "1c849313000000180000000000000003000000000000000100004e94914f00003ff0000000000000"
            "020402f71f0204fb0f0202bf7e04a504029fba0202c36602");
  EXPECT_EQ(h.total(), 14);
  EXPECT_EQ(h.most(), 86400000000000);

  // Cubes: no single zero lies between two counts, which that implementation writes as a run of one
  // and the original, in Java, as a count. Both read either.
  HdrHistogram cubes(3600000000);
  for (int64_t i = 2; i <= 200; ++i) cubes.record(i * i * i);
  const std::string encoded = cubes.encode();
  EXPECT_EQ(encoded.size(), 500u);
  EXPECT_EQ(
      crc32(0, reinterpret_cast<const Bytef*>(encoded.data()), static_cast<uInt>(encoded.size())),
      3713069085u);
}

TEST(HdrHistogram, WhatIsOutOfRangeCountsAtItsEdge) {
  HdrHistogram h(1'000'000), edges(1'000'000);
  h.record(-5);
  h.record(INT64_MAX);
  edges.record(0);
  edges.record(1'000'000);
  EXPECT_EQ(hex(h.encode()), hex(edges.encode()));
}

TEST(HdrHistogram, CompressedIsTheSameBehindItsOwnHeader) {
  HdrHistogram h;
  for (int64_t i = 0; i < 5000; ++i) h.record(i * i);
  const auto packed = h.encode_compressed();
  ASSERT_TRUE(packed.ok());
  EXPECT_EQ(hex(packed->substr(0, 4)), "1c849314");
  EXPECT_EQ(hex(packed->substr(4, 4)), [&] {
    char text[9];
    std::snprintf(text, sizeof text, "%08zx", packed->size() - 8);
    return std::string(text);
  }());
  const std::string plain = h.encode();
  std::string unpacked(plain.size(), '\0');
  uLongf size = unpacked.size();
  ASSERT_EQ(uncompress(reinterpret_cast<Bytef*>(unpacked.data()), &size,
                       reinterpret_cast<const Bytef*>(packed->data() + 8), packed->size() - 8),
            Z_OK);
  EXPECT_EQ(size, plain.size());
  EXPECT_TRUE(unpacked == plain);
}

TEST(Base64, OfTheStandard) {  // RFC 4648, section 10
  EXPECT_EQ(base64(""), "");
  EXPECT_EQ(base64("f"), "Zg==");
  EXPECT_EQ(base64("fo"), "Zm8=");
  EXPECT_EQ(base64("foo"), "Zm9v");
  EXPECT_EQ(base64("foob"), "Zm9vYg==");
  EXPECT_EQ(base64("fooba"), "Zm9vYmE=");
  EXPECT_EQ(base64("foobar"), "Zm9vYmFy");
}

TEST(HdrLog, ALineForEachSecondThatHasRuns) {
  std::vector<RunRecord> runs(4);
  runs[0].us = 100;
  runs[1].at_s = 0.9;
  runs[1].us = 250;
  runs[2].at_s = 3.2;
  runs[2].us = 50;
  runs[3].at_s = 4.0;
  runs[3].us = 10;
  const auto log = hdr_log(runs, 1700000000123);
  ASSERT_TRUE(log.ok());
  std::istringstream lines(*log);
  std::vector<std::string> all;
  for (std::string line; std::getline(lines, line);) all.push_back(line);
  ASSERT_EQ(all.size(), 6u);
  EXPECT_EQ(all[0], "#[Histogram log format version 1.3]");
  EXPECT_EQ(all[1], "#[StartTime: 1700000000.123 (seconds since epoch)]");
  EXPECT_TRUE(all[3].starts_with("0.000,1.000,0.250000,HISTF")) << all[3];
  EXPECT_TRUE(all[4].starts_with("3.000,1.000,0.050000,HISTF")) << all[4];
  EXPECT_TRUE(all[5].starts_with("4.000,1.000,0.010000,HISTF")) << all[5];
}

}  // namespace
}  // namespace fettle::measure
