// The status page in the hands of a worker that has lost its mind: words are written anywhere, and what the engine
// reads in between is in its bounds or an Error.
#include "runner/wire/status_page.h"
#include "tests/fuzz/fuzz.h"

namespace trun {
namespace {

constexpr std::uint64_t kWords = kStatusPageBytes / sizeof(std::uint64_t);
constexpr Duration kLongest{std::int64_t{1} << 50};

void check_snapshot(const StatusPage& page) {
  const auto now = page.snapshot();
  if (!now.ok()) return require_message(now.error(), Error::Kind::internal, "nonsense on the status page: ");
  require(now->phase <= Phase::exit, "a phase is one that exists");
  require(now->since.time_since_epoch().count() >= 0, "a time is not negative");
}

void check_records(const std::vector<RingRecord>& records, std::uint64_t assigned) {
  require(records.size() <= kRingRecords, "a ring has so many places");
  for (std::size_t i = 0; i < records.size(); ++i) {
    const RingRecord& record = records[i];
    require(record.ordinal < assigned, "a record is of an item that was assigned");
    require(i == 0 || record.ordinal > records[i - 1].ordinal, "records have an order");
    for (const Duration took : {record.setup, record.call, record.teardown})
      require(took.count() >= 0 && took <= kLongest, "a duration can be added up");
  }
}

}  // namespace

void fuzz(std::string_view input) {
  auto page = StatusPage::create();
  require(page.ok(), "there is memory");
  const auto mapping = posix::map_shared(page->fd(), kStatusPageBytes);
  require(mapping.ok(), "there is memory");
  auto* words = static_cast<std::uint64_t*>(mapping->data());
  for (FuzzInput parts(input); !parts.empty();) {
    const std::uint8_t what = parts.byte();
    if (what % 4 == 0) {
      check_snapshot(*page);
    } else if (what % 4 == 1) {
      std::vector<RingRecord> records;
      const std::uint64_t assigned = what / 4;
      const Status drained = page->drain(records, assigned, TimePoint::max());
      if (!drained.ok()) require_message(drained.error(), Error::Kind::internal, "nonsense on the status page: ");
      check_records(records, assigned);
    } else {
      // Small numbers mostly: the header, the first records, plausible values.
      const std::uint64_t place = what / 4;
      words[(what % 4 == 2 ? place : place * 64 + parts.byte()) % kWords] =
          parts.byte() % 2 ? parts.word() : parts.byte();
    }
  }
}

}  // namespace trun
