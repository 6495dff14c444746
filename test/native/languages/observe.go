// Prints what a Go program sees of its host, with several threads at work.
package main

import (
	"crypto/rand"
	"fmt"
	"os"
	"runtime"
	"sync"
	"time"
)

func main() {
	fmt.Println("time", time.Now().Unix(), "cpus", runtime.NumCPU())
	host, _ := os.Hostname()
	fmt.Println("host", host)
	folder, _ := os.Open("names")
	names, _ := folder.Readdirnames(-1)
	fmt.Println("names", names)
	bytes := make([]byte, 8)
	rand.Read(bytes)
	fmt.Printf("random %x\n", bytes)
	os.WriteFile("written", bytes, 0644)
	file, _ := os.Stat("written")
	fmt.Println("written", file.ModTime().Unix(), file.Size())
	var group sync.WaitGroup
	var lock sync.Mutex
	sum := 0
	start := time.Now()
	for i := 0; i < 50; i++ {
		group.Add(1)
		go func(i int) {
			defer group.Done()
			time.Sleep(20 * time.Millisecond)
			lock.Lock()
			sum += i
			lock.Unlock()
		}(i)
	}
	group.Wait()
	select {
	case <-time.After(100 * time.Millisecond):
	}
	passed := time.Since(start)
	fmt.Println("sum", sum, "waited", passed > 110*time.Millisecond && passed < 5*time.Second)
}
