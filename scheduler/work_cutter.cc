#include "scheduler/work_cutter.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "runner/base/invariant.h"

namespace trun {
namespace {

/// Where a piece of about `wanted` items ends at best: between two classes, if there is such a place near it.
std::size_t end_of_piece(const WorkPart& part, std::size_t wanted, const std::vector<std::uint32_t>& scopes) {
  const auto parts_classes = [&](std::size_t i) {
    return i > 0 && i < part.size() && scopes[part.items[part.next + i]] != scopes[part.items[part.next + i - 1]];
  };
  for (std::size_t off = 0; off <= wanted / 4; ++off) {
    if (parts_classes(wanted - off)) return wanted - off;
    if (parts_classes(wanted + off)) return wanted + off;
  }
  return wanted;
}

}  // namespace

WorkPart WorkCutter::part(std::vector<ItemIndex> items) const {
  invariant(!items.empty(), "a part without tests");
  WorkPart made;
  made.unit = partition_.unit[items.front()];
  made.sticky = partition_.sticky[made.unit];
  made.cost = weigh(items, 0);
  made.items = std::move(items);
  return made;
}

std::vector<WorkPart> WorkCutter::in_pieces(std::vector<WorkPart> parts, std::size_t slots) const {
  const double total =
      std::accumulate(parts.begin(), parts.end(), 0.0, [](double sum, const WorkPart& p) { return sum + p.cost; });
  std::vector<WorkPart> pieces;
  for (WorkPart& part : parts) add_pieces(std::move(part), total / static_cast<double>(slots), pieces);
  return pieces;
}

void WorkCutter::add_pieces(WorkPart rest, double share, std::vector<WorkPart>& pieces) const {
  // A cut costs a second set-up of the module (kWorthMoving): a part that exceeds the share by less is not cut. Where
  // only numbers of tests are known, weights are no times, and this does not compare.
  const double least = estimates_.known() ? kWorthMoving : 0;
  while (!rest.sticky && rest.size() > 1 && rest.cost > share + least) {
    const std::size_t items = count_of(rest, share / rest.cost);
    const std::size_t count = end_of_piece(rest, std::clamp<std::size_t>(items, 1, rest.size() - 1), partition_.scope);
    const auto cut = rest.items.begin() + static_cast<std::ptrdiff_t>(count);
    pieces.push_back(part(std::vector<ItemIndex>(rest.items.begin(), cut)));
    rest = part(std::vector<ItemIndex>(cut, rest.items.end()));
  }
  pieces.push_back(std::move(rest));
}

// How many of the first `count` tests of `part` share a process, and what they demand.
std::size_t WorkCutter::like_first(const WorkPart& part, std::size_t count) const {
  if (partition_.cell.empty() && partition_.kind.empty()) return count;
  const Wanted first(partition_.cell_of(part.front()), partition_.kind_of(part.front()));
  std::size_t same = 1;
  while (same < count && partition_.fits(part.items[part.next + same], first)) ++same;
  return same;
}

// How many tests from the front of `part` make a chunk. A part that is little more than a chunk stays together, and
// so does a class, as long as that does not double the chunk.
std::size_t WorkCutter::cut(const WorkPart& part, const ChunkSize& chunk, double weight_left) const {
  const std::size_t most = std::min(chunk.items, part.size());
  // Tests that are longer than a chunk go one by one.
  if (item_weight(part.front()) > weight_left) return 1;
  std::size_t count = 1;
  for (double sum = item_weight(part.front()); count < most; ++count) {
    sum += item_weight(part.items[part.next + count]);
    if (sum > weight_left) break;
  }
  // Near the end balance counts more than fixtures that are set up twice.
  if (chunk.exact || count == part.size()) return count;
  if (part.size() <= 2 * count) return part.size();
  const auto scope = [&](std::size_t i) { return partition_.scope[part.items[part.next + i]]; };
  // Forward first: the class that was begun is run to its end. If it is too long, the chunk ends before it.
  for (std::size_t i = count; i < 2 * count; ++i) {
    if (scope(i) != scope(i - 1)) return i;
  }
  for (std::size_t i = count - 1; i > count / 2; --i) {
    if (scope(i) != scope(i - 1)) return i;
  }
  return count;
}

// Of equal halves the smaller, in front, stays; the cut is moved by up to a quarter to stand between two classes.
WorkPart WorkCutter::split_back(WorkPart& split, double kept) const {
  const auto scope = [&](std::size_t i) { return partition_.scope[split.items[split.next + i]]; };
  const std::size_t size = split.size();
  // At least one test moves.
  const std::size_t wanted =
      is_even(split) ? static_cast<std::size_t>(kept * static_cast<double>(size)) : count_of(split, kept);
  std::size_t middle = std::min(wanted, size - 1);
  for (std::size_t off = 0; off <= size / 4; ++off) {
    if (middle > off && scope(middle - off) != scope(middle - off - 1)) {
      middle -= off;
      break;
    }
    if (middle > 0 && middle + off < size && scope(middle + off) != scope(middle + off - 1)) {
      middle += off;
      break;
    }
  }
  const auto at = split.items.begin() + static_cast<std::ptrdiff_t>(split.next + middle);
  WorkPart back = part(std::vector<ItemIndex>(at, split.items.end()));
  split.items.erase(at, split.items.end());
  split.cost = weigh(split.items, split.next);
  return back;
}

double WorkCutter::weigh(const std::vector<ItemIndex>& items, std::size_t from) const {
  return std::accumulate(items.begin() + static_cast<std::ptrdiff_t>(from), items.end(), 0.0,
                         [&](double sum, ItemIndex item) { return sum + item_weight(item); });
}

// The estimates may have changed.
void WorkCutter::reweigh(WorkPart& part) const {
  if (is_even(part)) {
    part.cost = item_weight(part.front()) * static_cast<double>(part.size());
  } else if (collection_.items[part.front()].file == collection_.items[part.items.back()].file) {
    part.cost = weigh(part.items, part.next);
  }
}

bool WorkCutter::is_even(const WorkPart& part) const {
  const FileIndex first = collection_.items[part.front()].file;
  return first == collection_.items[part.items.back()].file && estimates_.is_even(first);
}

std::size_t WorkCutter::count_of(const WorkPart& part, double share) const {
  if (is_even(part)) return static_cast<std::size_t>(std::round(share * static_cast<double>(part.size())));
  // The test in which the share ends counts if the larger part of it is within.
  double left = share * weigh(part.items, part.next);
  std::size_t count = 0;
  for (; count < part.size(); ++count) {
    const double weight = item_weight(part.items[part.next + count]);
    if (left < weight / 2) break;
    left -= weight;
  }
  return count;
}

}  // namespace trun
