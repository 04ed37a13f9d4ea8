import Glibc
import Synchronization
import Testing
import Threading

private let isGone = Atomic<Bool>(false)

struct DedicatedThreadTests {
    /// What libraries free when a thread ends must not meet what they free when the process ends.
    @Test func `a thread of its own is gone when its work is answered for`() async {
        var key = pthread_key_t()
        let made = pthread_key_create(&key) { _ in
            // A destructor that takes its time, as OpenSSL's may on a busy machine.
            usleep(50_000)
            isGone.store(true, ordering: .releasing)
        }
        #expect(made == 0)
        let slot = key
        let answer = await withDedicatedThread {
            _ = pthread_setspecific(slot, UnsafeRawPointer(bitPattern: 1))
            return 7
        }
        #expect(answer == 7)
        let wasGone = isGone.load(ordering: .acquiring)
        #expect(wasGone)
        pthread_key_delete(slot)
    }
}
