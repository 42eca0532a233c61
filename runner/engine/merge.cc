#include "runner/engine/merge.h"

#include <algorithm>
#include <iterator>
#include <numeric>
#include <utility>

#include "runner/engine/item_lookup.h"
#include "runner/wire/wire_text.h"

namespace trun {
namespace {

/// Stable, and in place: of a million items there is one copy. Returns where each has come to, by where it was.
std::vector<ItemIndex> sort_by_file(std::vector<TestItem>& items, std::size_t files) {
  std::vector<ItemIndex> next(files + 1), source(items.size());
  for (const TestItem& item : items) ++next[item.file + 1];
  std::partial_sum(next.begin(), next.end(), next.begin());
  std::vector<ItemIndex> place(items.size());
  for (ItemIndex i = 0; i < items.size(); ++i) {
    place[i] = next[items[i].file]++;
    source[place[i]] = i;
  }
  // Each cycle of the permutation is moved along with one item set aside; source[i] == i marks what is done.
  for (ItemIndex start = 0; start < source.size(); ++start) {
    if (source[start] == start) continue;
    TestItem first = std::move(items[start]);
    ItemIndex at = start;
    for (; source[at] != start; at = std::exchange(source[at], at)) items[at] = std::move(items[source[at]]);
    items[at] = std::move(first);
    source[at] = at;
  }
  return place;
}

}  // namespace

Merge::Merge(CollectMode mode, const Discovery& found, std::string rootdir) : mode_(mode) {
  for (std::size_t i = 0; i < found.files.size(); ++i) {
    const std::string& path = found.files[i].path;
    const bool inside = path.rfind(rootdir + "/", 0) == 0;
    rank_.emplace(crossing(inside ? path.substr(rootdir.size() + 1) : path), i);
  }
}

void Merge::refuse(const std::vector<std::string>& reasons) {
  if (!reasons.empty() && !again_) again_ = reasons.front();
}

void Merge::add(WorkerProcess& worker) {
  if (!worker.collection) {
    if (mode_ == CollectMode::sharded) {
      again_ = worker.done && worker.done->end.code == 4 ? "a worker found its arguments wrong"
                                                         : "a worker died while it collected";
    }
    result_.ended = worker.done ? worker.done->end.code : 3;
    return;
  }
  Collected& frame = *worker.collection;
  if (frame.ended) {
    result_.ended = frame.ended;
    if (mode_ == CollectMode::sharded && *frame.ended == 4) again_ = "a worker found its arguments wrong";
  }
  if (frame.exit) result_.exit = frame.exit;
  if (frame.stopped) result_.stopped = frame.stopped;
  if (mode_ == CollectMode::each && !first_) {
    compare(worker);
    frame.items = std::vector<CollectedItem>();
    return;
  }
  first_ = false;
  result_.lane = frame.lane;
  result_.collection.deselected += frame.deselected;
  add_reports(frame);
  shares_.emplace_back(&worker, frame.items.size());
  add_items(frame);
}

void Merge::add_reports(const Collected& frame) {
  for (const event::CollectReport& report : frame.reports) {
    const bool failed = report.report.outcome == "failed";
    if (failed && mode_ == CollectMode::sharded) again_ = report.node_id + " cannot be collected";
    // Every worker walks all directories, so the report on one of these comes from each.
    if (mode_ == CollectMode::sharded && !reported_.insert(report.node_id).second) continue;
    result_.errors += failed;
    result_.reports.push_back(report);
  }
}

void Merge::add_items(Collected& frame) {
  Collection& all = result_.collection;
  std::optional<FileIndex> last;
  for (CollectedItem& item : frame.items) {
    if (!last || all.files[*last].path != node_path(item.node_id)) {
      const std::string path(node_path(item.node_id));
      const auto [file, fresh] = files_.emplace(path, static_cast<FileIndex>(all.files.size()));
      if (fresh) all.files.push_back({path, {}});
      // Tests of one file that do not stand together were reordered across files: only the whole collection knows how.
      if (mode_ == CollectMode::sharded && !fresh) again_ = "the tests of " + path + " do not stand together";
      last = file->second;
    }
    all.items.push_back({std::move(item.node_id), *last, item.line, std::move(item.group), std::nullopt});
  }
  // Places in the frame count from its own first item.
  const std::size_t first = all.items.size() - frame.items.size();
  const auto each = [&](const auto& of_items, const auto& set) {
    for (const auto& [place, value] : of_items) {
      // A worker runs users' code: a place may be nonsense.
      if (place < frame.items.size()) set(all.items[first + place], value);
    }
  };
  each(frame.timeouts, [](TestItem& item, Duration timeout) { item.timeout = timeout; });
  each(frame.demands, [](TestItem& item, const TestDemands& demands) { item.demands = demands; });
  each(frame.marks, [](TestItem& item, const auto& marks) { item.marks = marks; });
  if (frame.default_timeout) result_.default_timeout = frame.default_timeout;
  frame.items = std::vector<CollectedItem>();
}

void Merge::compare(const WorkerProcess& worker) {
  const auto& expected = result_.collection.items;
  const auto& found = worker.collection->items;
  const bool same = std::equal(expected.begin(), expected.end(), found.begin(), found.end(),
                               [](const TestItem& a, const CollectedItem& b) { return a.id == b.node_id; });
  if (same) return;
  event::CollectReport report;
  report.node_id = worker_name(worker.slot);
  report.report.when = "collect";
  report.report.outcome = "failed";
  report.report.category = "error";
  report.report.letter = "E";
  report.report.word = "ERROR";
  // The first sentence is xdist's.
  report.report.longrepr = "Different tests were collected between gw0 and " + worker_name(worker.slot) +
                           ". Parametrise with values whose order is fixed, or run with --collect once.\n";
  result_.reports.push_back(report);
  ++result_.errors;
}

/// A file that discovery did not foresee (a plugin's kind of file) stands where the walk, which is sorted by name,
/// would have met it: after the last known file that sorts before it.
double Merge::rank(const std::string& path) const {
  if (const auto known = rank_.find(path); known != rank_.end()) return static_cast<double>(known->second);
  if (sorted_.empty()) {
    sorted_.assign(rank_.begin(), rank_.end());
    std::sort(sorted_.begin(), sorted_.end());
    // The walk need not be in the order of names: arguments come as the user gave them, and pytest 7 takes files before
    // folders. The highest rank so far keeps an unforeseen file behind all that sort before it.
    for (std::size_t i = 1; i < sorted_.size(); ++i)
      sorted_[i].second = std::max(sorted_[i].second, sorted_[i - 1].second);
  }
  const auto behind = std::lower_bound(sorted_.begin(), sorted_.end(), std::filesystem::path(path),
                                       [](const auto& known, const auto& p) { return known.first < p; });
  return behind == sorted_.begin() ? -0.5 : static_cast<double>(std::prev(behind)->second) + 0.5;
}

/// Sharded: files in the order of the directory walk, whoever collected them.
std::vector<ItemIndex> Merge::order_files() {
  Collection& all = result_.collection;
  std::vector<FileIndex> order(all.files.size());
  std::iota(order.begin(), order.end(), 0u);
  std::vector<double> ranks;
  for (const TestFile& file : all.files) ranks.push_back(rank(file.path));
  std::stable_sort(order.begin(), order.end(), [&](FileIndex a, FileIndex b) { return ranks[a] < ranks[b]; });
  std::vector<FileIndex> place(order.size());
  for (FileIndex i = 0; i < order.size(); ++i) place[order[i]] = i;
  std::vector<TestFile> files(order.size());
  for (FileIndex i = 0; i < order.size(); ++i) files[i].path = all.files[order[i]].path;
  for (TestItem& item : all.items) item.file = place[item.file];
  all.files = std::move(files);
  return sort_by_file(all.items, all.files.size());
}

/// Tells each worker which of the items are its own.
void Merge::tell_shares(const std::vector<ItemIndex>& place) {
  auto at = place.begin();
  for (const auto& [worker, count] : shares_) {
    const auto end = at + static_cast<std::ptrdiff_t>(count);
    // Shares came one after the other, so a worker's items were a stretch before files were ordered; `place` says where
    // each has come to.
    worker->items.emplace(at, end);
    at = end;
  }
}

Gathered Merge::take() {
  if (mode_ == CollectMode::sharded) tell_shares(order_files());
  Collection& all = result_.collection;
  // Only now: ordering the files has renumbered the items.
  for (ItemIndex i = 0; i < all.items.size(); ++i) all.files[all.items[i].file].items.push_back(i);
  find_repeats(all);
  return std::move(result_);
}

}  // namespace trun
