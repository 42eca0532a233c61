// WorkCutter: how parts are weighed, and where they are cut: into chunks that a worker is given at once, in halves for
// two workers, into equal shares for all. Decides nothing about who gets them; holds nothing but what it looks up.
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "scheduler/estimates.h"
#include "scheduler/work_part.h"

namespace trun {

/// Setting up a module on a second worker costs about so many nanoseconds: less is not worth a move.
inline constexpr double kWorthMoving = 2e6;

/// How much a worker is to be given at once.
struct ChunkSize {
  std::size_t items = 1;                  ///< at most, at least 1
  std::size_t guessed = ~std::size_t{0};  ///< at most so many of a file that no earlier run tells of
  double nanoseconds = 0;                 ///< by estimate; the first test is given out whatever it takes
  bool exact = false;                     ///< near the end: do not round to whole files and classes
  std::size_t spare = 0;                  ///< at most so many of what other workers could take too
  std::size_t most = ~std::size_t{0};     ///< never more than that, whatever belongs together
  std::optional<std::uint32_t> cell;      ///< only tests of this cell; none: of the first test's
  std::optional<Candidate> candidate;     ///< only these; none: nobody demands anything
};

class WorkCutter {
 public:
  /// All arguments must outlive it.
  WorkCutter(const Collection& collection, const Partition& partition, const Estimates& estimates)
      : collection_(collection), partition_(partition), estimates_(estimates) {}

  /// The part that `items` (ascending, of one unit) make.
  WorkPart part(std::vector<ItemIndex> items) const;
  /// The same, with those that are more than the share of one of `slots` in pieces: whoever began one would end last.
  /// What must stay together does.
  std::vector<WorkPart> in_pieces(std::vector<WorkPart> parts, std::size_t slots) const;
  /// How many tests from the front of `part` make a chunk.
  std::size_t cut(const WorkPart& part, const ChunkSize& chunk, double weight_left) const;
  /// How many of the first `count` tests of `part` share a process, and what they demand.
  std::size_t like_first(const WorkPart& part, std::size_t count) const;
  /// Takes the back off, and leaves about `kept` of the tests. REQUIRES: two tests or more; 0 < `kept` < 1.
  WorkPart split_back(WorkPart& part, double kept = 0.5) const;

  /// Brings its cost up to date.
  void reweigh(WorkPart& part) const;
  double item_weight(ItemIndex item) const { return estimates_.weight(item); }

 private:
  void add_pieces(WorkPart part, double share, std::vector<WorkPart>& pieces) const;
  double weigh(const std::vector<ItemIndex>& items, std::size_t from) const;
  /// How many tests from its front make about `share` of its cost.
  std::size_t count_of(const WorkPart& part, double share) const;
  /// Whether all of its tests weigh the same.
  bool is_even(const WorkPart& part) const;

  const Collection& collection_;
  const Partition& partition_;
  const Estimates& estimates_;
};

}  // namespace trun
