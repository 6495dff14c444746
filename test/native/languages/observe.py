"""Prints what a Python program sees of its host, with threads and processes at work."""
import asyncio, io, multiprocessing, os, platform, random, tarfile, tempfile, threading, time, uuid, zipfile


def work(number):
    time.sleep(0.01)
    return number * number


def main():
    print("time", int(time.time()), time.strftime("%Y", time.gmtime()), platform.release(), platform.node(), os.cpu_count())
    print("names", os.listdir("names"), [entry.inode() > 0 for entry in os.scandir("names")][:1])
    print("random", os.urandom(8).hex(), random.random(), uuid.uuid4(), {"a", "b", "c", "d", "e"})
    with tempfile.NamedTemporaryFile(dir=".") as file:
        print("temporary", file.name)
    open("written", "w").write("x" * 100)
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as to:
        to.write("written")
    print("zip", hash(archive.getvalue()))
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w", format=tarfile.GNU_FORMAT) as to:
        to.add("names")
    print("tar", hash(archive.getvalue()))
    event, start = threading.Event(), time.monotonic()
    print("event", event.wait(0.1))
    asyncio.run(asyncio.sleep(0.1))
    threads = [threading.Thread(target=work, args=(i,)) for i in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with multiprocessing.Pool(4) as pool:
        print("pool", pool.map(work, range(10)))
    print("waited", 0.2 < time.monotonic() - start < 20)


if __name__ == "__main__":
    main()
