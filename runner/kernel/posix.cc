#include "runner/kernel/posix.h"

#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <utility>

#include "runner/base/invariant.h"

namespace trun::posix {
namespace {

Error failed(const std::string& attempt) { return internal_error(attempt + ": " + std::strerror(errno)); }

Duration to_duration(const timeval& time) {
  return std::chrono::seconds(time.tv_sec) + std::chrono::microseconds(time.tv_usec);
}

ExitStatus to_exit_status(int status, const rusage& usage) {
  ExitStatus result;
  result.signaled = WIFSIGNALED(status);
  result.code = result.signaled ? WTERMSIG(status) : WEXITSTATUS(status);
  // Linux counts ru_maxrss in kilobytes (getrusage(2)).
  result.peak_rss = static_cast<std::uint64_t>(usage.ru_maxrss) * 1024;
  result.cpu = to_duration(usage.ru_utime) + to_duration(usage.ru_stime);
  return result;
}

/// What kill(2) and its kin returned: false if there was nobody to signal.
Result<bool> signalled(int result, const std::string& attempt) {
  // A group counts as signalled if one member was: kill(2) fails only where it could signal none.
  if (result == 0) return true;
  if (errno == ESRCH) return false;
  return failed(attempt);
}

}  // namespace

// ---- descriptors

Result<SocketPair> socket_pair() {
  int fds[2];
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) != 0) return failed("cannot make a socket pair");
  return SocketPair{Fd(fds[0]), Fd(fds[1])};
}

Result<Pipe> make_pipe() {
  int fds[2];
  if (::pipe2(fds, O_CLOEXEC) != 0) return failed("cannot make a pipe");
  return Pipe{Fd(fds[0]), Fd(fds[1])};
}

Status set_nonblocking(const Fd& fd) {
  // The mode belongs to the open file, not to the descriptor: only for files that trun shares with nobody on this end.
  const int flags = ::fcntl(fd.get(), F_GETFL);
  if (flags < 0 || ::fcntl(fd.get(), F_SETFL, flags | O_NONBLOCK) < 0) {
    return failed("cannot make descriptor " + std::to_string(fd.get()) + " non-blocking");
  }
  return ok_status();
}

Result<Fd> dup_high(const Fd& fd, int lowest) {
  // EINVAL where `lowest` is not below the limit on descriptors (fcntl(2)).
  int copy = ::fcntl(fd.get(), F_DUPFD_CLOEXEC, lowest);
  // A limit below that: half way up to it.
  rlimit limit{};
  if (copy < 0 && ::getrlimit(RLIMIT_NOFILE, &limit) == 0)
    copy = ::fcntl(fd.get(), F_DUPFD_CLOEXEC, static_cast<int>(limit.rlim_cur / 2));
  if (copy < 0) return failed("cannot copy descriptor " + std::to_string(fd.get()) + " to " + std::to_string(lowest));
  return Fd(copy);
}

Result<std::size_t> send_with_fds(const Fd& socket, std::string_view bytes, const std::vector<int>& fds) {
  // On a stream socket, descriptors travel only with at least one byte of data (unix(7)).
  invariant(!bytes.empty(), "descriptors without a byte to travel with");
  iovec data{const_cast<char*>(bytes.data()), bytes.size()};
  const std::size_t fds_size = fds.size() * sizeof(int);
  // The buffer must be aligned as a cmsghdr is (cmsg(3)): chars need not be.
  std::vector<std::max_align_t> control(CMSG_SPACE(fds_size) / sizeof(std::max_align_t) + 1);
  msghdr message{};
  message.msg_iov = &data;
  message.msg_iovlen = 1;
  if (!fds.empty()) {
    message.msg_control = control.data();
    message.msg_controllen = CMSG_SPACE(fds_size);
    cmsghdr* header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(fds_size);
    std::memcpy(CMSG_DATA(header), fds.data(), fds_size);
  }
  ssize_t sent;
  // A signal that comes while nothing was sent: the call is simply repeated.
  do {
    sent = ::sendmsg(socket.get(), &message, MSG_NOSIGNAL);
  } while (sent < 0 && errno == EINTR);
  if (sent >= 0) return static_cast<std::size_t>(sent);
  // sendmsg() takes bytes and descriptors together or nothing.
  if (errno == EAGAIN || errno == EWOULDBLOCK) return std::size_t{0};
  // The peer is gone: its end is learnt by reading, so for the writer all is well.
  if (errno == EPIPE || errno == ECONNRESET) return bytes.size();
  return failed("cannot send " + std::to_string(fds.size()) + " descriptors");
}

// ---- shared memory

Mapping::Mapping(Mapping&& other) noexcept
    : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)) {}

Mapping& Mapping::operator=(Mapping&& other) noexcept {
  // The old mapping is `other`'s now, which ends it.
  std::swap(data_, other.data_);
  std::swap(size_, other.size_);
  return *this;
}

Mapping::~Mapping() {
  if (data_ != nullptr) ::munmap(data_, size_);
}

Result<Fd> memory_file(const char* name, std::size_t size) {
  Fd file(::memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING));
  if (!file) return failed("cannot make the memory file " + std::string(name));
  if (::ftruncate(file.get(), static_cast<off_t>(size)) != 0) {
    return failed("cannot size the memory file " + std::string(name) + " to " + std::to_string(size) + " bytes");
  }
  // A mapping of a file that somebody makes smaller ends its reader by SIGBUS (mmap(2)), and processes that run code of
  // others hold this file.
  // F_SEAL_SEAL keeps the seals as they are; writing stays allowed.
  if (::fcntl(file.get(), F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) != 0) {
    return failed("cannot seal the memory file " + std::string(name));
  }
  return file;
}

Result<Fd> scratch_file(const char* name) {
  // Without seals: it grows as it is written.
  Fd fd(::memfd_create(name, MFD_CLOEXEC));
  if (!fd) return failed("cannot make the scratch file " + std::string(name));
  return fd;
}

std::string contents(const Fd& file, std::size_t limit) {
  std::string text(limit, '\0');
  std::size_t size = 0;
  while (size < limit) {
    // pread() leaves the offset alone, which the writer shares.
    const ssize_t got = ::pread(file.get(), text.data() + size, limit - size, static_cast<off_t>(size));
    if (got <= 0) break;
    size += static_cast<std::size_t>(got);
  }
  text.resize(size);
  return text;
}

void empty(const Fd& file) {
  (void)::ftruncate(file.get(), 0);
  (void)::lseek(file.get(), 0, SEEK_SET);
}

Result<ino_t> inode_of(const Fd& file) {
  struct stat facts {};
  if (::fstat(file.get(), &facts) != 0) return failed("cannot look at a file");
  return facts.st_ino;
}

Result<Mapping> map_shared(const Fd& file, std::size_t size) {
  void* data = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED, file.get(), 0);
  if (data == MAP_FAILED) return failed("cannot map " + std::to_string(size) + " bytes of a memory file");
  return Mapping(data, size);
}

// ---- processes

std::string describe(const ExitStatus& status) {
  if (!status.signaled) return "exit " + std::to_string(status.code);
  const char* name = ::sigabbrev_np(status.code);
  return "signal " + std::to_string(status.code) + " (" + (name ? "SIG" + std::string(name) : "unknown") + ")";
}

Status set_subreaper() {
  if (::prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0) return failed("cannot become a subreaper");
  return ok_status();
}

Status set_pdeathsig(int signal) {
  if (::prctl(PR_SET_PDEATHSIG, signal, 0, 0, 0) != 0) return failed("cannot ask for a signal at the parent's death");
  return ok_status();
}

Result<Fd> pidfd_open(pid_t pid) {
  // By number: glibc has functions for pidfds from 2.36 on, and trun runs with 2.34.
  Fd pidfd(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
  if (!pidfd) return failed("cannot open a pidfd of process " + std::to_string(pid));
  return pidfd;
}

Result<bool> kill_group(pid_t pgid, int signal) {
  invariant(pgid > 1, "a signal to trun's own group (0) or to everybody (-1)");
  return signalled(::kill(-pgid, signal), "cannot signal process group " + std::to_string(pgid));
}

Result<bool> kill_process(const Fd& pidfd, int signal) {
  const auto result = static_cast<int>(::syscall(SYS_pidfd_send_signal, pidfd.get(), signal, nullptr, 0));
  return signalled(result, "cannot signal a process through its pidfd");
}

Result<bool> wait_readable(const Fd& fd, Duration timeout) {
  pollfd entry{fd.get(), POLLIN, 0};
  const auto whole = std::chrono::floor<std::chrono::seconds>(timeout);
  const timespec limit{whole.count(), (timeout - whole).count()};
  const int ready = ::ppoll(&entry, 1, &limit, nullptr);
  // A signal ends the wait early; the caller looks again.
  if (ready < 0 && errno != EINTR) return failed("cannot wait for descriptor " + std::to_string(fd.get()));
  return ready > 0;
}

Result<std::optional<ExitStatus>> reap(pid_t pid) {
  invariant(pid > 0, "0 and below would take the statuses of others");
  int status = 0;
  // wait4(), because waitid() of the C library tells nothing of memory and time.
  rusage usage{};
  const pid_t reaped = ::wait4(pid, &status, WNOHANG, &usage);
  if (reaped < 0) return failed("cannot wait for process " + std::to_string(pid));
  if (reaped == 0) return std::optional<ExitStatus>();
  return std::optional(to_exit_status(status, usage));
}

Result<std::optional<ExitStatus>> peek(pid_t pid) {
  invariant(pid > 0, "0 and below would look at others");
  siginfo_t info{};
  // WNOWAIT: the child stays a zombie, and its number its own. If nothing has ended, waitid(2) need not touch `info`:
  // its zeros then say so.
  if (::waitid(P_PID, static_cast<id_t>(pid), &info, WEXITED | WNOHANG | WNOWAIT) != 0)
    return failed("cannot look at process " + std::to_string(pid));
  if (info.si_pid == 0) return std::optional<ExitStatus>();
  return std::optional(ExitStatus{info.si_code != CLD_EXITED, info.si_status, 0, {}});
}

ExitStatus reap_with_group(pid_t leader) {
  // In this order: until its leader is reaped, nobody else can get the number of the group.
  (void)kill_group(leader, SIGKILL);
  const auto status = reap(leader);
  return status.ok() && *status ? **status : ExitStatus{};
}

Result<std::optional<pid_t>> peek_ended() {
  siginfo_t info{};
  if (::waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) != 0) {
    if (errno == ECHILD) return std::optional<pid_t>();
    return failed("cannot look for ended processes");
  }
  if (info.si_pid == 0) return std::optional<pid_t>();
  return std::optional<pid_t>(info.si_pid);
}

Result<std::optional<int>> take_stop_or_continue(pid_t pid) {
  siginfo_t info{};
  // Without WEXITED: the exit status is left for reap().
  if (::waitid(P_PID, static_cast<id_t>(pid), &info, WSTOPPED | WCONTINUED | WNOHANG) != 0) {
    if (errno == ECHILD) return std::optional<int>();  // ended, and its status not taken yet
    return failed("cannot ask whether process " + std::to_string(pid) + " has stopped");
  }
  if (info.si_pid == 0) return std::optional<int>();
  return std::optional<int>(info.si_status);
}

bool is_ignored(int signal) {
  struct sigaction current {};
  return ::sigaction(signal, nullptr, &current) == 0 && current.sa_handler == SIG_IGN;
}

sigset_t not_ignored(const std::vector<int>& signals) {
  sigset_t found;
  // nohup and shells start programs with signals ignored; whoever waits for those would undo it.
  sigemptyset(&found);
  for (const int signal : signals) {
    if (!is_ignored(signal)) sigaddset(&found, signal);
  }
  return found;
}

void raise_without_core(int signal) {
  const rlimit none{0, 0};
  ::setrlimit(RLIMIT_CORE, &none);
  ::signal(signal, SIG_DFL);
  sigset_t only;
  sigemptyset(&only);
  sigaddset(&only, signal);
  ::sigprocmask(SIG_UNBLOCK, &only, nullptr);
  // Pending signals are delivered when they are unblocked: this one arrives at once.
  ::raise(signal);
  ::_exit(128 + signal);  // a signal whose default action is not death
}

// ---- the machine and the terminal

bool is_terminal(int fd) { return ::isatty(fd) == 1; }

bool in_foreground(int fd) { return is_terminal(fd) && ::tcgetpgrp(fd) == ::getpgrp(); }

std::optional<int> terminal_columns(int fd) {
  winsize size{};
  // A terminal that does not know its width says 0.
  if (::ioctl(fd, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return std::nullopt;
  return size.ws_col;
}

unsigned affinity_cpus() {
  // The kernel refuses a set that is smaller than its own, which may have more than the usual 1024 places.
  for (int places = 1024; places <= 1 << 20; places *= 2) {
    cpu_set_t* set = CPU_ALLOC(places);
    const std::size_t size = CPU_ALLOC_SIZE(places);
    const int result = ::sched_getaffinity(0, size, set);
    const int count = result == 0 ? CPU_COUNT_S(size, set) : 0;
    CPU_FREE(set);
    if (result == 0 && count > 0) return static_cast<unsigned>(count);
  }
  return 1;
}

}  // namespace trun::posix
