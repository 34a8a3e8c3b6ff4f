import Contracts
import Postgres
import WorkerHost

/// Looks at every worker's heartbeats, and at what the notifier has not delivered.
struct WatchLook {
    let databases: FleetDatabases
    let limits: WatchLimits

    /// A database that can't be read is a trouble like another.
    func troubles() async -> [Trouble] {
        var troubles: [Trouble] = []
        for schema in Schema.pipeline {
            do {
                troubles += limits.troubles(of: schema.program, try await Heartbeat.live(schema, databases))
                if schema == .alerting { troubles += limits.troubles(of: try await backlog()) }
            } catch {
                troubles.append(
                    Trouble(id: "\(schema.program).database", text: "无法读取 \(schema.program) 的数据库，告警可能无法发出"))
            }
        }
        return troubles
    }

    private func backlog() async throws -> [ChannelBacklog] {
        let rows = try await databases.query(
            .alerting,
            """
            SELECT channel, count(*) FILTER (WHERE state <> 'failed' AND due <= now()),
                coalesce(max(extract(epoch FROM now() - due) * 1000) FILTER (WHERE state <> 'failed'), 0)::bigint,
                count(*) FILTER (WHERE state = 'failed')
            FROM (
                SELECT d.channel, d.state, d.attempts, d.next_attempt_at, d.finished_at,
                    CASE WHEN d.attempts = 0 THEN greatest(d.next_attempt_at, a.received_at)
                        ELSE coalesce((SELECT min(started_at) FROM alerting.attempts AS t
                            WHERE t.delivery_id = d.delivery_id), d.next_attempt_at) END AS due
                FROM alerting.deliveries AS d JOIN alerting.alerts AS a USING (alert_id)
                WHERE d.state IN ('pending', 'claimed')
                    OR d.state = 'failed' AND d.finished_at > now() - interval '10 minutes'
            ) AS open
            GROUP BY channel ORDER BY channel
            """)
        return try rows.map { row in
            ChannelBacklog(
                channel: try row.decode(String.self, at: 0), open: try row.decode(Int64.self, at: 1),
                oldestMilliseconds: try row.decode(Int64.self, at: 2), failed: try row.decode(Int64.self, at: 3))
        }
    }
}

/// What one channel has not delivered.
package struct ChannelBacklog: Sendable, Equatable {
    package var channel: String
    package var open: Int64
    /// How long the oldest has been due.
    package var oldestMilliseconds: Int64
    /// Given up in the last ten minutes.
    package var failed: Int64

    package init(channel: String, open: Int64, oldestMilliseconds: Int64, failed: Int64) {
        self.channel = channel
        self.open = open
        self.oldestMilliseconds = oldestMilliseconds
        self.failed = failed
    }
}

/// What is too much. Pure.
package struct WatchLimits: Sendable, Equatable {
    package var lagSeconds: Double
    package var lateSeconds: Double

    package init(lagSeconds: Double, lateSeconds: Double) {
        self.lagSeconds = lagSeconds
        self.lateSeconds = lateSeconds
    }

    package func troubles(of worker: String, _ heartbeats: [Heartbeat]) -> [Trouble] {
        guard !heartbeats.isEmpty else {
            return [Trouble(id: "\(worker).dead", text: "\(worker) 没有任何副本在运行，告警已中断")]
        }
        var troubles: [Trouble] = []
        let lag = heartbeats.map(\.status.lagSeconds).max() ?? 0
        if lag > lagSeconds {
            troubles.append(Trouble(id: "\(worker).lag", text: "\(worker) 延迟 \(Int(lag)) 秒，超过 \(Int(lagSeconds)) 秒"))
        }
        if heartbeats.allSatisfy({ $0.status.state == "waiting" }) {
            let reason = heartbeats.compactMap(\.status.waitingFor).first ?? "未知"
            troubles.append(Trouble(id: "\(worker).waiting", text: "\(worker) 停滞，正在等待：\(reason)"))
        }
        let refused = Set(heartbeats.flatMap { $0.status.refusedLanes.keys }).count
        if refused > 0 {
            troubles.append(Trouble(id: "\(worker).refused", text: "\(worker) 有 \(refused) 个分区停止处理，需要人工介入"))
        }
        return troubles
    }

    package func troubles(of backlog: [ChannelBacklog]) -> [Trouble] {
        backlog.flatMap { channel in
            var troubles: [Trouble] = []
            if Double(channel.oldestMilliseconds) > lateSeconds * 1000 {
                troubles.append(
                    Trouble(
                        id: "channel.\(channel.channel).late",
                        text: "渠道 \(channel.channel) 有 \(channel.open) 条告警未送达，最早的已等待 "
                            + "\(channel.oldestMilliseconds / 1000) 秒"))
            }
            if channel.failed > 0 {
                troubles.append(
                    Trouble(
                        id: "channel.\(channel.channel).failing",
                        text: "渠道 \(channel.channel) 近 10 分钟有 \(channel.failed) 条告警发送失败"))
            }
            return troubles
        }
    }
}
