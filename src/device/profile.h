// SPDX-License-Identifier: Apache-2.0
//
// What a device is, as far as a prediction needs to know: cores by cluster with their clocks and
// caches, what they can compute and read, what that costs in power and heat, and what else is on
// the board. One YAML file per device, in devices/; docs/device-profile.md explains the format.
//
// Units stand in the names; sizes are in KiB. Figures that nobody has are absent, not zero.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/cpu.h"
#include "base/dtype.h"
#include "base/status.h"
#include "device/figure.h"

namespace fettle::device {

struct OperatingPoint {
  Figure clock_mhz;
  MaybeFigure voltage_v;
  MaybeFigure core_power_w;  // one busy core at this clock, dynamic part
  friend bool operator==(const OperatingPoint&, const OperatingPoint&) = default;
};

struct Cache {
  int level = 1;  // data or unified
  Figure size_kib;
  int shared_by = 1;      // cores that share one instance
  MaybeFigure read_gbps;  // one core reading from it, at the highest clock
  friend bool operator==(const Cache&, const Cache&) = default;
};

// What one core can do with one instruction set in one type, everything in registers.
struct Peak {
  DType type = DType::f32;
  Isa isa = Isa::portable;
  Figure gmacs;   // per core
  Figure at_mhz;  // the clock that gmacs belongs to
  friend bool operator==(const Peak&, const Peak&) = default;
};

struct Cluster {
  std::string name, core;   // "a72", "Cortex-A72"
  Isa isa = Isa::portable;  // the best that the cores have
  Figure cores;
  std::vector<OperatingPoint> clocks;  // ascending, at least one
  std::vector<Cache> caches;           // ascending by level
  std::vector<Peak> peaks;

  int core_count() const { return static_cast<int>(cores.value); }
  double max_mhz() const { return clocks.back().clock_mhz.value; }
  // The best peak for a type that `isa` runs; null where there is none.
  const Peak* find_peak(DType type, Isa isa) const;
  const Peak* find_peak(DType type) const { return find_peak(type, isa); }
  friend bool operator==(const Cluster&, const Cluster&) = default;
};

struct ReadBandwidth {
  std::string cluster;  // empty: threads on whichever cores come first
  int threads = 1;
  Figure gbps;  // all threads together, arrays that fit no cache
  friend bool operator==(const ReadBandwidth&, const ReadBandwidth&) = default;
};

struct Memory {
  Figure total_kib;
  std::vector<ReadBandwidth> read;
  friend bool operator==(const Memory&, const Memory&) = default;
};

struct LoadPower {
  std::string load;  // what ran
  int cores = 1;
  MaybeFigure clock_mhz;
  Figure power_w;  // the whole board
  friend bool operator==(const LoadPower&, const LoadPower&) = default;
};

struct Power {
  MaybeFigure idle_w, off_w;  // the whole board
  std::vector<LoadPower> loads;
  friend bool operator==(const Power&, const Power&) = default;
};

// Foster form: after a step of power at t = 0 the die is rise_k * (1 - exp(-t / tau_s)) warmer for
// each pole.
struct ThermalPole {
  Figure tau_s, rise_k;
  friend bool operator==(const ThermalPole&, const ThermalPole&) = default;
};

struct Cooling {
  std::string name;  // "bare board"
  MaybeFigure ambient_c;
  MaybeFigure idle_c;              // the die at rest in that air
  MaybeFigure power_w;             // the step of power that caused the rises
  std::vector<ThermalPole> poles;  // fast first
  friend bool operator==(const Cooling&, const Cooling&) = default;
};

struct TripPoint {
  std::string action;  // "throttle-start", "throttle-full", "critical", or as the kernel names it
  Figure at_c;
  friend bool operator==(const TripPoint&, const TripPoint&) = default;
};

struct Thermal {
  std::vector<Cooling> coolings;  // the first is how the board is sold
  std::vector<TripPoint> trips;   // ascending
  friend bool operator==(const Thermal&, const Thermal&) = default;
};

struct Battery {
  Figure energy_wh;
  MaybeFigure voltage_v;
  friend bool operator==(const Battery&, const Battery&) = default;
};

struct AcceleratorPeak {
  DType type = DType::i8;
  Figure gmacs;
  friend bool operator==(const AcceleratorPeak&, const AcceleratorPeak&) = default;
};

struct Accelerator {
  std::string name, kind;  // "Edge TPU", "npu"
  std::vector<AcceleratorPeak> peaks;
  MaybeFigure memory_kib, power_w;
  MaybeFigure transfer_gbps, transfer_latency_s;  // host memory to accelerator, each way
  friend bool operator==(const Accelerator&, const Accelerator&) = default;
};

struct Profile {
  std::string id, name, vendor, board, soc;
  std::vector<Cluster> clusters;     // at least one
  std::vector<Cache> shared_caches;  // between clusters
  Memory memory;
  Power power;
  Thermal thermal;
  std::optional<Battery> battery;
  std::vector<Accelerator> accelerators;

  int core_count() const;
  const Cluster* find_cluster(std::string_view name) const;
  // The cluster with the highest float peak per core: where one thread belongs.
  const Cluster& fastest_cluster() const;
  // What one of its cores can count on of a cache of at most two levels: all of a private one, its
  // share of a common one. 0: the profile does not say.
  int64_t cache_per_core_bytes() const;
  friend bool operator==(const Profile&, const Profile&) = default;
};

// `file` is for messages. The text is hostile: anything unknown, doubled, out of range, in a wrong
// unit or too large is an error that names file, line and key.
Result<Profile> parse_profile(std::string_view text, const std::string& file);
// The same file format; parse_profile gives back an equal profile.
std::string write_profile(const Profile& profile);

Result<Profile> load_profile(const std::string& path);
// By id in the device directories, or by path where `id` has a '/' or ends in ".yaml".
Result<Profile> find_profile(const std::string& id);
// The ids there are, sorted.
std::vector<std::string> list_profiles();
// Where profiles are looked for, first match wins: FETTLE_DEVICES (separated by ':'), then
// devices/ beside and above the program.
std::vector<std::string> profile_directories();

}  // namespace fettle::device
