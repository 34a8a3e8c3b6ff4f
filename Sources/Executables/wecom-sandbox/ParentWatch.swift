import Glibc
import ServiceLifecycle

/// Ends when the process that started this one has ended.
struct ParentWatch: Service {
    private let parent = getppid()

    func run() async throws {
        await cancelWhenGracefulShutdown {
            while getppid() == parent {
                // Cancelled: the group is going down anyway.
                do { try await Task.sleep(for: .milliseconds(200)) } catch { return }
            }
        }
    }
}
