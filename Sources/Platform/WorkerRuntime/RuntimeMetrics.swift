import CoreMetrics

/// Every metric of the runtime. The only label is `worker`, and `stage` where time is told apart.
struct RuntimeMetrics: Sendable {
    /// Records whose offset was committed, whatever became of them.
    let records: Counter
    /// Committed batches.
    let batches: Counter
    /// Records of a committed batch.
    let batchSize: Recorder
    /// From the records in hand to their commit.
    let batchDuration: Timer
    /// Transactions begun for batches; more than `batches` means repetitions.
    let attempts: Counter
    let deadLetters: Counter
    /// Records kept behind a parked key.
    let parked: Counter
    /// Dead letters and parked records that were processed again.
    let redriven: Counter
    /// Records dropped because their number had been seen.
    let duplicates: Counter
    let rebalances: Counter
    /// Compare-and-sets that said no.
    let refusals: Counter
    /// Unix time of the last commit; its age tells whether anything gets done.
    let lastCommit: Gauge
    /// Records between stored offset and end of the log, all lanes of this copy.
    let lagRecords: Gauge
    /// Age of the oldest waiting record.
    let lagSeconds: Gauge
    /// Lane seconds, by `WorkerStatus.Stage`; the second label, `stage`.
    let stages: [FloatingPointCounter]

    init(worker: String) {
        let labels = [("worker", worker)]
        records = Counter(label: "scrm_records_total", dimensions: labels)
        batches = Counter(label: "scrm_batches_total", dimensions: labels)
        batchSize = Recorder(label: "scrm_batch_records", dimensions: labels)
        batchDuration = Timer(label: "scrm_batch_duration_seconds", dimensions: labels)
        attempts = Counter(label: "scrm_batch_attempts_total", dimensions: labels)
        deadLetters = Counter(label: "scrm_dead_letters_total", dimensions: labels)
        parked = Counter(label: "scrm_parked_records_total", dimensions: labels)
        redriven = Counter(label: "scrm_redriven_records_total", dimensions: labels)
        duplicates = Counter(label: "scrm_duplicates_dropped_total", dimensions: labels)
        rebalances = Counter(label: "scrm_rebalances_total", dimensions: labels)
        refusals = Counter(label: "scrm_lane_refusals_total", dimensions: labels)
        lastCommit = Gauge(label: "scrm_last_commit_timestamp_seconds", dimensions: labels)
        lagRecords = Gauge(label: "scrm_lag_records", dimensions: labels)
        lagSeconds = Gauge(label: "scrm_lag_seconds", dimensions: labels)
        stages = WorkerStatus.Stage.allCases.map { stage in
            FloatingPointCounter(label: "scrm_stage_seconds_total", dimensions: labels + [("stage", "\(stage)")])
        }
    }
}
