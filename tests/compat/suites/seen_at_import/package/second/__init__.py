from package import registered

registered.names.append("second")
