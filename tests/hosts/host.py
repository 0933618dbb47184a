"""A host that loads the library, and starts processes by a fork."""

import ctypes
import multiprocessing
import sys

library = ctypes.CDLL(sys.argv[1])


def work(_):
    library.hosted_record()


if __name__ == "__main__":
    with open("starts", "a") as starts:
        starts.write(f"{len(sys.argv)}\n")
    library.hosted_start()
    library.hosted_record()
    multiprocessing.set_start_method("fork")
    with multiprocessing.Pool(2) as pool:
        pool.map(work, range(4))
    library.hosted_stop()
    sys.exit(7)
