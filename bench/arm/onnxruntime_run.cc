// SPDX-License-Identifier: Apache-2.0
//
// usage: onnxruntime_run LIBRARY MODEL INPUT OUTPUT RUNS DIM...
//
// Runs a model of one float input RUNS times on one thread of an ONNX Runtime that is loaded when
// it is needed, so that compare_instructions.py can count what it executes. Of ONNX Runtime's C
// interface, a table of functions whose order is promised to stay, the few that are needed are
// named by their place; no header of it is needed to build this.
#include <dlfcn.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <vector>

namespace {
// Places in the table of version 1.
enum Place {
  kGetErrorMessage = 2,
  kCreateEnv = 3,
  kCreateSession = 7,
  kRun = 9,
  kCreateSessionOptions = 10,
  kSetIntraOpNumThreads = 24,
  kCreateTensorWithDataAsOrtValue = 49,
  kGetTensorMutableData = 51,
  kCreateCpuMemoryInfo = 69
};
constexpr int kFloat = 1, kWarning = 2, kDeviceAllocator = 0, kDefaultMemory = 0;

struct Base {
  void* const* (*get_api)(uint32_t version);
};
void* const* table;

template <class... Values>
void call(Place place, Values... values) {
  using Function = void* (*)(Values...);
  void* status = reinterpret_cast<Function>(table[place])(values...);
  if (status == nullptr) return;
  using Message = const char* (*)(void*);
  std::fprintf(stderr, "onnxruntime: %s\n",
               reinterpret_cast<Message>(table[kGetErrorMessage])(status));
  std::exit(1);
}
}  // namespace

int main(int count, char** words) {
  if (count < 7) {
    std::fprintf(stderr, "usage: onnxruntime_run LIBRARY MODEL INPUT OUTPUT RUNS DIM...\n");
    return 2;
  }
  void* library = dlopen(words[1], RTLD_NOW);
  void* entry = library == nullptr ? nullptr : dlsym(library, "OrtGetApiBase");
  if (entry == nullptr) {
    std::fprintf(stderr, "%s\n", dlerror());
    return 3;
  }
  table = reinterpret_cast<const Base* (*)()>(entry)()->get_api(1);
  void *env = nullptr, *options = nullptr, *session = nullptr, *memory = nullptr, *input = nullptr;
  call(kCreateEnv, kWarning, "fettle", &env);
  call(kCreateSessionOptions, &options);
  call(kSetIntraOpNumThreads, options, 1);
  call(kCreateSession, env, static_cast<const char*>(words[2]), options, &session);
  std::vector<int64_t> shape;
  size_t elements = 1;
  for (int i = 6; i < count; ++i) {
    shape.push_back(std::atoll(words[i]));
    elements *= static_cast<size_t>(shape.back());
  }
  std::vector<float> values(elements);
  for (size_t i = 0; i < elements; ++i) values[i] = static_cast<float>(i % 251) / 125.0F - 1.0F;
  call(kCreateCpuMemoryInfo, kDeviceAllocator, kDefaultMemory, &memory);
  call(kCreateTensorWithDataAsOrtValue, memory, static_cast<void*>(values.data()),
       elements * sizeof(float), static_cast<const int64_t*>(shape.data()), shape.size(), kFloat,
       &input);
  const char *input_name = words[3], *output_name = words[4];
  void* output = nullptr;
  for (int64_t run = std::atoll(words[5]); run > 0; --run) {
    call(kRun, session, static_cast<void*>(nullptr), &input_name, static_cast<void* const*>(&input),
         size_t{1}, &output_name, size_t{1}, &output);
  }
  float* results = nullptr;
  call(kGetTensorMutableData, output, &results);
  std::printf("%g %g %g\n", static_cast<double>(results[0]), static_cast<double>(results[1]),
              static_cast<double>(results[2]));
  std::fflush(stdout);
  std::_Exit(0);
}
