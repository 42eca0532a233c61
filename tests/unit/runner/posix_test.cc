#include "runner/kernel/posix.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>

#include "tests/unit/runner/kernel_helpers.h"
#include "tests/unit/temporary_tree.h"

namespace trun {
namespace {

bool is_cloexec(int fd) { return (::fcntl(fd, F_GETFD) & FD_CLOEXEC) != 0; }
bool is_open(int fd) { return ::fcntl(fd, F_GETFD) >= 0; }

TEST(FdTest, ClosesOnceAndMovesOwnership) {
  posix::Pipe pipe = posix::make_pipe().value();
  const int number = pipe.read.get();
  {
    Fd first = std::move(pipe.read);
    EXPECT_FALSE(pipe.read.valid());
    Fd second;
    second = std::move(first);
    EXPECT_EQ(second.get(), number);
    EXPECT_TRUE(is_open(number));
  }
  EXPECT_FALSE(is_open(number));
  const int released = pipe.write.release();
  EXPECT_TRUE(is_open(released));
  Fd(released).reset();
  EXPECT_FALSE(is_open(released));
}

TEST(PosixTest, DescriptorsAreCloseOnExec) {
  const auto pipe = posix::make_pipe().value();
  const auto pair = posix::socket_pair().value();
  const auto memory = posix::memory_file("test", 4096).value();
  const auto high = posix::dup_high(memory, 700).value();
  for (const Fd* fd : {&pipe.read, &pipe.write, &pair.ours, &pair.theirs, &memory, &high}) {
    EXPECT_TRUE(is_cloexec(fd->get())) << fd->get();
  }
  EXPECT_GE(high.get(), 700);
}

TEST(PosixTest, ErrorsNameTheAttemptAndTheReason) {
  EXPECT_EQ(posix::set_nonblocking(Fd()).error().message,
            "cannot make descriptor -1 non-blocking: Bad file descriptor");
  EXPECT_EQ(posix::pidfd_open(1 << 30).error().message, "cannot open a pidfd of process 1073741824: No such process");
  EXPECT_EQ(posix::reap(::getpid()).error().message,
            "cannot wait for process " + std::to_string(::getpid()) + ": No child processes");
}

/// What comes with one message: the bytes, and the descriptors.
std::pair<std::string, std::vector<int>> receive(const Fd& socket) {
  char bytes[64];
  alignas(cmsghdr) char control[CMSG_SPACE(8 * sizeof(int))];
  iovec data{bytes, sizeof bytes};
  msghdr message{};
  message.msg_iov = &data;
  message.msg_iovlen = 1;
  message.msg_control = control;
  message.msg_controllen = sizeof control;
  const ssize_t size = ::recvmsg(socket.get(), &message, MSG_CMSG_CLOEXEC);
  std::vector<int> fds;
  if (const cmsghdr* header = CMSG_FIRSTHDR(&message)) {
    fds.resize((header->cmsg_len - CMSG_LEN(0)) / sizeof(int));
    std::memcpy(fds.data(), CMSG_DATA(header), fds.size() * sizeof(int));
  }
  return {std::string(bytes, static_cast<std::size_t>(std::max<ssize_t>(size, 0))), fds};
}

TEST(PosixTest, DescriptorsTravelInOrder) {
  const auto pair = posix::socket_pair().value();
  const auto pipe = posix::make_pipe().value();
  const auto memory = posix::memory_file("travels", 4096).value();
  EXPECT_EQ(posix::send_with_fds(pair.ours, "hello", {pipe.write.get(), memory.get()}).value(), 5u);
  const auto [bytes, fds] = receive(pair.theirs);
  EXPECT_EQ(bytes, "hello");
  ASSERT_EQ(fds.size(), 2u);
  const Fd writer(fds[0]), file(fds[1]);
  EXPECT_EQ(::write(writer.get(), "x", 1), 1);
  char byte = 0;
  EXPECT_EQ(::read(pipe.read.get(), &byte, 1), 1);
  EXPECT_EQ(byte, 'x');
  EXPECT_EQ(::lseek(file.get(), 0, SEEK_END), 4096);
}

TEST(PosixTest, SendingToAFullSocketWouldBlock) {
  const auto pair = posix::socket_pair().value();
  ASSERT_TRUE(posix::set_nonblocking(pair.ours).ok());
  const std::string much(1 << 16, 'x');
  std::size_t sent = 1;
  while (sent > 0) sent = posix::send_with_fds(pair.ours, much, {}).value();
  EXPECT_EQ(posix::send_with_fds(pair.ours, "x", {0}).value(), 0u);
}

TEST(PosixTest, SendingToTheDeadIsTakenAndNoSignal) {
  auto pair = posix::socket_pair().value();
  pair.theirs.reset();
  EXPECT_EQ(posix::send_with_fds(pair.ours, "xy", {0}).value(), 2u);
}

TEST(PosixTest, AHighCopyIsLowerWhereTheLimitIs) {
  rlimit before{};
  ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &before), 0);
  rlimit low = before;
  low.rlim_cur = 256;
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &low), 0);
  const auto copy = posix::dup_high(posix::memory_file("copied", 16).value());
  EXPECT_EQ(setrlimit(RLIMIT_NOFILE, &before), 0);
  ASSERT_TRUE(copy.ok());
  EXPECT_GE(copy->get(), 128);
  EXPECT_LT(copy->get(), 256);
}

TEST(PosixTest, MappingsOfOneFileShareTheirBytes) {
  const auto file = posix::memory_file("shared", 4096).value();
  posix::Mapping first = posix::map_shared(file, 4096).value();
  const posix::Mapping second = posix::map_shared(file, 4096).value();
  static_cast<char*>(first.data())[4095] = 'x';
  EXPECT_EQ(static_cast<char*>(second.data())[4095], 'x');
  const posix::Mapping moved = std::move(first);
  EXPECT_EQ(static_cast<char*>(moved.data())[4095], 'x');
}

TEST(PosixTest, ReapTellsHowAProcessEnded) {
  const pid_t exited = fork_child([] { return 7; });
  const auto exit_status = wait_for(exited);
  ASSERT_TRUE(exit_status);
  EXPECT_EQ(posix::describe(*exit_status), "exit 7");
  EXPECT_GT(exit_status->peak_rss, 100'000u);
  EXPECT_LT(exit_status->peak_rss, 10'000'000'000u);
  const pid_t killed = fork_child([]() -> int { posix::raise_without_core(SIGSEGV); });
  EXPECT_EQ(posix::describe(*wait_for(killed)), "signal 11 (SIGSEGV)");
}

TEST(PosixTest, ReapCountsProcessorTime) {
  const pid_t busy = fork_child([] {
    // Both together: which of the two a tick finds the process in, the kernel guesses.
    rusage usage{};
    const auto spent = [&] {
      return usage.ru_utime.tv_sec + usage.ru_stime.tv_sec > 0 ||
             usage.ru_utime.tv_usec + usage.ru_stime.tv_usec >= 30'000;
    };
    while (!spent()) ::getrusage(RUSAGE_SELF, &usage);
    return 0;
  });
  const auto ended = wait_for(busy);
  ASSERT_TRUE(ended);
  EXPECT_GE(ended->cpu, std::chrono::milliseconds(30));
}

TEST(PosixTest, RaiseWithoutCoreGetsThroughABlockedSignal) {
  const pid_t child = fork_child([]() -> int {
    sigset_t all;
    sigfillset(&all);
    ::sigprocmask(SIG_BLOCK, &all, nullptr);
    ::signal(SIGABRT, SIG_IGN);
    posix::raise_without_core(SIGABRT);
  });
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
  EXPECT_FALSE(WCOREDUMP(status));
}

TEST(PosixTest, ReapOfARunningChildIsEmpty) {
  const pid_t child = fork_child([]() -> int { wait_for_death(); });
  EXPECT_EQ(posix::reap(child).value().has_value(), false);
  const auto pidfd = posix::pidfd_open(child).value();
  EXPECT_FALSE(posix::wait_readable(pidfd, Duration(0)).value());
  EXPECT_TRUE(posix::kill_process(pidfd, SIGKILL).value());
  EXPECT_TRUE(posix::wait_readable(pidfd, std::chrono::seconds(10)).value());
  EXPECT_EQ(posix::peek_ended().value(), std::optional<pid_t>(child));
  EXPECT_EQ(posix::peek_ended().value(), std::optional<pid_t>(child));  // a look takes nothing
  EXPECT_EQ(posix::reap(child).value()->code, SIGKILL);
  EXPECT_FALSE(posix::kill_process(pidfd, SIGKILL).value());
  EXPECT_EQ(posix::peek_ended().value(), std::nullopt);
}

TEST(PosixTest, KillGroupReachesTheGroupAndSaysWhenItIsEmpty) {
  Board& board = make_board();
  const pid_t leader = fork_child([&]() -> int {
    ::setpgid(0, 0);
    fork_child([&]() -> int {
      board.ready = 1;
      wait_for_death();
    });
    wait_for_death();
  });
  ASSERT_TRUE(posix::set_subreaper().ok());  // the member comes to us
  EXPECT_TRUE(eventually([&] { return board.ready == 1; }));
  EXPECT_TRUE(posix::kill_group(leader, SIGKILL).value());
  EXPECT_EQ(wait_for(leader)->code, SIGKILL);
  EXPECT_TRUE(eventually([] { return posix::peek_ended().value().has_value(); }));
  EXPECT_EQ(clear_children(), 1u);
  EXPECT_FALSE(posix::kill_group(leader, SIGKILL).value());
}

TEST(PosixTest, StopAndContinueAreToldOnceEach) {
  const pid_t child = fork_child([]() -> int { wait_for_death(); });
  const auto next = [&] {
    std::optional<int> change;
    EXPECT_TRUE(eventually([&] { return (change = posix::take_stop_or_continue(child).value()).has_value(); }));
    return change;
  };
  EXPECT_EQ(posix::take_stop_or_continue(child).value(), std::nullopt);
  ::kill(child, SIGSTOP);
  EXPECT_EQ(next(), SIGSTOP);
  EXPECT_EQ(posix::take_stop_or_continue(child).value(), std::nullopt);
  ::kill(child, SIGCONT);
  EXPECT_EQ(next(), SIGCONT);
  ::kill(child, SIGKILL);
  EXPECT_TRUE(eventually([] { return posix::peek_ended().value().has_value(); }));
  EXPECT_EQ(posix::take_stop_or_continue(child).value(), std::nullopt);
  EXPECT_EQ(wait_for(child)->code, SIGKILL);
}

TEST(PosixTest, PdeathsigEndsAChildWithItsParent) {
  Board& board = make_board();
  ASSERT_TRUE(posix::set_subreaper().ok());
  const pid_t parent = fork_child([&]() -> int {
    fork_child([&]() -> int {
      if (!posix::set_pdeathsig(SIGKILL).ok()) return 1;
      board.ready = 1;
      wait_for_death();
    });
    wait_for_death();
  });
  EXPECT_TRUE(eventually([&] { return board.ready == 1; }));
  ::kill(parent, SIGKILL);
  wait_for(parent);
  pid_t child = 0;
  EXPECT_TRUE(eventually([&] { return (child = posix::peek_ended().value().value_or(0)) != 0; }));
  EXPECT_EQ(wait_for(child)->code, SIGKILL);
}

TEST(PosixTest, FileWhoseReadFailsIsEmpty) {
  // As the files of a process that ends between the opening and the reading: streams may throw there.
  EXPECT_EQ(posix::file_text("/proc"), "");
  EXPECT_EQ(posix::file_text("/proc/no-such-file"), "");
  EXPECT_NE(posix::file_text("/proc/self/stat"), "");
}

TEST(PosixTest, DescendantsComeParentsFirst) {
  Board& board = make_board();
  const pid_t child = fork_child([&]() -> int {
    board.orphans[0] = fork_child([&]() -> int {
      board.orphans[1] = fork_child([]() -> int { wait_for_death(); });
      wait_for_death();
    });
    wait_for_death();
  });
  EXPECT_TRUE(eventually([&] { return board.orphans[0] != 0 && board.orphans[1] != 0; }));
  EXPECT_EQ(posix::children_of_self().value(), std::vector<pid_t>{child});
  EXPECT_EQ(posix::descendants(child).value(), (std::vector<pid_t>{board.orphans[0], board.orphans[1]}));
  EXPECT_EQ(posix::descendants(board.orphans[1]).value(), std::vector<pid_t>());
  EXPECT_EQ(posix::descendants(1 << 30).value(), std::vector<pid_t>());
  ASSERT_TRUE(posix::set_subreaper().ok());
  EXPECT_EQ(clear_children(), 3u);
}

TEST(PosixTest, TerminalHasColumnsAndAFileHasNone) {
  const auto pipe = posix::make_pipe().value();
  EXPECT_FALSE(posix::is_terminal(pipe.read.get()));
  EXPECT_EQ(posix::terminal_columns(pipe.read.get()), std::nullopt);
  const Fd master(::posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC));
  ASSERT_TRUE(master.valid() && ::grantpt(master.get()) == 0 && ::unlockpt(master.get()) == 0);
  const Fd terminal(::open(::ptsname(master.get()), O_RDWR | O_NOCTTY | O_CLOEXEC));
  EXPECT_TRUE(posix::is_terminal(terminal.get()));
  EXPECT_EQ(posix::terminal_columns(terminal.get()), std::nullopt);  // does not know: 0
  const winsize size{50, 133, 0, 0};
  ASSERT_EQ(::ioctl(terminal.get(), TIOCSWINSZ, &size), 0);
  EXPECT_EQ(posix::terminal_columns(terminal.get()), 133);
}

TEST(PosixTest, AffinityCountsOnlyWhatIsAllowed) {
  const pid_t pinned = fork_child([] {
    cpu_set_t set;
    if (::sched_getaffinity(0, sizeof set, &set) != 0) return 90;
    int first = 0;
    while (!CPU_ISSET(first, &set)) ++first;
    CPU_ZERO(&set);
    CPU_SET(first, &set);
    if (::sched_setaffinity(0, sizeof set, &set) != 0) return 91;
    return static_cast<int>(posix::affinity_cpus());
  });
  EXPECT_EQ(wait_for(pinned)->code, 1);
  EXPECT_GE(posix::affinity_cpus(), 1u);
}

class QuotaTest : public testing::Test {
 protected:
  void write(const std::string& path, const std::string& text) { tree_.write(path, text); }
  std::optional<double> limit() { return posix::cgroup_cpu_limit(tree_.root()); }

  const TemporaryTree tree_;
};

TEST_F(QuotaTest, NothingToReadIsNoLimit) { EXPECT_EQ(limit(), std::nullopt); }

TEST_F(QuotaTest, TightestGroupOnTheWayUpCountsInV2) {
  write("proc/self/cgroup", "0::/a/b\n");
  write("sys/fs/cgroup/a/b/cpu.max", "max 100000\n");
  EXPECT_EQ(limit(), std::nullopt);
  write("sys/fs/cgroup/a/cpu.max", "150000 100000\n");
  EXPECT_EQ(limit(), 1.5);
  write("sys/fs/cgroup/a/b/cpu.max", "300000 100000\n");
  EXPECT_EQ(limit(), 1.5);
  write("sys/fs/cgroup/a/b/cpu.max", "50000 100000\n");
  EXPECT_EQ(limit(), 0.5);
}

TEST_F(QuotaTest, RootOfANamespaceIsReadInV2) {
  write("proc/self/cgroup", "0::/\n");
  write("sys/fs/cgroup/cpu.max", "200000 100000\n");
  EXPECT_EQ(limit(), 2.0);
}

TEST_F(QuotaTest, QuotaAndPeriodAreReadInV1) {
  write("proc/self/cgroup", "5:memory:/x\n4:cpu,cpuacct:/x/y\n0::/\n");
  write("sys/fs/cgroup/cpu,cpuacct/x/cpu.cfs_quota_us", "-1\n");
  write("sys/fs/cgroup/cpu,cpuacct/x/cpu.cfs_period_us", "100000\n");
  EXPECT_EQ(limit(), std::nullopt);
  write("sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us", "250000\n");  // /x/y cannot be seen from inside the container
  write("sys/fs/cgroup/cpu,cpuacct/cpu.cfs_period_us", "100000\n");
  EXPECT_EQ(limit(), 2.5);
}

TEST_F(QuotaTest, CpusetIsNotCpu) {
  write("proc/self/cgroup", "4:cpuset:/\n");
  write("sys/fs/cgroup/cpuset/cpu.cfs_quota_us", "250000\n");
  write("sys/fs/cgroup/cpuset/cpu.cfs_period_us", "100000\n");
  EXPECT_EQ(limit(), std::nullopt);
}

}  // namespace
}  // namespace trun
