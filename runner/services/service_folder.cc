#include "runner/services/service_folder.h"

#include <filesystem>
#include <fstream>

namespace trun {

std::string service_folder(const std::string& file) {
  namespace fs = std::filesystem;
  const fs::path folder = fs::path(file).parent_path() / ".trun" / "services";
  std::error_code ignored;
  fs::create_directories(folder, ignored);
  const fs::path ignore = folder.parent_path() / ".gitignore";
  // A file of the user's own by that name is left as it is.
  if (!fs::exists(ignore, ignored)) std::ofstream(ignore) << "*\n";
  return folder.string();
}

}  // namespace trun
