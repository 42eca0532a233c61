// The shared pages (docs/protocol.md): one StatusPage per worker process, on which the worker says what it is doing
// without a system call, and one RunPage per run. This is the engine's side, which owns them. The other side is a
// process that runs users' code: whatever it writes here is checked, and nonsense is an Error.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <vector>

#include "runner/base/clock.h"
#include "runner/base/outcome.h"
#include "runner/base/result.h"
#include "runner/base/test_item.h"
#include "runner/kernel/fd.h"
#include "runner/kernel/posix.h"

namespace trun {

constexpr std::uint64_t kStatusMagic = 0x314e555254;
constexpr std::size_t kStatusHeaderWords = 16;
constexpr std::size_t kRingRecords = 4096;
constexpr std::size_t kRingRecordWords = 5;
/// How long a store of another processor may take to be seen here: ten thousand times as long as any does.
constexpr Duration kSettles = std::chrono::milliseconds(200);
constexpr std::size_t kFixtureStart = kStatusHeaderWords + kRingRecords * kRingRecordWords;
constexpr std::size_t kFixtureWords = 32;
constexpr std::size_t kStatusPageBytes = (kFixtureStart + kFixtureWords) * sizeof(std::uint64_t);

/// A test that simply passed.
struct RingRecord {
  std::uint64_t ordinal = 0;
  TimePoint started{};
  Duration setup{0}, call{0}, teardown{0};
  bool odd = false;  ///< it had times that no clock gives: they are 0 here
};

/// What the worker is at.
struct StatusSnapshot {
  pid_t pid = 0;              ///< 0: has not run anything yet
  std::uint64_t ordinal = 0;  ///< of the item at work, in the phases setup, call and teardown
  Phase phase = Phase::idle;
  TimePoint since{};            ///< when the phase began
  TimePoint began{};            ///< when the item at work began
  bool debugging = false;       ///< somebody sits at a debugger's prompt
  Duration waited{0};           ///< of the time at this item, for answers to its questions; up to `waiting`
  TimePoint waiting{};          ///< since when it waits for one; none: it does not
  std::uint64_t finished = 0;   ///< items finished
  std::uint64_t heartbeat = 0;  ///< changes with every sign of life
};

class StatusPage {
 public:
  /// No page: to be assigned to.
  StatusPage() = default;
  /// A fresh page, mapped.
  static Result<StatusPage> create();

  /// To be passed to the worker. None after close().
  const Fd& fd() const { return fd_; }
  /// What /proc/<pid>/maps calls it, in processes that have it mapped. No other file's while this page lives.
  ino_t inode() const { return inode_; }
  /// Closes the descriptor. The page is as readable as before.
  void close() { fd_.reset(); }

  /// An Error if the page holds what no worker writes. Of a worker that runs, a picture of one moment; of a
  /// dead one, its last words.
  Result<StatusSnapshot> snapshot() const;

  /// The fixture of wider scope that was set up last for the item at `ordinal`, "db (scope session)"; empty: none was.
  std::string fixture(std::uint64_t ordinal) const;

  /// Whether the worker may start another item. It may be in the middle of one.
  void halt(bool halted);

  /// Appends the records that were not read yet to `into` and frees their places. `assigned`: how many items this
  /// worker was ever given; a record that names another, one that does not come after the last, or a head that ran away
  /// is an Error (what came before it is in `into`). A machine that reorders stores (aarch64) may show the head before
  /// the record: what looks like an earlier lap's is left for later, until it has looked so for kSettles. `now`:
  /// TimePoint::max() once the process has ended, when all that it wrote can be seen.
  Status drain(std::vector<RingRecord>& into, std::uint64_t assigned, TimePoint now);

 private:
  bool is_stale(const RingRecord& record, std::uint64_t assigned, TimePoint now);
  StatusPage(Fd fd, ino_t inode, posix::Mapping mapping)
      : fd_(std::move(fd)), inode_(inode), mapping_(std::move(mapping)) {}
  std::uint64_t* words() const { return static_cast<std::uint64_t*>(mapping_.data()); }

  Fd fd_;
  ino_t inode_ = 0;
  posix::Mapping mapping_;
  std::uint64_t tail_ = 0;          ///< the page's tail word is written from this, never read
  std::uint64_t next_ordinal_ = 0;  ///< the lowest ordinal that the next record may have
  TimePoint last_started_{};        ///< of the last record
  TimePoint stale_since_{};         ///< the next record does not look written; none: it has not been looked at
};

class RunPage {
 public:
  /// No page: to be assigned to.
  RunPage() = default;
  /// A fresh page for workers in slots 0..slots-1.
  static Result<RunPage> create(Slot slots);

  /// To be passed to every worker.
  const Fd& fd() const { return fd_; }

  /// From now on no worker starts a test.
  void stop();
  bool stopped() const;

  /// Failures reported by the workers of this slot. REQUIRES: slot < slots.
  std::uint32_t failures(Slot slot) const;
  /// Of all slots.
  std::uint64_t failures() const;

 private:
  RunPage(Fd fd, posix::Mapping mapping, Slot slots)
      : fd_(std::move(fd)), mapping_(std::move(mapping)), slots_(slots) {}
  std::uint32_t* words() const { return static_cast<std::uint32_t*>(mapping_.data()); }

  Fd fd_;
  posix::Mapping mapping_;
  Slot slots_ = 0;
};

}  // namespace trun
