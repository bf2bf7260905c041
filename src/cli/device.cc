// SPDX-License-Identifier: Apache-2.0
//
// fettle device list | show ID | probe -o FILE
#include <cstdio>
#include <nlohmann/json.hpp>

#include "base/files.h"
#include "cli/arguments.h"
#include "cli/progress.h"
#include "device/probe.h"
#include "device/profile.h"

namespace fettle::cli {

namespace {

Status list(bool json) {
  nlohmann::json j = nlohmann::json::array();
  for (const std::string& id : device::list_profiles()) {
    FETTLE_ASSIGN(const device::Profile p, device::find_profile(id));
    if (json) {
      j.push_back({{"id", id}, {"name", p.name}, {"soc", p.soc}, {"cores", p.core_count()}});
    } else {
      std::printf("%-18s %-30s %s, %d cores\n", id.c_str(), p.name.c_str(), p.soc.c_str(),
                  p.core_count());
    }
  }
  if (json) std::puts(nlohmann::json{{"devices", j}}.dump().c_str());
  return {};
}

Status show(const std::string& id, bool json) {
  FETTLE_ASSIGN(const device::Profile p, device::find_profile(id));
  const std::string yaml = device::write_profile(p);
  if (json) {
    std::puts(
        nlohmann::json{{"id", p.id}, {"name", p.name}, {"profile_yaml", yaml}}.dump().c_str());
  } else {
    std::fputs(yaml.c_str(), stdout);
  }
  return {};
}

Status probe(const std::string& id, const std::string& out, bool json) {
  Progress progress("probing");
  device::ProbeOptions options;
  options.id = id;
  options.on_progress = [&](std::string_view what, double share) {
    progress.show("probing " + std::string(what), share);
  };
  FETTLE_ASSIGN(const device::Profile p, device::probe_device(options));
  FETTLE_TRY(write_file(out, device::write_profile(p)));
  if (json) {
    std::puts(nlohmann::json{{"written", out}, {"id", p.id}}.dump().c_str());
  } else {
    std::printf("wrote %s: %s, %d cores\n", out.c_str(), p.name.c_str(), p.core_count());
  }
  return {};
}

}  // namespace

Status device_command(const std::vector<std::string>& args) {
  CLI::App app("Known devices, and probing this machine", "device");
  bool json = false;
  std::string shown, out, id = "this-machine";
  app.add_flag("--json", json, "one JSON object on stdout");
  app.require_subcommand(1);
  app.fallthrough();
  auto* list_app = app.add_subcommand("list", "the devices whose profiles are at hand");
  auto* show_app = app.add_subcommand("show", "a device's profile, every figure with its source");
  show_app->add_option("ID", shown, "as in the list, or a profile's path")->required();
  auto* probe_app = app.add_subcommand("probe", "measure this machine and write its profile");
  probe_app->add_option("-o,--output", out, "the YAML file to write")->required();
  probe_app->add_option("--id", id, "the profile's id (default this-machine)");
  bool done = false;
  FETTLE_TRY(parse(app, args, &done));
  if (done) return {};
  if (list_app->parsed()) return list(json);
  if (show_app->parsed()) return show(shown, json);
  return probe_app->parsed() ? probe(id, out, json) : Status();
}

}  // namespace fettle::cli
