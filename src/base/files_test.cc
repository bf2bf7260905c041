// SPDX-License-Identifier: Apache-2.0
#include "base/files.h"

#include <gtest/gtest.h>

#include <cstdio>
#include <vector>

namespace fettle {
namespace {

// Pages that were let go read as before; what is not of the file is left alone.
TEST(MappedFile, ComesBackFromTheFile) {
  const std::string path = testing::TempDir() + "mapped_file_test";
  std::string content(5 * 16384 + 123, '\0');
  for (size_t i = 0; i < content.size(); ++i) content[i] = static_cast<char>(i * 31 >> 4);
  ASSERT_TRUE(write_file(path, content).ok());
  const auto opened = MappedFile::open(path);
  ASSERT_TRUE(opened.ok());
  const MappedFile& file = **opened;
  const auto as_text = [&] {
    return std::string(reinterpret_cast<const char*>(file.bytes().data()), file.bytes().size());
  };
  ASSERT_EQ(as_text(), content);
  file.let_go(file.bytes());
  file.let_go(file.bytes().subspan(1, 40000));
  file.let_go(file.bytes().subspan(7, 3));
  EXPECT_EQ(as_text(), content);
  // Memory of a process's own would come back as zeros.
  std::vector<std::byte> own(4 * 16384, std::byte{7});
  file.let_go(own);
  EXPECT_EQ(own, std::vector<std::byte>(own.size(), std::byte{7}));
  std::remove(path.c_str());
}

}  // namespace
}  // namespace fettle
