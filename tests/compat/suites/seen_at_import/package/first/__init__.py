from package import registered

registered.names.append("first")
