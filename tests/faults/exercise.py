#!/usr/bin/env python3
"""Changes a folder by every call that faultio.c stands in front of, from several threads.

What it records must be what happened."""
import os
import sys
import threading


def files_change(root):
    folder = os.open(root, os.O_RDONLY)
    os.mkdir("made", dir_fd=folder)
    os.mkdir(f"{root}/made/../made/deep/")
    os.chdir(f"{root}/made")
    relative = os.open("./deep/relative", os.O_RDWR | os.O_CREAT, 0o644)
    os.write(relative, b"0123456789" * 200)
    os.pwrite(relative, b"in the middle", 700)
    os.pwrite(relative, b"past the end", 3000)
    os.writev(relative, [b"two ", b"parts"])
    os.ftruncate(relative, 2500)
    os.fsync(relative)
    os.rename("deep/relative", "deep/renamed")
    os.pwrite(relative, b"after the rename", 5)  # its name is another, the file is the same
    appended = os.open("appended", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644, dir_fd=os.open(".", os.O_RDONLY))
    for number in range(5):
        os.write(appended, b"line %d\n" % number)
    os.fdatasync(appended)
    os.truncate("appended", 9)
    with open("emptied", "wb") as file:
        file.write(b"x" * 5000)
    with open("emptied", "wb") as file:  # O_TRUNC
        file.write(b"short")
    gone = os.open("gone", os.O_RDWR | os.O_CREAT, 0o644)
    os.unlink("gone")
    os.write(gone, b"nobody will see this")
    os.rename(f"{root}/made/deep", "moved", dst_dir_fd=folder)  # a folder with all in it
    os.pwrite(relative, b"after the move", 100)
    os.mkdir("empty")
    os.rmdir("empty")
    os.fsync(folder)
    os.chdir("/")


def thread_change(root, number):
    for turn in range(40):
        name = f"{root}/thread-{number}-{turn % 3}"
        descriptor = os.open(f"{name}.new", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
        os.pwrite(descriptor, bytes([number, turn]) * 300, turn)
        os.fsync(descriptor)
        os.close(descriptor)
        os.rename(f"{name}.new", name)


def main():
    root = sys.argv[1]
    files_change(root)
    threads = [threading.Thread(target=thread_change, args=(root, number)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


if __name__ == "__main__":
    main()
