raise RuntimeError("conftest of broken")
