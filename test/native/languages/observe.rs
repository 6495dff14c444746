// Prints what a Rust program sees of its host, with several threads at work.
use std::collections::HashMap;
use std::sync::{mpsc, Condvar, Mutex};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};
use std::{fs, thread};

fn seconds(time: SystemTime) -> u64 {
    time.duration_since(UNIX_EPOCH).unwrap().as_secs()
}

fn main() {
    println!("time {}", seconds(SystemTime::now()));
    println!("cpus {}", thread::available_parallelism().unwrap());
    let names: Vec<_> = fs::read_dir("names").unwrap().map(|e| e.unwrap().file_name()).collect();
    println!("names {:?}", names);
    let map: HashMap<u32, u32> = (0..20).map(|i| (i, i)).collect();
    println!("hashed {:?}", map);
    fs::write("written", "x").unwrap();
    println!("written {}", seconds(fs::metadata("written").unwrap().modified().unwrap()));
    let start = Instant::now();
    let lock = Mutex::new(());
    let (_guard, result) = Condvar::new().wait_timeout(lock.lock().unwrap(), Duration::from_millis(100)).unwrap();
    println!("condition {}", result.timed_out());
    let (sender, receiver) = mpsc::channel();
    let threads: Vec<_> = (0..20u64)
        .map(|i| {
            let sender = sender.clone();
            thread::spawn(move || {
                thread::sleep(Duration::from_millis(10 + i));
                sender.send(i).unwrap();
            })
        })
        .collect();
    for thread in threads {
        thread.join().unwrap();
    }
    println!("silent {}", receiver.recv_timeout(Duration::from_secs(1)).is_ok());
    println!("sum {}", receiver.try_iter().sum::<u64>() > 150);
    let passed = start.elapsed();
    println!("waited {}", passed > Duration::from_millis(110) && passed < Duration::from_secs(5));
}
