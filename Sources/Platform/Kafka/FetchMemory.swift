/// How much memory a consumer may spend on records fetched ahead.
package struct FetchMemory: Sendable, Hashable {
    /// Bytes of all partitions together, bookkeeping included.
    package var bytes: Int

    /// How many partitions with a backlog share them at a time; the others wait for their turn.
    package var partitionsAtOnce: Int

    package init(bytes: Int = 22 << 20, partitionsAtOnce: Int = 4) {
        self.bytes = bytes
        self.partitionsAtOnce = max(1, partitionsAtOnce)
    }

    /// What a partition may have waiting in its queue.
    func queued(partitions: Int) -> Int {
        // The other half of its share is for the answer that overshoots.
        max(bytes / max(1, min(partitions, partitionsAtOnce)) / 2, 64 << 10)
    }

    /// librdkafka's limits are per partition when each has a queue of its own, so the budget is divided among those that
    /// use it at the same time.
    ///
    /// librdkafka insists on an order of the sizes (message, fetch, receive buffer), so those that the user raised raise
    /// what must not be smaller.
    /// - Parameter user: properties that will be laid over these.
    func properties(partitions: Int, under user: [String: String] = [:]) -> [String: String] {
        let fetch = max(bytes / 4, 1 << 20, size("message.max.bytes", user))
        let received = max(fetch, size("fetch.max.bytes", user)) + (17 << 20)
        let queued = queued(partitions: partitions)
        let answer = min(queued, 1 << 20)
        return [
            "queued.max.messages.kbytes": String(queued >> 10),
            // Short records weigh several times their length: bookkeeping, and what becomes of them once they are taken.
            "queued.min.messages": String(max(queued / 2_048, 100)),
            "max.partition.fetch.bytes": String(answer),
            "fetch.max.bytes": String(min(fetch, Int(Int32.max) - 512)),
            // Not the size of a fetch (a larger record still comes): what the receive buffer must be able to take.
            "receive.message.max.bytes": String(min(received, Int(Int32.max))),
        ]
    }

    private func size(_ name: String, _ user: [String: String]) -> Int { user[name].flatMap { Int($0) } ?? 0 }

    /// Properties of newer versions of librdkafka that help and may be absent.
    static let optionalProperties = ["fetch.queue.backoff.ms": "10"]
}
