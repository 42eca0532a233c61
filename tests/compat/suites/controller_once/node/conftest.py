from database_plugin import *
