#include "collectors/module_names.h"

namespace trun {

void ModuleNames::add(const std::string& path, const std::string& package_root) {
  // In prepend and append mode the name in sys.modules begins with the topmost package. Two packages `tests` share it
  // whatever they hold; files of one package share it, too, and do not collide.
  const std::string& place = package_root.empty() ? path : package_root;
  std::string name = place.substr(place.rfind('/') + 1);
  if (package_root.empty()) name.resize(name.rfind('.'));
  // So all files of a package make one and the same claim.
  const std::string claim = package_root.empty() ? path : package_root + "/__init__.py";
  Claims& claims = names_[name];
  if (claims.first.empty()) claims.first = claim;
  // A pair for each further place, once.
  if (claims.first == claim || !claims.others.insert(claim).second) return;
  duplicates_.emplace_back(claims.first, claim);
}

}  // namespace trun
