#include "runner/wire/status_page.h"

#include <algorithm>
#include <atomic>
#include <string>
#include <utility>

#include "runner/base/invariant.h"

namespace trun {
namespace {

// Words of the status page (docs/protocol.md).
enum Word {
  magic,
  pid,
  ordinal,
  phase,
  since,
  head,
  tail,
  finished,
  heartbeat,
  halted,
  began,
  debugging,
  waiting,
  waited,
  waited_for,
};

constexpr std::size_t kRunPageGrain = 4096;  // the workers map so much, whatever the number of slots

/// About 13 days in nanoseconds: no phase of a test takes longer, and sums stay within 64 bits.
constexpr std::uint64_t kLongestPhase = 1ull << 50;
/// Above every reading of the clock, and far enough below its limit to be added to.
constexpr std::uint64_t kLatestTime = 1ull << 62;

std::uint64_t load(const std::uint64_t& word) {
  return std::atomic_ref(const_cast<std::uint64_t&>(word)).load(std::memory_order_acquire);
}

void store(std::uint64_t& word, std::uint64_t value) { std::atomic_ref(word).store(value, std::memory_order_release); }

std::uint32_t load(const std::uint32_t& word) {
  return std::atomic_ref(const_cast<std::uint32_t&>(word)).load(std::memory_order_acquire);
}

Error nonsense(const std::string& what) { return internal_error("nonsense on the status page: " + what); }

TimePoint to_time(std::uint64_t ns) { return TimePoint(Duration(static_cast<std::int64_t>(ns))); }
Duration to_duration(std::uint64_t ns) { return Duration(static_cast<std::int64_t>(ns)); }

/// Times that no clock gives, and that would overflow when added up, count as none: they are no reason to doubt a
/// verdict.
RingRecord to_record(const std::uint64_t* words) {
  RingRecord record;
  const auto taken = [&](std::size_t word, std::uint64_t most) {
    const std::uint64_t value = load(words[word]);
    if (value <= most) return value;
    record.odd = true;
    return std::uint64_t{0};
  };
  record.ordinal = load(words[0]);
  record.started = to_time(taken(1, kLatestTime));
  record.setup = to_duration(taken(2, kLongestPhase));
  record.call = to_duration(taken(3, kLongestPhase));
  record.teardown = to_duration(taken(4, kLongestPhase));
  return record;
}

/// Stands for every number that is no phase.
constexpr std::uint64_t kNoPhase = static_cast<std::uint64_t>(Phase::exit) + 1;

StatusSnapshot read_once(const std::uint64_t* words) {
  StatusSnapshot now;
  now.heartbeat = load(words[heartbeat]);
  now.pid = static_cast<pid_t>(load(words[pid]));
  now.ordinal = load(words[ordinal]);
  now.phase = static_cast<Phase>(std::min<std::uint64_t>(load(words[phase]), kNoPhase));
  now.since = to_time(std::min(load(words[since]), kLatestTime));
  now.began = to_time(std::min(load(words[began]), kLatestTime));
  now.debugging = load(words[debugging]) != 0;
  if (load(words[waited_for]) == now.ordinal + 1) {
    now.waited = to_duration(std::min(load(words[waited]), kLongestPhase));
    now.waiting = to_time(std::min(load(words[waiting]), kLatestTime));
  }
  now.finished = load(words[finished]);
  return now;
}

}  // namespace

Result<StatusPage> StatusPage::create() {
  TRUN_TRY(fd, posix::memory_file("trun-status", kStatusPageBytes));
  TRUN_TRY(mapping, posix::map_shared(fd, kStatusPageBytes));
  TRUN_TRY(inode, posix::inode_of(fd));
  StatusPage page(std::move(fd), inode, std::move(mapping));
  store(page.words()[magic], kStatusMagic);
  return page;
}

Result<StatusSnapshot> StatusPage::snapshot() const {
  // Between two equal heartbeats nothing changed but the words of a phase that is being entered. A worker that changes
  // faster than we read is alive and well, and then any of its states will do.
  StatusSnapshot now = read_once(words());
  for (int tries = 0; tries < 3 && load(words()[heartbeat]) != now.heartbeat; ++tries) now = read_once(words());
  if (load(words()[magic]) != kStatusMagic) return nonsense("the magic number is gone");
  if (now.phase > Phase::exit) return nonsense("a phase that does not exist");
  return now;
}

std::string StatusPage::fixture(std::uint64_t ordinal) const {
  const std::uint64_t* area = words() + kFixtureStart;
  if (load(area[0]) != ordinal + 1) return {};
  const std::uint64_t most = (kFixtureWords - 2) * sizeof(std::uint64_t), size = load(area[1]);
  return {reinterpret_cast<const char*>(area + 2), static_cast<std::size_t>(std::min(size, most))};
}

void StatusPage::halt(bool halt) {
  // What is read afterwards is what the worker was at when it could see this, on every machine.
  std::atomic_ref(words()[halted]).store(halt ? 1 : 0, std::memory_order_seq_cst);
  std::atomic_thread_fence(std::memory_order_seq_cst);
}

/// Whether the record at the tail may still be that of an earlier lap, of which only the head has been seen to move.
bool StatusPage::is_stale(const RingRecord& record, std::uint64_t assigned, TimePoint now) {
  const bool is_written = record.ordinal >= next_ordinal_ && record.ordinal < assigned &&
                          record.started >= last_started_ && record.started != TimePoint{};
  if (is_written || now == TimePoint::max()) return false;
  if (stale_since_ == TimePoint{}) stale_since_ = now;
  return now - stale_since_ < kSettles;
}

Status StatusPage::drain(std::vector<RingRecord>& into, std::uint64_t assigned, TimePoint now) {
  const std::uint64_t written = load(words()[head]);
  if (written - tail_ > kRingRecords) {
    return nonsense("the ring's head is at " + std::to_string(written) + ", its tail at " + std::to_string(tail_));
  }
  while (tail_ != written) {
    const RingRecord record = to_record(words() + kStatusHeaderWords + tail_ % kRingRecords * kRingRecordWords);
    if (is_stale(record, assigned, now)) break;
    if (record.ordinal >= assigned || record.ordinal < next_ordinal_) {
      return nonsense("record " + std::to_string(tail_) + " is of item " + std::to_string(record.ordinal) +
                      ", expected " + std::to_string(next_ordinal_) + " to " + std::to_string(assigned) +
                      " (exclusive)");
    }
    next_ordinal_ = record.ordinal + 1;
    last_started_ = std::max(last_started_, record.started);
    stale_since_ = {};
    into.push_back(record);
    store(words()[tail], ++tail_);
  }
  return ok_status();
}

Result<RunPage> RunPage::create(Slot slots) {
  const std::size_t used = (1 + std::size_t{slots}) * sizeof(std::uint32_t);
  const std::size_t size = (used + kRunPageGrain - 1) / kRunPageGrain * kRunPageGrain;
  TRUN_TRY(fd, posix::memory_file("trun-run", size));
  TRUN_TRY(mapping, posix::map_shared(fd, size));
  return RunPage(std::move(fd), std::move(mapping), slots);
}

void RunPage::stop() { std::atomic_ref(words()[0]).store(1, std::memory_order_release); }

bool RunPage::stopped() const { return load(words()[0]) != 0; }

std::uint32_t RunPage::failures(Slot slot) const {
  invariant(slot < slots_, "a slot that the run page does not have");
  return load(words()[1 + slot]);
}

std::uint64_t RunPage::failures() const {
  std::uint64_t sum = 0;
  for (Slot slot = 0; slot < slots_; ++slot) sum += failures(slot);
  return sum;
}

}  // namespace trun
