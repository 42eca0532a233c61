NAME = "flat"
