// PortLeases: gives out port numbers, each to one holder at a time among all runs of trun on the machine. PortLease:
// one number, until the end of its life. How a number is kept (docs/ports.md): by a lock file and a name in the kernel,
// which end with this process, against other runs; by lying outside what the kernel gives away, against everybody who
// asks for "any port"; and, on request, by a bound socket against everybody else. Services and tests lease through this
// class; who gets which lease is decided by them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "runner/base/result.h"
#include "runner/kernel/fd.h"
#include "runner/ports/lease_directory.h"

namespace trun {

class PortLease {
 public:
  PortLease() = default;

  /// 0: none.
  std::uint16_t number() const { return number_; }
  /// What it is called: "api".
  const std::string& name() const { return name_; }

  /// Binds the number without listening, so that no stranger can take it before its user does. Its user must set
  /// SO_REUSEADDR or SO_REUSEPORT, or be given a socket; with a guard, nobody who sets neither can bind the port.
  /// Error: somebody has it already, named.
  Status guard();
  bool guarded() const { return !guards_.empty(); }
  /// From now on anybody may bind the number.
  void let_bind() { guards_.clear(); }

  /// The very socket, bound to the number on `address` ("127.0.0.1", "::"); with `listening`, it also listens: what the
  /// LISTEN_FDS convention hands to a server, without a gap if the lease is guarded. Error: the port is taken, by whom.
  Result<Fd> bound_socket(const std::string& address = "127.0.0.1", bool listening = false) const;

  /// Whether any server could bind the number now. False: somebody has done so, or the kernel still remembers the
  /// connections of one that has. REQUIRES: not guarded().
  bool free() const;

 private:
  friend class PortLeases;
  PortLease(std::uint16_t number, std::string name, Fd claim, LeaseFile file)
      : number_(number), name_(std::move(name)), claim_(std::move(claim)), file_(std::move(file)) {}

  std::uint16_t number_ = 0;
  std::string name_;
  Fd claim_;        ///< the name in the kernel
  LeaseFile file_;  ///< gone before the name: who waits for the number takes the name first
  std::vector<Fd> guards_;
};

class PortLeases {
 public:
  struct Options {
    std::string run_id;
    /// Where lease files live; empty: LeaseDirectory::usual_path().
    std::string directory;
    /// Numbers to choose from; empty: leasable_ports().
    std::vector<std::uint16_t> numbers;
  };

  explicit PortLeases(Options options) : options_(std::move(options)) {}

  /// A number that nobody has. Numbers come round: one that was given back is not given out again soon. Error: all are
  /// taken, or leases cannot be kept on this machine.
  Result<PortLease> lease(const std::string& name);

  /// That number. Error (usage): another run has leased it, or some process has it; which.
  Result<PortLease> lease_fixed(const std::string& name, std::uint16_t number);

 private:
  Status open();
  /// Empty: another run has it.
  Result<std::optional<PortLease>> claim(const std::string& name, std::uint16_t number);
  Error taken_by_run(const std::string& name, std::uint16_t number) const;

  Options options_;
  std::optional<LeaseDirectory> directory_;  ///< opened for the first lease
  std::size_t next_ = 0;                     ///< place in options_.numbers
};

}  // namespace trun
