// Ledger: an independent book of what the scheduler did, kept from its Steps and from the events it was fed, that
// names every broken guarantee. Knows nothing of how the scheduler decides. What one process was given is in `given`.
#pragma once

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "tests/unit/scheduler/ledger_books.h"

namespace trun {

class Ledger : public LedgerBooks {
 public:
  using LedgerBooks::LedgerBooks;

  /// Call before handle(): what the scheduler is about to learn.
  void fed(const WorkerEvent& event) {
    std::visit([this](const auto& e) { on(e); }, event);
  }

  /// Call after handle().
  void took(const Step& step) {
    for (const RunEvent& event : step.events) {
      if (const auto* test = std::get_if<event::TestFinished>(&event)) verdict(test->result.item);
      if (std::holds_alternative<event::RunStopped>(event) && ++stops_ > 1) complain("stopped twice");
    }
    for (const Action& action : step.actions) std::visit([this](const auto& a) { on(a); }, action);
  }

  /// Call when done().
  void close(const std::vector<ItemIndex>& not_started, bool stopped) {
    const std::set<ItemIndex> unstarted(not_started.begin(), not_started.end());
    if (!stopped && !unstarted.empty()) complain("not started without a stop");
    for (ItemIndex i = 0; i < verdicts_.size(); ++i) {
      if (verdicts_[i] + unstarted.count(i) != 1) complain("no end for item " + std::to_string(i));
    }
    for (Slot slot = 0; slot < slots_.size(); ++slot) {
      if (slots_[slot].alive && !slots_[slot].told) complain(worker_name(slot) + " was not told to finish");
    }
  }

  /// What of the items that no worker has could be run by idle workers, if moving always pays: complains if any.
  /// REQUIRES: not sharded.
  void nobody_idles() {
    if (stops_ > 0 || !any_idle()) return;
    // Each of the processes that are on their way takes one.
    auto awaited = std::count_if(slots_.begin(), slots_.end(), [](const Book& book) { return book.recycling; });
    for (ItemIndex i = 0; i < verdicts_.size(); ++i) {
      if (verdicts_[i] || owner_of(i)) continue;
      const auto holder = holders_.find(unit_of(i));
      const bool bound = is_sticky(i) && holder != holders_.end() && lives(holder->second);
      if (!bound && --awaited < 0)
        return complain("a worker is idle while item " + std::to_string(i) + " is with nobody");
    }
  }

  /// Sharded: complains if a worker idles although another has `files` files that nobody begun.
  void nobody_idles_beside(std::size_t files, const std::map<FileIndex, Slot>& first_owner) {
    if (stops_ > 0 || !any_idle() || options_.in_order) return;
    // Who has what is known when all workers are there.
    if (!std::all_of(slots_.begin(), slots_.end(), [](const Book& book) { return book.ready; })) return;
    std::map<Slot, std::size_t> untouched;
    for (const auto& [file, slot] : first_owner) {
      const auto& items = collection_.files[file].items;
      if (!collecting_.count(file) && !begun_.count(unit_of(items.front()))) ++untouched[slot];
    }
    for (const auto& [slot, count] : untouched) {
      if (count >= files) complain("a worker is idle beside " + worker_name(slot) + ", which has files to give away");
    }
  }

 private:
  void on(const worker_event::Ready& e) {
    if (slots_[e.slot].recycling) another_process(e.slot);
    slots_[e.slot].ready = true;
    slots_[e.slot].all = e.all;
    slots_[e.slot].can_run.insert(e.items.begin(), e.items.end());
  }
  void on(const worker_event::Collected& e) {
    another_process(e.slot);
    slots_[e.slot].can_run.insert(e.items.begin(), e.items.end());
  }
  void on(const worker_event::NeedsWork&) {}
  void on(const worker_event::GaveBack& e) {
    Book& book = slots_[e.slot];
    if (book.collecting || book.recycling) return;  // seen when the other process is there
    while (book.queue.size() > e.keep) give_up_last(e.slot);
  }
  void on(const worker_event::Finished& e) { slots_[e.slot].queue.pop_front(); }
  void on(const worker_event::Exited& e) { dead(e.slot); }
  void on(const worker_event::Swept&) {}
  void on(const worker_event::SessionStopped& e) { slots_[e.slot].queue.clear(); }
  void on(const worker_event::StopRequested&) {}
  void on(const worker_event::WorkerUnavailable& e) { dead(e.slot); }

  void on(const action::Assign& a) {
    Book& book = slots_[a.slot];
    if (!book.alive || !book.ready || book.told) complain("assigned to a worker that cannot take it");
    if (stops_ > 0) complain("assigned after a stop");
    if (a.items.empty() && !a.end) complain("an assign that says nothing");
    if (book.collecting || book.recycling) complain("assigned while another process takes over");
    if (plain_ && book.through && !a.items.empty() && (ends_are_final || is_awaited(a.slot)))
      complain("a process that was told of its last test is given more");
    const auto file_of = [&](ItemIndex item) { return collection_.items[item].file; };
    if (ends_close_files && book.through && !a.items.empty() && file_of(*book.given.rbegin()) == file_of(a.items[0]))
      complain("a process was told of its last test in the middle of a file");
    for (const ItemIndex item : a.items) {
      check_process(book, item);
      const std::string name = "item " + std::to_string(item);
      if (verdicts_[item]) complain(name + " assigned after its verdict");
      if (owner_of(item)) complain(name + " is with two living workers");
      if (!book.all && !book.can_run.count(item)) complain(name + " assigned to a worker that cannot run it");
      check_unit(a.slot, item);
      book.queue.push_back(item);
      owners_[item] = {a.slot, book.life};
    }
    book.through = a.end && !book.given.empty();
  }
  void on(const action::CollectFiles& a) {
    slots_[a.slot].collecting = true;
    if (a.files.empty()) complain("asked to collect nothing");
    collecting_.insert(a.files.begin(), a.files.end());
  }
  void on(const action::Recycle& a) {
    Book& book = slots_[a.slot];
    if (!book.alive || !book.ready || book.collecting || book.recycling) complain("recycled what cannot be");
    if (stops_ > 0) complain("recycled after a stop");
    book.recycling = true;
  }
  void on(const action::StartWorker& a) {
    if (slots_[a.slot].alive) complain("started a worker in a slot that has one");
    if (stops_ > 0) complain("started a worker after a stop");
    const auto life = slots_[a.slot].life + 1;
    slots_[a.slot] = Book{};
    slots_[a.slot].life = life;
  }
  void on(const action::FinishWorker& a) {
    Book& book = slots_[a.slot];
    if (!book.alive) complain("a dead worker was told to finish");
    if (book.told) complain("told to finish twice");
    if (stops_ == 0 && settled_ != verdicts_.size()) complain("told to finish while work is left");
    book.told = true;
  }
  void on(const action::StopAll&) {}

  void verdict(ItemIndex item) {
    ++settled_;
    if (++verdicts_[item] > 1) complain("two verdicts for item " + std::to_string(item));
  }
};

}  // namespace trun
