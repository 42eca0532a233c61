#include "runner/ports/port_leases.h"

#include <poll.h>

#include <functional>

#include "runner/ports/port_holder.h"
#include "runner/ports/port_range.h"
#include "runner/ports/port_socket.h"

namespace trun {
namespace {

/// A run that begins holds for a moment the files that dead runs have left, before it removes them.
constexpr int kPatience = 20, kNapMs = 5;

std::string file_name(std::uint16_t number) { return "port-" + std::to_string(number) + ".lease"; }

/// "port 8080 ('api')".
std::string called(std::uint16_t number, const std::string& name) {
  return "port " + std::to_string(number) + " ('" + name + "')";
}

std::string holder(std::uint16_t number) {
  const std::string found = holder_of_port(number);
  return found.empty() ? "a process that has bound it and does not listen" : found;
}

}  // namespace

// ---- PortLease

Status PortLease::guard() {
  if (guarded()) return ok_status();
  auto guards = guard_port(number_);
  if (!guards.ok())
    return internal_error("'" + name_ + "': " + guards.error().message + "; " + holder(number_) + " has it");
  guards_ = std::move(*guards);
  return ok_status();
}

Result<Fd> PortLease::bound_socket(const std::string& address, bool listening) const {
  auto socket = listening ? listen_on_port(number_, address) : bind_port(number_, address);
  // A usage error is about the address: whoever has the port would only lead astray.
  if (socket.ok() || socket.error().kind == Error::Kind::usage) return socket;
  const std::string found = holder_of_port(number_);
  return internal_error("'" + name_ + "': " + socket.error().message +
                        (found.empty() ? "" : "; it is taken by " + found));
}

bool PortLease::free() const {
  const auto free = is_free_for_all(number_);
  return free.ok() && *free;
}

// ---- PortLeases

Status PortLeases::open() {
  if (directory_) return ok_status();
  TRUN_TRY(directory,
           LeaseDirectory::open(options_.directory.empty() ? LeaseDirectory::usual_path() : options_.directory));
  // Once a run, when it leases its first port: files of runs that were killed would stay for ever.
  (void)directory.sweep();
  directory_ = std::move(directory);
  if (options_.numbers.empty()) options_.numbers = leasable_ports();
  // Runs that begin in different places do not stand in each other's way.
  if (!options_.numbers.empty()) next_ = std::hash<std::string>{}(options_.run_id) % options_.numbers.size();
  return ok_status();
}

Result<std::optional<PortLease>> PortLeases::claim(const std::string& name, std::uint16_t number) {
  // The name in the kernel first: it reaches users and containers that do not see our directory.
  TRUN_TRY(kernel_name, claim_number(number));
  if (!kernel_name) return std::optional<PortLease>();
  TRUN_TRY(file, directory_->claim(file_name(number), lease_owner(options_.run_id, name)));
  // The name in the kernel is given back at once, with `kernel_name`.
  if (!file.held()) return std::optional<PortLease>();
  return std::optional(PortLease(number, name, std::move(kernel_name), std::move(file)));
}

Result<PortLease> PortLeases::lease(const std::string& name) {
  TRUN_CHECK(open());
  std::size_t others = 0;
  for (std::size_t tried = 0; tried < options_.numbers.size(); ++tried) {
    // Round and round, past what this run holds itself: its own claims fail like those of others.
    const std::uint16_t number = options_.numbers[next_];
    // Moved on before the claim: a number that is given back comes round only after all others.
    next_ = (next_ + 1) % options_.numbers.size();
    TRUN_TRY(lease, claim(name, number));
    if (!lease) ++others;
    // Somebody sits on it who knows nothing of leases: the number is passed over, and its lease ends here.
    if (lease && lease->free()) return std::move(*lease);
  }
  return internal_error("no port is free for '" + name + "': of " + std::to_string(options_.numbers.size()) +
                        " numbers outside ip_local_port_range " + std::to_string(others) +
                        " are leased to runs of trun, the others are in use; narrow net.ipv4.ip_local_port_range");
}

Result<PortLease> PortLeases::lease_fixed(const std::string& name, std::uint16_t number) {
  TRUN_CHECK(open());
  TRUN_TRY(lease, claim(name, number));
  for (int again = 0; !lease && again < kPatience; ++again) {
    ::poll(nullptr, 0, kNapMs);
    TRUN_TRY(next, claim(name, number));
    lease = std::move(next);
  }
  if (!lease) return taken_by_run(name, number);
  // Less strict than lease->free(): the user has named this number, and connections that the kernel still remembers are
  // no reason to refuse it.
  TRUN_TRY(free, is_free_for_servers(number));
  if (!free) {
    return usage_error(called(number, name) + " is taken by " + holder(number) +
                       ": end it, or leave the number to trun (no 'port')");
  }
  return std::move(*lease);
}

Error PortLeases::taken_by_run(const std::string& name, std::uint16_t number) const {
  const auto owner = directory_->owner(file_name(number));
  return usage_error(called(number, name) + " is leased by " +
                     (owner ? describe(*owner) : "a run of trun of another user, or in another container") +
                     ": wait for its end, or leave the number to trun (no 'port')");
}

}  // namespace trun
