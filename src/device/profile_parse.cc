// SPDX-License-Identifier: Apache-2.0
//
// The profile format, as tables of keys. A new key is one line here, one in profile_write.cc and
// one in docs/device-profile.md.
#include <algorithm>

#include "device/profile.h"
#include "device/yaml_reader.h"

namespace fettle::device {

namespace {

constexpr int kFormatVersion = 1;
constexpr auto required = YamlReader::required;
constexpr auto optional = YamlReader::optional;

bool valid_id(std::string_view id) {
  const auto good = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.';
  };
  return !id.empty() && id.size() <= 64 && id[0] != '.' && id[0] != '-' &&
         std::all_of(id.begin(), id.end(), good);
}

// One reading of one file: binds members to keys.
class ProfileParser {
 public:
  explicit ProfileParser(const std::string& file) : yaml_(file) {}

  Result<Profile> parse(std::string_view document) {
    Profile p;
    FETTLE_TRY(yaml_.read(document, [&](const YamlNode& root) { return profile(root, &p); }));
    return p;
  }

 private:
  using Fill = YamlReader::Fill;

  Fill text(std::string* out) {
    return [=, this](const YamlNode& n) { return yaml_.text(n, out); };
  }
  Fill integer(int least, int most, int* out) {
    return [=, this](const YamlNode& n) { return yaml_.integer(n, least, most, out); };
  }
  template <class F>
  Fill figure(Quantity q, F* out) {
    return [=, this](const YamlNode& n) { return yaml_.figure(n, q, out); };
  }
  // A list of structs, each read by a member function.
  template <class T>
  Fill each(size_t least, size_t most, std::vector<T>* out,
            Status (ProfileParser::*one)(const YamlNode&, T*)) {
    return [=, this](const YamlNode& n) {
      return yaml_.list(n, least, most, [=, this](const YamlNode& entry) {
        return (this->*one)(entry, &out->emplace_back());
      });
    };
  }
  Fill type(DType* out) {
    return [=, this](const YamlNode& n) {
      std::string name;
      FETTLE_TRY(yaml_.text(n, &name));
      *out = dtype_from_name(name);
      if (*out == DType::none)
        return yaml_.error(n, "no such element type; f32, i8, i16 and so on");
      return Status();
    };
  }
  Fill isa(Isa* out) {
    return [=, this](const YamlNode& n) {
      std::string name;
      FETTLE_TRY(yaml_.text(n, &name));
      if (!isa_from_name(name, out)) {
        return yaml_.error(
            n,
            "no such instruction set; portable, avx2, avx512, avx512vnni, avx512vbmi, neon, "
            "neondot, neoni8mm");
      }
      return Status();
    };
  }

  Status profile(const YamlNode& n, Profile* p) {
    int version = 0;
    FETTLE_TRY(yaml_.map(
        n,
        {
            {"fettle-device", required, integer(kFormatVersion, kFormatVersion, &version)},
            {"id", required, text(&p->id)},
            {"name", required, text(&p->name)},
            {"vendor", optional, text(&p->vendor)},
            {"board", optional, text(&p->board)},
            {"soc", optional, text(&p->soc)},
            {"sources", optional, [this](const YamlNode& s) { return sources(s); }},
            {"clusters", required, each(1, 16, &p->clusters, &ProfileParser::cluster)},
            {"shared_caches", optional, each(0, 4, &p->shared_caches, &ProfileParser::cache)},
            {"memory", required, [=, this](const YamlNode& m) { return memory(m, &p->memory); }},
            {"power", optional, [=, this](const YamlNode& m) { return power(m, &p->power); }},
            {"thermal", optional, [=, this](const YamlNode& m) { return thermal(m, &p->thermal); }},
            {"battery", optional,
             [=, this](const YamlNode& m) { return battery(m, &p->battery.emplace()); }},
            {"accelerators", optional, each(0, 16, &p->accelerators, &ProfileParser::accelerator)},
        }));
    return check(n, *p);
  }

  Status sources(const YamlNode& n) {
    std::map<std::string, std::string> table;
    FETTLE_TRY(yaml_.texts(n, &table));
    yaml_.set_sources(std::move(table));
    return {};
  }

  Status cluster(const YamlNode& n, Cluster* c) {
    FETTLE_TRY(
        yaml_.map(n, {
                         {"name", required, text(&c->name)},
                         {"core", required, text(&c->core)},
                         {"isa", required, isa(&c->isa)},
                         {"cores", required, figure(Quantity::count, &c->cores)},
                         {"clocks", required, each(1, 128, &c->clocks, &ProfileParser::clock)},
                         {"caches", optional, each(0, 4, &c->caches, &ProfileParser::cache)},
                         {"peaks", optional, each(0, 64, &c->peaks, &ProfileParser::peak)},
                     }));
    for (size_t i = 1; i < c->clocks.size(); ++i) {
      if (c->clocks[i].clock_mhz.value <= c->clocks[i - 1].clock_mhz.value) {
        return yaml_.error(n, "clocks have to rise from one to the next");
      }
    }
    if (c->cores.value != c->core_count()) return yaml_.error(n, "cores have to be whole");
    for (const Peak& p : c->peaks) {
      if (!implies(c->isa, p.isa)) {
        return yaml_.error(n, "a peak of '" + std::string(fettle::name_of(p.isa)) +
                                  "' on cores that have only '" +
                                  std::string(fettle::name_of(c->isa)) + "'");
      }
    }
    return ascending(n, c->caches);
  }

  Status ascending(const YamlNode& n, const std::vector<Cache>& caches) {
    for (size_t i = 1; i < caches.size(); ++i) {
      if (caches[i].level <= caches[i - 1].level) {
        return yaml_.error(n, "caches have to rise in level from one to the next");
      }
    }
    return {};
  }

  Status clock(const YamlNode& n, OperatingPoint* o) {
    return yaml_.map(n, {{"clock", required, figure(Quantity::clock, &o->clock_mhz)},
                         {"voltage", optional, figure(Quantity::voltage, &o->voltage_v)},
                         {"core_power", optional, figure(Quantity::power, &o->core_power_w)}});
  }
  Status cache(const YamlNode& n, Cache* c) {
    return yaml_.map(n, {{"level", required, integer(1, 4, &c->level)},
                         {"size", required, figure(Quantity::size, &c->size_kib)},
                         {"shared_by", optional, integer(1, 1024, &c->shared_by)},
                         {"read", optional, figure(Quantity::bandwidth, &c->read_gbps)}});
  }
  Status peak(const YamlNode& n, Peak* p) {
    return yaml_.map(n, {{"type", required, type(&p->type)},
                         {"isa", required, isa(&p->isa)},
                         {"rate", required, figure(Quantity::rate, &p->gmacs)},
                         {"at", required, figure(Quantity::clock, &p->at_mhz)}});
  }
  Status memory(const YamlNode& n, Memory* m) {
    return yaml_.map(n, {{"total", required, figure(Quantity::size, &m->total_kib)},
                         {"read", required, each(1, 256, &m->read, &ProfileParser::bandwidth)}});
  }
  Status bandwidth(const YamlNode& n, ReadBandwidth* b) {
    return yaml_.map(n, {{"cluster", optional, text(&b->cluster)},
                         {"threads", required, integer(1, 1024, &b->threads)},
                         {"bandwidth", required, figure(Quantity::bandwidth, &b->gbps)}});
  }
  Status power(const YamlNode& n, Power* p) {
    return yaml_.map(n, {{"idle", optional, figure(Quantity::power, &p->idle_w)},
                         {"off", optional, figure(Quantity::power, &p->off_w)},
                         {"loads", optional, each(0, 64, &p->loads, &ProfileParser::load)}});
  }
  Status load(const YamlNode& n, LoadPower* l) {
    return yaml_.map(n, {{"load", required, text(&l->load)},
                         {"cores", required, integer(1, 1024, &l->cores)},
                         {"clock", optional, figure(Quantity::clock, &l->clock_mhz)},
                         {"power", required, figure(Quantity::power, &l->power_w)}});
  }
  Status thermal(const YamlNode& n, Thermal* t) {
    FETTLE_TRY(
        yaml_.map(n, {{"coolings", optional, each(0, 32, &t->coolings, &ProfileParser::cooling)},
                      {"trips", optional, each(0, 32, &t->trips, &ProfileParser::trip)}}));
    for (size_t i = 1; i < t->trips.size(); ++i) {
      if (t->trips[i].at_c.value < t->trips[i - 1].at_c.value) {
        return yaml_.error(n, "trips have to rise from one to the next");
      }
    }
    return {};
  }
  Status cooling(const YamlNode& n, Cooling* c) {
    return yaml_.map(n, {{"name", required, text(&c->name)},
                         {"ambient", optional, figure(Quantity::temperature, &c->ambient_c)},
                         {"idle", optional, figure(Quantity::temperature, &c->idle_c)},
                         {"power", optional, figure(Quantity::power, &c->power_w)},
                         {"poles", required, each(1, 4, &c->poles, &ProfileParser::pole)}});
  }
  Status pole(const YamlNode& n, ThermalPole* p) {
    FETTLE_TRY(yaml_.map(n, {{"tau", required, figure(Quantity::duration, &p->tau_s)},
                             {"rise", required, figure(Quantity::rise, &p->rise_k)}}));
    return p->tau_s.value > 0 ? Status() : yaml_.error(n, "a time constant has to be over 0");
  }
  Status trip(const YamlNode& n, TripPoint* t) {
    return yaml_.map(n, {{"action", required, text(&t->action)},
                         {"at", required, figure(Quantity::temperature, &t->at_c)}});
  }
  Status battery(const YamlNode& n, Battery* b) {
    return yaml_.map(n, {{"energy", required, figure(Quantity::energy, &b->energy_wh)},
                         {"voltage", optional, figure(Quantity::voltage, &b->voltage_v)}});
  }
  Status accelerator(const YamlNode& n, Accelerator* a) {
    return yaml_.map(
        n, {
               {"name", required, text(&a->name)},
               {"kind", required, text(&a->kind)},
               {"peaks", required, each(1, 16, &a->peaks, &ProfileParser::accelerator_peak)},
               {"memory", optional, figure(Quantity::size, &a->memory_kib)},
               {"power", optional, figure(Quantity::power, &a->power_w)},
               {"transfer", optional, figure(Quantity::bandwidth, &a->transfer_gbps)},
               {"transfer_latency", optional, figure(Quantity::duration, &a->transfer_latency_s)},
           });
  }
  Status accelerator_peak(const YamlNode& n, AcceleratorPeak* p) {
    return yaml_.map(n, {{"type", required, type(&p->type)},
                         {"rate", required, figure(Quantity::rate, &p->gmacs)}});
  }

  // What one key alone cannot show.
  Status check(const YamlNode& n, const Profile& p) {
    if (!valid_id(p.id)) {
      return yaml_.error(n, "the id has to be up to 64 of a-z, 0-9, '-', '_', '.'");
    }
    FETTLE_TRY(ascending(n, p.shared_caches));
    for (size_t i = 0; i < p.clusters.size(); ++i) {
      for (size_t j = 0; j < i; ++j) {
        if (p.clusters[i].name == p.clusters[j].name) {
          return yaml_.error(n, "two clusters are named '" + p.clusters[i].name + "'");
        }
      }
    }
    for (const ReadBandwidth& b : p.memory.read) {
      const Cluster* c = b.cluster.empty() ? nullptr : p.find_cluster(b.cluster);
      if (!b.cluster.empty() && !c) {
        return yaml_.error(
            n, "a read bandwidth names cluster '" + b.cluster + "', which is not there");
      }
      const int cores = c ? c->core_count() : p.core_count();
      if (b.threads > cores) {
        return yaml_.error(n, "a read bandwidth of " + std::to_string(b.threads) + " threads on " +
                                  std::to_string(cores) + " cores");
      }
    }
    return {};
  }

  YamlReader yaml_;
};

}  // namespace

Result<Profile> parse_profile(std::string_view text, const std::string& file) {
  if (text.size() > (size_t{256} << 10)) {
    return invalid_input("a device profile has at most 256 KiB", file);
  }
  return ProfileParser(file).parse(text);
}

}  // namespace fettle::device
