// SPDX-License-Identifier: Apache-2.0
#include "device/profile.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <regex>

#include "base/files.h"

namespace fettle::device {
namespace {

constexpr const char* kSmall = R"(fettle-device: 1
id: small
name: A small device
sources:
  bench: "[measured] by hand"
clusters:
  - name: a
    core: Cortex-A72
    isa: neon
    cores: [2, cores, bench]
    clocks:
      - {clock: [600, MHz, bench]}
      - {clock: {value: 1.5, unit: GHz, source: "[vendor] data sheet"}, voltage: [850, mV]}
    caches:
      - {level: 1, size: [32, KiB, bench]}
      - {level: 2, size: [1, MiB, bench], shared_by: 2}
    peaks:
      - {type: f32, isa: neon, rate: [6, GMAC/s, bench], at: [1500, MHz, bench]}
memory:
  total: [1, GiB, "the label on the box"]
  read:
    - {threads: 1, bandwidth: [4000, MB/s, bench, estimate]}
)";

std::string with(std::string text, const std::string& from, const std::string& to) {
  const size_t at = text.find(from);
  EXPECT_NE(at, text.npos) << from;
  return text.replace(at, from.size(), to);
}

std::string refusal(const std::string& text) {
  Result<Profile> r = parse_profile(text, "x.yaml");
  if (r.ok()) return "taken";
  EXPECT_EQ(r.status().exit_code(), 3);
  return r.status().to_string();
}

TEST(Profile, UnitsAndConfidenceAsWritten) {
  const Result<Profile> r = parse_profile(kSmall, "x.yaml");
  ASSERT_TRUE(r.ok()) << r.status().to_string();
  const Cluster& c = r->clusters[0];
  EXPECT_EQ(c.core_count(), 2);
  EXPECT_EQ(c.isa, Isa::neon);
  EXPECT_EQ(c.max_mhz(), 1500);
  EXPECT_EQ(c.cores.confidence, Confidence::measured);
  EXPECT_EQ(c.cores.source, "[measured] by hand");
  EXPECT_EQ(c.clocks[1].clock_mhz.confidence, Confidence::vendor);
  EXPECT_DOUBLE_EQ(c.clocks[1].voltage_v->value, 0.85);
  // No source: an estimate, whatever the writer thought.
  EXPECT_EQ(c.clocks[1].voltage_v->confidence, Confidence::estimate);
  EXPECT_EQ(c.caches[1].size_kib.value, 1024);
  EXPECT_EQ(r->memory.total_kib.value, 1048576);
  EXPECT_EQ(r->memory.total_kib.confidence, Confidence::stated);
  EXPECT_DOUBLE_EQ(r->memory.read[0].gbps.value, 4.0);
  EXPECT_EQ(r->memory.read[0].gbps.confidence, Confidence::estimate);
}

TEST(Profile, RefusalsNameFileLineAndKey) {
  const std::string unit = refusal(with(kSmall, "[600, MHz, bench]", "[600, KiB, bench]"));
  EXPECT_NE(unit.find("x.yaml:12"), unit.npos) << unit;
  EXPECT_NE(unit.find("clusters[0].clocks[0].clock"), unit.npos) << unit;
  EXPECT_NE(unit.find("MHz, GHz"), unit.npos) << unit;
  const std::string unknown = refusal(with(kSmall, "    core:", "    corr: 1\n    core:"));
  EXPECT_NE(unknown.find("x.yaml:8"), unknown.npos) << unknown;
  EXPECT_NE(unknown.find("corr"), unknown.npos) << unknown;
}

TEST(Profile, RefusesWhatItCannotMean) {
  const std::pair<const char*, const char*> changes[] = {
      {"id: small", "id: ../etc/passwd"},
      {"id: small", "id: small\nid: twice"},
      {"fettle-device: 1", "fettle-device: 2"},
      {"[600, MHz, bench]", "[600, MHz, benhc]"},
      {"[600, MHz, bench]", "[-600, MHz, bench]"},
      {"[600, MHz, bench]", "[nan, MHz, bench]"},
      {"[600, MHz, bench]", "[1e9, MHz, bench]"},
      {"[600, MHz, bench]", "[600x, MHz, bench]"},
      {"[600, MHz, bench]", "[1600, MHz, bench]"},  // clocks no longer rise
      {"[600, MHz, bench]", "[600, MHz, bench, estimat]"},
      {"[600, MHz, bench]", "[600, MHz, bench, estimate, x]"},
      {"[600, MHz, bench]", "600"},
      {"[600, MHz, bench]", "{unit: MHz}"},
      {"isa: neon\n", "isa: sse\n"},
      {"isa: neon,", "isa: neondot,"},  // a peak that the cores cannot run
      {"type: f32", "type: f33"},
      {"level: 2", "level: 1"},
      {"shared_by: 2", "shared_by: 0"},
      {"[2, cores, bench]", "[2.5, cores, bench]"},
      {"threads: 1", "threads: 3"},
      {"threads: 1", "cluster: b, threads: 1"},
      {"name: A small device", "name: \"a\\e[2Jb\""},
      {"name: A small device", "name: [a, b]"},
      {"memory:", "memory: {}\nmemorx:"},
      {"fettle-device: 1", "--- 1\n---\nfettle-device: 1"},
      {"fettle-device: 1", "fettle-device: [[[1"},
      {"fettle-device: 1", "fettle-device: x ,,...\n...\n...\n...\n"},
  };
  for (const auto& [from, to] : changes) {
    EXPECT_NE(refusal(with(kSmall, from, to)), "taken") << to;
  }
  EXPECT_NE(refusal(""), "taken");
  EXPECT_NE(refusal(std::string(20000, '[')), "taken");
  EXPECT_NE(refusal(std::string(400000, ' ')), "taken");
}

TEST(Profile, WritingAndReadingGivesTheSame) {
  Result<Profile> p = parse_profile(kSmall, "x.yaml");
  ASSERT_TRUE(p.ok());
  p->battery = Battery{{18.5, Confidence::vendor, "[vendor] the \"label\" \\ box"}, {}};
  p->accelerators.push_back({"Edge TPU",
                             "tpu",
                             {{DType::i8, {2000, Confidence::estimate, ""}}},
                             Figure{8192, Confidence::estimate, ""},
                             {},
                             Figure{0.32, Confidence::measured, "[measured] over USB 3"},
                             Figure{1e-4, Confidence::estimate, ""}});
  const Result<Profile> again = parse_profile(write_profile(*p), "again.yaml");
  ASSERT_TRUE(again.ok()) << again.status().to_string() << write_profile(*p);
  EXPECT_EQ(*p, *again);
}

class Shipped : public testing::Test {
 protected:
  void SetUp() override { setenv("FETTLE_DEVICES", FETTLE_SOURCE "/devices", 1); }
  void TearDown() override { unsetenv("FETTLE_DEVICES"); }
};

TEST_F(Shipped, EveryProfileLoadsUnderItsOwnNameAndRoundTrips) {
  const std::vector<std::string> ids = list_profiles();
  EXPECT_GE(ids.size(), 5u);
  for (const std::string& id : ids) {
    const Result<Profile> p = find_profile(id);
    ASSERT_TRUE(p.ok()) << p.status().to_string();
    EXPECT_EQ(p->id, id);
    const Result<Profile> again = parse_profile(write_profile(*p), id);
    ASSERT_TRUE(again.ok()) << again.status().to_string();
    EXPECT_EQ(*p, *again) << id;
  }
}

// The board's published figures: BCM2711, four Cortex-A72, cpufp's 47.88 GFLOPS on four cores.
TEST_F(Shipped, RaspberryPi4) {
  const Result<Profile> p = find_profile("raspberry-pi-4");
  ASSERT_TRUE(p.ok()) << p.status().to_string();
  EXPECT_EQ(p->core_count(), 4);
  const Peak* f32 = p->clusters[0].find_peak(DType::f32);
  ASSERT_NE(f32, nullptr);
  EXPECT_NEAR(f32->gmacs.value * 2 * 4, 47.88, 0.1);
  EXPECT_EQ(f32->gmacs.confidence, Confidence::measured);
  // Two poles and the rest temperature add up to the fit's steady 72.2 C.
  const Cooling& bare = p->thermal.coolings[0];
  EXPECT_NEAR(bare.idle_c->value + bare.poles[0].rise_k.value + bare.poles[1].rise_k.value, 72.2,
              0.7);
  EXPECT_EQ(p->clusters[0].find_peak(DType::i8)->gmacs.confidence, Confidence::estimate);
}

TEST_F(Shipped, UnknownDeviceSaysWhichThereAre) {
  const Result<Profile> p = find_profile("raspberry-pi-44");
  ASSERT_FALSE(p.ok());
  EXPECT_EQ(p.status().exit_code(), 2);
  EXPECT_NE(p.status().message().find("raspberry-pi-4,"), std::string::npos);
}

// A figure that says [measured] has to stand in the table of facts that it was taken from, where
// that table is at hand: sources are copied, not made up.
TEST_F(Shipped, SourcesStandInTheTableOfFacts) {
  const Result<std::string> facts = read_file(FETTLE_SHARED "/facts/device_facts.csv");
  if (!facts.ok()) GTEST_SKIP() << "no table of facts at " FETTLE_SHARED;
  int held = 0;
  for (const std::string& id : list_profiles()) {
    const Result<std::string> text = read_file(FETTLE_SOURCE "/devices/" + id + ".yaml");
    ASSERT_TRUE(text.ok());
    const std::regex source(R"re(: "(\[(measured|vendor|fitted)[^"]*)")re");
    for (std::sregex_iterator i(text->begin(), text->end(), source), end; i != end; ++i) {
      EXPECT_NE(facts->find((*i)[1].str()), std::string::npos) << id << ": " << (*i)[1];
      ++held;
    }
  }
  EXPECT_GT(held, 30);
}

}  // namespace
}  // namespace fettle::device
