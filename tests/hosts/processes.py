"""A host that loads the library, and starts processes in a way of `multiprocessing`."""

import ctypes
import multiprocessing
import sys

METHOD = sys.argv[1]
library = ctypes.CDLL(sys.argv[2])


def work():
    # The others begin with a fresh interpreter.
    if METHOD != "fork":
        library.hosted_start()
    library.hosted_record()
    library.hosted_record()


if __name__ == "__main__":
    with open("starts", "a") as starts:
        starts.write(f"{len(sys.argv)}\n")
    library.hosted_start()
    library.hosted_record()
    context = multiprocessing.get_context(METHOD)
    processes = [context.Process(target=work) for _ in range(3)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    print([process.exitcode for process in processes], multiprocessing.active_children())
    library.hosted_record()
    library.hosted_stop()
    sys.exit(7)
