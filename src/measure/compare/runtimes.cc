// SPDX-License-Identifier: Apache-2.0
#include "measure/compare/runtimes.h"

#include <unistd.h>

#include <climits>
#include <cstdlib>

namespace fettle::measure {

namespace {

constexpr RuntimeEntry kRuntimes[] = {
    {"fettle", "", ""},
    {"onnxruntime", "onnxruntime_worker.py", "pip install onnxruntime"},
    {"openvino", "openvino_worker.py", "pip install openvino"},
    {"litert", "litert_worker.py", "pip install ai-edge-litert"},
    {"ncnn", "ncnn_worker.py", "pip install ncnn, and pip install --no-deps pnnx, its converter"},
    {"mnn", "mnn_worker.py", "pip install MNN"},
    {"torch", "torch_worker.py", "apt-get install python3-torch, or pip install torch"},
};

bool is_program(const std::string& path) { return ::access(path.c_str(), X_OK) == 0; }

// Of a program named without a folder, as a shell would find it; empty if it is nowhere.
std::string on_path(const std::string& program) {
  if (program.find('/') != std::string::npos) return is_program(program) ? program : "";
  const char* path = std::getenv("PATH");
  std::string rest = path != nullptr ? path : "/usr/local/bin:/usr/bin:/bin";
  while (!rest.empty()) {
    const size_t end = std::min(rest.find(':'), rest.size());
    const std::string candidate = rest.substr(0, end) + "/" + program;
    if (end > 0 && is_program(candidate)) return candidate;
    rest.erase(0, end + 1);
  }
  return {};
}

}  // namespace

std::span<const RuntimeEntry> known_runtimes() { return kRuntimes; }

Result<const RuntimeEntry*> find_runtime(const std::string& name) {
  std::string known;
  for (const RuntimeEntry& r : kRuntimes) {
    if (r.name == name) return &r;
    known += (known.empty() ? "" : ", ") + std::string(r.name);
  }
  return usage_error("there is no runtime '" + name + "'; known are " + known);
}

Result<std::string> own_program() {
  char path[PATH_MAX];
  const ssize_t n = ::readlink("/proc/self/exe", path, sizeof(path));
  if (n <= 0 || n == static_cast<ssize_t>(sizeof(path))) {
    return io_error("cannot find this program", "/proc/self/exe");
  }
  return std::string(path, static_cast<size_t>(n));
}

Result<std::string> find_workers() {
  std::vector<std::string> folders;
  if (const char* set = std::getenv("FETTLE_WORKERS")) {
    folders = {set};
  } else {
    FETTLE_ASSIGN(std::string program, own_program());
    program.resize(program.rfind('/'));
    for (const char* at : {"/peers", "/../share/fettle/peers", "/../../../bench/peers"}) {
      folders.push_back(program + at);
    }
  }
  std::string tried;
  for (const std::string& folder : folders) {
    if (::access((folder + "/worker.py").c_str(), R_OK) == 0) return folder;
    tried += (tried.empty() ? "" : ", ") + folder;
  }
  return usage_error("the workers of other runtimes are in none of " + tried +
                     "; set FETTLE_WORKERS to the folder that has worker.py (bench/peers)");
}

Result<std::vector<std::string>> find_pythons(const std::string& preferred,
                                              const std::string& workers) {
  if (!preferred.empty()) {
    const std::string found = on_path(preferred);
    if (found.empty()) return usage_error("there is no program '" + preferred + "' for --python");
    return std::vector<std::string>{found};
  }
  std::vector<std::string> pythons;
  const char* set = std::getenv("FETTLE_PEERS_PYTHON");
  if (set != nullptr && on_path(set).empty()) {
    return usage_error("FETTLE_PEERS_PYTHON is '" + std::string(set) + "', which is no program");
  }
  for (const std::string& python :
       {std::string(set != nullptr ? set : ""), workers + "/.venv/bin/python",
        std::string("python3"), std::string("/usr/bin/python3")}) {
    const std::string found = python.empty() ? "" : on_path(python);
    bool known = found.empty();
    for (const std::string& p : pythons) known = known || p == found;
    if (!known) pythons.push_back(found);
  }
  return pythons;
}

}  // namespace fettle::measure
