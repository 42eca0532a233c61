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
  // The worker stores whole words and has no barrier: acquire orders what the engine reads, not what the worker writes.
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
  // The words about waiting are left as they were when the next item begins: of another item they say nothing about
  // this one.
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
  // Taken now: the descriptor is closed once the worker is dead, and orphans are still recognised by this number.
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
  // The worker sets this word to 0 while it writes the text (status_page.py): a half-written one is not read.
  if (load(area[0]) != ordinal + 1) return {};
  const std::uint64_t most = (kFixtureWords - 2) * sizeof(std::uint64_t), size = load(area[1]);
  return {reinterpret_cast<const char*>(area + 2), static_cast<std::size_t>(std::min(size, most))};
}

void StatusPage::halt(bool halt) {
  // What is read afterwards is what the worker was at when it could see this, on every machine.
  // The worker reads this word before it starts a test, and the engine reads the page after this store. Both may cross,
  // unless the store is visible before anything behind it is read: hence seq_cst and the fence.
  std::atomic_ref(words()[halted]).store(halt ? 1 : 0, std::memory_order_seq_cst);
  std::atomic_thread_fence(std::memory_order_seq_cst);
}

/// Whether the record at the tail may still be that of an earlier lap, of which only the head has been seen to move.
bool StatusPage::is_stale(const RingRecord& record, std::uint64_t assigned, TimePoint now) {
  // A fresh place holds zeros, and a clock never gives 0.
  const bool is_written = record.ordinal >= next_ordinal_ && record.ordinal < assigned &&
                          record.started >= last_started_ && record.started != TimePoint{};
  // All stores of a dead worker can be seen: its record is judged as it stands.
  if (is_written || now == TimePoint::max()) return false;
  if (stale_since_ == TimePoint{}) stale_since_ = now;
  return now - stale_since_ < kSettles;
}

// The head counts records ever written, the tail records ever read; both only grow, and record n stands at place
// n % 4096. Example: the head is 5000, the tail 4998. Record 4998 is at place 902, where record 902 stood a lap ago. If
// the ordinal there does not come after the last one that was read, the worker's store of the head was seen before that
// of the record (aarch64): the engine looks again at its next tick, and after 200 ms calls it nonsense. On x86 stores
// are seen in their order.
Status StatusPage::drain(std::vector<RingRecord>& into, std::uint64_t assigned, TimePoint now) {
  // Read once: what the worker adds meanwhile is for the next call, so that this one ends.
  const std::uint64_t written = load(words()[head]);
  // Unsigned: a head that went back is a huge difference, too.
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
    // Ordinals may be left out (what did not simply pass is a frame), but never come again.
    next_ordinal_ = record.ordinal + 1;
    last_started_ = std::max(last_started_, record.started);
    stale_since_ = {};
    into.push_back(record);
    // After the record was copied: from here on the worker may overwrite its place.
    store(words()[tail], ++tail_);
  }
  return ok_status();
}

Result<RunPage> RunPage::create(Slot slots) {
  // Word 0 is the stop word.
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
