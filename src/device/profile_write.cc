// SPDX-License-Identifier: Apache-2.0
//
// Writes a profile as people write them: sources once, in a table, and figures on one line.
#include <charconv>
#include <map>

#include "device/profile.h"

namespace fettle::device {

namespace {

std::string quoted(std::string_view text) {
  std::string s = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') s += '\\';
    s += c;
  }
  return s + '"';
}

std::string number(double value) {
  char buffer[40];
  return {buffer, std::to_chars(buffer, buffer + sizeof buffer, value).ptr};
}

class Writer {
 public:
  std::string write(const Profile& p) {
    clusters(p.clusters);
    if (!p.shared_caches.empty()) {
      line(0, "shared_caches:");
      caches(2, p.shared_caches);
    }
    memory(p.memory);
    power(p.power);
    thermal(p.thermal);
    if (p.battery) {
      line(0, "battery:");
      field(2, "energy", Quantity::energy, p.battery->energy_wh);
      field(2, "voltage", Quantity::voltage, p.battery->voltage_v);
    }
    accelerators(p.accelerators);

    std::string head = "fettle-device: 1\nid: " + p.id + "\nname: " + quoted(p.name) + "\n";
    if (!p.vendor.empty()) head += "vendor: " + quoted(p.vendor) + "\n";
    if (!p.board.empty()) head += "board: " + quoted(p.board) + "\n";
    if (!p.soc.empty()) head += "soc: " + quoted(p.soc) + "\n";
    if (!order_.empty()) head += "sources:\n";
    for (const std::string& s : order_) head += "  " + sources_[s] + ": " + quoted(s) + "\n";
    return head + body_;
  }

 private:
  void line(int indent, const std::string& text) {
    body_ += std::string(static_cast<size_t>(indent), ' ') + text + "\n";
  }

  std::string figure(Quantity q, const Figure& f) {
    std::string s = "[" + number(f.value) + ", " + std::string(row_of(q).units[0].name);
    if (!f.source.empty()) {
      const auto [at, fresh] =
          sources_.emplace(f.source, "s" + std::to_string(sources_.size() + 1));
      if (fresh) order_.push_back(f.source);
      s += ", " + at->second;
      const bool weaker =
          f.confidence == Confidence::estimate && confidence_of(f.source) != Confidence::estimate;
      if (weaker) s += ", estimate";
    }
    return s + "]";
  }
  void field(int indent, const std::string& key, Quantity q, const MaybeFigure& f) {
    if (f) line(indent, key + ": " + figure(q, *f));
  }
  // ", key: [..]" inside a flow map; nothing where there is no figure.
  std::string more(const std::string& key, Quantity q, const MaybeFigure& f) {
    return f ? ", " + key + ": " + figure(q, *f) : "";
  }

  void clusters(const std::vector<Cluster>& all) {
    line(0, "clusters:");
    for (const Cluster& c : all) {
      line(2, "- name: " + quoted(c.name));
      line(4, "core: " + quoted(c.core));
      line(4, "isa: " + std::string(fettle::name_of(c.isa)));
      line(4, "cores: " + figure(Quantity::count, c.cores));
      line(4, "clocks:");
      for (const OperatingPoint& o : c.clocks) {
        line(6, "- {clock: " + figure(Quantity::clock, o.clock_mhz) +
                    more("voltage", Quantity::voltage, o.voltage_v) +
                    more("core_power", Quantity::power, o.core_power_w) + "}");
      }
      if (!c.caches.empty()) {
        line(4, "caches:");
        caches(6, c.caches);
      }
      if (!c.peaks.empty()) line(4, "peaks:");
      for (const Peak& p : c.peaks) {
        line(6, "- {type: " + std::string(fettle::name_of(p.type)) +
                    ", isa: " + std::string(fettle::name_of(p.isa)) +
                    ", rate: " + figure(Quantity::rate, p.gmacs) +
                    ", at: " + figure(Quantity::clock, p.at_mhz) + "}");
      }
    }
  }

  void caches(int indent, const std::vector<Cache>& all) {
    for (const Cache& c : all) {
      line(indent, "- {level: " + std::to_string(c.level) +
                       ", size: " + figure(Quantity::size, c.size_kib) +
                       (c.shared_by > 1 ? ", shared_by: " + std::to_string(c.shared_by) : "") +
                       more("read", Quantity::bandwidth, c.read_gbps) + "}");
    }
  }

  void memory(const Memory& m) {
    line(0, "memory:");
    line(2, "total: " + figure(Quantity::size, m.total_kib));
    line(2, "read:");
    for (const ReadBandwidth& b : m.read) {
      line(4, "- {" + (b.cluster.empty() ? "" : "cluster: " + quoted(b.cluster) + ", ") +
                  "threads: " + std::to_string(b.threads) +
                  ", bandwidth: " + figure(Quantity::bandwidth, b.gbps) + "}");
    }
  }

  void power(const Power& p) {
    if (!p.idle_w && !p.off_w && p.loads.empty()) return;
    line(0, "power:");
    field(2, "off", Quantity::power, p.off_w);
    field(2, "idle", Quantity::power, p.idle_w);
    if (!p.loads.empty()) line(2, "loads:");
    for (const LoadPower& l : p.loads) {
      line(4, "- {load: " + quoted(l.load) + ", cores: " + std::to_string(l.cores) +
                  more("clock", Quantity::clock, l.clock_mhz) +
                  ", power: " + figure(Quantity::power, l.power_w) + "}");
    }
  }

  void thermal(const Thermal& t) {
    if (t.coolings.empty() && t.trips.empty()) return;
    line(0, "thermal:");
    if (!t.coolings.empty()) line(2, "coolings:");
    for (const Cooling& c : t.coolings) {
      line(4, "- name: " + quoted(c.name));
      field(6, "ambient", Quantity::temperature, c.ambient_c);
      field(6, "idle", Quantity::temperature, c.idle_c);
      field(6, "power", Quantity::power, c.power_w);
      line(6, "poles:");
      for (const ThermalPole& p : c.poles) {
        line(8, "- {tau: " + figure(Quantity::duration, p.tau_s) +
                    ", rise: " + figure(Quantity::rise, p.rise_k) + "}");
      }
    }
    if (!t.trips.empty()) line(2, "trips:");
    for (const TripPoint& trip : t.trips) {
      line(4, "- {action: " + quoted(trip.action) +
                  ", at: " + figure(Quantity::temperature, trip.at_c) + "}");
    }
  }

  void accelerators(const std::vector<Accelerator>& all) {
    if (!all.empty()) line(0, "accelerators:");
    for (const Accelerator& a : all) {
      line(2, "- name: " + quoted(a.name));
      line(4, "kind: " + quoted(a.kind));
      line(4, "peaks:");
      for (const AcceleratorPeak& p : a.peaks) {
        line(6, "- {type: " + std::string(fettle::name_of(p.type)) +
                    ", rate: " + figure(Quantity::rate, p.gmacs) + "}");
      }
      field(4, "memory", Quantity::size, a.memory_kib);
      field(4, "power", Quantity::power, a.power_w);
      field(4, "transfer", Quantity::bandwidth, a.transfer_gbps);
      field(4, "transfer_latency", Quantity::duration, a.transfer_latency_s);
    }
  }

  std::string body_;
  std::map<std::string, std::string> sources_;  // text to key
  std::vector<std::string> order_;
};

}  // namespace

std::string write_profile(const Profile& profile) { return Writer().write(profile); }

}  // namespace fettle::device
