"""Prints what a Python program sees of its host, as lines "row/case: what is seen", with threads and processes at work."""
import asyncio, io, multiprocessing, os, platform, random, resource, tarfile, tempfile, threading, time, uuid, zipfile, zlib


def work(number):
    time.sleep(0.01)
    return number * number


def archives():
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as to:
        to.write("written")
    print("times/zip:", zlib.crc32(archive.getvalue()))
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w", format=tarfile.GNU_FORMAT) as to:
        to.add("names")
    print("times/tar:", zlib.crc32(archive.getvalue()))


def main():
    print("clock/time:", int(time.time()), time.strftime("%Y", time.gmtime()), time.clock_gettime_ns(time.CLOCK_REALTIME) // 10**9)
    print("machine/uname:", platform.release(), platform.node(), os.cpu_count(), len(os.sched_getaffinity(0)), os.getgroups())
    print("machine/load:", os.getloadavg(), open("/proc/uptime").read(), end="")
    print("directory/names:", os.listdir("names"))
    print("directory/scan:", [entry.name for entry in os.scandir("names")][:9])
    print("identity/names:", len({entry.inode() for entry in os.scandir("names")}), os.stat("names").st_size)
    print("identity/statvfs:", *os.statvfs("."))
    print("random/bytes:", os.urandom(8).hex(), random.random(), uuid.uuid4())
    print("random/set:", {"a", "b", "c", "d", "e"})
    with tempfile.NamedTemporaryFile(dir=".") as file:
        print("random/temporary:", file.name)
    open("written", "w").write("x" * 100)
    status = os.stat("written")
    print("times/written:", int(status.st_mtime), int(status.st_ctime), int(status.st_atime))
    archives()
    print("usage/used:", [sum(range(100000)) for _ in range(20)][:1], resource.getrusage(resource.RUSAGE_SELF)[:9], os.times()[:4])
    event, start = threading.Event(), time.monotonic()
    print("waits/event:", event.wait(0.1))
    asyncio.run(asyncio.sleep(0.1))
    threads = [threading.Thread(target=work, args=(i,)) for i in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with multiprocessing.Pool(4) as pool:
        print("waits/pool:", pool.map(work, range(10)))
    print("waits/all: waited", 0.2 < time.monotonic() - start < 20)


if __name__ == "__main__":
    main()
