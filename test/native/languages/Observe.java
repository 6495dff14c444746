import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;

/** Prints what a Java program sees of its host, with several threads at work and timed waits. */
public class Observe {
    public static void main(String[] arguments) throws Exception {
        System.out.println("time " + System.currentTimeMillis() / 1000);
        System.out.println("cpus " + Runtime.getRuntime().availableProcessors());
        System.out.println("kernel " + System.getProperty("os.version"));
        System.out.println("names " + Arrays.toString(new File("names").list()));
        SecureRandom random = new SecureRandom();
        System.out.println("random " + random.getAlgorithm());
        System.out.println("uuid " + UUID.randomUUID());
        Files.writeString(Path.of("written"), "x");
        System.out.println("written " + Files.getLastModifiedTime(Path.of("written")).to(TimeUnit.SECONDS));
        long start = System.nanoTime();
        ReentrantLock lock = new ReentrantLock();
        lock.lock();
        System.out.println("condition " + lock.newCondition().await(100, TimeUnit.MILLISECONDS));
        lock.unlock();
        Object monitor = new Object();
        synchronized (monitor) {
            monitor.wait(100);
        }
        ScheduledExecutorService pool = Executors.newScheduledThreadPool(8);
        CountDownLatch latch = new CountDownLatch(50);
        AtomicInteger sum = new AtomicInteger();
        for (int i = 0; i < 50; i++) {
            int number = i;
            pool.schedule(() -> {
                sum.addAndGet(number);
                latch.countDown();
            }, 20 + i, TimeUnit.MILLISECONDS);
        }
        System.out.println("latch " + latch.await(10, TimeUnit.SECONDS) + " " + sum);
        pool.shutdown();
        Thread.sleep(100);
        long passed = (System.nanoTime() - start) / 1_000_000;
        System.out.println("waited " + (passed > 350 && passed < 10_000));
    }
}
