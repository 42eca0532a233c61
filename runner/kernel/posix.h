// Every call to the kernel that trun makes by itself (not through Asio): processes, descriptors, shared memory, /proc,
// cgroups. Each returns a Result whose Error names what was attempted and the system's reason. No policy and no state:
// who is killed when is decided elsewhere. Linux; another system means another posix.cc behind this header.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "runner/base/clock.h"
#include "runner/base/result.h"
#include "runner/kernel/fd.h"

namespace trun::posix {

// ---- descriptors. All that are made here are close-on-exec.

/// Two connected AF_UNIX stream sockets: `ours` stays, `theirs` is passed on.
struct SocketPair {
  Fd ours, theirs;
};
Result<SocketPair> socket_pair();

struct Pipe {
  Fd read, write;
};
Result<Pipe> make_pipe();

Status set_nonblocking(const Fd& fd);

/// A copy of `fd` at the first free descriptor >= `lowest`, out of the way of code that closes or reuses low numbers;
/// half way up to the limit on descriptors where that is lower.
Result<Fd> dup_high(const Fd& fd, int lowest = 600);

/// Sends `bytes` with `fds` attached (SCM_RIGHTS) to the first of them. Returns how many were taken: 0 if the socket
/// would block (then no descriptor was sent), all if the peer is gone. If only a part was taken, the descriptors have
/// gone with it and the rest is sent as plain bytes. The caller keeps its own copies of `fds`. No SIGPIPE.
Result<std::size_t> send_with_fds(const Fd& socket, std::string_view bytes, const std::vector<int>& fds);

// ---- shared memory

/// A shared, writable mapping; unmapped at the end of its life. Other processes write it at any time.
class Mapping {
 public:
  Mapping() = default;
  Mapping(void* data, std::size_t size) : data_(data), size_(size) {}
  Mapping(Mapping&& other) noexcept;
  Mapping& operator=(Mapping&& other) noexcept;
  ~Mapping();

  void* data() const { return data_; }
  std::size_t size() const { return size_; }

 private:
  void* data_ = nullptr;
  std::size_t size_ = 0;
};

/// An anonymous file of `size` zero bytes, sealed against a change of size: a process that holds it cannot make
/// another's mapping fault.
Result<Fd> memory_file(const char* name, std::size_t size);
/// What tells the file from all others of its kind.
Result<ino_t> inode_of(const Fd& file);
Result<Mapping> map_shared(const Fd& file, std::size_t size);

/// An empty anonymous file to write to.
Result<Fd> scratch_file(const char* name);
/// What is in `file`, at most `limit` bytes of it.
std::string contents(const Fd& file, std::size_t limit);
/// Empties `file`; whoever shares its offset writes from its beginning.
void empty(const Fd& file);

// ---- processes

/// How a process ended.
struct ExitStatus {
  bool signaled = false;
  int code = 0;                ///< exit code, or the signal
  std::uint64_t peak_rss = 0;  ///< bytes; of the process and of those of its children that it waited for
  Duration cpu{0};             ///< user + system, likewise
};

/// "exit 0", "signal 11 (SIGSEGV)".
std::string describe(const ExitStatus& status);

/// Descendants that lose their parent become children of this process instead of init's.
Status set_subreaper();

/// `signal` is sent to this process when the thread that forked it ends: perhaps before the call, see getppid().
Status set_pdeathsig(int signal);

/// Becomes readable when `pid` ends. REQUIRES: a child that nobody has waited for yet: else it may be another's.
Result<Fd> pidfd_open(pid_t pid);

/// False: nobody is left in the group. REQUIRES: pgid > 1.
Result<bool> kill_group(pid_t pgid, int signal);

/// False: the process has ended and has been waited for.
Result<bool> kill_process(const Fd& pidfd, int signal);

/// Whether `fd` became readable (a pidfd: its process ended) within `timeout`. May return false earlier, on a signal.
Result<bool> wait_readable(const Fd& fd, Duration timeout);

/// Takes the status of one known child. Empty: it still runs. Error: not a child, or somebody has waited for it.
Result<std::optional<ExitStatus>> reap(pid_t pid);

/// How the child `pid` ended, without waiting for it: the number stays its own. Without what it used. Empty: it still
/// runs. Error: not a child, or somebody has waited for it.
Result<std::optional<ExitStatus>> peek(pid_t pid);
/// Ends the rest of the group of `leader`, which has ended, then reaps it. An empty ExitStatus: nobody can tell.
ExitStatus reap_with_group(pid_t leader);

/// A child that has ended and was not waited for, without waiting for it; any of them. Empty: there is none.
Result<std::optional<pid_t>> peek_ended();

/// What has become of the child `pid` since the last call: the signal that stopped it, SIGCONT if it was continued.
/// Empty: neither, or it has ended.
Result<std::optional<int>> take_stop_or_continue(pid_t pid);

/// Whether this process ignores `signal`: those that its caller ignores (nohup, a shell's background job) stay ignored.
bool is_ignored(int signal);
/// Those of `signals` that this process does not ignore.
sigset_t not_ignored(const std::vector<int>& signals);

/// Ends this process by `signal` without leaving a core file.
[[noreturn]] void raise_without_core(int signal);

// ---- files that the kernel makes while they are read

/// The whole of a small file of /proc or of a control group; what there was of it if it went away meanwhile (reading
/// the file of a process that ends fails), empty if it cannot be read.
std::string file_text(const std::string& path);
/// The number that such a file begins with; empty if it has none ("max") or cannot be read.
std::optional<std::uint64_t> number_in(const std::string& path);
/// The number behind the word `name` ("MemAvailable:", "oom_kill"), likewise.
std::optional<std::uint64_t> number_behind(const std::string& path, const std::string& name);

// ---- /proc. Snapshots: a process may fork or end while they are taken; who kills repeats until nothing is left.

/// The children of this process, zombies included.
Result<std::vector<pid_t>> children_of_self();

/// The children of `pid`, theirs and so on, without `pid`: parents first, each once. Empty if `pid` is gone.
Result<std::vector<pid_t>> descendants(pid_t pid);

struct ProcessFacts {
  pid_t pid = 0, parent = 0;
  char state = '?';     ///< as in proc(5): R running, S sleeping, D waiting for a disk, T stopped, Z zombie
  std::string command;  ///< its arguments; its name in brackets where there are none
};
/// Empty: there is no such process (any more).
std::optional<ProcessFacts> process_facts(pid_t pid);

/// Whether `pid` is on its way out: its sockets may be closed already, and it cannot be waited for yet.
bool is_ending(pid_t pid);

/// Whether every thread of `pid` waits, without a limit of time, for a lock or the like that only threads of the same
/// process can give. False also where the kernel does not tell.
bool waits_for_itself(pid_t pid);

/// When `pid` was started, in the kernel's ticks: tells it from another process of the same number. 0: there is none.
std::uint64_t start_time(pid_t pid);

/// Bytes; 0 if there is no such process.
std::uint64_t resident_memory(pid_t pid);

/// (descriptor, what it is: a path, "socket:[1234]"), by number. Empty if `pid` is gone or is somebody else's.
std::vector<std::pair<int, std::string>> open_files(pid_t pid);

/// The value of a variable in the environment that `pid` was started with. Empty: not there, or not to be read.
std::optional<std::string> environment_of(pid_t pid, const std::string& name);

/// Whether `pid` has the anonymous file with this number (memory_file, inode_of) mapped.
bool maps(pid_t pid, ino_t memory_file);

// ---- the machine and the terminal

bool is_terminal(int fd);

/// Whether this process is in the foreground of its terminal `fd`.
bool in_foreground(int fd);

/// Width of the terminal at `fd`; empty if it is none or does not know.
std::optional<int> terminal_columns(int fd);

/// Processors this process may run on, at least 1.
unsigned affinity_cpus();

/// The tightest cpu quota of this process's control groups (v2 or v1), in processors (1.5); empty without one. `root`
/// is put before /proc and /sys (tests).
std::optional<double> cgroup_cpu_limit(const std::string& root = "");

}  // namespace trun::posix
