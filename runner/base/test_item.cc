#include "runner/base/test_item.h"

namespace trun {

std::string_view node_path(std::string_view node_id) { return node_id.substr(0, node_id.find("::")); }

}  // namespace trun
