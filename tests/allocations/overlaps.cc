#include "tests/allocations/overlaps.h"

#include <algorithm>
#include <set>
#include <tuple>

namespace trun::allocation {
namespace {

/// A begin or an end, on the line of time.
struct Edge {
  Micros at = 0;
  bool begins = false;
  const Spell* spell = nullptr;
  std::uint64_t amount = 0;
  bool shared = false;
  // What ends at a moment has ended before what begins then.
  bool operator<(const Edge& other) const { return std::tie(at, begins) < std::tie(other.at, other.begins); }
};

bool measurable(const Spell& spell) { return spell.until - spell.from > kTolerance; }

std::vector<Edge> edges_of(const std::vector<Spell>& spells, const std::string& resource) {
  std::vector<Edge> edges;
  for (const Spell& spell : spells) {
    if (!spell.demands || !measurable(spell)) continue;
    for (const Demand& demand : spell.demands->resources) {
      if (demand.name != resource) continue;
      edges.push_back({spell.from, true, &spell, demand.amount, demand.shared});
      edges.push_back({spell.until - kTolerance, false, &spell, demand.amount, demand.shared});
    }
  }
  std::sort(edges.begin(), edges.end());
  return edges;
}

void judge(const std::string& resource, std::uint64_t capacity, const std::vector<Edge>& edges,
           std::vector<Overlap>& found) {
  std::uint64_t alone = 0;
  std::multiset<std::uint64_t> together;
  bool over = false;
  for (const Edge& edge : edges) {
    if (edge.shared && edge.begins) {
      together.insert(edge.amount);
    } else if (edge.shared) {
      together.erase(together.find(edge.amount));
    } else {
      alone += edge.begins ? edge.amount : -edge.amount;
    }
    const std::uint64_t used = alone + (together.empty() ? 0 : *together.rbegin());
    if (used > capacity && !over) {
      found.push_back({edge.spell->line, "tests at work had " + std::to_string(used) + " of '" + resource + "', " +
                                             std::to_string(capacity) + " there are, when '" + edge.spell->test +
                                             "' began on " + edge.spell->worker});
    }
    over = used > capacity;
  }
}

}  // namespace

std::vector<Overlap> oversubscribed(const std::vector<Spell>& spells,
                                    const std::map<std::string, std::uint64_t>& capacity) {
  std::vector<Overlap> found;
  for (const auto& [resource, units] : capacity) judge(resource, units, edges_of(spells, resource), found);
  return found;
}

std::vector<Overlap> beside_serial(const std::vector<Spell>& spells) {
  std::vector<const Spell*> order;
  for (const Spell& spell : spells) {
    if (measurable(spell)) order.push_back(&spell);
  }
  std::sort(order.begin(), order.end(), [](const Spell* a, const Spell* b) { return a->from < b->from; });
  std::vector<Overlap> found;
  // Of all that began before, the one that ends last, and the serial one that does.
  const Spell *last = nullptr, *last_serial = nullptr;
  for (const Spell* spell : order) {
    const bool serial = spell->demands && spell->demands->serial;
    const Spell* beside = serial ? last : last_serial;
    if (beside && beside->until - kTolerance > spell->from) {
      found.push_back({spell->line, "'" + spell->test + "' on " + spell->worker + " and '" + beside->test + "' on " +
                                        beside->worker + " ran at one time, and one of them is to be alone"});
    }
    if (!last || spell->until > last->until) last = spell;
    if (serial && (!last_serial || spell->until > last_serial->until)) last_serial = spell;
  }
  return found;
}

}  // namespace trun::allocation
