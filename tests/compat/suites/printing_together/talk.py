"""Lines by every way out of a process, each marked with the test that wrote it."""
import os
import subprocess
import sys
import time


def talk(name, lines=40):
    for number in range(lines):
        print(f"<<{name} out {number}>>", flush=True)
        print(f"<<{name} err {number}>>", file=sys.stderr)
        os.write(1, f"<<{name} fd {number}>>\n".encode())
        time.sleep(0.001)
    subprocess.run([sys.executable, "-Sc", f"for n in range(20): print('<<{name} child', n, end='>>\\n')"], check=True)
