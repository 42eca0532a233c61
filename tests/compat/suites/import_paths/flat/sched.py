NAME = "not the standard library's"
