"""Programs of the tests of child processes: what children do, and a parent that can be killed."""

WORK = """
import ctypes, os, sys, time
from pathlib import Path
from lethe.domain.errors import InputRejected

MARKER = "SEC" + "RET"  # so that no line of this file that a traceback shows has it

class LibraryError(OSError):
    pass

class Odd(Exception):
    def __init__(self, one, two):
        super().__init__(f"{one} and {two}")

def reject():
    raise InputRejected("report.pdf is damaged.")

def open_what_the_document_names():
    open("/nowhere/" + MARKER)

def quote():
    try:
        int(MARKER)
    except ValueError as exc:
        exc.add_note(MARKER)
        raise KeyError(MARKER) from exc

def odd():
    raise Odd(1, MARKER)

def of_a_library():
    raise LibraryError(MARKER)

def unpicklable():
    return lambda: None

def panic():
    raise BaseException(MARKER)

def grow():
    held = []
    while True:
        held.append(b"x" * 1_000_000)

def grow_in_native_code_and_abort():
    held = b"x" * 60_000_000
    os.abort()

def crash():
    ctypes.string_at(0)

def environment():
    return dict(os.environ)

def tell_pid_and_sleep(file):
    file.write(f"{os.getpid()}.".encode())
    file.flush()
    time.sleep(600)

def begin_and_end(file):
    begin = time.monotonic()
    os.write(file.fileno(), b".")
    while os.fstat(file.fileno()).st_size < 2:  # until the other one is there too
        time.sleep(0.01)
    time.sleep(0.4)
    return begin, time.monotonic()
"""

PARENT = """
import asyncio, sys
from pathlib import Path
from lethe.adapters.children import Children

with open(sys.argv[1], "a") as times:
    times.write("main ran\\n")

async def main():
    sys.path.insert(0, sys.argv[2])
    import child_work
    children = Children()
    await children.run(child_work.environment)
    print(children._server.pid, flush=True)
    if len(sys.argv) > 3:
        with open(sys.argv[3], "wb") as file:
            await children.run(child_work.tell_pid_and_sleep, file)
    await children.close()

asyncio.run(main())
"""
