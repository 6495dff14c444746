// Prints what a C++ program sees of its host, with several threads at work.
#include <chrono>
#include <condition_variable>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <mutex>
#include <random>
#include <stdexcept>
#include <thread>
#include <vector>

using namespace std::chrono;

int main()
{
	std::cout << "time " << duration_cast<seconds>(system_clock::now().time_since_epoch()).count() << "\n";
	std::cout << "cpus " << std::thread::hardware_concurrency() << "\nnames";
	for (const auto &entry : std::filesystem::directory_iterator("names"))
		std::cout << " " << entry.path().filename();
	std::cout << "\ninode " << std::filesystem::hard_link_count("names") << "\n";
	/* Unnamed, it is the processor's. */
	std::random_device device("/dev/urandom");
	std::cout << "random " << device() << "\n";
	std::ofstream("written") << "x";
	std::mutex lock;
	std::condition_variable condition;
	std::unique_lock<std::mutex> held(lock);
	auto start = steady_clock::now();
	bool steady = condition.wait_for(held, milliseconds(100)) == std::cv_status::timeout;
	bool real = condition.wait_until(held, system_clock::now() + milliseconds(100)) == std::cv_status::timeout;
	std::cout << "timed out " << steady << real << "\n";
	std::vector<std::thread> threads;
	int sum = 0;
	held.unlock();
	for (int i = 0; i < 20; i++)
		threads.emplace_back([&, i] {
			std::this_thread::sleep_for(milliseconds(10));
			try {
				throw std::runtime_error("thrown");
			} catch (const std::exception &) {
				std::lock_guard<std::mutex> guard(lock);
				sum += i;
			}
		});
	for (auto &thread : threads)
		thread.join();
	auto passed = steady_clock::now() - start;
	std::cout << "sum " << sum << " waited " << (passed > milliseconds(200) && passed < seconds(5)) << "\n";
}
