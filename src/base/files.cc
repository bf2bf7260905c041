// SPDX-License-Identifier: Apache-2.0
#include "base/files.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

namespace fettle {

namespace {
Status errno_error(const std::string& what, const std::string& path) {
  return io_error(what + ": " + std::strerror(errno), path);
}

struct Fd {
  int value;
  ~Fd() {
    if (value >= 0) ::close(value);
  }
};

Result<size_t> regular_size(int fd, const std::string& path) {
  struct stat st {};
  if (::fstat(fd, &st) != 0) return errno_error("cannot stat", path);
  if (!S_ISREG(st.st_mode)) return invalid_input("is not a regular file", path);
  return static_cast<size_t>(st.st_size);
}

// A file that the user named and that is not there is bad input, not a failing disk.
Status open_error(const std::string& path) {
  if (errno == ENOENT) return invalid_input("no such file", path);
  return errno_error("cannot open", path);
}
}  // namespace

Result<std::shared_ptr<const MappedFile>> MappedFile::open(const std::string& path) {
  Fd fd{::open(path.c_str(), O_RDONLY | O_CLOEXEC)};
  if (fd.value < 0) return open_error(path);
  FETTLE_ASSIGN(const size_t size, regular_size(fd.value, path));
  void* p = nullptr;
  if (size > 0) {
    p = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, fd.value, 0);
    if (p == MAP_FAILED) return errno_error("cannot map", path);
  }
  return std::shared_ptr<const MappedFile>(new MappedFile(static_cast<const std::byte*>(p), size));
}

MappedFile::~MappedFile() {
  if (size_ > 0) ::munmap(const_cast<std::byte*>(data_), size_);
}

void MappedFile::let_go(std::span<const std::byte> part) const {
  const auto page = static_cast<uintptr_t>(::sysconf(_SC_PAGESIZE));
  const auto first = reinterpret_cast<uintptr_t>(part.data());
  const uintptr_t begin = (first + page - 1) / page * page;
  const uintptr_t end = (first + part.size()) / page * page;
  const bool inside = part.data() >= data_ && part.data() + part.size() <= data_ + size_;
  if (inside && begin < end) ::madvise(reinterpret_cast<void*>(begin), end - begin, MADV_DONTNEED);
}

Result<std::string> read_file(const std::string& path, size_t limit) {
  Fd fd{::open(path.c_str(), O_RDONLY | O_CLOEXEC)};
  if (fd.value < 0) return open_error(path);
  FETTLE_ASSIGN(const size_t size, regular_size(fd.value, path));
  if (size > limit) {
    return invalid_input(
        "is " + std::to_string(size) + " bytes, over the limit of " + std::to_string(limit), path);
  }
  std::string content(size, '\0');
  size_t done = 0;
  while (done < size) {
    const ssize_t n = ::read(fd.value, content.data() + done, size - done);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return errno_error("cannot read", path);
    if (n == 0) break;
    done += static_cast<size_t>(n);
  }
  content.resize(done);
  return content;
}

Status make_folder(const std::string& path) {
  if (::mkdir(path.c_str(), 0755) == 0 || errno == EEXIST) return {};
  return errno_error("cannot create", path);
}

namespace {
Status write_all(int file, std::string_view content, const std::string& path) {
  while (!content.empty()) {
    const ssize_t n = ::write(file, content.data(), content.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return errno_error("cannot write", path);
    content.remove_prefix(static_cast<size_t>(n));
  }
  return {};
}
}  // namespace

Status write_file(const std::string& path, std::string_view content) {
  return write_file(path, std::span(&content, 1));
}

Status write_file(const std::string& path, std::span<const std::string_view> parts) {
  const std::string temporary = path + ".partial." + std::to_string(::getpid());
  Status status;
  {
    Fd fd{::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644)};
    if (fd.value < 0) return errno_error("cannot create", path);
    for (const std::string_view part : parts) {
      if (status.ok()) status = write_all(fd.value, part, path);
    }
    if (status.ok() && ::fsync(fd.value) != 0) status = errno_error("cannot sync", path);
  }
  if (status.ok() && std::rename(temporary.c_str(), path.c_str()) != 0) {
    status = errno_error("cannot rename into place", path);
  }
  if (!status.ok()) ::unlink(temporary.c_str());
  return status;
}

}  // namespace fettle
