#include "runner/services/process/service_directories.h"

#include <errno.h>
#include <pwd.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <utility>

#include "runner/kernel/surroundings.h"

namespace trun {

ServiceDirectories::ServiceDirectories(std::string_view run_id)
    : folder_((environment("TMPDIR").empty() ? "/tmp" : environment("TMPDIR")) + "/" + scratch_name(run_id)) {}

Status ServiceDirectories::renew(std::size_t service, const std::string& user) {
  // Only when the first service starts: a run without services makes no folder.
  if (!scratch_.there()) {
    TRUN_TRY(made, ScratchFolder::make(folder_));
    scratch_ = std::move(made);
  }
  const std::string path = of(service);
  std::error_code ignored;
  // If that fails, mkdir() says so: the folder is still there.
  std::filesystem::remove_all(path, ignored);
  if (::mkdir(path.c_str(), 0700) != 0) return internal_error("cannot make " + path + ": " + ::strerror(errno));
  const passwd* account = user.empty() ? nullptr : ::getpwnam(user.c_str());
  if (account && ::chown(path.c_str(), account->pw_uid, account->pw_gid) != 0) {
    return internal_error("cannot give " + path + " to " + user + ": " + ::strerror(errno));
  }
  return ok_status();
}

}  // namespace trun
