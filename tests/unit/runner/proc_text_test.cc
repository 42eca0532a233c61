#include "runner/kernel/proc_text.h"

#include <gtest/gtest.h>
#include <sys/syscall.h>

#include <string>

namespace trun {
namespace {

using posix::is_endless_wait;
using posix::names;
using posix::parse_cgroup_line;
using posix::parse_cpu_quota;
using posix::parse_mount_line;

std::string stat(std::string_view text) {
  const auto found = posix::parse_stat(text);
  return found ? std::string(found->name) + "|" + found->state + std::to_string(found->parent) : "none";
}

TEST(ProcTextTest, ParentStandsBehindTheNameWhateverTheNameIs) {
  EXPECT_EQ(stat("12 (python) S 7 12 12 0 -1\n"), "python|S7");
  EXPECT_EQ(stat("12 (a) S 1 (b) R 7 12\n"), "a) S 1 (b|R7");
  EXPECT_EQ(stat("1 (init) S 0 1\n"), "init|S0");
  EXPECT_EQ(stat("12 (new\nline) Z 9"), "new\nline|Z9");
}

TEST(ProcTextTest, FlagsAndStateTellAnEnd) {
  const auto exiting = [](std::string_view text) { return posix::parse_stat(text)->exiting; };
  EXPECT_FALSE(exiting("12 (a) S 7 12 12 0 -1 4194304 5\n"));
  EXPECT_TRUE(exiting("12 (a) R 7 12 12 0 -1 4194308 5\n"));
  EXPECT_TRUE(exiting("12 (a) Z 7 12 12 0 -1 4194304 5\n"));
  EXPECT_FALSE(exiting("12 (a) S 7\n"));
}

TEST(ProcTextTest, TextThatIsNoStatSaysNothing) {
  for (const char* text : {"", "12 (python)", "12 (python) S", "12 (python) S x", "12 (python) S -1",
                           "12 (python) S 7x", "12 (python) S 99999999999", "12 python) S 7", ") ("})
    EXPECT_EQ(stat(text), "none") << text;
}

TEST(ProcTextTest, ResidentPagesAreTheSecondNumber) {
  EXPECT_EQ(posix::resident_pages("2000 300 100 1 0 50 0\n"), 300u);
  for (const char* text : {"", "2000", "2000 x", "2000 -1"}) EXPECT_EQ(posix::resident_pages(text), 0u) << text;
}

TEST(ProcTextTest, CommandIsOneReadableLine) {
  using namespace std::string_literals;
  EXPECT_EQ(posix::readable_command("sleep\0"
                                    "60\0"s),
            "sleep 60");
  EXPECT_EQ(posix::readable_command("sh\0-c\0a\nb\0\0"s), "sh -c a b");
  EXPECT_EQ(posix::readable_command("\0\0"s), "");
  EXPECT_EQ(posix::readable_command(std::string(201, 'x')), std::string(200, 'x') + "...");
}

TEST(ProcTextTest, VariableIsFoundByItsWholeName) {
  const std::string environ("AB=1\0B=2\0C=\0D=B=3", 17);
  EXPECT_EQ(posix::find_variable(environ, "AB"), "1");
  EXPECT_EQ(posix::find_variable(environ, "B"), "2");
  EXPECT_EQ(posix::find_variable(environ, "C"), "");
  EXPECT_EQ(posix::find_variable(environ, "D"), "B=3");
  EXPECT_EQ(posix::find_variable(environ, "A"), std::nullopt);
}

std::string cgroup(std::string_view line) {
  const auto found = parse_cgroup_line(line);
  if (!found) return "none";
  return std::string(found->controllers) + "|" + std::string(found->group) +
         (names(found->controllers, "cpu") ? "|cpu" : "");
}

TEST(ProcTextTest, AListNamesWholeWords) {
  EXPECT_TRUE(names("rw,memory", "memory"));
  EXPECT_TRUE(names("cpu memory\n", "memory"));
  EXPECT_FALSE(names("rw,memory_recursiveprot", "memory"));
  EXPECT_FALSE(names("", "memory"));
}

std::string mount(std::string_view line) {
  const auto found = parse_mount_line(line);
  if (!found) return "none";
  std::string text;
  for (const std::string_view part : {found->inner, found->place, found->type, found->options}) {
    text.append(part).append("|");
  }
  return text;
}

TEST(ProcTextTest, MountsAreRead) {
  EXPECT_EQ(mount("25 30 0:22 / /sys/fs/cgroup/memory rw,nosuid shared:9 - cgroup cgroup rw,memory"),
            "/|/sys/fs/cgroup/memory|cgroup|rw,memory|");
  EXPECT_EQ(mount("36 25 0:31 /docker/1 /sys/fs/cgroup rw - cgroup2 none rw"), "/docker/1|/sys/fs/cgroup|cgroup2|rw|");
  EXPECT_EQ(mount("36 25 0:31 / /sys/fs/cgroup rw"), "none");
  EXPECT_EQ(mount("36 25 0:31 - cgroup2 none rw"), "none");
}

TEST(ProcTextTest, ControlGroupsOfBothVersionsAreRead) {
  EXPECT_EQ(cgroup("0::/user.slice/a:b"), "|/user.slice/a:b");
  EXPECT_EQ(cgroup("0::/"), "|");
  EXPECT_EQ(cgroup("4:cpu,cpuacct:/x"), "cpu,cpuacct|/x|cpu");
  EXPECT_EQ(cgroup("4:cpuacct,cpu:/"), "cpuacct,cpu||cpu");
  EXPECT_EQ(cgroup("5:cpuset:/x"), "cpuset|/x");
  EXPECT_EQ(cgroup("1:name=systemd:/x"), "name=systemd|/x");
  for (const char* line : {"", "0", "0:", "0::", "0::x", "no colon"}) EXPECT_EQ(cgroup(line), "none") << line;
}

TEST(ProcTextTest, QuotaIsInProcessors) {
  EXPECT_EQ(parse_cpu_quota("150000 100000\n"), 1.5);
  EXPECT_EQ(parse_cpu_quota("250000\n 100000\n"), 2.5);
  for (const char* text : {"", "max 100000", "-1\n 100000\n", "150000", "0 100000", "1 0", "1e308 1", "x 1"})
    EXPECT_EQ(parse_cpu_quota(text), std::nullopt) << text;
}

TEST(ProcTextTest, OnlyAnEndlessWaitForAThreadOfTheSameProcessIsOne) {
  const std::string futex = std::to_string(SYS_futex);
  const auto waits = [&](const std::string& operation, const std::string& limit) {
    return is_endless_wait(futex + " 0x7f01 " + operation + " 0x0 " + limit + " 0x0 0xffffffff 0x7ffc 0x7f02\n");
  };
  EXPECT_TRUE(waits("0x189", "0x0"));        // FUTEX_WAIT_BITSET | private | realtime: Python's locks
  EXPECT_TRUE(waits("0x80", "0x0"));         // FUTEX_WAIT | private
  EXPECT_FALSE(waits("0x189", "0x7ffc10"));  // with a limit
  EXPECT_FALSE(waits("0x109", "0x0"));       // another process can wake it
  EXPECT_FALSE(waits("0x81", "0x0"));        // FUTEX_WAKE
  for (const char* text : {"", "running\n", "0 0x3 0x7f 0x1 0x0", "202", "202 0x1 nonsense 0x0 0x0"})
    EXPECT_FALSE(is_endless_wait(text)) << text;
}

}  // namespace
}  // namespace trun
