/// How much memory a consumer may spend on records fetched ahead.
package struct FetchMemory: Sendable, Hashable {
    /// Bytes of all partitions together, bookkeeping included.
    package var bytes: Int

    package init(bytes: Int = 48 << 20) {
        self.bytes = bytes
    }

    /// librdkafka's limits are per partition when each has a queue of its own, so the budget is divided.
    func properties(partitions: Int) -> [String: String] {
        let share = bytes / max(1, partitions)
        // Half of the share may wait in the queue; the other half is for the answer that overshoots it.
        let queued = max(share / 2, 64 << 10)
        let answer = min(max(share / 2, 64 << 10), 1 << 20)
        return [
            "queued.max.messages.kbytes": String(queued >> 10),
            // Bookkeeping of about 400 bytes per record must not outgrow the records themselves.
            "queued.min.messages": String(max(queued / 512, 100)),
            "max.partition.fetch.bytes": String(answer),
            "fetch.max.bytes": String(max(bytes / 4, 1 << 20)),
            // Not the size of a fetch (a larger record still comes): what the receive buffer must be able to take.
            "receive.message.max.bytes": String(max(bytes / 4, 1 << 20) + (17 << 20)),
        ]
    }

    /// Properties of newer versions of librdkafka that help and may be absent.
    static let optionalProperties = ["fetch.queue.backoff.ms": "10"]
}
