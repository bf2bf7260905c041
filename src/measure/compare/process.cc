// SPDX-License-Identifier: Apache-2.0
#include "measure/compare/process.h"

#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fstream>

#include "base/clock.h"
#include "base/files.h"

namespace fettle::measure {

namespace {

constexpr size_t kMaxLineBytes = size_t{256} << 20;
constexpr int kCannotStart = 127;  // as a shell says it

Status system_error(const std::string& what) {
  return io_error(what + ": " + std::strerror(errno));
}

// In the child, between fork and exec: nothing here may allocate.
[[noreturn]] void become(char* const* argv, const cpu_set_t* cores, int in, int out, int err,
                         pid_t parent) {
  setpgid(0, 0);
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) _exit(kCannotStart);
  if (cores != nullptr) sched_setaffinity(0, sizeof(*cores), cores);
  dup2(in, STDIN_FILENO);
  dup2(out, STDOUT_FILENO);
  dup2(err, STDERR_FILENO);
  execv(argv[0], argv);
  _exit(kCannotStart);
}

std::string last_line(const std::string& file) {
  auto text = read_file(file);
  if (!text.ok()) return {};
  std::string& t = *text;
  while (!t.empty() && (t.back() == '\n' || t.back() == ' ')) t.pop_back();
  const size_t start = t.rfind('\n');
  if (start != std::string::npos) t.erase(0, start + 1);
  constexpr size_t kMost = 300;
  return t.size() > kMost ? t.substr(0, kMost) : t;
}

}  // namespace

Result<std::unique_ptr<LineProcess>> LineProcess::start(const Options& options) {
  std::vector<char*> argv;
  for (const std::string& a : options.command) argv.push_back(const_cast<char*>(a.c_str()));
  argv.push_back(nullptr);
  cpu_set_t cores;
  CPU_ZERO(&cores);
  for (const int c : options.cores) CPU_SET(static_cast<size_t>(c), &cores);
  // A socket, because writing to one whose reader is gone can be an error without a signal.
  int to[2], from[2];
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, to) != 0) return system_error("no socket");
  if (pipe2(from, O_CLOEXEC) != 0) {
    const Status status = system_error("no pipe");
    close(to[0]), close(to[1]);
    return Status(status.code(), status.message());
  }
  const int err =
      open(options.stderr_file.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0600);
  const pid_t parent = getpid();
  const pid_t pid = err < 0 ? -1 : fork();
  if (pid == 0) {
    become(argv.data(), options.cores.empty() ? nullptr : &cores, to[1], from[1], err, parent);
  }
  const int error = errno;
  if (err >= 0) close(err);
  close(to[1]), close(from[1]);
  if (pid < 0) {
    close(to[0]), close(from[0]);
    errno = error;
    return system_error("cannot start " + options.command[0]);
  }
  setpgid(pid, pid);  // here as well, for whoever comes first
  return std::unique_ptr<LineProcess>(new LineProcess(pid, to[0], from[0], options.stderr_file));
}

LineProcess::~LineProcess() {
  if (pid_ == 0) return;
  close(to_), close(from_);
  kill(-pid_, SIGKILL);
  while (waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
  }
}

Status LineProcess::died() {
  int how = 0;
  if (pid_ == 0 || waitpid(pid_, &how, 0) != pid_) return {Code::failed, "it ended"};
  close(to_), close(from_);
  kill(-pid_, SIGKILL);  // its children
  pid_ = 0;
  std::string message;
  if (WIFSIGNALED(how)) {
    message = std::string("it died of signal ") + std::to_string(WTERMSIG(how)) + " (" +
              strsignal(WTERMSIG(how)) + ")";
  } else if (WEXITSTATUS(how) == kCannotStart) {
    message = "it could not be started";
  } else {
    message = "it ended with exit code " + std::to_string(WEXITSTATUS(how));
  }
  const std::string said = last_line(stderr_file_);
  return {Code::failed, said.empty() ? message : message + "; its last words: " + said};
}

Status LineProcess::send(std::string_view line) {
  if (pid_ == 0) return {Code::failed, "it has ended"};
  const std::string whole = std::string(line) + "\n";
  for (size_t sent = 0; sent < whole.size();) {
    const ssize_t n = ::send(to_, whole.data() + sent, whole.size() - sent, MSG_NOSIGNAL);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return errno == EPIPE || errno == ECONNRESET ? died() : system_error("cannot write");
    sent += static_cast<size_t>(n);
  }
  return {};
}

Result<std::string> LineProcess::receive(double seconds) {
  if (pid_ == 0) return Status(Code::failed, "it has ended");
  const int64_t end = now_ns() + static_cast<int64_t>(seconds * 1e9);
  size_t searched = 0;
  while (true) {
    const size_t at = read_.find('\n', searched);
    if (at != std::string::npos) {
      std::string line = read_.substr(0, at);
      read_.erase(0, at + 1);
      return line;
    }
    searched = read_.size();
    if (searched > kMaxLineBytes) return invalid_input("it answers with a line without an end");
    const int64_t left_ms = (end - now_ns()) / 1'000'000;
    pollfd wait{from_, POLLIN, 0};
    const int ready =
        left_ms <= 0 ? 0 : poll(&wait, 1, static_cast<int>(std::min<int64_t>(left_ms, 1 << 30)));
    if (ready < 0 && errno == EINTR) continue;
    if (ready < 0) return system_error("cannot wait");
    if (ready == 0) {
      char text[64];
      std::snprintf(text, sizeof(text), "no answer within %.3g s", seconds);
      return Status(Code::failed, text);
    }
    char bytes[1 << 16];
    const ssize_t n = read(from_, bytes, sizeof(bytes));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return system_error("cannot read");
    if (n == 0) return died();
    read_.append(bytes, static_cast<size_t>(n));
  }
}

Status LineProcess::pause() {
  return pid_ == 0 || kill(-pid_, SIGSTOP) == 0 ? Status() : system_error("cannot stop it");
}

Status LineProcess::resume() {
  return pid_ == 0 || kill(-pid_, SIGCONT) == 0 ? Status() : system_error("cannot wake it");
}

Status LineProcess::set_realtime(bool on) {
  const std::string folder = "/proc/" + std::to_string(pid_) + "/task";
  const std::unique_ptr<DIR, int (*)(DIR*)> open(opendir(folder.c_str()), closedir);
  if (!open) return {};
  sched_param level{};
  level.sched_priority = on ? 1 : 0;
  while (const dirent* entry = readdir(open.get())) {
    const int thread = std::atoi(entry->d_name);
    if (thread > 0 && sched_setscheduler(thread, on ? SCHED_FIFO : SCHED_OTHER, &level) != 0 &&
        errno != ESRCH) {
      return system_error("the system refuses SCHED_FIFO (run as root, or raise RLIMIT_RTPRIO)");
    }
  }
  return {};
}

std::optional<int64_t> LineProcess::peak_kib() const {
  if (pid_ == 0) return {};
  std::ifstream status("/proc/" + std::to_string(pid_) + "/status");
  constexpr std::string_view kPeak = "VmHWM:";
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with(kPeak)) return std::atoll(line.c_str() + kPeak.size());
  }
  return {};
}

}  // namespace fettle::measure
