import Foundation

#if canImport(Glibc)
    import Glibc
#endif

/// A file that takes all that is left of a file system.
struct Ballast {
    private let path: String

    /// - Parameter folder: on the file system.
    init(in folder: String) { path = folder + "/ballast" }

    /// Fills the file system to the last page.
    func fill() throws {
        let file = open(path, O_CREAT | O_WRONLY, 0o600)
        guard file >= 0 else { throw POSIXError(.init(rawValue: errno) ?? .EIO) }
        defer { close(file) }
        var size: off_t = 0
        var step: off_t = 64 << 20
        while step >= 4_096 {
            if posix_fallocate(file, size, step) == 0 { size += step } else { step /= 2 }
        }
    }

    func remove() { unlink(path) }
}
