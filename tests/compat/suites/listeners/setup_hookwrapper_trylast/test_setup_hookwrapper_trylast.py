from cases import *
