// FakeWorker: a worker without a process. Its channel and its page are real, and the test has their far ends: it reads
// what the worker is told and writes what the worker is at. Its group is the test's own, which is never sent a signal.
#pragma once

#include <sys/socket.h>
#include <unistd.h>

#include <boost/json.hpp>
#include <chrono>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "runner/wire/frame.h"
#include "runner/workers/crew.h"
#include "runner/workers/worker_process.h"

namespace trun {

class FakeWorker {
 public:
  explicit FakeWorker(Slot slot) : made_(std::make_unique<WorkerProcess>()), worker_(*made_) {
    parcel_ = prepare(*made_).value();
    mapping_ = posix::map_shared(made_->page.fd(), kStatusPageBytes).value();
    made_->slot = slot;
    made_->pid = ::getpid();
    made_->pgid = ::getpgrp();
  }

  WorkerProcess& process() { return worker_; }
  /// Gives the worker away; the far ends stay.
  std::unique_ptr<WorkerProcess> release() { return std::move(made_); }

  /// It has collected these, in this order.
  void collected(const std::vector<std::string>& ids) {
    worker_.collection.emplace();
    for (const std::string& id : ids) worker_.collection->items.emplace_back().node_id = id;
  }
  void ends(int code = 0) {
    worker_.ended = true;
    worker_.exited = posix::ExitStatus{false, code};
  }
  void dies_of(int signal) {
    worker_.ended = true;
    worker_.exited = posix::ExitStatus{true, signal};
  }

  /// A plain pass, on the ring: it began at `started` and took `call`.
  void passes(std::uint64_t ordinal, TimePoint started, Duration call = std::chrono::milliseconds(1)) {
    const std::size_t at = kStatusHeaderWords + word(kHead) % kRingRecords * kRingRecordWords;
    word(at) = ordinal;
    word(at + 1) = nanoseconds(started.time_since_epoch());
    word(at + 2) = 0;
    word(at + 3) = nanoseconds(call);
    word(at + 4) = 0;
    word(kHead) = word(kHead) + 1;
  }
  /// Anything else, as a frame.
  void reports(std::uint64_t ordinal, Outcome outcome) {
    ResultFrame& frame = worker_.results.emplace_back();
    frame.ordinal = ordinal;
    frame.result.outcome = std::move(outcome);
  }
  /// What its page says that it is at.
  void is_at(std::uint64_t ordinal, Phase phase, TimePoint since, TimePoint began) {
    word(kPid) = static_cast<std::uint64_t>(worker_.pid);
    word(kOrdinal) = ordinal;
    word(kPhase) = static_cast<std::uint64_t>(phase);
    word(kSince) = nanoseconds(since.time_since_epoch());
    word(kBegan) = nanoseconds(began.time_since_epoch());
  }
  void debugs() { word(kDebugging) = 1; }
  /// Of ours, at the item where it is.
  void waits_for_an_answer(TimePoint since) {
    word(kWaiting) = nanoseconds(since.time_since_epoch());
    word(kWaitedFor) = word(kOrdinal) + 1;
  }
  void spoils_its_page() { word(kPhase) = 99; }
  bool halted() const { return word(kHalted) != 0; }

  /// What it was told since it was asked last: "assign a::x a::y end", "finish".
  std::vector<std::string> told() {
    char bytes[65536];
    for (ssize_t size; (size = ::recv(parcel_.socket.get(), bytes, sizeof bytes, MSG_DONTWAIT)) > 0;)
      decoder_.feed({bytes, static_cast<std::size_t>(size)});
    std::vector<std::string> all;
    while (const auto payload = decoder_.next().value()) {
      frames_.push_back(boost::json::parse(std::string(*payload)).as_object());
      const boost::json::object& frame = frames_.back();
      std::string& text = all.emplace_back(frame.at("t").as_string().c_str());
      if (const auto* items = frame.if_contains("items")) {
        for (const auto& item : items->as_array()) text.append(" ").append(item.as_string().c_str());
      }
      if (const auto* end = frame.if_contains("end"); end && end->as_bool()) text += " end";
    }
    return all;
  }
  /// The last frame of those.
  const boost::json::object& last_frame() const { return frames_.back(); }

 private:
  enum Word {
    kPid = 1,
    kOrdinal,
    kPhase,
    kSince,
    kHead,
    kTail,
    kFinished,
    kHeartbeat,
    kHalted,
    kBegan,
    kDebugging,
    kWaiting,
    kWaited,
    kWaitedFor
  };

  volatile std::uint64_t& word(std::size_t index) const { return static_cast<std::uint64_t*>(mapping_.data())[index]; }
  static std::uint64_t nanoseconds(Duration time) { return static_cast<std::uint64_t>(time.count()); }

  std::unique_ptr<WorkerProcess> made_;
  WorkerProcess& worker_;
  ForkParcel parcel_;
  posix::Mapping mapping_;
  FrameDecoder decoder_;
  std::vector<boost::json::object> frames_;
};

}  // namespace trun
