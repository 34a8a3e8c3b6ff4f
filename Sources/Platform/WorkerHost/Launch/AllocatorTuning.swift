import CMalloc

/// Fits glibc's allocator to a worker, which needs the same few large buffers again for every batch.
enum AllocatorTuning {
    /// Left alone, freed buffers go back to the kernel with each batch and come again page by page, and each thread keeps
    /// a heap of its own. Call before the first thread is started.
    static func apply() {
        // A batch frees its many small blocks together. Merged at once, they are found again; set aside unmerged, as by
        // default, they would all be merged by the next larger allocation, time and again.
        _ = mallopt(M_MXFAST, 0)
        _ = mallopt(M_MMAP_THRESHOLD, 32 << 20)
        _ = mallopt(M_TRIM_THRESHOLD, 16 << 20)
        _ = mallopt(M_TOP_PAD, 1 << 20)
        _ = mallopt(M_ARENA_MAX, 2)
    }

    /// Gives back what lies free between blocks in use: compiling a large configuration takes several times what is kept
    /// of it. Everybody who allocates waits meanwhile, for some milliseconds.
    static func giveBack() { _ = malloc_trim(0) }
}
