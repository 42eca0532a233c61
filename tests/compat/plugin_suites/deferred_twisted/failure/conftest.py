import twisted
import twisted.python.failure

assert twisted.__version__
