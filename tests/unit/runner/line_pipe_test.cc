#include "runner/wire/line_pipe.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <string>
#include <vector>

#include "runner/kernel/posix.h"

namespace trun {
namespace {

class LinePipeTest : public testing::Test {
 protected:
  LinePipeTest() {
    auto pipe = posix::make_pipe().value();
    EXPECT_TRUE(posix::set_nonblocking(pipe.read).ok());
    write_ = std::move(pipe.write);
    lines_ = LinePipe(std::move(pipe.read));
  }
  /// False: no writer is left.
  bool read() {
    return lines_.read([this](std::string_view line) { found_.emplace_back(line); });
  }
  bool write(const std::string& text) {
    const bool written = ::write(write_.get(), text.data(), text.size()) == static_cast<ssize_t>(text.size());
    return read() && written;
  }

  Fd write_;
  LinePipe lines_;
  std::vector<std::string> found_;
};

TEST_F(LinePipeTest, GivesWholeLines) {
  EXPECT_TRUE(write("one\ntw"));
  EXPECT_EQ(found_, std::vector<std::string>{"one"});
  EXPECT_TRUE(write("o\n\nthree"));
  EXPECT_EQ(found_, (std::vector<std::string>{"one", "two", ""}));
  write_ = Fd();
  EXPECT_FALSE(read());
  lines_.finish([this](std::string_view line) { found_.emplace_back(line); });
  EXPECT_EQ(found_.back(), "three");
  EXPECT_EQ(lines_.tail(), "one\ntwo\n\nthree");
}

TEST_F(LinePipeTest, ALineOfAMillionCharactersIsOne) {
  for (int i = 0; i < 20; ++i) ASSERT_TRUE(write(std::string(50'000, 'x')));
  ASSERT_TRUE(write("\n"));
  ASSERT_EQ(found_.size(), 1u);
  EXPECT_EQ(found_.front().size(), 1'000'000u);
}

TEST_F(LinePipeTest, WhoWritesWithoutEndDoesNotFillTheMemory) {
  constexpr std::size_t kPiece = 60'000, kPieces = 700;
  for (std::size_t i = 0; i < kPieces; ++i) ASSERT_TRUE(write(std::string(kPiece, 'x')));
  ASSERT_GE(found_.size(), 2u);
  const auto longest =
      std::max_element(found_.begin(), found_.end(), [](const auto& a, const auto& b) { return a.size() < b.size(); });
  EXPECT_LT(longest->size(), (16u << 20) + kPiece);
  lines_.finish([this](std::string_view line) { found_.emplace_back(line); });
  std::size_t all = 0;
  for (const std::string& line : found_) all += line.size();
  EXPECT_EQ(all, kPiece * kPieces);
}

}  // namespace
}  // namespace trun
