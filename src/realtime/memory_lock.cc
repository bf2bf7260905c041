// SPDX-License-Identifier: Apache-2.0
#include "realtime/memory_lock.h"

#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstring>

#include "device/sysfs.h"

namespace fettle::realtime {

namespace {

constexpr size_t kPageBytes = 4096;  // no system's are smaller

// Writes to each page of a frame this large, so that the stack has grown to it.
[[gnu::noinline]] void fill_stack() {
  char frame[kStackBytes];
  for (size_t i = 0; i < kStackBytes; i += kPageBytes) frame[i] = 0;
  asm volatile("" : : "r"(frame) : "memory");  // somebody may look at it
}

// A line such as "VmLck:     1234 kB" of the process's status, in bytes.
int64_t status_bytes(std::string_view name) {
  const std::string status = device::read_sysfs("/proc/self/status");
  const size_t line = status.find("\n" + std::string(name) + ":");
  if (line == status.npos) return 0;
  const size_t digit = status.find_first_of("0123456789", line);
  if (digit == status.npos) return 0;
  int64_t kib = 0;
  std::from_chars(status.data() + digit, status.data() + status.size(), kib);
  return kib * 1024;
}

std::string in_mib(uint64_t bytes) { return std::to_string((bytes + (1 << 20) - 1) >> 20); }

Status refused(int error) {
  rlimit limit{};
  getrlimit(RLIMIT_MEMLOCK, &limit);
  std::string message =
      "memory cannot be locked (" + std::string(std::strerror(error)) + "): the process has " +
      in_mib(static_cast<uint64_t>(status_bytes("VmSize"))) + " MiB mapped and RLIMIT_MEMLOCK is ";
  message += limit.rlim_cur == RLIM_INFINITY ? "unlimited" : in_mib(limit.rlim_cur) + " MiB";
  message +=
      "; raise it (ulimit -l, 'memlock' in /etc/security/limits.conf, LimitMEMLOCK= of a systemd "
      "unit) or give the program CAP_IPC_LOCK (setcap cap_ipc_lock+ep)";
  return {Code::failed, message};
}

}  // namespace

Result<int64_t> lock_memory() {
  fill_stack();
  if (mlockall(MCL_CURRENT) != 0) return refused(errno);
  return status_bytes("VmLck");
}

void unlock_memory() { munlockall(); }

}  // namespace fettle::realtime
