#include "runner/wire/status_page.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <vector>

namespace trun {
namespace {

enum Word { magic, pid, ordinal, phase, since, head, tail, finished, heartbeat };

/// The worker's side, by the book (docs/protocol.md) and through a mapping of its own.
class Worker {
 public:
  explicit Worker(const StatusPage& page) : mapping_(posix::map_shared(page.fd(), kStatusPageBytes).value()) {}

  volatile std::uint64_t& word(std::size_t index) { return static_cast<std::uint64_t*>(mapping_.data())[index]; }

  bool full() { return word(head) - word(tail) >= kRingRecords; }

  void record(std::uint64_t item, std::uint64_t started = 1000, std::uint64_t call = 20) {
    const std::size_t at = kStatusHeaderWords + word(head) % kRingRecords * kRingRecordWords;
    word(at) = item;
    word(at + 1) = started;
    word(at + 2) = 10;
    word(at + 3) = call;
    word(at + 4) = 30;
    word(head) = word(head) + 1;
  }

 private:
  posix::Mapping mapping_;
};

class StatusPageTest : public testing::Test {
 protected:
  std::string drain(std::uint64_t assigned, TimePoint now = TimePoint::max()) {
    const Status status = page_.drain(records_, assigned, now);
    return status.ok() ? "" : status.error().message;
  }

  StatusPage page_ = StatusPage::create().value();
  Worker worker_ = Worker(page_);
  std::vector<RingRecord> records_;
};

TEST_F(StatusPageTest, FreshPageHasMagicAndNothingElse) {
  EXPECT_EQ(worker_.word(magic), 0x314e555254u);
  const auto now = page_.snapshot();
  ASSERT_TRUE(now.ok());
  EXPECT_EQ(now->pid, 0);
  EXPECT_EQ(now->phase, Phase::idle);
  EXPECT_EQ(drain(0), "");
}

TEST_F(StatusPageTest, SnapshotHasWhatTheWorkerWrote) {
  worker_.word(pid) = 4711;
  worker_.word(ordinal) = 7;
  worker_.word(phase) = 4;
  worker_.word(since) = 123456789;
  worker_.word(finished) = 6;
  worker_.word(heartbeat) = 99;
  const StatusSnapshot now = page_.snapshot().value();
  EXPECT_EQ(now.pid, 4711);
  EXPECT_EQ(now.ordinal, 7u);
  EXPECT_EQ(now.phase, Phase::call);
  EXPECT_EQ(now.since, TimePoint(std::chrono::nanoseconds(123456789)));
  EXPECT_EQ(now.finished, 6u);
  EXPECT_EQ(now.heartbeat, 99u);
}

TEST_F(StatusPageTest, SnapshotRefusesNonsense) {
  worker_.word(phase) = 8;
  EXPECT_EQ(page_.snapshot().error().message, "nonsense on the status page: a phase that does not exist");
  worker_.word(phase) = ~0ull;
  EXPECT_FALSE(page_.snapshot().ok());
  worker_.word(phase) = 7;
  EXPECT_TRUE(page_.snapshot().ok());
  worker_.word(since) = ~0ull;
  EXPECT_TRUE(page_.snapshot().ok());
  worker_.word(magic) = 0;
  EXPECT_EQ(page_.snapshot().error().message, "nonsense on the status page: the magic number is gone");
}

TEST_F(StatusPageTest, DrainGivesEachRecordOnceAndMovesTheTail) {
  worker_.record(0);
  worker_.record(2, 5000, 77);
  EXPECT_EQ(drain(3), "");
  ASSERT_EQ(records_.size(), 2u);
  EXPECT_EQ(records_[1].ordinal, 2u);
  EXPECT_EQ(records_[1].started, TimePoint(std::chrono::nanoseconds(5000)));
  EXPECT_EQ(records_[1].setup, std::chrono::nanoseconds(10));
  EXPECT_EQ(records_[1].call, std::chrono::nanoseconds(77));
  EXPECT_EQ(records_[1].teardown, std::chrono::nanoseconds(30));
  EXPECT_EQ(worker_.word(tail), 2u);
  EXPECT_EQ(drain(3), "");
  EXPECT_EQ(records_.size(), 2u);
}

TEST_F(StatusPageTest, RingWrapsAround) {
  std::uint64_t next = 0;
  for (int round = 0; round < 5; ++round) {
    for (std::size_t i = 0; i < kRingRecords / 2 + 100; ++i) worker_.record(next++);
    ASSERT_EQ(drain(next), "");
  }
  ASSERT_EQ(records_.size(), next);
  EXPECT_GT(next, 2 * kRingRecords);
  for (std::uint64_t i = 0; i < next; ++i) ASSERT_EQ(records_[i].ordinal, i);
}

// On aarch64 the head may be seen to move before the record is.
TEST_F(StatusPageTest, ARecordOfAnEarlierLapIsLeftUntilItIsWritten) {
  const TimePoint now(std::chrono::seconds(9));
  for (std::uint64_t i = 0; i < kRingRecords; ++i) worker_.record(i, 1000 + i);
  EXPECT_EQ(drain(2 * kRingRecords, now), "");
  records_.clear();
  worker_.word(head) = kRingRecords + 1;
  EXPECT_EQ(drain(2 * kRingRecords, now), "");
  EXPECT_EQ(drain(2 * kRingRecords, now + kSettles / 2), "");
  EXPECT_TRUE(records_.empty());
  worker_.word(head) = kRingRecords;
  worker_.record(kRingRecords, 9000);
  EXPECT_EQ(drain(2 * kRingRecords, now + kSettles / 2), "");
  ASSERT_EQ(records_.size(), 1u);
  EXPECT_EQ(records_[0].started, TimePoint(std::chrono::nanoseconds(9000)));
}

TEST_F(StatusPageTest, ARecordThatIsNeverWrittenIsNonsenseInTheEnd) {
  const TimePoint now(std::chrono::seconds(9));
  for (std::uint64_t i = 0; i < kRingRecords; ++i) worker_.record(i, 1000 + i);
  EXPECT_EQ(drain(2 * kRingRecords, now), "");
  worker_.word(head) = kRingRecords + 1;
  EXPECT_EQ(drain(2 * kRingRecords, now), "");
  EXPECT_NE(drain(2 * kRingRecords, now + kSettles), "");
}

TEST_F(StatusPageTest, OfADeadWorkerNothingIsWaitedFor) {
  worker_.word(head) = 1;  // an empty place: item 0, which began at no time
  EXPECT_EQ(drain(1, TimePoint(std::chrono::seconds(9))), "");
  EXPECT_TRUE(records_.empty());
  EXPECT_EQ(drain(1), "");
  EXPECT_EQ(records_.size(), 1u);
}

TEST_F(StatusPageTest, FullRingIsFreedByDrain) {
  for (std::size_t i = 0; i < kRingRecords; ++i) worker_.record(i);
  EXPECT_TRUE(worker_.full());
  EXPECT_EQ(drain(kRingRecords), "");
  EXPECT_FALSE(worker_.full());
  EXPECT_EQ(records_.size(), kRingRecords);
}

TEST_F(StatusPageTest, HeadThatRanAwayIsAnError) {
  worker_.word(head) = kRingRecords + 1;
  EXPECT_EQ(drain(~0ull), "nonsense on the status page: the ring's head is at 4097, its tail at 0");
  worker_.word(head) = ~0ull;
  EXPECT_NE(drain(~0ull), "");
  EXPECT_TRUE(records_.empty());
}

TEST_F(StatusPageTest, HeadThatGoesBackIsAnError) {
  worker_.record(0);
  worker_.record(1);
  EXPECT_EQ(drain(2), "");
  worker_.word(head) = 1;
  EXPECT_EQ(drain(2), "nonsense on the status page: the ring's head is at 1, its tail at 2");
}

TEST_F(StatusPageTest, TailIsTheEnginesOwn) {
  worker_.record(0);
  worker_.word(tail) = 1;  // not the worker's to write
  EXPECT_EQ(drain(1), "");
  EXPECT_EQ(records_.size(), 1u);
}

TEST_F(StatusPageTest, OrdinalThatWasNeverAssignedIsAnError) {
  worker_.record(0);
  worker_.record(5);
  EXPECT_EQ(drain(5), "nonsense on the status page: record 1 is of item 5, expected 1 to 5 (exclusive)");
  ASSERT_EQ(records_.size(), 1u);  // what came before it counts
  EXPECT_EQ(records_[0].ordinal, 0u);
}

TEST_F(StatusPageTest, SecondRecordOfAnItemIsAnError) {
  worker_.record(3);
  EXPECT_EQ(drain(10), "");
  worker_.record(3);
  EXPECT_NE(drain(10), "");
  EXPECT_NE(drain(10), "");  // and stays one
  EXPECT_EQ(records_.size(), 1u);
}

TEST_F(StatusPageTest, TimesThatNoClockGivesCountAsNoneAndCostNoVerdict) {
  worker_.record(0, 1000, ~0ull);
  worker_.record(1, ~0ull);
  worker_.record(2, 1000);
  EXPECT_EQ(drain(10), "");
  ASSERT_EQ(records_.size(), 3u);
  EXPECT_TRUE(records_[0].odd);
  EXPECT_EQ(records_[0].call, Duration{0});
  EXPECT_TRUE(records_[1].odd);
  EXPECT_EQ(records_[1].started, TimePoint{});
  EXPECT_FALSE(records_[2].odd);
}

TEST_F(StatusPageTest, WorkerCannotTruncateThePageUnderTheEngine) {
  EXPECT_NE(::ftruncate(page_.fd().get(), 0), 0);
  EXPECT_NE(::ftruncate(page_.fd().get(), 1 << 20), 0);
}

TEST(RunPageTest, StopWordAndFailuresAreWhereTheWorkersLook) {
  RunPage page = RunPage::create(3).value();
  const posix::Mapping mapping = posix::map_shared(page.fd(), 4096).value();  // workers map one page
  volatile auto* words = static_cast<std::uint32_t*>(mapping.data());
  EXPECT_FALSE(page.stopped());
  EXPECT_EQ(words[0], 0u);
  page.stop();
  EXPECT_TRUE(page.stopped());
  EXPECT_EQ(words[0], 1u);
  words[1] = 2;
  words[3] = 5;
  words[4] = 100;  // no such slot
  EXPECT_EQ(page.failures(0), 2u);
  EXPECT_EQ(page.failures(1), 0u);
  EXPECT_EQ(page.failures(2), 5u);
  EXPECT_EQ(page.failures(), 7u);
}

TEST(RunPageTest, ManySlotsFit) {
  RunPage page = RunPage::create(5000).value();
  EXPECT_EQ(page.failures(4999), 0u);
}

}  // namespace
}  // namespace trun
