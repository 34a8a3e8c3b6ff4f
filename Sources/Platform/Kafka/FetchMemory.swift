/// How much memory a consumer may spend on records fetched ahead.
package struct FetchMemory: Sendable, Hashable {
    /// Bytes of all partitions together, bookkeeping included.
    package var bytes: Int

    package init(bytes: Int = 36 << 20) {
        self.bytes = bytes
    }

    /// librdkafka's limits are per partition when each has a queue of its own, so the budget is divided.
    ///
    /// librdkafka insists on an order of the sizes (message, fetch, receive buffer), so those that the user raised raise
    /// what must not be smaller.
    /// - Parameter user: properties that will be laid over these.
    func properties(partitions: Int, under user: [String: String] = [:]) -> [String: String] {
        let fetch = max(bytes / 4, 1 << 20, size("message.max.bytes", user))
        let received = max(fetch, size("fetch.max.bytes", user)) + (17 << 20)
        let share = bytes / max(1, partitions)
        // Half of the share may wait in the queue; the other half is for the answer that overshoots it.
        let queued = max(share / 2, 64 << 10)
        let answer = min(max(share / 2, 64 << 10), 1 << 20)
        return [
            "queued.max.messages.kbytes": String(queued >> 10),
            // Bookkeeping of about 400 bytes per record must not outgrow the records themselves.
            "queued.min.messages": String(max(queued / 512, 100)),
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
